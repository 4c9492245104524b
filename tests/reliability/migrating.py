"""An installation full of keys of every kind, who calls with them without a pause, and a look at its rows."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import psycopg

from tests.reliability.client import Client, NotSent, Unanswered, bearer, cookie
from tests.reliability.load import LIFETIME_S
from tests.reliability.servers import Installation, admin_session

MIGRATE = "/api/serviceaccounts/migrate"
ROLES = ("Viewer", "Editor", "Admin")
ORGS = 3
REFUSES = "refuses"  # the database takes no change of this key's account
AGAIN = "again"  # an account has the login that this key's is to have
PROBERS = 4


@dataclass(frozen=True, slots=True)
class MadeKey:
    id: int
    name: str
    role: str
    secret: str
    is_dead: bool = False

    def questions(self) -> Iterator[tuple[str, int]]:
        """Yield what is asked with it, and what the answer is at every moment: its role, and no more."""
        alive = (200, 403)
        yield f"/auth/verify?role={self.role}", 401 if self.is_dead else alive[0]
        if self.role != ROLES[-1]:
            above = ROLES[ROLES.index(self.role) + 1]
            yield f"/auth/verify?role={above}", 401 if self.is_dead else alive[1]


@dataclass(slots=True)
class Keys:
    """Keys of three organizations with the same names in each."""

    orgs: list[int]
    made: list[MadeKey] = field(default_factory=list)

    def make(self, admin: Client, count: int, random: Random) -> None:
        names = [
            REFUSES,
            AGAIN,
            f"{AGAIN}-2",
            "🔑 ключ",
            "x" * 190,
            *map("key {:04}".format, range(5, count)),
        ]
        each = -(-count // len(self.orgs))
        for org in self.orgs:
            here = {"X-Grafana-Org-Id": str(org)}
            account = {"name": f"autogen-{org}-{AGAIN}", "role": "Viewer"}
            assert admin.ask("POST", "/api/serviceaccounts", account, headers=here).status == 201
            for name in names[:each]:
                wanted = {"name": name, "role": random.choice(ROLES), "secondsToLive": LIFETIME_S}
                if name.endswith("7"):
                    wanted["secondsToLive"] = 1  # soon over
                made = admin.ask("POST", "/api/auth/keys", wanted, headers=here)
                assert made.is_good, made.body
                is_dead = wanted["secondsToLive"] == 1 or name.endswith("5")
                self.made.append(
                    MadeKey(made.json["id"], name, str(wanted["role"]), made.json["key"], is_dead)
                )

    @property
    def revoked(self) -> list[int]:
        return [key.id for key in self.made if key.name.endswith("5")]


class Rows:
    """The database itself, whichever it is, through one connection: it is asked often."""

    def __init__(self, installation: Installation) -> None:
        self.url = installation.database_url
        self.postgresql = psycopg.connect(self.url, autocommit=True) if self.url else None
        self.sqlite = (
            None if self.url else sqlite3.connect(installation.database, isolation_level=None, timeout=20)
        )

    def ask(self, query: str) -> list[tuple[object, ...]]:
        if self.postgresql is not None:
            return [tuple(row) for row in self.postgresql.execute(query.encode())]
        assert self.sqlite is not None
        return self.sqlite.execute(query).fetchall()

    def run(self, statement: str) -> None:
        if self.postgresql is not None:
            self.postgresql.execute(statement.encode())
        if self.sqlite is not None:
            self.sqlite.execute(statement)

    def close(self) -> None:
        for connection in (self.postgresql, self.sqlite):
            if connection is not None:
                connection.close()

    def refuse(self) -> None:
        """Take no change of the account of keys of one name."""
        if not self.url:
            self.run(
                "CREATE TRIGGER refuses BEFORE UPDATE OF account_id ON credential "
                f"WHEN NEW.name = '{REFUSES}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
            return
        self.run(
            "CREATE FUNCTION refuses() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$ "
            "LANGUAGE plpgsql"
        )
        self.run(
            "CREATE TRIGGER refuses BEFORE UPDATE OF account_id ON credential FOR EACH ROW "
            f"WHEN (NEW.name = '{REFUSES}') EXECUTE FUNCTION refuses()"
        )

    def accept(self) -> None:
        self.run("DROP TRIGGER refuses ON credential" if self.url else "DROP TRIGGER refuses")

    def progress(self) -> int:
        ((done,),) = self.ask("SELECT coalesce(sum(done + failed), 0) FROM migration")
        return int(str(done))

    def running(self) -> int:
        ((count,),) = self.ask("SELECT count(*) FROM migration WHERE state = 'running'")
        return int(str(count))


@dataclass(slots=True)
class Probers:
    """Call with each key without a pause, wherever a server is."""

    keys: list[MadeKey]
    ports: list[int]
    asked: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    rounds: list[int] = field(default_factory=lambda: [0] * PROBERS)
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        self.threads = [
            threading.Thread(target=self.probe_for_ever, args=(number,), daemon=True)
            for number in range(PROBERS)
        ]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        """Stop when each key was asked about once more."""
        before, deadline = list(self.rounds), time.monotonic() + 60
        while any(now < then + 2 for now, then in zip(self.rounds, before, strict=True)):
            assert time.monotonic() < deadline, "a prober hangs"
            time.sleep(0.01)
        self.stop.set()
        for thread in self.threads:
            thread.join(20)

    def probe_for_ever(self, number: int) -> None:
        clients: dict[int, Client] = {}
        mine = self.keys[number::PROBERS]
        turn = number
        while not self.stop.is_set():
            for key in mine:
                for path, wanted in key.questions():
                    turn += 1  # also past a server that is down
                    port = self.ports[turn % len(self.ports)]
                    self.probe(clients.setdefault(port, Client(port)), key, path, wanted)
            self.rounds[number] += 1
        for client in clients.values():
            client.close()

    def probe(self, client: Client, key: MadeKey, path: str, wanted: int) -> None:
        client.who = bearer(key.secret)
        try:
            status = client.ask("GET", path).status
        except (NotSent, Unanswered):  # the server was killed: nobody was refused
            time.sleep(0.005)
            return
        self.asked += 1
        if status != wanted:
            self.wrong[f"{key.name[:20]} of {key.role}: {status} for {wanted}"] += 1


def as_admin(port: int) -> Client:
    return Client(port, cookie(admin_session(port)))


def made_org(admin: Client, number: int) -> int:
    return int(admin.ask("POST", "/api/orgs", {"name": f"org {number}"}).json["orgId"])


def in_org(org: int) -> dict[str, str]:
    return {"X-Grafana-Org-Id": str(org)}
