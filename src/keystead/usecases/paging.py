"""One page of a list, whatever numbers or places were asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from keystead.core.paging import PAGE_SIZE, Cursor

Shown = TypeVar("Shown")
_MOST = 2**31 - 1  # rows; no database counts an offset beyond int64


@dataclass(frozen=True, slots=True)
class Page:
    index: int  # from 0; below that is the first
    size: int

    @property
    def offset(self) -> int:
        return min(max(0, self.index) * self.limit, _MOST * _MOST)

    @property
    def limit(self) -> int:
        return max(0, min(self.size, _MOST))

    def known_total(self, shown: int) -> int | None:
        """Return how many rows all pages have, where this one is the last; None: it does not tell."""
        is_last = shown < self.limit and (shown > 0 or self.offset == 0)
        return self.offset + shown if is_last else None


ALL = Page(0, _MOST)


@dataclass(frozen=True, slots=True)
class Listed(Generic[Shown]):
    """What a page shows, and how many there are on all pages."""

    rows: list[Shown]
    total: int


@dataclass(frozen=True, slots=True)
class Cut(Generic[Shown]):
    """A page that begins behind a row or ends before one."""

    rows: tuple[Shown, ...]
    before: str  # cursor of the page before; "": this is the first
    after: str  # cursor of the page behind; "": this is the last


def cut_page(
    after: Cursor | None,
    before: Cursor | None,
    *,
    list_from: Callable[[Cursor | None, bool, int], list[Shown]],
    place_of: Callable[[Shown], Cursor],
) -> Cut[Shown]:
    """Return the page behind a place, or before one, or the first; `after` wins.

    `list_from(place, is_backward, limit)` gives the rows nearest to the place, the nearest first. A page that
    would be empty because all that stood there are gone is the first one.
    """
    place, is_backward = after or before, after is None and before is not None
    found = list_from(place, is_backward, PAGE_SIZE + 1)
    if place is not None and not found:
        return cut_page(None, None, list_from=list_from, place_of=place_of)
    is_more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE][::-1] if is_backward else found[:PAGE_SIZE]
    ends = [str(place_of(row)) for row in (*shown[:1], *shown[-1:])]
    has_before, has_after = (is_more, True) if is_backward else (after is not None, is_more)
    return Cut(tuple(shown), ends[0] if has_before else "", ends[1] if has_after else "")
