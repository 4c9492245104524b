import pytest

from keystead.core.path_id import parse_path_id

NUMBERS = {
    "7": 7,
    "007": 7,
    "+7": 7,
    "-7": -7,
    "0": 0,
    "-0": 0,
    "9223372036854775807": 2**63 - 1,
    "-9223372036854775808": -(2**63),
    "0" * 5000 + "7": 7,
}
NO_NUMBERS = ["", "+", "-", "+-7", "abc", "1.0", "1e3", " 7", "7 ", "1_0", "\uff17", "\u0667", "7\n"]
TOO_GREAT = ["9223372036854775808", "-9223372036854775809", "1" * 20, "1" * 5000]


class TestReadingAnIdFromAPath:
    @pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=lambda value: str(value)[-20:])
    def test_gives_the_number_that_is_spelled(self, text: str, number: int) -> None:
        assert parse_path_id(text) == number

    @pytest.mark.parametrize("text", NO_NUMBERS + TOO_GREAT, ids=lambda text: repr(text[:20]))
    def test_gives_nothing_for_any_other_text(self, text: str) -> None:
        assert parse_path_id(text) is None
