import pytest

from keystead.core.clock import UnixSeconds
from keystead.core.sessions.lifetime import SessionRules, is_alive, is_former_value_good, needs_rotation
from tests.core.makers import NOON, a_session

RULES = SessionRules(idle_s=3600, absolute_s=7200)


def after(seconds: int) -> UnixSeconds:
    return UnixSeconds(NOON + seconds)


class TestASession:
    def test_is_alive_while_it_is_used(self) -> None:
        assert is_alive(a_session(), RULES, after(3599))
        assert is_alive(a_session(seen_at=NOON + 3599), RULES, after(7198))

    @pytest.mark.parametrize(
        ("seen_after_s", "at_s"), [(0, 3600), (7000, 7200)], ids=["unused for too long", "too old"]
    )
    def test_ends(self, seen_after_s: int, at_s: int) -> None:
        assert not is_alive(a_session(seen_at=NOON + seen_after_s), RULES, after(at_s))

    def test_ends_when_it_is_revoked(self) -> None:
        assert not is_alive(a_session(revoked_at=NOON), RULES, NOON)


class TestTheValueOfASession:
    def test_is_due_for_a_new_one_after_ten_minutes(self) -> None:
        assert not needs_rotation(a_session(), RULES, after(599))
        assert needs_rotation(a_session(), RULES, after(600))

    def test_that_was_replaced_stays_good_for_a_minute(self) -> None:
        assert is_former_value_good(a_session(), RULES, after(59))
        assert not is_former_value_good(a_session(), RULES, after(60))
