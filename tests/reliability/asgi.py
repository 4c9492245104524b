"""Calls the application in process, with the path as bytes and nothing tidied."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from starlette.types import ASGIApp, Message

from tests.coroutines import OwnLoop
from tests.reliability.client import NOBODY


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def session(self) -> str:
        cookies: SimpleCookie = SimpleCookie(self.headers["set-cookie"])
        return next(iter(cookies.values())).value


class Caller:
    """Asks one application, one request after the other, on a loop of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = OwnLoop()

    def ask(
        self, method: str, raw_path: bytes, body: bytes | None = None, headers: Mapping[str, str] = NOBODY
    ) -> Told:
        return self._loop.run(self._ask(method, raw_path, body, headers))

    async def _ask(
        self, method: str, raw_path: bytes, body: bytes | None, headers: Mapping[str, str]
    ) -> Told:
        path, _, query = raw_path.partition(b"?")
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path.decode("latin-1"),
            "raw_path": path,
            "root_path": "",
            "query_string": query,
            "headers": list(lines_of(headers, body)),
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 3000),
        }
        sent: list[Message] = []
        received = iter([{"type": "http.request", "body": body or b"", "more_body": False}])

        async def receive() -> Message:
            told = next(received, None)
            return told if told is not None else await asyncio.Future()  # nobody hangs up

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        told = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Told(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), told)

    def close(self) -> None:
        self._loop.close()


def lines_of(headers: Mapping[str, str], body: bytes | None) -> Iterable[tuple[bytes, bytes]]:
    yield b"host", b"127.0.0.1:3000"
    for name, value in headers.items():
        yield name.lower().encode(), value.encode("latin-1")
    if body is not None:
        yield b"content-type", b"application/json"
