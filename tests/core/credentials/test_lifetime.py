import pytest

from keystead.core.credentials.errors import LifetimeAboveLimit, LifetimeMissing, LifetimeNegative
from keystead.core.credentials.lifetime import MAX_LIFETIME_S, LifetimeLimit, check_limit, expiry_of
from tests.core.makers import NOON

UNLIMITED, MINUTE = LifetimeLimit(-1), LifetimeLimit(60)


class TestALifetime:
    def test_counts_from_now(self) -> None:
        assert expiry_of(60, MINUTE, NOON) == NOON + 60
        assert expiry_of(MAX_LIFETIME_S, UNLIMITED, NOON) == NOON + MAX_LIFETIME_S

    def test_may_be_endless_where_nothing_limits_it(self) -> None:
        assert expiry_of(0, UNLIMITED, NOON) is None

    def test_must_be_given_where_there_is_a_limit(self) -> None:
        with pytest.raises(LifetimeMissing):
            expiry_of(0, MINUTE, NOON)

    def test_must_keep_to_the_limit(self) -> None:
        with pytest.raises(LifetimeAboveLimit):
            expiry_of(61, MINUTE, NOON)

    @pytest.mark.parametrize("limit", [UNLIMITED, MINUTE], ids=["unlimited", "a minute"])
    def test_that_is_negative_is_told_after_the_limit_was_checked(self, limit: LifetimeLimit) -> None:
        check_limit(-1, limit)
        with pytest.raises(LifetimeNegative):
            expiry_of(-1, limit, NOON)
