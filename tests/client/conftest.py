"""A running server, one that answers what a test planned, and both clients behind one face."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Protocol, TypeAlias

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from keystead.client import AsyncClient, Client
from keystead.client.calls import Answer, Call
from tests.server import a_key, a_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_server(tmp_path_factory.mktemp("keystead")) as url:
        yield url


class Caller(Protocol):
    def send(self, call: Call[Answer]) -> Answer: ...


@dataclass
class Awaited:
    client: AsyncClient
    portal: BlockingPortal

    def send(self, call: Call[Answer]) -> Answer:
        return self.portal.call(self.client.send, call)


MakeCaller: TypeAlias = Callable[..., Caller]


@pytest.fixture(params=["waits", "is awaited"])
def make_caller(request: pytest.FixtureRequest) -> Iterator[MakeCaller]:
    """`make_caller(url, token, retries=0)`: a client of either kind, closed in the end."""
    with ExitStack() as opened:

        def make(url: str, token: str | None = None, *, timeout_s: float = 10, retries: int = 2) -> Caller:
            if request.param == "waits":
                return opened.enter_context(Client(url, token, timeout_s=timeout_s, retries=retries))
            portal = opened.enter_context(start_blocking_portal())
            client = AsyncClient(url, token, timeout_s=timeout_s, retries=retries)
            opened.callback(portal.call, client.close)
            return Awaited(client, portal)

        yield make


@pytest.fixture
def admin(make_caller: MakeCaller, server: str, request: pytest.FixtureRequest) -> Caller:
    """A client with the API key of an Admin."""
    return make_caller(server, a_key(server, name=f"caller of {request.node.nodeid}"[:190]))


@dataclass
class Planned:
    """Answers in turn what a test planned, and keeps what it was asked."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def plan(self, status: int, body: str = "{}", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body.encode()))


@pytest.fixture
def planned() -> Iterator[Planned]:
    plan = Planned()

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            plan.asked.append((self.command, self.path, dict(self.headers), body))
            status, headers, told = plan.answers.pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(told)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 - the names that it calls

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        serving = Thread(target=door.serve_forever, args=(0.01,))
        serving.start()
        plan.url = f"http://127.0.0.1:{door.server_port}"
        yield plan
        door.shutdown()
        serving.join()
