"""Faults in the log of changes and in the look at its chain."""

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Connection

from keystead.core.changes.chain import Link, follows
from keystead.usecases import chain, changes

Set: TypeAlias = Callable[[object, str, object], None]


def log_outside_tx(set_: Set) -> None:
    """Commit the change, then begin anew for its row in the log."""
    honest = changes.record

    def record(db: Connection, *given: object, **named: object) -> None:
        raw = db.connection.driver_connection
        assert raw is not None
        raw.execute("COMMIT")
        raw.execute("BEGIN IMMEDIATE")
        honest(db, *given, **named)  # type: ignore[arg-type] # handed on as they came

    set_(changes, "record", record)


def chain_skips_row(set_: Set) -> None:
    """Believe every second row."""

    def lenient(link: Link, previous: bytes) -> bool:
        return link.id % 2 == 0 or follows(link, previous)

    set_(chain, "follows", lenient)
