"""Stands before an application and lets in what shows a good key or token."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import final

import anyio
from anyio.lowlevel import RunVar

from keystead.asgi.gate import GATE, IDENTITY, Gate, Refused
from keystead.asgi.refusal import NO_TOKEN, refusal_of, too_late
from keystead.asgi.types import App, Headers, Message, Receive, Scope, Send
from keystead.client import AsyncClient, CallFailed, Identity, Permission, Role, Secret

_BEARER = b"bearer "
_OWN_HEADERS = b"x-keystead-"
_DOTS = frozenset({".", ".."})


@final
class KeysteadMiddleware:
    """Verifies the `Authorization: Bearer` of each request against the Keystead at `url`.

    The application finds an `Identity` in `scope["keystead"]`, and no header `X-Keystead-*` that a caller
    sent. All others get 401, 403, or 503 when Keystead did not answer within `timeout_s` seconds, as JSON; a
    WebSocket is closed. Nothing is remembered: a revoked token is refused the next time.

    `org` (an id) and `role` (at least) are required of everybody; without `org` the tokens of all
    organizations pass. `exempt` lists whole paths, as in `scope["path"]`, that need no token, where
    `/assets/*` stands for all below; the identity is None there.
    """

    def __init__(
        self,
        app: App,
        url: str,
        *,
        org: int | None = None,
        role: Role | None = None,
        exempt: Iterable[str] = (),
        timeout_s: float = 2.0,
    ) -> None:
        """Raises ValueError for an address or an exempt path that is none, TypeError for a single path."""
        self._app = app
        self._make_client = partial(AsyncClient, url, timeout_s=timeout_s, retries=0)
        self._make_client()  # an address that is none stops the start
        self._client: RunVar[AsyncClient | None] = RunVar("keystead.asgi")  # one for each event loop
        self._org, self._role, self._timeout_s = org, role, timeout_s
        self._exempt = exempt_paths(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        ask = partial(self._ask, scope, headers)
        try:
            identity = None if self._exempt.covers(scope["path"]) else await ask()
        except Refused as error:
            await error.refusal.answer(scope, send)
            return
        gate = Gate(identity, ask)
        inner = {**scope, "headers": without_own(headers), IDENTITY: identity, GATE: gate}
        await self._run(inner, receive, send, gate)

    async def _ask(self, scope: Scope, headers: Headers, permission: Permission | None = None) -> Identity:
        """Raises Refused."""
        token = token_of(headers)
        try:
            with anyio.fail_after(self._timeout_s):
                return await self._client_here().verify(
                    token,
                    org=self._org,
                    role=self._role,
                    permissions=() if permission is None else (permission,),
                    address=address_of(scope),
                    agent=agent_of(headers),
                )
        except CallFailed as error:
            raise Refused(refusal_of(error)) from None
        except TimeoutError:
            raise Refused(too_late(self._timeout_s)) from None

    async def _run(self, scope: Scope, receive: Receive, send: Send, gate: Gate) -> None:
        outlet = Outlet(gate, send)
        try:
            await self._app(scope, receive, outlet)
        except Exception:
            if gate.refusal is None or outlet.is_in_use:
                raise
        if gate.refusal is not None and not outlet.is_in_use:
            await gate.refusal.answer(scope, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Connections are closed when the application has stopped."""
        try:
            await self._app(scope, receive, send)
        finally:
            client = self._client.get(None)
            if client is not None:
                self._client.set(None)
                await client.close()

    def _client_here(self) -> AsyncClient:
        client = self._client.get(None)
        if client is None:
            client = self._make_client()
            self._client.set(client)
        return client


@dataclass(slots=True)
class Outlet:
    """What the application sends goes out, unless the request was refused before it sent anything."""

    gate: Gate
    send: Send
    is_in_use: bool = False

    async def __call__(self, message: Message) -> None:
        if self.gate.refusal is not None and not self.is_in_use:
            return
        self.is_in_use = True
        await self.send(message)


@dataclass(frozen=True, slots=True)
class ExemptPaths:
    whole: frozenset[str]
    above: tuple[str, ...]  # each ends in /

    def covers(self, path: str) -> bool:
        """A path with `.` or `..` in it may lead elsewhere, and is not exempt."""
        return path in self.whole or (path.startswith(self.above) and _DOTS.isdisjoint(path.split("/")))


def exempt_paths(paths: Iterable[str]) -> ExemptPaths:
    """Raises TypeError, ValueError."""
    if isinstance(paths, str):
        raise TypeError("exempt is a list of paths, not a single one")
    listed = tuple(paths)
    if not all(path.startswith("/") and "*" not in path.removesuffix("/*") for path in listed):
        raise ValueError("an exempt path begins with /, and * stands only in /* at its end")
    above = tuple(path.removesuffix("*") for path in listed if path.endswith("/*"))
    return ExemptPaths(frozenset(listed), above)


def without_own(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Leave out what a caller could pass off as Keystead's; some servers read _ as -."""
    return [
        (name, value)
        for name, value in headers
        if not name.lower().replace(b"_", b"-").startswith(_OWN_HEADERS)
    ]


def token_of(headers: Headers) -> Secret:
    """Raises Refused."""
    values = [value for name, value in headers if name.lower() == b"authorization"]
    if len(values) != 1 or values[0][: len(_BEARER)].lower() != _BEARER:
        raise Refused(NO_TOKEN)
    try:
        return Secret(values[0][len(_BEARER) :].strip(b" \t").decode("latin-1"))
    except ValueError:
        raise Refused(NO_TOKEN) from None


def address_of(scope: Scope) -> str:
    client = scope.get("client")
    return printable(str(client[0])) if client else ""


def agent_of(headers: Headers) -> str:
    return printable(
        next((value for name, value in headers if name.lower() == b"user-agent"), b"").decode("latin-1")
    )


def printable(text: str) -> str:
    """Return what may stand in a header."""
    return "".join(character for character in text if character.isascii() and character.isprintable())
