import itertools

import pytest

from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.core.sessions.value import SessionMint
from tests.core.makers import PEPPER

_numbers = itertools.count(1)
MINT = SessionMint(lambda length: f"{next(_numbers):x}".rjust(length, "0"), PEPPER)


class TestASessionValue:
    def test_is_64_hex_digits(self) -> None:
        assert len(MINT.new_value().reveal()) == 64

    def test_has_a_successor_of_the_same_series(self) -> None:
        value = Secret("ab" * 32)
        successor = MINT.successor(value)
        assert len(successor.reveal()) == 64
        assert MINT.digests(value).series == MINT.digests(successor).series
        assert MINT.digests(value).whole != MINT.digests(successor).whole

    def test_shares_nothing_with_another_session(self) -> None:
        one, other = MINT.digests(Secret("a" * 64)), MINT.digests(Secret("b" * 64))
        assert {*one}.isdisjoint(other)

    def test_is_digested_under_the_key(self) -> None:
        value, elsewhere = MINT.new_value(), SessionMint(MINT.new_hex, Pepper.of(1, bytes(32)))
        assert {*MINT.digests(value)}.isdisjoint(elsewhere.digests(value))

    @pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 63 + "\n", "\ud800"])
    def test_is_no_other_text(self, text: str) -> None:
        assert MINT.digests(Secret(text)).series == MINT.digests(Secret("")).series
