"""Watches every statement: one on an organization's table must say which organization."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from sqlalchemy import ClauseElement, Column, Connection, Insert, Table, event, true
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.operators import eq, in_op, is_

from keystead.storage.all_tables import metadata
from tools.house_rules import NO_ORG

OF_ORGS = frozenset(table.name for table in metadata.tables.values() if "org_id" in table.c)
NOT_BY_ORG = {  # functions of storage/ whose statements may look across organizations -> the reason
    **NO_ORG,
    "set_other_active_org": "leads people of this organization to others of theirs",
    "delete_org": "the rows that lie in it go with it",
}


@dataclass(slots=True)
class Watch:
    """What was executed, by the function of storage/ that did it."""

    seen: dict[tuple[str, str], ClauseElement] = field(default_factory=dict)

    def on(self, engine: object) -> None:
        event.listen(engine, "before_execute", self.note)

    def note(
        self, _db: Connection, statement: ClauseElement, _many: object, _one: object, _options: object
    ) -> None:
        if isinstance(statement, ClauseElement) and tables_of(statement):
            self.seen.setdefault((caller_name(sys._getframe()), str(statement)), statement)

    def unbounded(self) -> Iterator[str]:
        for (name, text), statement in self.seen.items():
            if name not in NOT_BY_ORG and not names_its_org(statement):
                yield f"{name}: {text[:160]}"

    def bounded(self) -> list[tuple[str, ClauseElement]]:
        return [
            (name, statement)
            for (name, _), statement in self.seen.items()
            if name not in NOT_BY_ORG and not isinstance(statement, Insert)
        ]


def tables_of(statement: ClauseElement) -> set[str]:
    """Return the organizations' tables that a statement reads or writes."""
    return {
        part.name for part in visitors.iterate(statement) if isinstance(part, Table) and part.name in OF_ORGS
    } | ({statement.table.name} & OF_ORGS if hasattr(statement, "table") else set())


def names_its_org(statement: ClauseElement) -> bool:
    if isinstance(statement, Insert):
        return "org_id" in statement.compile().params
    return any(is_org_condition(part) for part in visitors.iterate(statement))


def is_org_condition(part: object) -> bool:
    """Say whether it compares an organization with a value or with none, and not with another column."""
    return (
        isinstance(part, BinaryExpression)
        and part.operator in (eq, in_op, is_)  # is NULL: of no organization
        and isinstance(part.left, Column)
        and part.left.name in ("org_id", "home_org_id", "place")
        and not isinstance(part.right, Column)
    )


def without_org(statement: ClauseElement) -> ClauseElement:
    """Return the statement as a slip would leave it: for all organizations."""

    def replaced(part: object, **_named: object) -> object:
        return true() if is_org_condition(part) else None

    traverse: Any = visitors.replacement_traverse  # typed for columns alone
    kept: ClauseElement = traverse(statement, {}, replaced)
    return kept


def caller_name(frame: FrameType | None) -> str:
    """Return the function of storage/ that executes: the nearest one outside the engine."""
    while frame is not None:
        place = frame.f_code.co_filename
        if "/keystead/storage/" in place and not place.endswith("/engine.py"):
            return frame.f_code.co_name
        frame = frame.f_back
    return ""
