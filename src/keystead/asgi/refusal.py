"""What a caller is told who is not let in: the answers of Keystead itself, and some like them."""

import json
import logging
from dataclasses import dataclass, replace

from keystead.asgi.types import Scope, Send
from keystead.client import CallFailed

_log = logging.getLogger("keystead.asgi")
_POLICY_VIOLATION = 1008
_UNAUTHENTICATED, _UNAVAILABLE = 401, 503
_AS_KEYSTEAD_SAID = frozenset({_UNAUTHENTICATED, 403})
_CHALLENGE = b'Bearer realm="keystead"'


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    message: str
    message_id: str
    request_id: str = ""  # of Keystead's own answer
    had_token: bool = True

    async def answer(self, scope: Scope, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, send, "http.response")
        elif "websocket.http.response" in scope.get("extensions", {}):
            await self._answer(scope, send, "websocket.http.response")
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": self.message})

    async def _answer(self, scope: Scope, send: Send, kind: str) -> None:
        told = {"message": self.message, "messageId": self.message_id, "traceID": self.request_id}
        body = json.dumps({name: text for name, text in told.items() if text}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *self._special_headers(),
        ]
        await send({"type": f"{kind}.start", "status": self.status, "headers": headers})
        await send({"type": f"{kind}.body", "body": b"" if scope.get("method") == "HEAD" else body})

    def _special_headers(self) -> list[tuple[bytes, bytes]]:
        if self.status == _UNAUTHENTICATED:
            why = b', error="invalid_token"' if self.had_token else b""
            return [(b"www-authenticate", _CHALLENGE + why)]
        return [(b"retry-after", b"1")] if self.status == _UNAVAILABLE else []


NO_TOKEN = Refusal(_UNAUTHENTICATED, "Unauthorized", "asgi.no-token", had_token=False)
ROLE_TOO_LOW = Refusal(403, "A higher role is needed", "asgi.role-too-low")
_NOBODY_COULD_TELL = Refusal(
    _UNAVAILABLE, "The key or token could not be verified; try again", "asgi.not-verified"
)


def refusal_of(error: CallFailed) -> Refusal:
    """Hand on what Keystead said of the caller; whatever else went wrong is for the log."""
    if error.status in _AS_KEYSTEAD_SAID:
        return Refusal(error.status, error.message, error.message_id, error.request_id)
    _log.warning("a key or token could not be verified: %s", error)
    return replace(_NOBODY_COULD_TELL, request_id=error.request_id)


def too_late(timeout_s: float) -> Refusal:
    _log.warning("a key or token could not be verified within %g s", timeout_s)
    return _NOBODY_COULD_TELL
