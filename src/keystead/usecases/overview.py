"""What the first page tells: what to look at, how much is used, what ends when."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import DAY_S, Measure, Reason, Reported
from keystead.core.usage.span import Bucket, Span, last_days
from keystead.usecases import report, use_counts
from keystead.usecases.usage import UseHistory

EXPIRED_DAYS, FUTURE_DAYS = 30, 35  # that a timeline reaches back and ahead
_CHART_DAYS = 30
_ROWS = 12
_MOST_EXPIRED = 4  # of the rows of a timeline: what is over must not hide what is to come


@dataclass(frozen=True, slots=True)
class Ending:
    """What ended lately and what ends soon, by date, and how many more end soon."""

    rows: tuple[Reported, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Overview:
    counts: Mapping[Reason, int]
    has_any: bool  # credential that may be read
    keys: int  # that may be read
    span: Span
    buckets: tuple[Bucket, ...] | None  # None: they hold what may not be read
    by_day: Mapping[UnixSeconds, int]
    ending: Ending


def look_over(
    db: Connection, by: Principal, now: UnixSeconds, *, calendar: tuple[int, int], history: UseHistory
) -> Overview:
    """Return what there is to see, with at most five statements; `calendar` is from when until when.

    Raises PermissionMissing.
    """
    measure, span = Measure(now), last_days(_CHART_DAYS, now)
    counts, keys, ending = report.count_all(db, by, measure, soon_from(now))
    return Overview(
        counts=counts,
        has_any=any(counts.values()) or bool(keys) or report.has_any(db, by),
        keys=keys,
        span=span,
        buckets=use_counts.list_org_buckets_or_none(db, by, span, history=history),
        by_day=report.count_by_day(db, by, measure, calendar),
        ending=_around(db, by, measure, ending, most=_ROWS),
    )


def list_ending(db: Connection, by: Principal, measure: Measure, *, most: int) -> Ending:
    """Return the rows of a timeline, with two statements. Raises PermissionMissing."""
    *_, ending = report.count_all(db, by, measure, soon_from(measure.now))
    return _around(db, by, measure, ending, most=most)


def soon_from(now: UnixSeconds) -> tuple[int, int]:
    return now + 1, now + FUTURE_DAYS * DAY_S


def _around(db: Connection, by: Principal, measure: Measure, ending: int, *, most: int) -> Ending:
    """Return at most so many rows; `ending` is how many end soon in all."""
    now = measure.now
    past = (now - EXPIRED_DAYS * DAY_S, now + 1)
    found = report.list_around(db, by, measure, past=past, soon=soon_from(now), most=most)
    ended = [one for one in found if one.expires_at is not None and one.expires_at <= now][-_MOST_EXPIRED:]
    coming = [one for one in found if one.expires_at is not None and one.expires_at > now]
    coming = coming[: most - len(ended)]
    return Ending((*ended, *coming), ending - len(coming))
