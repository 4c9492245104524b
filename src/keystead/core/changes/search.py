"""What is looked for in the log of changes, and the order in which it is told."""

import re
from dataclasses import dataclass
from datetime import datetime

from keystead.core.changes.change import Change, ChangeId
from keystead.core.changes.errors import CursorUnknown, MomentInvalid
from keystead.core.clock import UnixSeconds
from keystead.core.paging import Cursor, Order, get_cursor_or_none

MOST_COUNTED = 100  # new events; with more, it is said that there are more
BY_TIME = Order("time", is_descending=True)
_REFERENCE = re.compile(r"([a-z]+):([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change as it stands in the log."""

    change: Change
    hash: bytes  # 32 of them; follows from the change and from the hash of the one before


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing or person, whatever it was called: `token:7`."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which changes are meant; what is empty or None leaves nothing out."""

    since: UnixSeconds | None = None  # the first second that counts
    until: UnixSeconds | None = None  # the last one
    actor: str = ""  # a reference, or a part of the login in any case
    action: str = ""
    target: str = ""  # a reference, or a part of the name in any case
    result: str = ""
    text: str = ""  # a part of actor, action, target, address or id of the request, in any case

    @property
    def is_everything(self) -> bool:
        return self == Sought()


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of the log, and how many were ever written: the same, unless some were cut off."""

    id: ChangeId
    hash: bytes
    written: int


def get_reference_or_none(text: str) -> Reference | None:
    """Return what `kind:id` names; None: the text is a part of a name."""
    found = _REFERENCE.fullmatch(text)
    return None if found is None else Reference(found[1], found[2])


def parse_moment(text: str) -> UnixSeconds | None:
    """Return the second that an RFC 3339 date names; None for an empty text. Raises MomentInvalid."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise MomentInvalid from None
    if read.tzinfo is None:
        raise MomentInvalid
    return UnixSeconds(int(read.timestamp()))


def place_of_change(recorded: Recorded) -> Cursor:
    """Return its place by time, newest first; changes of the same second by their number."""
    return Cursor(BY_TIME, recorded.change.at, recorded.change.id)


def parse_cursor(text: str) -> Cursor | None:
    """Return the place that a cursor names; None: the beginning. Raises CursorUnknown."""
    if not text:
        return None
    place = get_cursor_or_none(text, BY_TIME, int)
    if place is None:
        raise CursorUnknown
    return place
