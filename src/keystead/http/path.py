"""The raw path to its members: split on `/` first, then each decoded exactly once."""

import re
from urllib.parse import unquote_to_bytes

from keystead.core.errors import Invalid, NotFound

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class PathMalformed(Invalid):
    message = "bad request data"
    message_id = "http.path-malformed"


class RouteUnknown(NotFound):
    message = "Not found"
    message_id = "http.route-unknown"


def members_of(raw_path: bytes) -> tuple[str, ...] | None:
    """Return the decoded members; None when no route can have them. One slash at the end does not count.

    Raises PathMalformed for a `%` without two hex digits.
    """
    if _BAD_ESCAPE.search(raw_path):
        raise PathMalformed
    raw = raw_path.removeprefix(b"/")
    members = [_decoded(member) for member in raw.removesuffix(b"/").split(b"/")] if raw else []
    return None if any(member is None for member in members) else tuple(filter(None, members))


def _decoded(member: bytes) -> str | None:
    """Return None for what no route means: empty, a dot segment, NUL, or no UTF-8."""
    try:
        text = unquote_to_bytes(member).decode()
    except UnicodeDecodeError:
        return None
    return None if text in ("", ".", "..") or "\0" in text else text
