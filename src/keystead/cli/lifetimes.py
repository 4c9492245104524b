"""Spans of time as options tell them: `12h` or `30d`."""

import typer

from keystead.core.credentials.errors import TimeToLiveZero
from keystead.core.credentials.lifetime import UNLIMITED_S, LifetimeLimit
from keystead.core.credentials.time_to_live import parse_time_to_live
from keystead.core.errors import Invalid

SPAN = "A number and one of s, m, h, d, w, M (30 days), such as 12h."
_UNLIMITED = LifetimeLimit(UNLIMITED_S)


def seconds_of(ttl: str) -> int:
    """Return 0 for an empty text: no expiry is asked for. Raises BadParameter."""
    try:
        return parse_time_to_live(ttl, _UNLIMITED)
    except Invalid as error:
        raise typer.BadParameter(f"{error.message}. {SPAN}", param_hint="--ttl") from None


def grace_seconds_of(grace: str) -> int:
    """Return 0 for `0s`: the old token ends at once. Raises BadParameter."""
    try:
        return parse_time_to_live(grace, _UNLIMITED)
    except TimeToLiveZero:
        return 0
    except Invalid:
        raise typer.BadParameter(f"Not a valid duration. {SPAN}", param_hint="--grace") from None
