"""A running server, one that answers what a test planned, and both clients behind one face."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from keystead.client import AsyncClient, Client
from keystead.client.calls import Answer, Call
from tests.planned import Planned, a_planned_server
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


@pytest.fixture
def planned() -> Iterator[Planned]:
    with a_planned_server() as plan:
        yield plan
