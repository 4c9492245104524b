"""Which hours or days a look at the use covers, and what was counted in each. Days begin at 00:00 UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from keystead.core.clock import UnixSeconds
from keystead.core.usage.errors import UsageSpanInvalid
from keystead.core.usage.model import HOUR_S, Outcome

DAY_S = 24 * HOUR_S
HOURS_A_WEEK = 7 * 24
MOST_BUCKETS = 2_400
_MONDAY_S = 4 * DAY_S  # 1970-01-05, the first one


class Step(StrEnum):
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        return HOUR_S if self is Step.HOUR else DAY_S


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours or days: `end` is the first second behind them."""

    start: UnixSeconds
    end: UnixSeconds
    step: Step

    @property
    def starts(self) -> list[UnixSeconds]:
        return [UnixSeconds(start) for start in range(self.start, self.end, self.step.seconds)]


@dataclass(frozen=True, slots=True)
class Bucket:
    """The counts of an hour or a day."""

    start: UnixSeconds
    allowed: int = 0
    denied: int = 0
    refused: int = 0
    is_known: bool = True  # False: it is not kept any more, so nobody can tell

    @property
    def total(self) -> int:
        return self.allowed + self.denied + self.refused

    def of(self, outcome: Outcome) -> int:
        counts = {Outcome.ALLOWED: self.allowed, Outcome.DENIED: self.denied, Outcome.REFUSED: self.refused}
        return counts[outcome]


def day_of(at: int) -> UnixSeconds:
    """Return the first second of the day."""
    return UnixSeconds(at - at % DAY_S)


def kept_from(now: UnixSeconds, keep_days: int) -> UnixSeconds:
    """Return the first second of which counts are kept: so many whole days and what there is of today."""
    return UnixSeconds(day_of(now) - keep_days * DAY_S)


def last_days(days: int, now: UnixSeconds) -> Span:
    """Return so many days, of which today is the last."""
    end = day_of(now) + DAY_S
    return Span(UnixSeconds(end - days * DAY_S), UnixSeconds(end), Step.DAY)


def last_hours(hours: int, now: UnixSeconds) -> Span:
    """Return so many hours, of which the present one is the last."""
    end = now - now % HOUR_S + HOUR_S
    return Span(UnixSeconds(end - hours * HOUR_S), UnixSeconds(end), Step.HOUR)


def span_between(since: int, until: int, step: Step) -> Span:
    """Return the hours or days that lie, in part at least, between two moments. Raises UsageSpanInvalid."""
    size_s = step.seconds
    start, end = since - since % size_s, until + -until % size_s
    if not 0 < (end - start) // size_s <= MOST_BUCKETS:
        raise UsageSpanInvalid
    return Span(UnixSeconds(start), UnixSeconds(end), step)


def filled(span: Span, counted: Iterable[Bucket], known_from: UnixSeconds) -> tuple[Bucket, ...]:
    """Return every bucket of the span: zero where nothing was counted, unknown where nothing is kept."""
    by_start = {bucket.start: bucket for bucket in counted}
    return tuple(
        by_start.get(start, Bucket(start)) if start >= known_from else Bucket(start, is_known=False)
        for start in span.starts
    )


def hour_of_week(at: int) -> int:
    """Return 0 for Monday 00:00 to 01:00 UTC, and so on to 167."""
    return (at - _MONDAY_S) // HOUR_S % HOURS_A_WEEK
