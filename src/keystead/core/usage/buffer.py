"""Uses waiting to be written: a request only counts, the writing is somebody else's work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias, final

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import LastUse, Outcome, hour_of

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


Batch: TypeAlias = Mapping[CredentialId, Uses]


@final
class UseBuffer:
    """Counts for a bounded number of credentials; what does not fit is dropped, and the drops are counted."""

    def __init__(self, max_credentials: int = MAX_CREDENTIALS) -> None:
        self._max_credentials = max_credentials
        self._uses: dict[CredentialId, Uses] = {}
        self._dropped = 0
        self._lock = Lock()  # requests are served on many threads

    def count_use(self, credential: CredentialId, outcome: Outcome, use: LastUse) -> None:
        """Count a request and move the credential's last use forward."""
        self._add(credential, Uses(use, {(hour_of(use.at), outcome): 1}))

    def count_refusal(self, credential: CredentialId, at: UnixSeconds) -> None:
        """Count a request that was refused and is no use: the credential has expired or was revoked."""
        self._add(credential, Uses(None, {(hour_of(at), Outcome.REFUSED): 1}))

    def take(self, most: int) -> Batch:
        """Remove and return what was counted for so many credentials at most, longest waiting first."""
        with self._lock:
            return {credential: self._uses.pop(credential) for credential in list(self._uses)[:most]}

    def put_back(self, batch: Batch) -> None:
        """Return what could not be written; it joins what was counted meanwhile."""
        for credential, uses in batch.items():
            self._add(credential, uses)

    @property
    def dropped(self) -> int:
        """How many requests were not counted since the start."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._uses)

    def _add(self, credential: CredentialId, uses: Uses) -> None:
        with self._lock:
            known = self._uses.get(credential)
            if known is None and len(self._uses) >= self._max_credentials:
                self._dropped += uses.total
                return
            self._uses[credential] = uses if known is None else known + uses
