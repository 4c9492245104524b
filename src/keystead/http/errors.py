"""The one place where a kind of failure becomes a status code and a body."""

import secrets
from collections.abc import Mapping
from typing import TypeAlias

from starlette.responses import Response

from keystead.core.access.errors import PermissionMissing
from keystead.core.errors import (
    Conflict,
    Denied,
    Invalid,
    KeysteadError,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from keystead.http.render import JSON, to_response

Retold: TypeAlias = Mapping[
    type[KeysteadError], tuple[int, str]
]  # a failure that a route answers in its own way


class BodyTooLarge(Invalid):
    message = "Request body is too large"
    message_id = "http.body-too-large"


class BodyTooSlow(Invalid):
    message = "The request body did not arrive in time"
    message_id = "http.body-too-slow"


class NotNow(Unavailable):
    message = "Too many requests at once; try again in a second"
    message_id = "http.not-now"


_STATUS: dict[type[KeysteadError], int] = {
    BodyTooLarge: 413,
    BodyTooSlow: 408,
    Invalid: 400,
    Unauthenticated: 401,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}
_RETRY = frozenset({429, 503})
_CLOSE = frozenset({408, 413})  # the rest of the body would be read as the next request


def status_of(kind: type[KeysteadError]) -> int:
    """Return the status of the nearest ancestor that has one; 500 if none does."""
    return next((_STATUS[parent] for parent in kind.__mro__ if parent in _STATUS), 500)


def render_error(
    error: KeysteadError,
    *,
    request_id: str,
    retold: Retold | None = None,
    media_type: str = JSON,
    access_id: str = "",
) -> Response:
    """Answer with the message alone; what an operator needs to know is in the log."""
    status, message = (retold or {}).get(type(error)) or (status_of(type(error)), error.message)
    body = {"message": message, "messageId": error.message_id, "traceID": request_id}
    if isinstance(error, PermissionMissing):
        body |= denial(error, access_id or new_access_id())
    response = to_response(body, status, media_type)
    response.headers.update(hints_of(status))
    return response


def hints_of(status: int) -> dict[str, str]:
    """Return the headers that tell a client what to do about a failure."""
    if status in _RETRY:
        return {"Retry-After": "1"}
    return {"Connection": "close"} if status in _CLOSE else {}


def new_access_id() -> str:
    """Return what a denial is found by in the log."""
    return f"ACE{secrets.randbelow(10**10):010}"


def denial(error: PermissionMissing, access_id: str) -> dict[str, str]:
    return {
        "title": "Access denied",
        "message": f"{error.message}. Permissions needed: {error.needed}",
        "accessErrorId": access_id,
    }
