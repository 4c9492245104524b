"""What the address of the page Health says: which credentials, and why they are looked at."""

from dataclasses import dataclass, replace

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import MOST_UNUSED_DAYS, UNUSED_DAYS, Measure, Reason
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
