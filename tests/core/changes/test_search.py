import pytest

from keystead.core.changes.errors import CursorUnknown, MomentInvalid
from keystead.core.changes.search import (
    BY_TIME,
    Recorded,
    Reference,
    Sought,
    get_reference_or_none,
    parse_cursor,
    parse_moment,
    place_of_change,
)
from keystead.core.paging import Cursor
from tests.core.makers import NOON, a_change


class TestAReference:
    def test_is_a_kind_and_a_number(self) -> None:
        assert get_reference_or_none("token:7") == Reference("token", "7")

    @pytest.mark.parametrize(
        "text", ["", "admin", "token:", ":7", "token:7x", "Token:7", "a:b:7", "t:" + "1" * 20]
    )
    def test_is_none_for_a_part_of_a_name(self, text: str) -> None:
        assert get_reference_or_none(text) is None


class TestACursor:
    def test_names_the_place_of_a_change(self) -> None:
        place = place_of_change(Recorded(a_change(7), bytes(32)))
        assert place == Cursor(BY_TIME, NOON, 7)
        assert parse_cursor(str(place)) == place

    def test_that_is_empty_is_the_beginning(self) -> None:
        assert parse_cursor("") is None

    @pytest.mark.parametrize("text", ["x", str(Cursor(BY_TIME, "a", 7))])
    def test_of_something_else_is_refused(self, text: str) -> None:
        with pytest.raises(CursorUnknown):
            parse_cursor(text)


def test_only_what_asks_for_nothing_is_everything() -> None:
    assert Sought().is_everything
    assert not Sought(result="success").is_everything


class TestAMoment:
    def test_is_a_date_with_its_zone(self) -> None:
        texts = ("2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00", "2023-11-14T22:13:20.9Z")
        assert {parse_moment(text) for text in texts} == {NOON}
        assert parse_moment("") is None

    @pytest.mark.parametrize("text", ["now", "2023-11-14", "2023-11-14T22:13:20", "2023-11-31T00:00:00Z"])
    def test_is_nothing_else(self, text: str) -> None:
        with pytest.raises(MomentInvalid):
            parse_moment(text)
