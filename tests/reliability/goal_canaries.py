"""G36: no secret that was ever made or shown stands in a log, an answer, a command line or a file of the
server.
"""

import base64
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from keystead.core.credentials.token_format import make_token
from tests.reliability.client import Answer, Client, basic, bearer, cookie
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.goal_malformed import letters
from tests.reliability.load import LIFETIME_S
from tests.reliability.servers import ADMIN_PASSWORD, Installation, Server

MEANT_TO_HOLD_THEM = {"secrets.json", "initial-admin-password"}


@dataclass(slots=True)
class Canaries:
    """Every secret with its kind, and every answer that was not meant to show it."""

    secrets: dict[str, str] = field(default_factory=dict)  # secret: kind
    answers: list[bytes] = field(default_factory=list)

    def add(self, kind: str, secret: str) -> str:
        self.secrets[secret] = kind
        return secret

    def note(self, answer: Answer) -> Answer:
        """Keep an answer that may hold no secret."""
        self.answers.append(answer.body + repr(dict(answer.headers)).encode())
        return answer

    def found_in(self, place: str, content: bytes) -> Iterator[str]:
        for secret, kind in self.secrets.items():
            for name, form in forms(secret).items():
                if form in content:
                    yield f"{kind} as {name} in {place}"


def forms(secret: str) -> dict[str, bytes]:
    """Return the six ways in which it could stand somewhere."""
    raw = secret.encode()
    return {
        "text": raw,
        "base64": base64.b64encode(raw).rstrip(b"=")[:-1],
        "base64 with user": base64.b64encode(b"api_key:" + raw).rstrip(b"=")[12:-1],
        "URL": quote(secret, safe="").encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "hex": raw.hex().encode(),
    }


class Sayer:
    """Makes secrets of each kind and shows them to the server in good and in bad ways."""

    def __init__(self, server: Server, canaries: Canaries, random: Random) -> None:
        self.port = server.port
        self.canaries = canaries
        self.random = random
        self.admin = Client(server.port, basic("admin", ADMIN_PASSWORD))
        self.client = Client(server.port)
        self.made = 0
        self.refused = 0  # credentials in the URL

    def close(self) -> None:
        self.admin.close()
        self.client.close()

    def say(self) -> None:
        """One secret of each kind."""
        self.made += 1
        self.key()
        self.unknown_credentials()
        self.in_the_wrong_place()
        if self.made % 12 == 1:  # each costs a slow hash or several
            self.person(f"person-{self.made}")

    def ask(self, who: dict[str, str], method: str, path: str, body: object = None) -> Answer:
        self.client.who = who
        return self.canaries.note(self.client.ask(method, path, body))

    def key(self) -> None:
        self.admin.who = basic("admin", ADMIN_PASSWORD)
        body = {"name": f"key-{self.made}", "role": "Viewer", "secondsToLive": LIFETIME_S}
        made = self.admin.ask("POST", "/api/auth/keys", body)  # the one answer that shows it
        secret = self.canaries.add("API key", made.json["key"])
        inner = json.loads(base64.b64decode(secret))["k"]
        self.canaries.add("inside of an API key", inner)
        self.ask(bearer(secret), "GET", "/api/access-control/user/permissions")
        self.ask(bearer(secret), "GET", "/api/auth/keys/1")
        self.ask(basic("api_key", secret), "GET", "/api/org")
        self.ask(bearer(secret), "GET", "/auth/verify")
        if self.made % 3 == 0:
            self.canaries.note(self.admin.ask("DELETE", f"/api/auth/keys/{made.json['id']}"))
            self.ask(bearer(secret), "GET", "/api/org")

    def unknown_credentials(self) -> None:
        token = self.canaries.add("unknown token", make_token("glsa", letters(self.random, 32)))
        self.ask(bearer(token), "GET", "/api/org")
        self.ask(basic("api_key", token), "GET", "/auth/verify")
        malformed = self.canaries.add("malformed credential", "canary" + letters(self.random, 40))
        self.ask(bearer(malformed), "GET", "/api/org")
        self.ask({"Authorization": malformed}, "GET", "/api/org")
        session = self.canaries.add("forged session", letters(self.random, 64).lower())
        self.ask(cookie(session), "GET", "/api/user")

    def in_the_wrong_place(self) -> None:
        lost = self.canaries.add("secret in a URL", "canary" + letters(self.random, 26))
        for name in ("api_key", "apikey", "auth_token", "access_token"):
            self.refused += self.ask({}, "GET", f"/api/org?{name}={lost}").status == 400
        self.ask({}, "GET", f"/api/{lost}?auth_token={lost}")
        self.ask(basic("admin", ADMIN_PASSWORD), "GET", f"/api/auth/keys?access_token={lost}")
        told = self.canaries.add("secret in a body", "canary" + letters(self.random, 26))
        self.ask(basic("admin", ADMIN_PASSWORD), "POST", "/api/auth/keys", {"name": [told], "role": told})

    def person(self, login: str) -> None:
        password = self.canaries.add("password", "canary " + letters(self.random, 24))
        admin = basic("admin", ADMIN_PASSWORD)
        self.ask(admin, "POST", "/api/admin/users", {"login": login, "password": password})
        self.ask(admin, "POST", "/api/admin/users", {"login": login, "password": password})
        self.ask(basic(login, password), "GET", "/api/user")
        started = self.client.ask("POST", "/login", {"user": login, "password": password})
        session = self.canaries.add("session", started.cookie)
        self.ask(cookie(session), "GET", "/api/user/orgs")
        self.ask(cookie(session), "GET", "/logout")
        self.ask(cookie(session), "GET", "/api/user")
        wrong = self.canaries.add("wrong password", "canary " + letters(self.random, 20))
        self.ask(basic(login, wrong), "GET", "/api/org")
        self.ask({}, "POST", "/login", {"user": "nobody", "password": wrong})
        self.ask({}, "POST", "/login", {"user": [wrong], "password": {"x": wrong}})


@pytest.mark.goal("G36", "F23", "R30")
@pytest.mark.catches("log_token", "repr_secret")
def test_no_secret_is_found(goal: Goal, new_installation: NewInstallation) -> None:
    rounds = goal.size(smallest=13, commit=160, soak=1_600)
    installation = new_installation(level="debug")
    server = installation.start()
    canaries = Canaries()
    canaries.add("first password", ADMIN_PASSWORD)
    for key in json.loads((installation.data / "secrets.json").read_text())["peppers"]:
        canaries.add("pepper", key["key"])
    sayer = Sayer(server, canaries, goal.random("canaries"))
    for _ in range(rounds):
        sayer.say()
    sayer.close()
    running = list(found_while_running(server, canaries))
    server.terminate()
    scanned, hits = found_in_files(installation, canaries)
    answers = b"\n".join(canaries.answers)
    hits += [*running, *canaries.found_in("an answer", answers)]
    goal.tell(
        "canaries",
        canaries=len(canaries.secrets),
        kinds=len(set(canaries.secrets.values())),
        bytes_scanned=scanned + len(answers),
        hits=len(hits),
    )
    goal.hold(sayer.refused == 4 * rounds, "a credential in the URL was not refused")
    goal.hold(not hits, sorted(set(hits))[:5])


def found_while_running(server: Server, canaries: Canaries) -> Iterator[str]:
    """Look at command lines, variables and the metrics while there is something to see."""
    for pid in server.workers():
        for name in ("cmdline", "environ"):
            yield from canaries.found_in(name, Path(f"/proc/{pid}/{name}").read_bytes())


def found_in_files(installation: Installation, canaries: Canaries) -> tuple[int, list[str]]:
    """Scan all files of the data folder with the write-ahead log, the logs, and the database as text."""
    contents = {path.name: path.read_bytes() for path in installation.data.rglob("*") if path.is_file()}
    contents |= {server.log.name: server.log.read_bytes() for server in installation.servers}
    with sqlite3.connect(installation.database) as db:
        contents["dump"] = "\n".join(db.iterdump()).encode()
    db.close()
    hits = [
        hit
        for name, content in contents.items()
        if name not in MEANT_TO_HOLD_THEM
        for hit in canaries.found_in(name, content)
    ]
    return sum(map(len, contents.values())), hits
