"""What operators watch: counts and times, by route template and never by path, name or id."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import final
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

_log = logging.getLogger(__name__)
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


@final
class Decisions(Collector):
    """Answers to proxies, by a word from a closed list: pass, or the reason of a refusal.

    Counted on the event loop alone, so without the library's lock, which costs more than a look-up.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counts: dict[str, int] = defaultdict(int)
        registry.register(self)

    def count(self, decision: str) -> None:
        self._counts[decision] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily("keystead_verify_decisions", "Answers to proxies", labels=["decision"])
        for decision, count in sorted(self._counts.items()):
            family.add_metric([decision], count)
        yield family


@dataclass(frozen=True, slots=True)
class Metrics:
    registry: CollectorRegistry
    requests: Counter
    request_seconds: Histogram
    verify_decisions: Decisions
    hashes_waiting: Gauge
    uses_dropped: Gauge

    def count_request(self, route: str, method: str, status: int, duration_s: float) -> None:
        told = method if method in _METHODS else "other"
        self.requests.labels(route or "unknown", told, str(status)).inc()
        self.request_seconds.labels(route or "unknown").observe(duration_s)


def make_metrics() -> Metrics:
    registry = CollectorRegistry()
    return Metrics(
        registry,
        Counter("keystead_requests", "Requests answered", ["route", "method", "status"], registry=registry),
        Histogram(
            "keystead_request_seconds", "Time to answer", ["route"], buckets=_BUCKETS_S, registry=registry
        ),
        Decisions(registry),
        Gauge("keystead_hashes_waiting", "Passwords waiting to be hashed", registry=registry),
        Gauge(
            "keystead_uses_dropped_total",  # only ever grows; asked for when it is scraped
            "Uses not counted, the buffer was full",
            registry=registry,
        ),
    )


@contextmanager
def metrics_served(metrics: Metrics, address: tuple[str, int], *, workers: int) -> Iterator[int | None]:
    """Serve `/metrics` while the block runs, on the first free port of as many as there are workers.

    Gives the port; None, and an error in the log, when all are taken: requests matter more.
    """
    server, port = listening(metrics, address, workers)
    try:
        yield port
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


def listening(
    metrics: Metrics, address: tuple[str, int], workers: int
) -> tuple[WSGIServer | None, int | None]:
    host, first = address
    for port in range(first, first + workers):
        with suppress(OSError):
            return start_http_server(port, host, metrics.registry)[0], port
    _log.error("metrics are not served: every port from %s:%d on is taken", host, first)
    return None, None
