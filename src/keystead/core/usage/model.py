"""A use of a credential, and what is kept of it."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.clock import UnixSeconds

HOUR_S = 3600


class Outcome(StrEnum):
    """How a request ended, as its status says."""

    ALLOWED = "allowed"  # 2xx to 4xx, but the two below
    DENIED = "denied"  # 403
    REFUSED = "refused"  # 401


@dataclass(frozen=True, slots=True)
class LastUse:
    at: UnixSeconds
    address: str
    agent: str
    route: str  # method and template, never the path


def hour_of(at: UnixSeconds) -> UnixSeconds:
    """Return the first second of the hour."""
    return UnixSeconds(at - at % HOUR_S)


@dataclass(frozen=True, slots=True)
class HourlyUse:
    """How often a credential was presented in an hour, by outcome."""

    hour: UnixSeconds  # its first second
    allowed: int = 0
    denied: int = 0
    refused: int = 0
