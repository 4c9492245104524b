"""What the address of a list says: filter, order, place."""

from dataclasses import dataclass, replace

from keystead.core.credentials.listing import KEY_COLUMNS
from keystead.http.query import Query
from keystead.usecases.credentials import PageAsked
from keystead.web.links import Pairs


@dataclass(frozen=True, slots=True)
class KeySearch:
    """The state of the list of API keys; an unknown column is the default order, by name."""

    query: str = ""
    includes_expired: bool = False
    column: str = "name"
    is_descending: bool = False
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def sort(self) -> str:
        """Return the order as the address spells it; "" for the default."""
        if self.column == "name" and not self.is_descending:
            return ""
        return f"-{self.column}" if self.is_descending else self.column

    @property
    def pairs(self) -> Pairs:
        return (
            ("query", self.query),
            ("includeExpired", "on" if self.includes_expired else ""),
            ("sort", self.sort),
            ("after", self.after),
            ("before", self.before),
        )

    @property
    def asked(self) -> PageAsked:
        return PageAsked(self.query, self.sort, self.after, self.before, self.includes_expired)

    def at(self, *, after: str = "", before: str = "") -> "KeySearch":
        return replace(self, after=after, before=before)

    def by(self, column: str) -> "KeySearch":
        """Return the same list, ordered by a column; a second time, the other way round."""
        turned = column == self.column and not self.is_descending
        return replace(self, column=column, is_descending=turned, after="", before="")


def read_key_search(query: Query) -> KeySearch:
    sort = query.text("sort")
    column = sort.removeprefix("-")
    is_known = column in KEY_COLUMNS
    return KeySearch(
        query=query.text("query").strip()[:190],
        includes_expired=query.text("includeExpired") == "on" or query.flag("includeExpired"),
        column=column if is_known else "name",
        is_descending=is_known and sort.startswith("-"),
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )
