"""G48: clients that change to the successor of their token at any moment of the grace are never refused."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.reliability.client import Client, Unanswered, bearer, cookie
from tests.reliability.conftest import NewDatabase, NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.servers import admin_session

ACCOUNTS, CLIENTS = 2, 3  # clients of each account
GRACE_S = 2
MARGIN_S = 0.3  # a request may be under way that long when the grace ends
PATH = "/api/access-control/status"


@dataclass(slots=True)
class Caller:
    """A program that calls without a pause, and changes its token at a moment that it chooses."""

    ports: list[int]
    secret: str
    random: Random
    handed_out: tuple[str, float, float] = ("", 0.0, 0.0)  # new token, when to change, end of the grace
    last_used: str = ""
    calls: int = 0
    late: int = 0  # answered when the grace was over: the machine was slow, and that is no refusal
    refused: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)  # s between the answer of a rotation and the change

    def hand_out(self, secret: str, rotated_at: float, grace_until: float) -> None:
        """Give it the new token, to be used from some moment of the grace on."""
        lasts_s = max(0.0, grace_until - MARGIN_S - rotated_at)
        wait_s = self.random.choice(
            [0.0, self.random.random() * lasts_s, self.random.random() * lasts_s, lasts_s]
        )
        self.waits.append(wait_s)
        self.handed_out = (secret, rotated_at + wait_s, grace_until)

    def call_for_ever(self, stop: threading.Event) -> None:
        clients = [Client(port) for port in self.ports]
        while not stop.is_set():
            newest, changes_at, _ = self.handed_out
            if newest and time.time() >= changes_at:
                self.secret = newest
            self.call(self.random.choice(clients))
            self.last_used = self.secret
        for client in clients:
            client.close()

    def call(self, client: Client) -> None:
        client.who = bearer(self.secret)
        try:
            told = str(client.get(PATH).status)
        except Unanswered as error:
            told = str(error)
        self.calls += 1
        newest, _, grace_until = self.handed_out
        is_old = self.secret != newest
        if told != "200" and is_old and 0 < grace_until <= time.time():
            self.late += 1
        elif told != "200":
            self.refused.append(f"{told} with the {'old' if is_old else 'new'} token")


@dataclass(slots=True)
class Account:
    """A service account whose one token is rotated over and over, by whichever replica."""

    ports: list[int]
    number: int
    random: Random
    callers: list[Caller] = field(default_factory=list)
    path: str = ""
    token: int = 0
    rotations: int = 0
    failed: list[str] = field(default_factory=list)

    def make(self, admin: Client, randoms: Iterator[Random]) -> None:
        wanted = {"name": f"rotating-{self.number}", "role": "Viewer"}
        account = admin.ask("POST", "/api/serviceaccounts", wanted).json["id"]
        self.path = f"/api/serviceaccounts/{account}/tokens"
        made = admin.ask("POST", self.path, {"name": f"rotating-{self.number}-token"}).json
        self.token = made["id"]
        self.callers = [Caller(self.ports, made["key"], next(randoms)) for _ in range(CLIENTS)]

    def rotate_all(self, rounds: int) -> None:
        clients = [Client(port, cookie(admin_session(port))) for port in self.ports]
        try:
            for _ in range(rounds):
                self.rotate(self.random.choice(clients), self.random.choice(clients))
        except Exception as error:  # noqa: BLE001 - a thread hands on what it met
            self.failed.append(repr(error))
        finally:
            for client in clients:
                client.close()

    def rotate(self, begins: Client, ends: Client) -> None:
        """Rotate, hand the new token out, and finish when everybody has changed."""
        until = int(time.time()) + GRACE_S  # at the earliest, whatever the answer says
        answer = begins.ask("POST", f"{self.path}/{self.token}/rotate", {"graceSeconds": GRACE_S})
        rotated_at = time.time()
        assert answer.is_good, answer.body
        for caller in self.callers:
            caller.hand_out(answer.json["key"], rotated_at, until)
        deadline = until + 20
        while any(caller.last_used != answer.json["key"] for caller in self.callers):
            assert time.time() < deadline, "a caller did not change its token"
            time.sleep(0.002)
        finished = ends.ask("POST", f"{self.path}/{self.token}/rotate/finish")
        assert finished.is_good, finished.body
        self.token = answer.json["id"]
        self.rotations += 1


def rotated(goal: Goal, title: str, ports: list[int], rounds: int) -> None:
    """Rotate the tokens of some accounts while their clients call, and judge what those heard."""
    admin = Client(ports[0], cookie(admin_session(ports[0])))
    accounts = [Account(ports, number, goal.random("account", number)) for number in range(ACCOUNTS)]
    for account in accounts:
        account.make(
            admin, iter([goal.random("caller", account.number, number) for number in range(CLIENTS)])
        )
    admin.close()
    callers = [caller for account in accounts for caller in account.callers]
    stop = threading.Event()
    calling = [threading.Thread(target=caller.call_for_ever, args=(stop,), daemon=True) for caller in callers]
    rotating = [
        threading.Thread(target=account.rotate_all, args=(rounds,), daemon=True) for account in accounts
    ]
    for thread in (*calling, *rotating):
        thread.start()
    for thread in rotating:
        thread.join(60 + rounds * (GRACE_S + 5))
    stop.set()
    for thread in calling:
        thread.join(20)
    assert [told for account in accounts for told in account.failed] == []
    refused = [told for caller in callers for told in caller.refused]
    waits = [wait_s for caller in callers for wait_s in caller.waits]
    goal.tell(
        title,
        rotations=sum(account.rotations for account in accounts),
        changes=len(waits),
        earliest_ms=round(1000 * min(waits)),
        latest_ms=round(1000 * max(waits)),
        calls=sum(caller.calls for caller in callers),
        late=sum(caller.late for caller in callers),
        refused=len(refused),
    )
    goal.hold(not refused, f"refused: {sorted(set(refused))}")
    assert sum(account.rotations for account in accounts) == rounds * ACCOUNTS
    assert min(caller.calls for caller in callers) > rounds, "a caller hardly called"


@pytest.mark.goal("G48")
@pytest.mark.catches("no_grace")
def test_two_servers_on_one_postgresql(
    goal: Goal, new_installation: NewInstallation, new_database: NewDatabase
) -> None:
    installation = new_installation(database_url=new_database())
    ports = [installation.start().port, installation.start().port]
    rotated(goal, "two-replica", ports, goal.size(smallest=1, commit=2, soak=200, release=2_000))


@pytest.mark.goal("G48")
@pytest.mark.catches("no_grace")
def test_two_workers_on_one_sqlite(goal: Goal, new_installation: NewInstallation) -> None:
    installation = new_installation(workers=2)
    ports = [installation.start().port] * 4  # each connection lands with one of the workers
    rotated(goal, "two-workers", ports, goal.size(smallest=1, commit=2, soak=200, release=2_000))
