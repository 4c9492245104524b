"""How many passwords may be guessed, without locking anybody out who knows theirs."""

import ipaddress
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_WAIT_S = 30
_SLOWED_FROM = 10  # failures in a row
_REFUSED_FROM = 100  # NIST SP 800-63B
_IPV6_HOME_BITS = 64


@dataclass(frozen=True, slots=True)
class Limit:
    most: int
    span_s: float


PAIR_LIMIT = Limit(most=5, span_s=300)  # failures of one person from one address
ADDRESS_LIMIT = Limit(most=20, span_s=60)  # failures from one address, over all persons
CREDENTIAL_LIMIT = Limit(most=50, span_s=1)  # failed tokens and keys from one address


@dataclass(frozen=True, slots=True)
class Tally:
    """The newest failures, oldest first: no more of them than the limit needs."""

    moments: tuple[float, ...] = ()  # seconds, of one clock

    def with_failure(self, limit: Limit, now: float) -> "Tally":
        return Tally((*self.moments, now)[-limit.most :])

    def is_spent(self, limit: Limit, now: float) -> bool:
        """Say whether as many failures as the limit lie within its span before now."""
        return sum(moment > now - limit.span_s for moment in self.moments) >= limit.most


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known when a password is about to be tried."""

    by_pair: Tally  # this person from this address
    by_address: Tally
    failures_in_a_row: int  # of this person, from anywhere
    last_failure_at: float | None  # of this person; None: never
    is_known_address: bool  # a success of this person from here in the last 30 days
    is_loopback: bool  # directly: it tells no clients apart


class Judgement(NamedTuple):
    """A refused attempt is answered like a wrong password, without looking at the password."""

    is_refused: bool
    wait_s: float  # how long the attempt is to be held


def judge(attempt: Attempt, now: float) -> Judgement:
    """Say whether a password may be tried, and after which wait; a right one does not change the answer."""
    is_spent = attempt.by_pair.is_spent(PAIR_LIMIT, now)
    is_flood = not attempt.is_loopback and attempt.by_address.is_spent(ADDRESS_LIMIT, now)
    is_strange = not attempt.is_known_address
    is_hopeless = is_strange and attempt.failures_in_a_row >= _REFUSED_FROM
    if is_spent or is_flood or is_hopeless:
        return Judgement(is_refused=True, wait_s=0)
    return Judgement(is_refused=False, wait_s=_wait_s(attempt, now) if is_strange else 0)


def delay_s(failures_in_a_row: int) -> int:
    """Return the pause that is due after so many failures: none, then 1 s, growing evenly to 30 s."""
    if failures_in_a_row < _SLOWED_FROM:
        return 0
    steps = min(failures_in_a_row, _REFUSED_FROM - 1) - _SLOWED_FROM
    return 1 + steps * (LONGEST_WAIT_S - 1) // (_REFUSED_FROM - 1 - _SLOWED_FROM)


def address_key(text: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 one.

    A text that is no address (a Unix socket has none) stands for itself.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), _IPV6_HOME_BITS), strict=False))


def _wait_s(attempt: Attempt, now: float) -> float:
    if attempt.last_failure_at is None:
        return 0
    return max(0, attempt.last_failure_at + delay_s(attempt.failures_in_a_row) - now)
