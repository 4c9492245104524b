"""The days on which a token may end, and for how many seconds it lives then. Zone and time are given."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.lifetime import MAX_LIFETIME_S, LifetimeLimit

_DAY = timedelta(days=1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day that can be chosen."""

    earliest: date
    latest: date


def days_of(now: UnixSeconds, clock: tzinfo, limit: LifetimeLimit) -> Days:
    """Return from tomorrow on to the day in which the longest life ends; where that is sooner, this day."""
    latest = day_of(UnixSeconds(now + longest_s(limit)), clock)
    return Days(min(day_of(now, clock) + _DAY, latest), latest)


def day_of(at: UnixSeconds, clock: tzinfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(clock).date()


def longest_s(limit: LifetimeLimit) -> int:
    return MAX_LIFETIME_S if limit.is_unlimited else limit.maximum_s


def lifetime_until(day: date, now: UnixSeconds, clock: tzinfo, limit: LifetimeLimit) -> int:
    """Return the seconds to the last one of the day, or to the end of the longest life if that is sooner."""
    end = datetime.combine(day, _LAST_SECOND, clock)
    return min(int(end.timestamp()) - now, longest_s(limit))


def get_day_or_none(typed: str) -> date | None:
    """Read what `<input type=date>` sends."""
    if not _DATE.fullmatch(typed):
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
