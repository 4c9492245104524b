import pytest

from keystead.api.shapes import age, avatar_url_of_name, seen
from keystead.core.clock import UnixSeconds
from tests.doors import House

NOON = UnixSeconds(1_700_000_000)
LEAP_DAY = UnixSeconds(1_709_208_000)  # 2024-02-29T12:00:00Z
MINUTE, HOUR, DAY = 60, 3600, 86_400


class TestAnAge:
    @pytest.mark.parametrize(
        ("elapsed_s", "expected"),
        [
            (-5, "< 1 minute"),
            (0, "< 1 minute"),
            (59, "< 1 minute"),
            (MINUTE, "1 minute"),
            (2 * MINUTE, "2 minutes"),
            (HOUR, "1 hour"),
            (23 * HOUR, "23 hours"),
            (DAY, "1 day"),
            (30 * DAY, "30 days"),
            (31 * DAY, "1 month"),
            (364 * DAY, "11 months"),
            (365 * DAY, "1 year"),
            (800 * DAY, "2 years"),
        ],
    )
    def test_is_told_in_words(self, elapsed_s: int, expected: str) -> None:
        assert age(NOON, UnixSeconds(NOON + elapsed_s)) == expected


class TestWhoWasNeverSeen:
    @pytest.mark.parametrize(
        ("created_at", "expected"),
        [(NOON, "2013-11-14T22:13:20Z"), (LEAP_DAY, "2014-03-01T12:00:00Z")],
    )
    def test_was_seen_ten_years_before_the_creation(self, created_at: UnixSeconds, expected: str) -> None:
        assert seen(None, created_at, UnixSeconds(created_at + 400 * DAY)) == (expected, "10 years")


class TestAPicture:
    def test_of_what_has_no_email_is_made_from_its_name(self, house: House) -> None:
        site = house.deps.site
        assert avatar_url_of_name(site, "s34-r1-Team é") == avatar_url_of_name(site, "s34r1team")
        assert avatar_url_of_name(site, "s34-r1-team") == "/avatar/2ecb67e4ad3ec8e662976c2655903a45"
