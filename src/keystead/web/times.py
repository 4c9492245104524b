"""Moments as a person reads them: in their zone, with the relative words beside."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from keystead.core.clock import UnixSeconds
from keystead.web.wording import plural

_PLACES = frozenset(
    (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
)  # what names of zones begin with, but for old ones and those that are no place
_UNITS_S = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Zone:
    """Where the reader's clock hangs; the browser's zone is known to the module alone."""

    name: str  # "" for the browser's, else what `Intl` and `zoneinfo` call it
    clock: tzinfo = UTC

    @property
    def is_browser(self) -> bool:
        return not self.name


@dataclass(frozen=True, slots=True)
class Moment:
    """What the macro `time` prints."""

    iso: str
    text: str
    relative: str
    is_local: bool  # written as UTC, and rewritten by the module


BROWSER_ZONE = Zone("")


def parse_zone(preference: str) -> Zone:
    """Return the zone of a stored preference; one that this machine does not know is UTC."""
    if preference in {"", "browser"}:
        return BROWSER_ZONE
    if preference.lower() == "utc":
        return Zone("UTC")
    try:
        return Zone(preference, ZoneInfo(preference))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Zone("UTC")


@cache
def zone_names() -> tuple[str, ...]:
    """Return the zones that this machine knows, by name."""
    return tuple(sorted(name for name in available_timezones() if name.partition("/")[0] in _PLACES))


def moment(at: UnixSeconds, now: UnixSeconds, zone: Zone) -> Moment:
    utc = datetime.fromtimestamp(at, UTC)
    local = utc.astimezone(zone.clock)
    return Moment(
        iso=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        text=local.strftime("%Y-%m-%d %H:%M:%S"),
        relative=relative(at, now),
        is_local=zone.is_browser,
    )


def relative(at: UnixSeconds, now: UnixSeconds) -> str:
    """Return `3 minutes ago` or `in 12 hours`, in the largest unit of which there is one, rounded down."""
    distance_s = abs(at - now)
    if distance_s == 0:
        return "now"
    unit, size_s = next((unit, size_s) for unit, size_s in _UNITS_S if distance_s >= size_s)
    words = plural(distance_s // size_s, unit)
    return f"in {words}" if at > now else f"{words} ago"
