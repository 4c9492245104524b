from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import SOON_S, has_expired, is_usable, seconds_until_expiry
from tests.core.makers import NOON, a_token


class TestACredential:
    def test_without_an_expiry_never_dies(self) -> None:
        assert not has_expired(a_token(), UnixSeconds(2**60))
        assert is_usable(a_token(), UnixSeconds(2**60))

    def test_is_dead_from_its_expiry_second_onward(self) -> None:
        token = a_token(expires_at=NOON)
        assert is_usable(token, UnixSeconds(NOON - 1))
        assert not is_usable(token, NOON)

    def test_is_useless_once_it_is_revoked(self) -> None:
        assert not is_usable(a_token(revoked_at=NOON), NOON)

    def test_counts_the_seconds_of_its_last_week(self) -> None:
        for left_s, told_s in ((-1, 0), (0, 0), (1, 1), (SOON_S - 1, SOON_S - 1), (SOON_S, 0)):
            assert seconds_until_expiry(a_token(expires_at=UnixSeconds(NOON + left_s)), NOON) == told_s
        assert seconds_until_expiry(a_token(), NOON) == 0
