"""Uses waiting to be written: a request only counts, the writing is somebody else's work."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias, final

from keystead.core.access.principal import Origin
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import HourlyUse, LastUse, Outcome, hour_of

MAX_CREDENTIALS = 10_000
Hours: TypeAlias = Mapping[tuple[UnixSeconds, Outcome], int]  # first second of the hour, outcome: how often


@dataclass(frozen=True, slots=True)
class Uses:
    """What one credential did since it was last written."""

    last: LastUse | None = None  # None: nothing that counts as use
    hours: Hours = field(default_factory=dict)

    def __add__(self, other: "Uses") -> "Uses":
        """Return both: counts add up, and the last use only moves forward."""
        moved = max((use for use in (self.last, other.last) if use), key=lambda use: use.at, default=None)
        hours = dict(self.hours)
        for hour, count in other.hours.items():
            hours[hour] = hours.get(hour, 0) + count
        return Uses(moved, hours)

    @property
    def total(self) -> int:
        return sum(self.hours.values())

    def by_hour(self) -> list[HourlyUse]:
        """Return the counts as they are kept, oldest first."""
        return [
            HourlyUse(hour, *(self.hours.get((hour, outcome), 0) for outcome in Outcome))
            for hour in sorted({hour for hour, _outcome in self.hours})
        ]


NO_USES = Uses()
Batch: TypeAlias = Mapping[CredentialId, Uses]


@final
class _Counted:
    """What is being counted for one credential: changed in place, since every request does so."""

    __slots__ = ("hours", "last")

    def __init__(self, uses: Uses = NO_USES) -> None:
        self.last = uses.last
        self.hours = defaultdict(int, uses.hours)


@final
class UseBuffer:
    """Counts for a bounded number of credentials; what does not fit is dropped, and the drops are counted."""

    def __init__(self, max_credentials: int = MAX_CREDENTIALS) -> None:
        self._max_credentials = max_credentials
        self._counted: dict[CredentialId, _Counted] = {}
        self._dropped = 0
        self._lock = Lock()  # requests are served on many threads

    def count_use(self, credential: CredentialId, outcome: Outcome, at: UnixSeconds, origin: Origin) -> None:
        """Count a request and move the credential's last use forward."""
        with self._lock:
            counted = self._counted.get(credential) or self._new(credential)
            if counted is None:
                return
            counted.hours[hour_of(at), outcome] += 1
            if counted.last is None or at > counted.last.at:
                counted.last = LastUse(at, origin.address, origin.agent, origin.route)

    def count_refusal(self, credential: CredentialId, at: UnixSeconds) -> None:
        """Count a request that was refused and is no use: the credential has expired or was revoked."""
        with self._lock:
            counted = self._counted.get(credential) or self._new(credential)
            if counted is not None:
                counted.hours[hour_of(at), Outcome.REFUSED] += 1

    def take(self, most: int) -> Batch:
        """Remove and return what was counted for so many credentials at most, longest waiting first."""
        with self._lock:
            taken = {credential: self._counted.pop(credential) for credential in list(self._counted)[:most]}
        return {credential: Uses(counted.last, counted.hours) for credential, counted in taken.items()}

    def put_back(self, batch: Batch) -> None:
        """Return what could not be written; it joins what was counted meanwhile."""
        with self._lock:
            for credential, uses in batch.items():
                known = self._counted.get(credential)
                if known is None and len(self._counted) >= self._max_credentials:
                    self._dropped += uses.total
                else:
                    waiting = NO_USES if known is None else Uses(known.last, known.hours)
                    self._counted[credential] = _Counted(waiting + uses)

    @property
    def dropped(self) -> int:
        """How many requests were not counted since the start."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._counted)

    def _new(self, credential: CredentialId) -> _Counted | None:
        """Begin to count for a credential; None, and the request is dropped: there is no room for it."""
        if len(self._counted) >= self._max_credentials:
            self._dropped += 1
            return None
        counted = self._counted[credential] = _Counted()
        return counted
