"""The HTTP server: granian, with the limits that hold before any code of ours runs."""

import socket
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from keystead.cli.plan import ServerPlan
from keystead.core.installation.errors import AddressBusy, FileUnusable

HEADERS_WITHIN_MS = 5_000  # the same for an idle connection
HEADERS_BYTES = 16_384  # request line included
CONNECTIONS = 4_096  # a worker's; too few, and idle clients shut honest ones out
STOPPED_WITHIN_S = 10

_THROUGH_OUR_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"propagate": True}, "granian.access": {"propagate": False}},
}


def check_address_is_free(host: str, port: int) -> None:
    """Raises AddressBusy: workers share the port, so a second server would take half of the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # left-overs of a stopped server are fine
            probe.bind((host, port))
    except OSError as error:
        raise AddressBusy(f"{host}, port {port}: {error.strerror}") from None


def listen(plan: ServerPlan) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way.

    Each worker builds its own application; granian forks or spawns it, whichever is Python's way here.
    Raises FileUnusable.
    """
    try:
        server = make_server(plan)
    except OSError as error:  # ssl.SSLError is one
        raise FileUnusable(f"{plan.tls_cert} or {plan.tls_key}: {error.strerror}") from None
    server.serve(target_loader=plan.load_app, wrap_loader=False)


def make_server(plan: ServerPlan) -> MPServer:
    return MPServer(
        target="keystead",
        address=plan.host,
        port=plan.port,
        interface=Interfaces.ASGI,
        workers=plan.workers,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS, max_buffer_size=HEADERS_BYTES),
        log_level=LogLevels.warning,
        log_dictconfig=_THROUGH_OUR_LOG,
        log_access=False,
        ssl_cert=Path(plan.tls_cert) if plan.tls_cert else None,
        ssl_key=Path(plan.tls_key) if plan.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPED_WITHIN_S,
    )
