"""Writers that change things without pause, and remember for each thing what its state may be."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from tests.reliability.client import Answer, Client, NotSent, Unanswered, bearer, cookie
from tests.reliability.servers import Server, admin_session

WRITERS = 8
PASSWORD = "canary lantern quarry seven"
LIFETIME_S = 86_400
State: TypeAlias = tuple[str, bool] | None  # role and whether disabled; None: not there
Move: TypeAlias = Callable[[State], State]


@dataclass(slots=True)
class Thing:
    """A key or a person, owned by one writer."""

    kind: str  # "apikey" or "user"
    name: str
    states: set[State] = field(default_factory=lambda: {None})
    id: int = 0
    secret: str = ""
    acked: int = 0
    unknown: int = 0

    @property
    def is_sure(self) -> bool:
        return self.unknown == 0


@dataclass(slots=True)
class Tally:
    acked: int = 0
    unknown: int = 0
    refused: dict[int, int] = field(default_factory=dict)  # status: how often
    signed_out: list[str] = field(default_factory=list)  # values of sessions whose end was acknowledged
    last_use: dict[str, float] = field(default_factory=dict)  # key's name: moment of the last good answer


@dataclass(slots=True)
class Writer:
    """One client, keeping its connection and its things over all restarts."""

    number: int
    random: Random
    key: str  # of an Admin
    key_name: str
    things: list[Thing] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    made: int = 0

    def run(self, port: int, admin: str, stop: threading.Event) -> None:
        """Change things until told to stop or until the server is gone."""
        machine, person = Client(port, bearer(self.key)), Client(port, cookie(admin))
        try:
            while not stop.is_set():
                self.step(machine, person)
        except NotSent:
            return
        finally:
            machine.close()
            person.close()

    def step(self, machine: Client, person: Client) -> None:
        """Do one thing of the mix. Raises NotSent."""
        draw = self.random.random()
        keys = [thing for thing in self.things if thing.kind == "apikey" and usable(thing)]
        people = [thing for thing in self.things if thing.kind == "user" and usable(thing)]
        if draw < 0.2 and len(keys) > 3:
            self.delete(machine, self.random.choice(keys), "/api/auth/keys/{id}")
        elif draw < 0.35 and people:
            self.change_role(person, self.random.choice(people))
        elif draw < 0.43 and people:
            self.turn(person, self.random.choice(people))
        elif draw < 0.47 and len(people) > 1:
            self.delete(person, self.random.choice(people), "/api/admin/users/{id}")
        elif draw < 0.52 or not people:
            self.add_person(person)
        elif draw < 0.55:
            self.sign_in_and_out(machine.port)
        else:
            self.mint(machine)

    def mint(self, machine: Client) -> None:
        thing = self.new("apikey", f"key-{self.number}-{self.made}")
        body = {"name": thing.name, "role": "Viewer", "secondsToLive": LIFETIME_S}
        answer = self.do(
            thing, lambda: machine.ask("POST", "/api/auth/keys", body), lambda _: ("Viewer", False)
        )
        if answer is not None:
            thing.id, thing.secret = answer.json["id"], answer.json["key"]
            self.tally.last_use[self.key_name] = time.time()

    def add_person(self, person: Client) -> None:
        thing = self.new("user", f"person-{self.number}-{self.made}")
        body = {"login": thing.name, "password": PASSWORD, "name": "A person"}
        answer = self.do(
            thing, lambda: person.ask("POST", "/api/admin/users", body), lambda _: ("Viewer", False)
        )
        if answer is not None:
            thing.id = answer.json["id"]

    def change_role(self, person: Client, thing: Thing) -> None:
        role = self.random.choice(["Viewer", "Editor", "Admin"])
        path = f"/api/org/users/{thing.id}"
        self.do(
            thing, lambda: person.ask("PATCH", path, {"role": role}), lambda state: with_role(state, role)
        )

    def turn(self, person: Client, thing: Thing) -> None:
        (state,) = thing.states
        is_disabled = state is not None and state[1]
        path = f"/api/admin/users/{thing.id}/{'enable' if is_disabled else 'disable'}"
        self.do(
            thing,
            lambda: person.ask("POST", path),
            lambda before: turned(before, is_disabled=not is_disabled),
        )

    def delete(self, client: Client, thing: Thing, path: str) -> None:
        self.do(thing, lambda: client.ask("DELETE", path.format(id=thing.id)), lambda _: None)

    def sign_in_and_out(self, port: int) -> None:
        """Start a session as the writer's own person and end it. Raises NotSent."""
        client = Client(port)
        try:
            started = client.ask("POST", "/login", {"user": f"sitter-{self.number}", "password": PASSWORD})
            if not self.count(started, expected=200):
                return
            value = started.cookie
            ended = client.ask("GET", "/logout", headers=cookie(value))
            if self.count(ended, expected=302):
                self.tally.signed_out.append(value)
        except Unanswered:
            self.tally.unknown += 1
        finally:
            client.close()

    def do(self, thing: Thing, ask: Callable[[], Answer], move: Move) -> Answer | None:
        """Send a change and keep account of what the thing may be now. None: not acknowledged."""
        try:
            answer = ask()
        except Unanswered:
            thing.states |= {move(state) for state in thing.states}
            thing.unknown += 1
            self.tally.unknown += 1
            return None
        if not self.count(answer, expected=200):
            return None
        thing.states = {move(state) for state in thing.states}
        thing.acked += 1
        return answer

    def count(self, answer: Answer, *, expected: int) -> bool:
        if answer.status == expected:
            self.tally.acked += 1
            return True
        self.tally.refused[answer.status] = self.tally.refused.get(answer.status, 0) + 1
        return False

    def new(self, kind: str, name: str) -> Thing:
        self.made += 1
        self.things.append(Thing(kind, name))
        return self.things[-1]


def usable(thing: Thing) -> bool:
    """What may be in two states is left alone: it is only looked at in the end."""
    return thing.is_sure and None not in thing.states


def with_role(state: State, role: str) -> State:
    return None if state is None else (role, state[1])


def turned(state: State, *, is_disabled: bool) -> State:
    return None if state is None else (state[0], is_disabled)


def new_writers(server: Server, new_random: Callable[[object], Random]) -> list[Writer]:
    """Make the writers, each with an Admin key and a person to sign in as."""
    admin = Client(server.port, cookie(admin_session(server.port)))
    writers = []
    for number in range(WRITERS):
        name = f"writer-{number}"
        body = {"name": name, "role": "Admin", "secondsToLive": LIFETIME_S}
        key = admin.ask("POST", "/api/auth/keys", body).json["key"]
        admin.ask("POST", "/api/admin/users", {"login": f"sitter-{number}", "password": PASSWORD})
        writers.append(Writer(number, new_random(number), key, name))
    admin.close()
    return writers


@dataclass(slots=True)
class Load:
    """All writers at work on one server, until it is ended."""

    writers: list[Writer]
    threads: list[threading.Thread] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self, port: int) -> None:
        admin = admin_session(port)
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=writer.run, args=(port, admin, self.stop), daemon=True)
            for writer in self.writers
        ]
        for thread in self.threads:
            thread.start()

    def wait_for(self, acked: int, *, within_s: float) -> None:
        """Raises TimeoutError when so many changes are not acknowledged in time."""
        deadline = time.monotonic() + within_s
        while self.acked < acked:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.acked} of {acked}; refused {self.refused}")
            time.sleep(0.002)

    def join(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    @property
    def acked(self) -> int:
        return sum(writer.tally.acked for writer in self.writers)

    @property
    def unknown(self) -> int:
        return sum(writer.tally.unknown for writer in self.writers)

    @property
    def refused(self) -> dict[int, int]:
        all_: dict[int, int] = {}
        for writer in self.writers:
            for status, often in writer.tally.refused.items():
                all_[status] = all_.get(status, 0) + often
        return all_

    @property
    def things(self) -> list[Thing]:
        return [thing for writer in self.writers for thing in writer.things]
