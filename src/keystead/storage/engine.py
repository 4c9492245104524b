"""Engines and transactions: the only place that begins, commits and rolls back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.storage import postgresql, sqlite
from keystead.storage.epoch import EpochCounter, counter_in_memory

EPOCH = "access_epoch"  # under this name a transaction leaves the epoch that it raised


@dataclass(frozen=True, slots=True)
class Database:
    """Where transactions come from. `epoch` is None where other hosts write too: nothing is cached there."""

    reader: Engine
    writer: Engine
    epoch: EpochCounter | None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that changes nothing. Raises DatabaseUnavailable."""
        with told_as_unavailable(), self.reader.connect() as db, db.begin():
            yield db

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Commit when the block ends well, else roll back. Raises DatabaseUnavailable."""
        with told_as_unavailable(), self.writer.connect() as db:
            db.info.pop(EPOCH, None)
            with db.begin():
                yield db
            raised = db.info.pop(EPOCH, None)
            if raised is not None and self.epoch is not None:
                self.epoch.publish(raised)

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


@contextmanager
def told_as_unavailable() -> Iterator[None]:
    """Raises DatabaseUnavailable for a database that is away, locked or full; the cause is for the log."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable(type(error).__name__) from None
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(cause_of(error)) from None


def cause_of(error: DBAPIError) -> str:
    """Name the driver's error without the statement and its values."""
    return type(error.orig).__name__ if error.orig is not None else type(error).__name__


def open_sqlite(path: Path, epoch: EpochCounter) -> Database:
    reader, writer = sqlite.engines(path)
    return Database(reader, writer, epoch)


def open_postgresql(url: Secret) -> Database:
    engine = postgresql.engine_of(url)
    return Database(engine, engine, None)


def in_memory(engine: Engine) -> Database:
    """Wrap an engine whose database has no file."""
    return Database(engine, engine, counter_in_memory())
