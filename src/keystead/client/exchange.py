"""One exchange with the server, but for the sending: the same for both clients."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from urllib.parse import urlencode

import httpx2
import msgspec

from keystead.client.calls import Answer, Call
from keystead.client.errors import CallFailed
from keystead.client.secret import Secret

_AGAIN = frozenset({429, 503})
_LONGEST_WAIT_S = 10
_WAIT_S = 1  # where the server does not say how long
_LOOK_AT_URL = "Look at the address, and whether Keystead runs there"


class _Refusal(msgspec.Struct):
    message: str
    message_id: str = msgspec.field(name="messageId", default="")
    trace_id: str = msgspec.field(name="traceID", default="")


@dataclass(frozen=True, slots=True)
class Exchange:
    url: str
    token: Secret | None
    timeout_s: float
    retries: int

    def request(self, call: Call[Answer]) -> httpx2.Request:
        token = call.token or self.token
        headers = {"User-Agent": _agent(), "Accept": "application/json", **call.headers}
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        return httpx2.Request(
            call.method,
            f"{self.url}{call.path}{query_of(call)}",
            json=call.body,
            headers=headers,
            extensions={"timeout": httpx2.Timeout(self.timeout_s).as_dict()},
        )

    def wait_s(self, call: Call[Answer], response: httpx2.Response, tried: int) -> int | None:
        """Return how long to wait before it is sent again; None: it is not."""
        is_final = response.status_code in call.answers or response.status_code not in _AGAIN
        if is_final or not call.is_safe or tried >= self.retries:
            return None
        told = response.headers.get("Retry-After", "")
        wait_s = int(told) if told.isascii() and told.isdigit() else _WAIT_S
        return wait_s if wait_s <= _LONGEST_WAIT_S else None

    def answer(self, call: Call[Answer], response: httpx2.Response) -> Answer:
        """Raises CallFailed."""
        if not (response.is_success or response.status_code in call.answers):
            raise self._refusal(response)
        try:
            return call.read(response)
        except (msgspec.MsgspecError, ValueError):
            raise self._stranger(response) from None

    def unanswered(self, error: httpx2.RequestError) -> CallFailed:
        is_late = isinstance(error, httpx2.TimeoutException)
        told = f"did not answer within {self.timeout_s:g} s" if is_late else "was not reached"
        return CallFailed(f"{self.url} {told} ({type(error).__name__})", advice=_LOOK_AT_URL)

    def _refusal(self, response: httpx2.Response) -> CallFailed:
        with suppress(msgspec.MsgspecError):
            told = msgspec.json.decode(response.content, type=_Refusal)
            request_id = told.trace_id or response.headers.get("X-Request-Id", "")
            return CallFailed(told.message, response.status_code, told.message_id, request_id)
        return self._stranger(response)

    def _stranger(self, response: httpx2.Response) -> CallFailed:
        told = f"{self.url} answered {response.status_code}, and not as Keystead does"
        return CallFailed(told, advice=_LOOK_AT_URL)


def exchange_with(url: str, token: Secret | str | None, *, timeout_s: float, retries: int) -> Exchange:
    """Raises ValueError for an address that is none, and for a text that is no key or token."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise ValueError("the address of the server is none") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError("the address of the server must begin with http:// or https://")
    if address.userinfo or address.query or address.fragment:
        raise ValueError("the address of the server is without user, query and fragment")
    own = Secret(token) if isinstance(token, str) else token
    return Exchange(url.rstrip("/"), own, timeout_s, retries)


def query_of(call: Call[Answer]) -> str:
    """Return it in the order that it has: httpx2 would put all values of one name together."""
    return f"?{urlencode(call.query)}" if call.query else ""


@cache
def _agent() -> str:
    return f"keystead-python/{version('keystead')}"
