"""One page of a list, whatever numbers were asked for."""

from dataclasses import dataclass
from typing import Generic, TypeVar

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


ALL = Page(0, _MOST)


@dataclass(frozen=True, slots=True)
class Listed(Generic[Shown]):
    """What a page shows, and how many there are on all pages."""

    rows: list[Shown]
    total: int
