import socket
import urllib.request

import pytest
from prometheus_client import generate_latest

from keystead.http.metrics import make_metrics, metrics_served

HERE = "127.0.0.1"


def scraped(port: int | None) -> str:
    with urllib.request.urlopen(f"http://{HERE}:{port}/metrics", timeout=5) as answer:
        text: bytes = answer.read()
    return text.decode()


class TestCounting:
    def test_goes_by_route_method_and_status(self) -> None:
        metrics = make_metrics()
        metrics.count_request("/api/x/{id}", "GET", 200, 0.01)
        metrics.count_request("", "PWN" * 30, 404, 0.01)
        for labels in (
            {"route": "/api/x/{id}", "method": "GET", "status": "200"},
            {"route": "unknown", "method": "other", "status": "404"},
        ):
            assert metrics.registry.get_sample_value("keystead_requests_total", labels) == 1
        assert metrics.registry.get_sample_value("keystead_request_seconds_count", {"route": "unknown"}) == 1

    def test_of_what_proxies_are_told_goes_by_the_decision(self) -> None:
        metrics = make_metrics()
        for decision in ("pass", "expired", "pass"):
            metrics.verify_decisions.count(decision)
        told = generate_latest(metrics.registry).decode().splitlines()
        assert "# TYPE keystead_verify_decisions_total counter" in told
        assert [line for line in told if line.startswith("keystead_verify_decisions_total")] == [
            'keystead_verify_decisions_total{decision="expired"} 1.0',
            'keystead_verify_decisions_total{decision="pass"} 2.0',
        ]


@pytest.mark.allow_hosts([HERE])
class TestServing:
    def test_gives_each_worker_a_port_of_its_own(
        self, caplog: pytest.LogCaptureFixture, unused_port_range: int
    ) -> None:
        first, second = make_metrics(), make_metrics()
        second.uses_dropped.inc(3)
        address = (HERE, unused_port_range)
        with (
            metrics_served(first, address, workers=2) as one,
            metrics_served(second, address, workers=2) as two,
        ):
            assert (one, two) == (unused_port_range, unused_port_range + 1)
            assert "keystead_uses_dropped_total 3.0" in scraped(two)
            assert "keystead_uses_dropped_total 0.0" in scraped(one)
            with metrics_served(make_metrics(), address, workers=2) as three:
                assert three is None
        assert "every port from" in caplog.text


@pytest.fixture
def unused_port_range() -> int:
    """The first of two ports in a row that nobody listens on."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind((HERE, 0))
            port: int = one.getsockname()[1]
            try:
                two.bind((HERE, port + 1))
            except OSError:
                continue
            return port
