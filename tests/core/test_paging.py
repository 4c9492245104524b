import base64
import json

import pytest

from keystead.core.paging import Cursor, Order, get_cursor_or_none, get_order_or_none

COLUMNS = frozenset({"name", "lastUsed"})
BY_NAME = Order("name")


def opaque(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


class TestAnOrder:
    @pytest.mark.parametrize("text", ["name", "lastUsed", "-lastUsed"])
    def test_reads_back_as_it_was_written(self, text: str) -> None:
        assert str(get_order_or_none(text, COLUMNS)) == text

    @pytest.mark.parametrize("text", ["", "-", "--name", "Name", "name ", "id"])
    def test_by_no_column_is_none(self, text: str) -> None:
        assert get_order_or_none(text, COLUMNS) is None


class TestACursor:
    @pytest.mark.parametrize("value", ["ci", "", "Straße \U0001f511", 0, 2**62])
    @pytest.mark.parametrize("order", [BY_NAME, Order("lastUsed", is_descending=True)])
    def test_reads_back_as_it_was_written(self, order: Order, value: str | int) -> None:
        cursor = Cursor(order, value, 7)
        assert get_cursor_or_none(str(cursor), order, type(value)) == cursor

    def test_counts_only_in_its_own_order(self) -> None:
        text = str(Cursor(BY_NAME, "ci", 7))
        assert get_cursor_or_none(text, Order("name", is_descending=True), str) is None
        assert get_cursor_or_none(text, Order("role"), str) is None
        assert get_cursor_or_none(text, BY_NAME, int) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "ä",
            "%%%",
            "a",
            opaque("name"),
            opaque(["name", "ci"]),
            opaque(["name", "ci", "7"]),
            opaque(["name", "ci", True]),
            opaque(["name", "ci", 7.0]),
            opaque(["name", "ci", 2**63]),
            opaque(["name", None, 7]),
            opaque(["name", "a\0", 7]),
            opaque(["name", "\ud800", 7]),
            opaque([["name"], "ci", 7]),
            base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        ],
        ids=lambda text: text[:20],
    )
    def test_of_nothing_is_none(self, text: str) -> None:
        assert get_cursor_or_none(text, BY_NAME, str) is None
