from itertools import islice

import pytest

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import TokenDead, TokenReplaced
from keystead.core.credentials.rotation import (
    check_can_be_replaced,
    grace_end,
    original_lifetime_s,
    successor_names,
)
from tests.core.makers import NOON, a_token

LATER = UnixSeconds(NOON + 60)


class TestTheNamesOfSuccessors:
    @pytest.mark.parametrize(
        ("name", "names"),
        [
            ("ci", ["ci-2", "ci-3", "ci-4"]),
            ("ci-2", ["ci-3", "ci-4", "ci-5"]),
            ("ci-9", ["ci-10", "ci-11", "ci-12"]),
            ("ci-0", ["ci-0-2", "ci-0-3", "ci-0-4"]),
            ("2024-01", ["2024-01-2", "2024-01-3", "2024-01-4"]),
            ("-2", ["-2-2", "-2-3", "-2-4"]),
            ("ci-٣", ["ci-٣-2", "ci-٣-3", "ci-٣-4"]),
            ("a\nb-2", ["a\nb-3", "a\nb-4", "a\nb-5"]),
            ("ci-9999999999", ["ci-9999999999-2", "ci-9999999999-3", "ci-9999999999-4"]),
        ],
    )
    def test_have_a_number_that_rises(self, name: str, names: list[str]) -> None:
        assert list(islice(successor_names(name, 190), 3)) == names

    def test_are_never_too_long(self) -> None:
        names = list(islice(successor_names("x" * 10, 10), 10))
        assert (names[0], names[8]) == ("x" * 8 + "-2", "x" * 7 + "-10")


class TestTheLifetimeOfASuccessor:
    def test_is_what_the_token_was_made_for(self) -> None:
        assert original_lifetime_s(a_token()) == 0
        assert original_lifetime_s(a_token(lifetime_s=0, expires_at=LATER)) == 0
        assert original_lifetime_s(a_token(lifetime_s=600, expires_at=LATER)) == 600

    def test_is_counted_where_nobody_wrote_it_down(self) -> None:
        assert original_lifetime_s(a_token(expires_at=LATER)) == 60


class TestAGrace:
    def test_never_makes_the_token_live_longer(self) -> None:
        assert grace_end(a_token(), 600, NOON) == NOON + 600
        assert grace_end(a_token(expires_at=LATER), 600, NOON) == LATER
        assert grace_end(a_token(expires_at=LATER), 6, NOON) == NOON + 6


class TestReplacingAToken:
    def test_is_possible_while_it_lives_and_no_successor_does(self) -> None:
        check_can_be_replaced(a_token(expires_at=LATER), None, NOON)
        check_can_be_replaced(a_token(), a_token(revoked_at=NOON), NOON)

    def test_is_refused_for_a_dead_one_whatever_became_of_its_successor(self) -> None:
        for token in (a_token(expires_at=NOON), a_token(revoked_at=NOON)):
            with pytest.raises(TokenDead):
                check_can_be_replaced(token, a_token(), NOON)

    def test_is_refused_while_its_successor_lives(self) -> None:
        with pytest.raises(TokenReplaced):
            check_can_be_replaced(a_token(), a_token(expires_at=LATER), NOON)
