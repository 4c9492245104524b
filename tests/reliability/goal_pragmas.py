"""G3, the part that a running kernel can show: every connection of the server was told to be durable, and
says so.
"""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from keystead.bootstrap.first_start import prepare_installation
from keystead.bootstrap.parts import open_storage
from keystead.core.installation.database_errors import DatabaseUnsafe
from keystead.settings import Settings, read_settings
from keystead.storage import sqlite
from keystead.storage.verify import SqliteLookUp
from tests.coroutines import awaited
from tests.reliability.figures import Goal
from tests.reliability.servers import ADMIN_PASSWORD

DURABLE = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "journal_size_limit": 64 * 1024 * 1024,
}


def settings_in(folder: Path) -> Settings:
    environ = {"KEYSTEAD_SECURITY__ADMIN_PASSWORD": ADMIN_PASSWORD, "KEYSTEAD_SERVER__DATA_DIR": str(folder)}
    return read_settings(environ, file=None, flags={}, command="serve")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Keep every connection that this process opens."""
    kept: list[sqlite3.Connection] = []
    honest: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(*given: object, **named: object) -> sqlite3.Connection:
        kept.append(honest(*given, **named))
        return kept[-1]

    monkeypatch.setattr(sqlite3, "connect", connect)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", connect)
    return kept


@pytest.mark.goal("G3")
@pytest.mark.usefixtures("planted")
@pytest.mark.catches("sync_normal", "sync_off")
def test_every_connection_is_durable(goal: Goal, opened: list[sqlite3.Connection], tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data")
    prepare_installation(settings)
    of_start = [raw for raw in opened if is_open(raw)]
    storage = open_storage(settings)
    assert isinstance(storage.look_up, SqliteLookUp)
    with ExitStack() as held:
        for _ in range(10):
            held.enter_context(storage.database.read())
        held.enter_context(storage.database.write())
        assert awaited(storage.look_up.find(bytes(32))) is None
        alive = [raw for raw in opened if is_open(raw)]
        wrong = [found for raw in alive for found in wrong_pragmas(raw)]
    awaited(storage.look_up.close())
    storage.database.close()
    goal.tell("pragmas", connections=len(alive), pragmas=len(DURABLE), wrong=len(wrong))
    goal.hold(not of_start, "a connection of the start was left open")
    goal.hold(len(alive) == 12, f"{len(alive)} connections, where ten read, one writes and one looks up")
    goal.hold(not wrong, sorted(set(wrong)))


@pytest.mark.goal("G3")
def test_a_connection_that_does_not_obey_stops_the_start(goal: Goal) -> None:
    class Deaf(sqlite3.Connection):
        def execute(self, statement: str, *given: object) -> sqlite3.Cursor:
            assert not given
            return super().execute("SELECT 1" if "synchronous" in statement else statement)

    deaf = sqlite3.connect(":memory:", factory=Deaf)
    try:
        sqlite.set_pragmas(deaf)
    except DatabaseUnsafe:
        return
    finally:
        deaf.close()
    goal.hold(is_held=False, broken="a pragma that was not obeyed was not noticed")


def wrong_pragmas(raw: sqlite3.Connection) -> list[str]:
    found = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in DURABLE}
    return [f"{name}={found[name]}" for name, wanted in DURABLE.items() if found[name] != wanted]


def is_open(raw: sqlite3.Connection) -> bool:
    try:
        raw.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True
