"""Typed values to wire JSON."""

from datetime import UTC, datetime
from html import escape

import msgspec
from starlette.responses import HTMLResponse, Response

from keystead.core.clock import UnixSeconds

JSON = "application/json"
JSON_UTF8 = "application/json; charset=UTF-8"  # of answers that are made before a handler is reached


class Message(msgspec.Struct, frozen=True):
    """What is answered where there is nothing else to tell."""

    message: str


def to_response(value: object, status: int = 200, media_type: str = JSON) -> Response:
    if isinstance(value, Response):
        return value
    return Response(msgspec.json.encode(value), status, headers={"content-type": media_type})


def found_at(location: str) -> Response:
    """Lead a browser elsewhere. Source: Grafana v9.3.2, whose body is one link and two line feeds."""
    body = f'<a href="{escape(location)}">Found</a>.\n\n'
    return HTMLResponse(body, 302, headers={"location": location})


def rfc3339(at: UnixSeconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_or_none(at: UnixSeconds | None) -> str | None:
    return None if at is None else rfc3339(at)
