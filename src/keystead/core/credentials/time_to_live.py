"""The lifetime that a person types: a number and a unit, as `12h` or `30d`."""

import re

from keystead.core.credentials.errors import (
    TimeToLiveAboveLimit,
    TimeToLiveInvalid,
    TimeToLiveMissing,
    TimeToLiveTooLong,
    TimeToLiveZero,
)
from keystead.core.credentials.lifetime import MAX_LIFETIME_S, LifetimeLimit

MONTH_S = 2_592_000
UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": MONTH_S}
PATTERN = "^[0-9]{1,9}[smhdwM]$"  # pages repeat it, only to answer sooner
_TIME_TO_LIVE = re.compile("([0-9]{1,9})([smhdwM])")  # never \d, which is more than ASCII
_WORDS_S = {"week": 604_800, "day": 86_400, "hour": 3600, "minute": 60, "second": 1}


def parse_time_to_live(text: str, limit: LifetimeLimit) -> int:
    """Return seconds; 0 means no expiry, for an empty text where nothing limits the lifetime.

    Raises TimeToLiveMissing, TimeToLiveInvalid, TimeToLiveZero, TimeToLiveAboveLimit, TimeToLiveTooLong.
    """
    trimmed = text.strip()
    if trimmed:
        return _checked(_seconds_of(trimmed), limit)
    if limit.is_unlimited:
        return 0
    raise TimeToLiveMissing


def worded_maximum(maximum_s: int) -> str:
    """Return a maximum in words, in the largest unit that divides it."""
    if maximum_s == MONTH_S:
        return "30 days (one month)"
    unit, size_s = next((unit, size_s) for unit, size_s in _WORDS_S.items() if maximum_s % size_s == 0)
    count = maximum_s // size_s
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _seconds_of(trimmed: str) -> int:
    found = _TIME_TO_LIVE.fullmatch(trimmed)
    if found is None:
        raise TimeToLiveInvalid
    return int(found[1]) * UNITS_S[found[2]]


def _checked(lifetime_s: int, limit: LifetimeLimit) -> int:
    if lifetime_s == 0:
        raise TimeToLiveZero
    if not limit.is_unlimited and lifetime_s > limit.maximum_s:
        raise TimeToLiveAboveLimit
    if lifetime_s > MAX_LIFETIME_S:
        raise TimeToLiveTooLong
    return lifetime_s
