"""Calls of the API of API keys, by caller and route: a request only counts, the writing is done later."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, TypeAlias, final

from keystead.core.access.principal import PrincipalKind
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId

OLD_API = "/api/auth/keys"
MAX_WAITING = 10_000
KEEP_DAYS = 30


class Caller(NamedTuple):
    """Who calls which route in which organization."""

    org: OrgId
    kind: PrincipalKind
    id: int  # of the person or service account; of an API key its own
    method: str
    route: str  # the template, never the path


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a caller called, and where from the last time."""

    name: str  # the login, or the name of an API key, as it was the last time
    count: int
    last_at: UnixSeconds
    last_from: str  # an address
    last_agent: str

    def __add__(self, other: "Calls") -> "Calls":
        """Return both: counts add up, and the last call only moves forward."""
        newest = max(other, self, key=lambda calls: calls.last_at)
        return Calls(
            newest.name, self.count + other.count, newest.last_at, newest.last_from, newest.last_agent
        )


CallerDay: TypeAlias = tuple[Caller, UnixSeconds]  # with the first second of the day
CallBatch: TypeAlias = Mapping[CallerDay, Calls]


@final
class CallBuffer:
    """Counts for a bounded number of callers and days; what does not fit is dropped."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._waiting: dict[CallerDay, Calls] = {}
        self._lock = Lock()  # requests are served on many threads

    def add(self, batch: CallBatch) -> None:
        """Add calls to those that wait: new ones, or what could not be written."""
        with self._lock:
            for place, calls in batch.items():
                known = self._waiting.get(place)
                if known is not None:
                    self._waiting[place] = known + calls
                elif len(self._waiting) < self._max_waiting:
                    self._waiting[place] = calls

    def take(self, most: int) -> CallBatch:
        """Remove and return so many at most, longest waiting first."""
        with self._lock:
            return {place: self._waiting.pop(place) for place in list(self._waiting)[:most]}


def is_old_api(route: str) -> bool:
    """Say whether a route, as a template, belongs to the API of API keys."""
    return route == OLD_API or route.startswith(f"{OLD_API}/")
