"""Wrong passwords by address, over all people: in memory, for each process."""

import threading
from typing import final

from keystead.core.clock import UnixSeconds
from keystead.core.sessions.throttle import ADDRESS_LIMIT, Tally

_NONE = Tally()


@final
class AddressFailures:
    """A flood of addresses pushes out those that failed longest ago."""

    def __init__(self, most_addresses: int = 10_000) -> None:
        self._most_addresses = most_addresses
        self._tallies: dict[str, Tally] = {}  # the address that failed last stands at the end
        self._lock = threading.Lock()

    def tally_of(self, address: str) -> Tally:
        return self._tallies.get(address, _NONE)

    def add(self, address: str, now: UnixSeconds) -> None:
        with self._lock:
            tally = self._tallies.pop(address, _NONE)
            if len(self._tallies) >= self._most_addresses:
                del self._tallies[next(iter(self._tallies))]
            self._tallies[address] = tally.with_failure(ADDRESS_LIMIT, now)
