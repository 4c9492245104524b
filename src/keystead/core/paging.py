"""Pages of a long list: ordered by one column and the id, each beginning behind or ending before a row."""

import base64
import json
from dataclasses import dataclass

from keystead.core.path_id import MAX_INT64

PAGE_SIZE = 50
COUNTED_TO = 10_000  # a list with more rows is said to have more than that


@dataclass(frozen=True, slots=True)
class Order:
    by: str  # the column, as addresses name it
    is_descending: bool = False

    def __str__(self) -> str:
        return f"-{self.by}" if self.is_descending else self.by


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in an order; it stays good when the row is gone."""

    order: Order
    value: str | int
    id: int

    def __str__(self) -> str:
        """Return the form that stands in addresses: opaque to everybody else."""
        place = json.dumps([str(self.order), self.value, self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def get_order_or_none(text: str, columns: frozenset[str]) -> Order | None:
    """Return the order that `name` or `-name` asks for; None: there is no such column."""
    by = text.removeprefix("-")
    return Order(by, is_descending=text.startswith("-")) if by in columns else None


def get_cursor_or_none(text: str, order: Order, kind: type[str] | type[int]) -> Cursor | None:
    """Return a place in this order, whose values are of this kind; None for whatever is no such place."""
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(place, list) or [type(part) for part in place] != [str, kind, int]:
        return None
    ordered_by, value, id_ = place
    is_known = ordered_by == str(order) and _is_storable(value) and _is_storable(id_)
    return Cursor(order, value, id_) if is_known else None


def _is_storable(value: str | int) -> bool:
    """Say whether a database takes the value."""
    if isinstance(value, int):
        return abs(value) <= MAX_INT64
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
