"""How many keys and tokens an address may get wrong before it is told to wait; in memory of each process."""

from ipaddress import ip_address

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import CredentialBudgetSpent
from keystead.core.sessions.throttle import CREDENTIAL_LIMIT, Limit, Tally, address_key

_NONE = Tally()


class GuessBudget:
    """Failures by address. A good credential is never asked about here, so nobody can be locked out."""

    def __init__(self, limit: Limit = CREDENTIAL_LIMIT, most_addresses: int = 10_000) -> None:
        self._limit = limit
        self._most_addresses = most_addresses
        self._tallies: dict[str, Tally] = {}  # the address that failed last stands at the end

    def spend(self, address: str, now: UnixSeconds) -> None:
        """Note a failure. Raises CredentialBudgetSpent when the address had as many as it may have."""
        if tells_no_clients_apart(address):
            return
        key = address_key(address)
        tally = self._tallies.pop(key, _NONE)
        is_spent = tally.is_spent(self._limit, now)
        if not is_spent and len(self._tallies) >= self._most_addresses:
            del self._tallies[next(iter(self._tallies))]
        self._tallies[key] = tally if is_spent else tally.with_failure(self._limit, now)
        if is_spent:
            raise CredentialBudgetSpent


def tells_no_clients_apart(address: str) -> bool:
    """Say whether everybody on this machine, or behind a proxy on it, has this address."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False
