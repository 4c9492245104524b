"""What the address of a usage view says: how far back, and how the requests ended."""

from dataclasses import dataclass, replace

from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import Outcome
from keystead.core.usage.span import Span, Step, last_days, last_hours
from keystead.http.query import Query
from keystead.web.links import Pairs

RANGES: dict[str, tuple[Step, int]] = {
    "24h": (Step.HOUR, 24),
    "7d": (Step.HOUR, 7 * 24),
    "30d": (Step.DAY, 30),
    "90d": (Step.DAY, 90),
}
USUAL = "7d"


@dataclass(frozen=True, slots=True)
class UseSearch:
    """Whatever makes no sense is the last seven days, however they ended."""

    within: str = USUAL
    outcome: Outcome | None = None  # None: all
    after: str = ""  # cursors of a list beside the counts
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        within = "" if self.within == USUAL else self.within
        return (
            ("range", within),
            ("outcome", self.outcome or ""),
            ("after", self.after),
            ("before", self.before),
        )

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(Outcome) if self.outcome is None else (self.outcome,)

    def span(self, now: UnixSeconds) -> Span:
        step, count = RANGES[self.within]
        return last_hours(count, now) if step is Step.HOUR else last_days(count, now)

    def at(self, *, after: str = "", before: str = "") -> "UseSearch":
        return replace(self, after=after, before=before)


def read_use_search(query: Query) -> UseSearch:
    within, outcome = query.text("range"), query.text("outcome")
    return UseSearch(
        within=within if within in RANGES else USUAL,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )
