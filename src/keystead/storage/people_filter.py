"""Which people a list shows, as conditions on their rows."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.text import search_part
from keystead.storage.among import is_among
from keystead.storage.schema import account

_c = account.c


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What they have in common."""

    query: str = ""  # part of login, e-mail or name, in any case; empty: all
    only: frozenset[AccountId] | None = None  # None: whoever
    seen_after: UnixSeconds | None = None  # None: whenever, or never

    def conditions(self) -> list[ColumnElement[bool]]:
        conditions = [_c.kind == "user"]
        if self.query:
            conditions.append(_c.search_key.contains(search_part(self.query), autoescape=True))
        if self.only is not None:
            conditions.append(is_among(_c.id, self.only))
        if self.seen_after is not None:
            conditions.append(_c.last_seen_at > self.seen_after)
        return conditions


EVERYBODY = PeopleFilter()
