"""How long a credential may live."""

from dataclasses import dataclass

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import LifetimeAboveLimit, LifetimeMissing, LifetimeNegative

UNLIMITED_S = -1
MAX_LIFETIME_S = 2_147_483_647  # what a number of seconds can be at all


@dataclass(frozen=True, slots=True)
class LifetimeLimit:
    """The slice of the settings that this rule needs."""

    maximum_s: int  # -1: no limit, and a credential may live for ever
    ends_with_maker: bool = False  # none outlives the credential that made it

    @property
    def is_unlimited(self) -> bool:
        return self.maximum_s == UNLIMITED_S


def check_limit(lifetime_s: int, limit: LifetimeLimit) -> None:
    """Hold a lifetime against the setting; what is negative passes, since that is told later.

    Raises LifetimeMissing, LifetimeAboveLimit.
    """
    if limit.is_unlimited:
        return
    if lifetime_s == 0:
        raise LifetimeMissing
    if lifetime_s > limit.maximum_s:
        raise LifetimeAboveLimit(f"{lifetime_s=}")


def expiry_of(lifetime_s: int, limit: LifetimeLimit, now: UnixSeconds) -> UnixSeconds | None:
    """Return the second from which the credential is dead; None if it never dies.

    `lifetime_s` counts seconds from now; 0 asks for no expiry, which only a limit of -1 allows. Callers tell
    what exceeds the limit before a taken name, and what is negative after it: they `check_limit` first.
    Raises LifetimeMissing, LifetimeAboveLimit, LifetimeNegative.
    """
    check_limit(lifetime_s, limit)
    if lifetime_s < 0:
        raise LifetimeNegative(f"{lifetime_s=}")
    return UnixSeconds(now + lifetime_s) if lifetime_s else None
