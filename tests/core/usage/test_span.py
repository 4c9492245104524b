import pytest

from keystead.core.clock import UnixSeconds
from keystead.core.usage.errors import UsageSpanInvalid
from keystead.core.usage.model import Outcome
from keystead.core.usage.span import (
    DAY_S,
    Bucket,
    Span,
    Step,
    filled,
    hour_of_week,
    kept_from,
    last_days,
    last_hours,
    span_between,
)

SUNDAY = UnixSeconds(1_795_305_600)  # 2026-11-22 00:00:00 UTC
NOW = UnixSeconds(SUNDAY + 73_800)  # 20:30


class TestASpan:
    def test_of_days_ends_with_today(self) -> None:
        assert last_days(30, NOW) == Span(
            UnixSeconds(SUNDAY - 29 * DAY_S), UnixSeconds(SUNDAY + DAY_S), Step.DAY
        )
        assert len(last_days(30, NOW).starts) == 30

    def test_of_hours_ends_with_the_present_one(self) -> None:
        assert last_hours(2, NOW).starts == [SUNDAY + 19 * 3600, SUNDAY + 20 * 3600]

    def test_between_two_moments_is_widened_to_whole_steps(self) -> None:
        assert span_between(NOW, NOW + 1, Step.HOUR).starts == [SUNDAY + 20 * 3600]
        assert span_between(NOW - DAY_S, NOW, Step.DAY).starts == [SUNDAY - DAY_S, SUNDAY]
        assert span_between(SUNDAY, SUNDAY + 3600, Step.HOUR).starts == [SUNDAY]

    @pytest.mark.parametrize("until", [SUNDAY, SUNDAY - 1, SUNDAY + 2400 * 3600 + 1])
    def test_that_is_empty_or_too_long_is_refused(self, until: int) -> None:
        with pytest.raises(UsageSpanInvalid):
            span_between(SUNDAY, until, Step.HOUR)

    def test_may_have_as_many_buckets_as_are_told(self) -> None:
        assert len(span_between(SUNDAY, SUNDAY + 2400 * 3600, Step.HOUR).starts) == 2400


class TestABucket:
    def test_tells_its_counts(self) -> None:
        bucket = Bucket(SUNDAY, 5, 2, 1)
        assert bucket.total == 8
        assert [bucket.of(outcome) for outcome in Outcome] == [5, 2, 1]

    def test_is_zero_where_nothing_was_counted_and_unknown_where_nothing_is_kept(self) -> None:
        span = last_days(4, NOW)
        known_from = kept_from(NOW, 2)
        assert known_from == SUNDAY - 2 * DAY_S
        counted = [Bucket(UnixSeconds(SUNDAY - 3 * DAY_S), 7), Bucket(UnixSeconds(SUNDAY - DAY_S), 3)]
        assert [(one.total, one.is_known) for one in filled(span, counted, known_from)] == [
            (0, False),
            (0, True),
            (3, True),
            (0, True),
        ]


def test_the_hours_of_a_week_begin_on_monday() -> None:
    assert hour_of_week(SUNDAY + DAY_S) == 0
    assert hour_of_week(SUNDAY + 23 * 3600 + 3599) == 167
    assert hour_of_week(NOW) == 6 * 24 + 20
