"""Faults in how changes reach the disk."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from keystead.storage import credentials as credential_rows
from keystead.storage import sqlite
from keystead.storage.engine import EPOCH, Database
from keystead.usecases import changes


def ack_before_commit(set_: Callable[[object, str, object], None]) -> None:
    """Answer first and commit a moment later, on another thread."""

    honest = Database.write

    @contextmanager
    def write(database: Database) -> Iterator[Connection]:
        if threading.current_thread() is threading.main_thread():  # the start, which nobody is told of
            with honest(database) as started:
                yield started
            return
        db = database.writer.connect()
        transaction = db.begin()
        try:
            yield db
        except BaseException:
            transaction.rollback()
            db.close()
            raise

        def commit() -> None:
            time.sleep(0.03)
            transaction.commit()
            raised = db.info.pop(EPOCH, None)
            if raised is not None and database.epoch is not None:
                database.epoch.publish(raised)
            db.close()

        threading.Thread(target=commit).start()

    set_(Database, "write", write)


def two_transactions(set_: Callable[[object, str, object], None]) -> None:
    """Commit the change, then write the log's row in a transaction of its own."""
    honest = changes.record

    def record(db: Connection, *given: object, **named: object) -> None:
        raw = db.connection.driver_connection
        assert raw is not None
        raw.execute("COMMIT")
        time.sleep(0.01)
        raw.execute("BEGIN IMMEDIATE")
        honest(db, *given, **named)  # type: ignore[arg-type] # handed on as they came

    set_(changes, "record", record)


def sync_normal(set_: Callable[[object, str, object], None]) -> None:
    set_(sqlite, "_PRAGMAS", {**sqlite._PRAGMAS, "synchronous": ("NORMAL", frozenset({1}))})


def sync_off(set_: Callable[[object, str, object], None]) -> None:
    set_(sqlite, "_PRAGMAS", {**sqlite._PRAGMAS, "synchronous": ("OFF", frozenset({0}))})


def name_check_then_insert(set_: Callable[[object, str, object], None]) -> None:
    """Believe what the first look at a name said, for a second; the loser of the race runs into the index."""
    honest = credential_rows.is_name_taken
    seen: dict[str, tuple[float, bool]] = {}

    def is_name_taken(db: Connection, org: object, name: str) -> bool:
        at, told = seen.get(name, (0.0, False))
        if time.monotonic() - at > 1:
            told = honest(db, org, name)  # type: ignore[arg-type] # handed on as it came
            seen[name] = (time.monotonic(), told)
        return told

    class NotCaught(Exception): ...

    set_(credential_rows, "is_name_taken", is_name_taken)
    set_(credential_rows, "IntegrityError", NotCaught)
