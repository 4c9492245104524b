"""G9: of all checks that start after a removal was acknowledged, none is allowed, on any replica."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any

import pytest

from tests.reliability.client import Answer, Client, Unanswered, basic, bearer, cookie
from tests.reliability.conftest import NewDatabase, NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.given_rights import GIVEN_RIGHTS
from tests.reliability.load import LIFETIME_S, PASSWORD
from tests.reliability.servers import admin_session

CHECKERS = 4
REMOVERS = 3
OF_PEOPLE = (
    *["lower role"] * 4,
    *["remove member", "disable, basic", "disable, session", "revoke session", "log out", "sign out"],
)
OF_PROGRAMS = (
    *["lower account"] * 3,
    *["revoke token"] * 3,
    *["disable account", "delete token"] * 2,
    *["delete account", "finish rotation"],
)
KINDS = (*["delete key"] * 8, *OF_PEOPLE, *OF_PROGRAMS, *GIVEN_RIGHTS)  # as often as each comes up


@dataclass(slots=True, eq=False)
class Target:
    """A right that is about to be taken away, and every check of it."""

    kind: str
    path: str  # what the right opens
    who: Mapping[str, str]
    remove: Callable[[Client], Answer]
    replicas: list[int]
    sent: float = 0.0
    acked: float = float("inf")
    is_over: bool = False  # a person may get back from now on what was taken
    checks: list[tuple[float, int]] = field(default_factory=list)  # start, status

    def is_judged(self, least: int) -> bool:
        return sum(started > self.acked for started, _ in self.checks) >= least

    @property
    def stale(self) -> int:
        return sum(status == 200 for started, status in self.checks if started > self.acked)

    @property
    def overlap_s(self) -> float:
        return max((started - self.sent for started, status in self.checks if status == 200), default=0.0)


@dataclass(slots=True)
class Board:
    """What all threads share."""

    ports: list[int]
    live: list[Target] = field(default_factory=list)
    done: list[Target] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def check_for_ever(self, random: Random) -> None:
        """Look at whatever is about to be removed, over and over, on any replica."""
        clients = [Client(port) for port in self.ports]
        while not self.stop.is_set():
            if not self.live:
                time.sleep(0.001)
                continue
            target, client = random.choice(self.live[:]), random.choice(clients)
            check(target, client)
        for client in clients:
            client.close()

    def remove_all(self, targets: Iterator[Target], random: Random) -> None:
        clients = [Client(port, cookie(admin_session(port))) for port in self.ports]
        try:
            for target in targets:
                self.remove_one(target, random.choice(clients), random)
        except Exception as error:  # noqa: BLE001 - a thread hands on what it met
            self.failed.append(repr(error))
        finally:
            for client in clients:
                client.close()

    def remove_one(self, target: Target, client: Client, random: Random) -> None:
        for port in self.ports:  # wherever it is remembered, it is remembered now
            warm = Client(port)
            check(target, warm)
            warm.close()
        if {status for _, status in target.checks} != {200}:
            raise AssertionError(f"{target.kind}: {target.checks} before it was removed")
        self.live.append(target)
        time.sleep(random.random() * 0.01)
        target.sent = time.monotonic()
        answer = target.remove(client)
        if answer.status not in (200, 302):
            raise AssertionError(f"{target.kind}: {answer.status} {answer.body[:100]!r}")
        target.acked = time.monotonic()
        deadline = target.acked + 5
        while not target.is_judged(8) and time.monotonic() < deadline:
            time.sleep(0.002)
        target.is_over = True
        self.live.remove(target)
        self.done.append(target)


def check(target: Target, client: Client) -> None:
    client.who = dict(target.who)
    started = time.monotonic()
    try:
        status = client.get(target.path).status
    except Unanswered:
        status = 0
    if not target.is_over:
        target.checks.append((started, status))


class Makers:
    """Makes what will be taken away, as the administrator on one replica after the other."""

    def __init__(self, ports: list[int], number: int) -> None:
        self.ports = ports
        self.clients = [Client(port, cookie(admin_session(port))) for port in ports]
        self.turns = cycle(self.clients)
        self.number = number
        self.made = 0
        self.login = f"person-{number}"
        body = {"login": self.login, "password": PASSWORD}
        self.person = next(self.turns).ask("POST", "/api/admin/users", body).json["id"]
        self.session = ""

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def targets(self, count: int, random: Random) -> Iterator[Target]:
        for _ in range(count):
            yield self.new(random.choice(KINDS))

    def new(self, kind: str) -> Target:
        if kind == "delete key":
            return self.key()
        if kind in OF_PROGRAMS:
            return self.program(kind)
        if kind in GIVEN_RIGHTS:
            return self.given_right(kind)
        self.set_role("Admin" if kind == "lower role" else "Viewer")
        here = f"/api/org/users/{self.person}"
        there = f"/api/admin/users/{self.person}"
        match kind:
            case "lower role":
                value = self.signed_in()
                lower: Callable[[Client], Answer] = lambda by: by.ask("PATCH", here, {"role": "Viewer"})
                return self.target(kind, "/api/org/users", cookie(value), lower)
            case "remove member":
                path = f"/api/orgs/1/users/{self.person}"
                return self.target(
                    kind, "/api/org", cookie(self.signed_in()), lambda by: by.ask("DELETE", path)
                )
            case "disable, basic":
                return self.somebody_new()
            case "disable, session":
                who = cookie(self.signed_in())
                return self.target(kind, "/api/user", who, lambda by: by.ask("POST", f"{there}/disable"))
            case "revoke session":
                return self.revocation(there)
            case "log out":
                who = cookie(self.signed_in())
                return self.target(kind, "/api/user", who, lambda by: by.ask("POST", f"{there}/logout"))
            case _:
                pass
        value = self.signed_in()
        return self.target(kind, "/api/user", cookie(value), lambda by: sign_out(by.port, value))

    def somebody_new(self) -> Target:
        """Return a person of their own: wrong attempts after the end would lock the others out."""
        self.made += 1
        login = f"person-{self.number}-{self.made}"
        made = next(self.turns).ask("POST", "/api/admin/users", {"login": login, "password": PASSWORD}).json
        path = f"/api/admin/users/{made['id']}/disable"
        disable: Callable[[Client], Answer] = lambda by: by.ask("POST", path)
        return self.target("disable, basic", "/api/user", basic(login, PASSWORD), disable)

    def key(self) -> Target:
        self.made += 1
        body = {"name": f"key-{self.number}-{self.made}", "role": "Viewer", "secondsToLive": LIFETIME_S}
        made = next(self.turns).ask("POST", "/api/auth/keys", body).json
        path = f"/api/auth/keys/{made['id']}"
        remove: Callable[[Client], Answer] = lambda by: by.ask("DELETE", path)
        return self.target("delete key", "/api/access-control/status", bearer(made["key"]), remove)

    def program(self, kind: str) -> Target:
        """Return a service account of its own with a token; a lowered one keeps what any Viewer may do."""
        self.made += 1
        name, by = f"program-{self.number}-{self.made}", next(self.turns)
        wanted = {"name": name, "role": "Admin" if kind == "lower account" else "Viewer"}
        account = f"/api/serviceaccounts/{new_one(by, '/api/serviceaccounts', wanted)['id']}"
        made = new_one(by, f"{account}/tokens", {"name": f"{name}-token", "secondsToLive": LIFETIME_S})
        token = f"{account}/tokens/{made['id']}"
        if kind == "finish rotation":
            new_one(by, f"{token}/rotate", {"graceSeconds": LIFETIME_S})
        ways: dict[str, tuple[str, str, object]] = {
            "lower account": ("PATCH", account, {"role": "Viewer"}),
            "disable account": ("PATCH", account, {"isDisabled": True}),
            "delete account": ("DELETE", account, None),
            "revoke token": ("POST", f"{token}/revoke", None),
            "delete token": ("DELETE", token, None),
            "finish rotation": ("POST", f"{token}/rotate/finish", None),
        }
        path = "/api/org/users" if kind == "lower account" else "/api/access-control/status"
        return self.target(kind, path, bearer(made["key"]), lambda by: by.ask(*ways[kind]))

    def given_right(self, kind: str) -> Target:
        """Return a Viewer that was given more, by a role, a level or a team."""
        self.made += 1
        name, by = f"program-{self.number}-{self.made}", next(self.turns)
        machine = new_one(by, "/api/serviceaccounts", {"name": name})["id"]
        body = {"name": f"{name}-token", "secondsToLive": LIFETIME_S}
        secret = new_one(by, f"/api/serviceaccounts/{machine}/tokens", body)["key"]
        given = GIVEN_RIGHTS[kind](by, new_one, machine, name)
        return self.target(
            kind, given.path, bearer(secret), lambda by: by.ask(given.method, given.end, given.body)
        )

    def revocation(self, there: str) -> Target:
        who = cookie(self.signed_in(is_new=True))
        newest = next(self.turns).get(f"{there}/auth-tokens").json[-1]["id"]
        remove: Callable[[Client], Answer] = lambda by: by.ask(
            "POST", f"{there}/revoke-auth-token", {"authTokenId": newest}
        )
        return self.target("revoke session", "/api/user", who, remove)

    def target(
        self, kind: str, path: str, who: Mapping[str, str], remove: Callable[[Client], Answer]
    ) -> Target:
        return Target(kind, path, who, remove, self.ports)

    def set_role(self, role: str) -> None:
        """Give the person back what earlier removals took."""
        next(self.turns).ask("POST", f"/api/admin/users/{self.person}/enable")
        next(self.turns).ask("POST", "/api/org/users", {"loginOrEmail": self.login, "role": role})
        answer = next(self.turns).ask("PATCH", f"/api/org/users/{self.person}", {"role": role})
        assert answer.is_good, answer.body

    def signed_in(self, *, is_new: bool = False) -> str:
        """Return the value of a session that is good: the one at hand, or a new one."""
        client = Client(self.ports[0], cookie(self.session))
        if is_new or not self.session or client.get("/api/user").status != 200:
            body = {"user": self.login, "password": PASSWORD}
            client.who = {}
            self.session = client.ask("POST", "/login", body).cookie
        client.close()
        return self.session


def new_one(by: Client, path: str, body: object) -> Any:  # noqa: ANN401 - JSON of any shape
    answer = by.ask("POST", path, body)
    assert answer.is_good, answer.body
    return answer.json


def sign_out(port: int, value: str) -> Answer:
    client = Client(port, cookie(value))
    try:
        return client.ask("GET", "/logout")
    finally:
        client.close()


def removed(ports: list[int], removals: int, goal: Goal) -> Board:
    """Take so many rights away while checkers look on."""
    board = Board(ports)
    makers = [Makers(ports, number) for number in range(REMOVERS)]
    randoms = [goal.random(ports, "remover", number) for number in range(REMOVERS)]
    removers = [
        threading.Thread(
            target=board.remove_all, args=(maker.targets(removals // REMOVERS, random), random), daemon=True
        )
        for maker, random in zip(makers, randoms, strict=True)
    ]
    checkers = [
        threading.Thread(target=board.check_for_ever, args=(goal.random("checker", number),), daemon=True)
        for number in range(CHECKERS)
    ]
    for thread in (*checkers, *removers):
        thread.start()
    for thread in removers:
        thread.join(goal.size(smallest=60, commit=120, soak=1_800, release=10_000))
    board.stop.set()
    for thread in checkers:
        thread.join(10)
    for maker in makers:
        maker.close()
    assert not board.failed, board.failed
    return board


def judge(goal: Goal, title: str, board: Board) -> None:
    stale = {target.kind for target in board.done if target.stale}
    goal.tell(
        title,
        removals=len(board.done),
        checks=sum(len(target.checks) for target in board.done),
        stale_allow=sum(target.stale for target in board.done),
        overlap_ms=round(1000 * max(target.overlap_s for target in board.done)),
    )
    goal.hold(not stale, f"still allowed after: {sorted(stale)}")
    assert all(target.is_judged(1) for target in board.done), "a removal was never looked at"


@pytest.mark.goal("G9", "F16")
@pytest.mark.catches("cache5s")
def test_two_servers_on_one_postgresql(
    goal: Goal, new_installation: NewInstallation, new_database: NewDatabase
) -> None:
    installation = new_installation(database_url=new_database())
    ports = [installation.start().port, installation.start().port]
    judge(
        goal,
        "two-replica",
        removed(ports, goal.size(smallest=24, commit=150, soak=5_000, release=50_000), goal),
    )


@pytest.mark.goal("G9", "F16")
@pytest.mark.catches("cache5s", "stale_data_version")
def test_two_workers_on_one_sqlite(goal: Goal, new_installation: NewInstallation) -> None:
    installation = new_installation(workers=2)
    ports = [installation.start().port] * 4  # each connection lands with one of the workers
    judge(
        goal,
        "two-workers",
        removed(ports, goal.size(smallest=24, commit=150, soak=5_000, release=50_000), goal),
    )
