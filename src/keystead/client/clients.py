"""The two clients, which differ in how they wait."""

import time
from types import TracebackType
from typing import Self, final

import anyio
import httpx2

from keystead.client.accounts import Accounts
from keystead.client.calls import Answer, Call
from keystead.client.credentials import Credentials
from keystead.client.exchange import exchange_with
from keystead.client.keys import Keys
from keystead.client.methods import Awaiting, Blocking
from keystead.client.migration import Migration
from keystead.client.roles import Roles
from keystead.client.secret import Secret
from keystead.client.server import Server
from keystead.client.tokens import Tokens

TIMEOUT_S = 10.0
RETRIES = 2
_LIMITS = httpx2.Limits(
    max_connections=100,
    max_keepalive_connections=100,
    keepalive_expiry=2,  # s; Keystead closes idle connections after 5 s, and may not do so under a request
)


@final
class Client(Blocking, Server):
    """Calls a Keystead, and waits. May be shared by threads; close it, or use it in a `with`.

    `token` is an API key or a token; None: only what needs none. `timeout_s` counts seconds for each step of
    an exchange: connecting, sending, each wait for more of the answer. What is safe to repeat is sent again
    up to `retries` times when the server answers 503 or 429, after the time that it asks for.
    """

    def __init__(
        self,
        url: str,
        token: Secret | str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
    ) -> None:
        """Raises ValueError for an address that is none, and for a text that is no key or token."""
        self._exchange = exchange_with(url, token, timeout_s=timeout_s, retries=retries)
        self._http = httpx2.Client(limits=_LIMITS)
        self.keys = Keys(self)
        self.accounts = Accounts(self)
        self.tokens = Tokens(self)
        self.roles = Roles(self)
        self.credentials = Credentials(self)
        self.migration = Migration(self)

    def send(self, call: Call[Answer]) -> Answer:
        """Return the answer of a call. Raises CallFailed."""
        tried = 0
        while True:
            try:
                response = self._http.send(self._exchange.request(call), auth=None)
            except httpx2.RequestError as error:
                raise self._exchange.unanswered(error) from None
            wait_s = self._exchange.wait_s(call, response, tried)
            if wait_s is None:
                return self._exchange.answer(call, response)
            time.sleep(wait_s)
            tried += 1

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@final
class AsyncClient(Awaiting, Server):
    """Calls a Keystead, and is awaited: a `Client` for one event loop, asyncio's or trio's.

    Arguments and errors are those of `Client`.
    """

    def __init__(
        self,
        url: str,
        token: Secret | str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
    ) -> None:
        """Raises ValueError for an address that is none, and for a text that is no key or token."""
        self._exchange = exchange_with(url, token, timeout_s=timeout_s, retries=retries)
        self._http = httpx2.AsyncClient(limits=_LIMITS)
        self.keys = Keys(self)
        self.accounts = Accounts(self)
        self.tokens = Tokens(self)
        self.roles = Roles(self)
        self.credentials = Credentials(self)
        self.migration = Migration(self)

    async def send(self, call: Call[Answer]) -> Answer:
        """Return the answer of a call. Raises CallFailed."""
        tried = 0
        while True:
            try:
                response = await self._http.send(self._exchange.request(call), auth=None)
            except httpx2.RequestError as error:
                raise self._exchange.unanswered(error) from None
            wait_s = self._exchange.wait_s(call, response, tried)
            if wait_s is None:
                return self._exchange.answer(call, response)
            await anyio.sleep(wait_s)
            tried += 1

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
