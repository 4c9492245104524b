"""What the address of a list says: filter, order, place."""

from dataclasses import dataclass, replace

from keystead.core.accounts.listing import Shown
from keystead.core.credentials.listing import KEY_COLUMNS
from keystead.http.query import Query
from keystead.usecases.credentials import PageAsked
from keystead.usecases.serviceaccounts import AccountPageAsked
from keystead.usecases.team_members import MemberPageAsked
from keystead.usecases.teams import TeamPageAsked
from keystead.usecases.tokens import TokenPageAsked
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


@dataclass(frozen=True, slots=True)
class AccountSearch:
    """The state of the list of service accounts, which is by login."""

    query: str = ""
    shown: Shown = Shown.ALL
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (
            ("query", self.query),
            ("shown", "" if self.shown is Shown.ALL else self.shown),
            ("after", self.after),
            ("before", self.before),
        )

    @property
    def asked(self) -> AccountPageAsked:
        return AccountPageAsked(self.query, self.shown, self.after, self.before)

    @property
    def has_filter(self) -> bool:
        return bool(self.query) or self.shown is not Shown.ALL

    def at(self, *, after: str = "", before: str = "") -> "AccountSearch":
        return replace(self, after=after, before=before)


@dataclass(frozen=True, slots=True)
class TokenSearch:
    """Which page of an account's tokens is shown."""

    after: str = ""
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (("after", self.after), ("before", self.before))

    @property
    def asked(self) -> TokenPageAsked:
        return TokenPageAsked(self.after, self.before)


@dataclass(frozen=True, slots=True)
class TeamSearch:
    """The state of the list of teams, which is by name."""

    query: str = ""
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (("query", self.query), ("after", self.after), ("before", self.before))

    @property
    def asked(self) -> TeamPageAsked:
        return TeamPageAsked(self.query, self.after, self.before)


@dataclass(frozen=True, slots=True)
class MemberSearch:
    """Which page of a team's members is shown."""

    after: str = ""
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (("after", self.after), ("before", self.before))

    @property
    def asked(self) -> MemberPageAsked:
        return MemberPageAsked(self.after, self.before)


def read_team_search(query: Query) -> TeamSearch:
    after = query.text("after")
    return TeamSearch(query.text("query").strip()[:190], after, "" if after else query.text("before"))


def read_member_search(query: Query) -> MemberSearch:
    return MemberSearch(query.text("after"), "" if query.text("after") else query.text("before"))


def read_account_search(query: Query) -> AccountSearch:
    shown = query.text("shown")
    return AccountSearch(
        query=query.text("query").strip()[:190],
        shown=Shown(shown) if shown in set(Shown) else Shown.ALL,
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )


def read_token_search(query: Query) -> TokenSearch:
    return TokenSearch(query.text("after"), "" if query.text("after") else query.text("before"))
