"""What SQLite needs and PostgreSQL does not: pragmas, read back, and a write lock taken at once."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

from keystead.core.installation.database_errors import DatabaseUnsafe

_PRAGMAS: dict[str, tuple[str, frozenset[object]]] = {  # name: what is asked for, what may be answered
    "journal_mode": ("WAL", frozenset({"wal", "memory"})),  # memory: a database that has no file
    "synchronous": ("FULL", frozenset({2})),
    "foreign_keys": ("ON", frozenset({1})),
    "busy_timeout": ("5000", frozenset({5000})),
    "secure_delete": ("ON", frozenset({1})),
    "trusted_schema": ("OFF", frozenset({0})),
    "cell_size_check": ("ON", frozenset({1})),
    "journal_size_limit": (str(64 * 1024 * 1024), frozenset({64 * 1024 * 1024})),
}
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 2_000_000,  # as many ids as an account may be given: storage.among
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
FULL = frozenset({"SQLITE_FULL"})  # the transaction is already rolled back


def engines(path: Path) -> tuple[Engine, Engine]:
    """Return an engine that reads, with a few connections, and one that writes, with a single one."""
    url = f"sqlite:///{path}"
    reader = create_engine(
        url, poolclass=QueuePool, pool_size=8, max_overflow=32, pool_timeout=5, hide_parameters=True
    )
    writer = create_engine(
        url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=5, hide_parameters=True
    )
    prepare(reader, begin_with="BEGIN")
    prepare(writer, begin_with="BEGIN IMMEDIATE")
    return reader, writer


def prepare(engine: Engine, *, begin_with: str) -> None:
    """Make every connection durable and strict, and begin its transactions with this statement."""

    def begin(db: Connection) -> None:
        db.exec_driver_sql(begin_with)

    def connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        set_pragmas(raw)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)


def set_pragmas(raw: sqlite3.Connection) -> None:
    """Raises DatabaseUnsafe when SQLite does not do as asked."""
    for limit, value in _LIMITS.items():
        raw.setlimit(limit, value)
    for name, (wanted, accepted) in _PRAGMAS.items():
        raw.execute(f"PRAGMA {name}={wanted}")
        (told,) = raw.execute(f"PRAGMA {name}").fetchone()
        if told not in accepted:
            raise DatabaseUnsafe(f"PRAGMA {name} answers {told}")


def connector_for_look_ups(path: Path) -> Callable[[], sqlite3.Connection]:
    """Return a way to open the verify path's own connection: it only reads, on the event loop's thread."""

    def connect() -> sqlite3.Connection:
        address = f"{path.absolute().as_uri()}?mode=rw"  # a database that is gone is not made anew
        raw = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        set_pragmas(raw)
        raw.execute("PRAGMA query_only=ON")
        raw.execute("PRAGMA busy_timeout=100")  # a reader waits for no writer; only a recovery can hold it up
        return raw

    return connect
