"""Faults that answer from old knowledge, or let what is old go too soon."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, event

from keystead.storage import sqlite
from keystead.storage.epoch import EpochCounter
from keystead.storage.verify import PostgresqlLookUp, Presented, SqliteLookUp
from keystead.usecases import rotation


def cache5s(set_: Callable[[object, str, object], None]) -> None:
    """Believe for five seconds what was read once, as Grafana 9.3 does."""
    for kind in (SqliteLookUp, PostgresqlLookUp):
        set_(kind, "find", _cached(kind.find))


def _cached(honest: Callable[..., object]) -> object:
    seen: dict[bytes, tuple[float, Presented | None]] = {}

    async def find(look_up: object, digest: bytes) -> Presented | None:
        at, told = seen.get(digest, (0.0, None))
        if told is None or time.monotonic() - at > 5:
            told = await honest(look_up, digest)  # type: ignore[misc] # the method of either class
            seen[digest] = (time.monotonic(), told)
        return told

    return find


def no_grace(set_: Callable[[object, str, object], None]) -> None:
    """End a token as soon as it has a successor."""
    set_(rotation, "grace_end", lambda _token, _grace_s, now: now)


def stale_data_version(set_: Callable[[object, str, object], None]) -> None:
    """Ask SQLite's data_version on the connection that writes: it never tells of that connection's own
    changes.
    """
    writers: list[sqlite3.Connection] = []
    honest = sqlite.engines

    def engines(path: Path) -> tuple[Engine, Engine]:
        reader, writer = honest(path)
        event.listen(writer, "connect", lambda raw, _record: writers.append(raw))
        return reader, writer

    def read(_counter: object) -> int:
        return int(writers[-1].execute("PRAGMA data_version").fetchone()[0]) if writers else 0

    set_(sqlite, "engines", engines)
    set_(EpochCounter, "read", read)
