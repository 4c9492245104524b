"""G12: recording the last use holds up and fails no request, never goes backwards, and lags as promised."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.reliability.client import Client, NotSent, Unanswered, bearer, cookie
from tests.reliability.conftest import NewDatabase, NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import LIFETIME_S
from tests.reliability.servers import Server, admin_session

MOST_LAG_S = 11
PATH = "/api/access-control/status"


def new_key(port: int, name: str = "used") -> str:
    admin = Client(port, cookie(admin_session(port)))
    body = {"name": name, "role": "Viewer", "secondsToLive": LIFETIME_S}
    secret: str = admin.ask("POST", "/api/auth/keys", body).json["key"]
    admin.close()
    return secret


class Uses:
    """One caller who uses a key without pause, and notes what came of it."""

    def __init__(self, port: int, secret: str) -> None:
        self.client = Client(port, bearer(secret))
        self.failed: list[int] = []
        self.count = 0
        self.last_good = 0.0
        self.slowest_s = 0.0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.use, daemon=True)
        self.thread.start()

    def use(self) -> None:
        while not self.stop.is_set():
            started = time.monotonic()
            try:
                status = self.client.ask("GET", PATH).status
            except (Unanswered, NotSent):
                return
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)
            self.count += 1
            if status == 200:
                self.last_good = time.time()
            else:
                self.failed.append(status)
            time.sleep(0.005)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(10)
        self.client.close()


def last_use(database: Path) -> int | None:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        (at,) = db.execute("SELECT last_used_at FROM credential WHERE name = 'used'").fetchone()
    db.close()
    return None if at is None else int(at)


@contextmanager
def locked_for_writing(database: Path) -> Iterator[None]:
    """Let nobody else write, as a long schema change would."""
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
        db.close()


@pytest.mark.goal("G12", "F8")
@pytest.mark.catches("touch_in_request")
def test_the_last_use_lags_as_promised(goal: Goal, new_installation: NewInstallation) -> None:
    installation = new_installation()
    server = installation.start()
    uses = Uses(server.port, new_key(server.port))
    locked_s = goal.size(smallest=2, commit=3, soak=20)
    with locked_for_writing(installation.database):
        before = uses.count
        time.sleep(locked_s)
        while_locked = uses.count - before
    backwards, seen = 0, 0
    deadline = time.monotonic() + goal.size(smallest=1, commit=8, soak=120)
    while time.monotonic() < deadline:
        at = last_use(installation.database) or 0
        backwards += at < seen
        seen = at
        time.sleep(0.1)
    server.kill()
    uses.end()
    after_kill = uses.last_good - (last_use(installation.database) or 0)
    after_stop, stopped = lag_after_sigterm(installation.start(), uses, installation.database)
    goal.tell(
        "last-use",
        uses=uses.count,
        while_locked=while_locked,
        lag_s=round(after_kill, 1),
        lag_after_sigterm_s=after_stop,
        backwards=backwards,
        failed=len(uses.failed) + len(stopped.failed),
        slowest_ms=round(uses.slowest_s * 1000),
    )
    goal.hold(not uses.failed, f"requests failed: {set(uses.failed)}")
    goal.hold(
        while_locked > 20 * locked_s, f"only {while_locked} requests in {locked_s} s of a locked database"
    )
    goal.hold(goal.tier == "smallest" or after_kill <= MOST_LAG_S, f"{after_kill} s behind after a kill")
    goal.hold(
        after_stop <= 1,  # a second may begin between the use and its answer
        f"{after_stop} s behind after SIGTERM",
    )
    goal.hold(backwards == 0, "the last use went backwards")


def lag_after_sigterm(server: Server, earlier: Uses, database: Path) -> tuple[int, Uses]:
    """Return how many seconds the row is behind the last good answer."""
    uses = Uses(server.port, earlier.client.who["Authorization"].removeprefix("Bearer "))
    time.sleep(1.2)
    uses.end()
    server.terminate()
    return int(uses.last_good) - (last_use(database) or 0), uses


@pytest.mark.goal("G12")
@pytest.mark.catches("last_use_backwards")
def test_the_replica_that_writes_late_moves_nothing_back(
    goal: Goal, new_installation: NewInstallation, new_database: NewDatabase
) -> None:
    url = new_database()
    installation = new_installation(database_url=url)
    early, late = installation.start(), installation.start()
    secret = new_key(early.port)
    use(early, secret)
    wait_until_written(url)  # so that the next turn of the early one is seconds away
    moments = [use(early, secret)]
    time.sleep(1.1)
    moments.append(use(late, secret))
    late.terminate()  # which writes the later use
    between = last_use_of(url)
    early.terminate()  # which writes the earlier one
    backwards = last_use_of(url) < between
    goal.tell("last-use-of-two", backwards=int(backwards), apart_s=moments[1] - moments[0])
    goal.hold(not backwards, "the earlier use came later and won")
    goal.hold(between >= moments[1] - 1, "the later use was not written at the stop")


def use(server: Server, secret: str) -> int:
    """Use the key once; return when."""
    client = Client(server.port, bearer(secret))
    assert client.ask("GET", PATH).status == 200
    client.close()
    return int(time.time())


def wait_until_written(url: str) -> None:
    deadline = time.monotonic() + 20
    while not last_use_of(url):
        assert time.monotonic() < deadline, "the use was never written"
        time.sleep(0.05)


def last_use_of(url: str) -> int:
    with psycopg.connect(url) as db:
        row = db.execute("SELECT last_used_at FROM credential WHERE name = 'used'").fetchone()
    return int(row[0] or 0) if row else 0
