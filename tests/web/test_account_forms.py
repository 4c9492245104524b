from datetime import date
from zoneinfo import ZoneInfo

import pytest

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import (
    LifetimeAboveLimit,
    LifetimeMissing,
    TokenDead,
    TokenNameTaken,
)
from keystead.core.credentials.lifetime import MAX_LIFETIME_S, LifetimeLimit
from keystead.web.account_forms import (
    WHOLE,
    AccountAsked,
    Calendar,
    RotationWanted,
    TokenAsked,
    read_expiry,
    read_new_account,
    read_role,
    read_rotation,
    read_token,
    rotation_refused_by,
    token_refused_by,
)
from keystead.web.dates import Days, days_of, get_day_or_none, lifetime_until
from keystead.web.forms import Form, Refused
from keystead.web.times import BROWSER_ZONE, Zone
from tests.web.looks import DAY_S, MONTH, NOW, UNLIMITED

BERLIN, KIRITIMATI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")  # UTC+1 in winter, UTC+14
HOUR = LifetimeLimit(maximum_s=3600)
FOR_EVER = Calendar(NOW, BROWSER_ZONE, UNLIMITED)
LIMITED = Calendar(NOW, Zone("UTC"), MONTH)


def on(day: str, **more: str) -> Form:
    return Form({"expiry": "date", "date": day, **more})


class TestTheDaysOfAToken:
    def test_begin_tomorrow_where_the_reader_is(self) -> None:
        assert days_of(NOW, BERLIN, MONTH) == Days(date(2026, 11, 23), date(2026, 12, 22))
        assert days_of(NOW, KIRITIMATI, MONTH) == Days(date(2026, 11, 24), date(2026, 12, 23))

    def test_end_with_the_longest_life_even_before_tomorrow(self) -> None:
        assert days_of(NOW, BERLIN, HOUR) == Days(date(2026, 11, 22), date(2026, 11, 22))
        assert days_of(NOW, BERLIN, UNLIMITED).latest.year == 2094

    def test_last_to_their_last_second_in_their_zone(self) -> None:
        summer_begins = UnixSeconds(
            1_806_102_000
        )  # 2027-03-27 00:00 in Berlin, a day before an hour is left out
        assert lifetime_until(date(2027, 3, 28), summer_begins, BERLIN, UNLIMITED) == 47 * 3600 - 1
        assert lifetime_until(date(2026, 11, 22), NOW, BERLIN, HOUR) == 3600

    @pytest.mark.parametrize(
        "typed", ["", "2026-13-01", "20261122", "2026-11-2", "2026-W47-7", "\u0662026-11-22"]
    )
    def test_are_dates_as_browsers_send_them(self, typed: str) -> None:
        assert get_day_or_none(typed) is None
        assert get_day_or_none("2026-11-22") == date(2026, 11, 22)


class TestAnExpiry:
    def test_is_none_unless_a_date_is_chosen(self) -> None:
        assert read_expiry(Form({"date": "2026-11-23"}), FOR_EVER) == 0
        assert read_expiry(Form({"expiry": "never", "date": "x"}), FOR_EVER) == 0
        assert read_expiry(Form({"expiry": "never"}), LIMITED) == "Expiration date is required"

    def test_is_at_the_end_of_the_day_in_the_zone_that_the_browser_tells(self) -> None:
        in_utc = 3600 * 27 + 1800 - 1
        assert read_expiry(on("2026-11-23"), FOR_EVER) == in_utc
        assert read_expiry(on("2026-11-23", zone="Europe/Berlin"), FOR_EVER) == in_utc - 3600
        assert read_expiry(on("2026-11-23", zone="nonsense"), FOR_EVER) == in_utc
        assert read_expiry(on("2026-11-23", zone="Europe/Berlin"), LIMITED) == in_utc  # one's own preference

    def test_may_be_the_first_day_that_the_page_offered_wherever_the_browser_is(self) -> None:
        assert read_expiry(on("2026-11-23", zone="Pacific/Kiritimati"), FOR_EVER) == 13 * 3600 + 1800 - 1

    def test_ends_with_the_longest_life(self) -> None:
        assert read_expiry(on("2026-12-22"), LIMITED) == MONTH.maximum_s
        assert read_expiry(on("2026-11-22"), Calendar(NOW, Zone("UTC"), HOUR)) == 3600

    @pytest.mark.parametrize(
        ("day", "told"),
        [
            ("", "Expiration date is required"),
            ("tomorrow", "Not a valid date"),
            ("2026-11-22", "The earliest possible date is 2026-11-23."),
            ("0001-01-01", "The earliest possible date is 2026-11-23."),
            ("2026-12-23", "The latest possible date is 2026-12-22."),
            ("9999-12-31", "The latest possible date is 2026-12-22."),
        ],
    )
    def test_is_told_at_its_field_what_is_wrong_with_it(self, day: str, told: str) -> None:
        assert read_expiry(on(day), LIMITED) == told

    def test_is_as_far_away_as_seconds_can_be_counted(self) -> None:
        assert read_expiry(on("2094-12-10"), FOR_EVER) == MAX_LIFETIME_S
        assert read_expiry(on("2094-12-11"), FOR_EVER) == "The latest possible date is 2094-12-10."


class TestAForm:
    def test_of_a_token_is_read(self) -> None:
        assert read_token(Form({"name": " ci "}), FOR_EVER) == TokenAsked("ci", 0)
        assert read_token(on("", name=""), FOR_EVER) == Refused(
            {"name": "Display name is required", "date": "Expiration date is required"}
        )

    def test_of_an_account_has_a_token_if_that_has_a_name(self) -> None:
        form = {"name": "CI", "role": "Editor", "expiry": "date", "date": "nonsense"}
        assert read_new_account(Form(form), FOR_EVER) == AccountAsked("CI", Role.EDITOR, None)
        assert read_new_account(Form({**form, "token": "t"}), FOR_EVER) == Refused(
            {"date": "Not a valid date"}
        )
        wrong = read_new_account(Form({"name": "x" * 191, "token": "t\0"}), FOR_EVER)
        assert wrong == Refused(
            {
                "name": "Display name can be at most 190 characters",
                "role": "Invalid role specified",
                "token": "Token name contains characters that cannot be used",
            }
        )

    def test_of_a_rotation_says_when_the_old_token_ends(self) -> None:
        assert read_rotation(Form({"name": "ci-2", "grace": "604800"})) == RotationWanted("ci-2", 7 * DAY_S)
        assert read_rotation(Form({"grace": "1"})) == Refused(
            {"name": "New name is required", "grace": "Choose when the old token ends"}
        )

    def test_of_a_role_names_one(self) -> None:
        assert read_role(Form({"role": "Admin"})) is Role.ADMIN
        assert read_role(Form({"role": "admin"})) == Refused({"role": "Invalid role specified"})


class TestWhatAUseCaseRefused:
    def test_is_told_at_the_name_or_at_no_field(self) -> None:
        taken = Refused({"name": "service account token with given name already exists in the organization"})
        assert token_refused_by(TokenNameTaken()) == rotation_refused_by(TokenNameTaken(), MONTH) == taken
        assert token_refused_by(TokenDead()) is None

    @pytest.mark.parametrize("error", [LifetimeMissing(), LifetimeAboveLimit()])
    def test_is_told_of_a_successor_that_would_live_too_long(self, error: LifetimeMissing) -> None:
        told = rotation_refused_by(error, MONTH)
        assert told is not None
        assert told.messages[WHOLE].startswith("A new token can live at most 30 days (one month).")
