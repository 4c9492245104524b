"""What the address of the page Migration says: step, search text, place."""

from dataclasses import dataclass, replace
from enum import StrEnum

from keystead.http.query import Query
from keystead.web.links import Pairs

_MAX_TEXT = 190  # characters


class Step(StrEnum):
    PREVIEW = "preview"
    MIGRATE = "migrate"
    VERIFY = "verify"
    HIDE = "hide"  # no list of its own: it is the last button


@dataclass(frozen=True, slots=True)
class MigrationSearch:
    """The state of the page; without a step it shows what there is to do."""

    step: Step | None = None
    query: str = ""
    is_failed_only: bool = False
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (
            ("step", self.step or ""),
            ("query", self.query),
            ("failed", "1" if self.is_failed_only else ""),
            ("after", self.after),
            ("before", self.before),
        )

    def at(self, *, after: str = "", before: str = "") -> "MigrationSearch":
        return replace(self, after=after, before=before)


def read_migration_search(query: Query) -> MigrationSearch:
    step = query.text("step")
    return MigrationSearch(
        step=Step(step) if step in set(Step) else None,
        query=query.text("query").strip()[:_MAX_TEXT],
        is_failed_only=query.flag("failed"),
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )
