import pytest

from keystead.core.credentials.errors import (
    TimeToLiveAboveLimit,
    TimeToLiveInvalid,
    TimeToLiveMissing,
    TimeToLiveTooLong,
    TimeToLiveZero,
)
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.time_to_live import parse_time_to_live, worded_maximum

MONTH, UNLIMITED = LifetimeLimit(2_592_000), LifetimeLimit(-1)

GOOD = {
    "1s": 1, "5m": 300, "12h": 43200, "0012h": 43200, "1d": 86400, "  1d ": 86400, "24h": 86400,
    "1w": 604800, "4w": 2419200, "1M": 2592000, "30d": 2592000, "2592000s": 2592000,
}  # fmt: skip
INVALID = [
    "1y", "100ms", "1500ms", "1", "3600", " 90 ", "1e3", "0x10", "1.5h", "0.5d", "1_000s", "1,5h",
    "-5d", "+5d", "-5", "12 h", "12H", "1D", "h", "1mo", "1Mo", "1d12h", "12hours", "5min", "abc5dxyz",
    "\uff11\uff12h", "\u0661h", "\u221e", "9999999999s",
]  # fmt: skip


class TestATimeToLive:
    @pytest.mark.parametrize(("text", "lifetime_s"), GOOD.items())
    def test_is_a_number_and_a_unit(self, text: str, lifetime_s: int) -> None:
        assert parse_time_to_live(text, MONTH) == lifetime_s

    @pytest.mark.parametrize("text", INVALID)
    @pytest.mark.parametrize("limit", [MONTH, UNLIMITED], ids=["a month", "unlimited"])
    def test_is_refused_in_any_other_form(self, text: str, limit: LifetimeLimit) -> None:
        with pytest.raises(TimeToLiveInvalid):
            parse_time_to_live(text, limit)

    @pytest.mark.parametrize("text", ["0s", "0d", "000h"])
    def test_is_more_than_nothing(self, text: str) -> None:
        with pytest.raises(TimeToLiveZero):
            parse_time_to_live(text, UNLIMITED)

    @pytest.mark.parametrize("text", ["", "  "])
    def test_may_be_left_out_only_where_nothing_limits_it(self, text: str) -> None:
        assert parse_time_to_live(text, UNLIMITED) == 0
        with pytest.raises(TimeToLiveMissing):
            parse_time_to_live(text, MONTH)

    @pytest.mark.parametrize("text", ["5w", "31d", "2M", "2592001s", "999999999M"])
    def test_keeps_to_the_maximum(self, text: str) -> None:
        with pytest.raises(TimeToLiveAboveLimit):
            parse_time_to_live(text, MONTH)

    def test_ends_with_the_largest_number_of_seconds(self) -> None:
        assert parse_time_to_live("828M", UNLIMITED) == 2_146_176_000
        with pytest.raises(TimeToLiveTooLong):
            parse_time_to_live("829M", UNLIMITED)


class TestTheMaximum:
    @pytest.mark.parametrize(
        ("maximum_s", "words"),
        [
            (2_592_000, "30 days (one month)"),
            (3_888_000, "45 days"),
            (43_200, "12 hours"),
            (1_209_600, "2 weeks"),
            (604_800, "1 week"),
            (86_400, "1 day"),
            (5_400, "90 minutes"),
            (1, "1 second"),
            (61, "61 seconds"),
        ],
    )
    def test_is_told_in_the_largest_unit_that_divides_it(self, maximum_s: int, words: str) -> None:
        assert worded_maximum(maximum_s) == words
