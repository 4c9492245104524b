"""What the address of the log says: filters, whether it is watched, place."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo

from keystead.core.changes.change import ChangeId
from keystead.core.changes.search import Sought, parse_moment
from keystead.core.clock import UnixSeconds
from keystead.http.query import Query
from keystead.http.render import rfc3339
from keystead.web.dates import get_day_or_none
from keystead.web.links import Pairs

_FIRST_SECOND, _LAST_SECOND = time(0, 0, 0), time(23, 59, 59)
_MAX_TEXT = 190  # characters


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """The state of the list; what makes no sense leaves nothing out."""

    query: str = ""
    since: str = ""  # a day, as `<input type=date>` spells it
    until: str = ""  # the last day that counts
    actor: str = ""
    action: str = ""
    target: str = ""
    result: str = ""
    is_live: bool = False
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def filters(self) -> Pairs:
        return (
            ("query", self.query),
            ("from", self.since),
            ("to", self.until),
            ("actor", self.actor),
            ("action", self.action),
            ("target", self.target),
            ("result", self.result),
        )

    @property
    def pairs(self) -> Pairs:
        live = ("live", "on" if self.is_live else "")
        return (*self.filters, live, ("after", self.after), ("before", self.before))

    @property
    def has_filter(self) -> bool:
        return any(value for _, value in self.filters)

    def sought(self, clock: tzinfo) -> Sought:
        """Return what is meant; a day is one of the reader's clock."""
        return Sought(
            since=_moment(self.since, _FIRST_SECOND, clock),
            until=_moment(self.until, _LAST_SECOND, clock),
            actor=self.actor,
            action=self.action,
            target=self.target,
            result=self.result,
            text=self.query,
        )

    def exact(self, clock: tzinfo) -> Pairs:
        """Return the same filters with moments for days, as downloads and the HTTP API take them."""
        sought = self.sought(clock)
        moments = {
            "from": "" if sought.since is None else rfc3339(sought.since),
            "to": "" if sought.until is None else rfc3339(sought.until),
        }
        return tuple((name, moments.get(name, value)) for name, value in self.filters)

    def at(self, *, after: str = "", before: str = "") -> "AuditSearch":
        return replace(self, after=after, before=before)


def read_audit_search(query: Query) -> AuditSearch:
    def text(name: str) -> str:
        return query.text(name).strip()[:_MAX_TEXT]

    return AuditSearch(
        query=text("query"),
        since=_day(text("from")),
        until=_day(text("to")),
        actor=text("actor"),
        action=text("action"),
        target=text("target"),
        result=text("result"),
        is_live=query.text("live") == "on" or query.flag("live"),
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )


def read_sought(query: Query) -> Sought:
    """Return what a download asks for. Raises MomentInvalid."""
    search = replace(read_audit_search(query), since="", until="")
    since, until = (parse_moment(query.text(name)) for name in ("from", "to"))
    return replace(search.sought(UTC), since=since, until=until)


def read_newest(query: Query) -> ChangeId:
    """Return the number of the change that was the newest when the page was made."""
    return ChangeId(min(max(query.number("newest"), 0), 2**31 - 1))


def _day(typed: str) -> str:
    return "" if get_day_or_none(typed) is None else typed


def _moment(typed: str, second: time, clock: tzinfo) -> UnixSeconds | None:
    day: date | None = get_day_or_none(typed)
    return None if day is None else UnixSeconds(int(datetime.combine(day, second, clock).timestamp()))
