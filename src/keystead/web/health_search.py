"""What the addresses of the page Health say: which credentials, why, and how far their end is."""

from dataclasses import dataclass, replace

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import MOST_UNUSED_DAYS, UNUSED_DAYS, Measure, Reason
from keystead.core.paging import COUNTED_TO
from keystead.http.query import Query
from keystead.usecases.report import ReportAsked
from keystead.web.links import Pairs

KEYS, TOKENS = "apikeys", "tokens"


@dataclass(frozen=True, slots=True)
class HealthSearch:
    """Whatever makes no sense is what expires within a week, of both kinds."""

    reason: Reason = Reason.EXPIRING
    kinds: frozenset[str] = frozenset({KEYS, TOKENS})
    unused_days: int = UNUSED_DAYS
    query: str = ""
    owner: str = ""
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (
            ("reason", "" if self.reason is Reason.EXPIRING else self.reason.value),
            *self.filters,
            ("after", self.after),
            ("before", self.before),
        )

    @property
    def filters(self) -> Pairs:
        """Return what stays when another reason is chosen."""
        is_both = len(self.kinds) > 1
        return (
            *(() if is_both else (("kind", kind) for kind in self.kinds)),
            ("unusedDays", "" if self.unused_days == UNUSED_DAYS else str(self.unused_days)),
            ("query", self.query),
            ("owner", self.owner),
        )

    @property
    def has_filter(self) -> bool:
        return bool(self.query or self.owner or len(self.kinds) == 1)

    def asked(self, now: UnixSeconds) -> ReportAsked:
        return ReportAsked(
            Measure(now, self.unused_days),
            self.reason,
            shows_keys=KEYS in self.kinds,
            shows_tokens=TOKENS in self.kinds,
            query=self.query,
            owner=self.owner,
            after=self.after,
            before=self.before,
        )

    def at(self, *, after: str = "", before: str = "") -> "HealthSearch":
        return replace(self, after=after, before=before)


def read_health_search(query: Query) -> HealthSearch:
    reason, days = query.text("reason"), query.number("unusedDays")
    kinds = frozenset(query.texts("kind")) & {KEYS, TOKENS}
    return HealthSearch(
        reason=Reason(reason) if reason in set(Reason) else Reason.EXPIRING,
        kinds=kinds or frozenset({KEYS, TOKENS}),
        unused_days=min(days, MOST_UNUSED_DAYS) if days > 0 else UNUSED_DAYS,
        query=query.text("query").strip()[:190],
        owner=query.text("owner").strip()[:190],
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """How far it is; it stands in the address of the next step."""

    total: int  # of the list at its beginning; above `COUNTED_TO` means: more
    ended: int = 0
    left: int = 0  # may not be changed, cannot be revoked, or were gone
    after: str = ""  # the cursor of the last one that was looked at; "": none yet

    @property
    def number(self) -> int:
        """What is to be typed."""
        return min(self.total, COUNTED_TO)

    @property
    def pairs(self) -> Pairs:
        told = (("total", self.total), ("ended", self.ended), ("left", self.left), ("after", self.after))
        return tuple((name, str(value)) for name, value in told)

    def is_confirmed(self, typed: str) -> bool:
        return bool(self.after) or typed == str(self.number)

    def next(self, ended: int, left: int, after: str) -> "Steps":
        return replace(self, ended=self.ended + ended, left=self.left + left, after=after)


def read_steps(query: Query) -> Steps:
    total, ended, left = (max(0, query.number(name)) for name in ("total", "ended", "left"))
    return Steps(total, ended, left, query.text("after"))
