"""G39: the log holds every change once, nothing is changed without its row, and any later edit is found."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import pytest

from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.storage import changes as rows
from keystead.usecases.chain import verify_chain
from tests.doors import ADMIN, ADMIN_PASSWORD, House
from tests.reliability.asgi import Caller
from tests.reliability.client import basic
from tests.reliability.figures import Goal

WHO = basic(ADMIN, ADMIN_PASSWORD)
COLUMNS = {
    **dict.fromkeys(("actor_login", "address", "request_id", "action", "target_kind", "target_id"), "text"),
    **dict.fromkeys(("target_name", "result", "actor_kind"), "text"),
    **dict.fromkeys(("at", "org_id", "actor_id", "actor_credential_id"), "number"),
    "detail": "detail",
    "hash": "hash",
}
Ask: TypeAlias = tuple[str, str, object]


@dataclass(slots=True)
class Log:
    """A house whose every change goes through the HTTP API, one at a time."""

    house: House
    caller: Caller
    number: int = 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        raw = None if body is None else json.dumps(body).encode()
        told = self.caller.ask(method, path.encode(), raw, WHO)
        return told.status, json.loads(told.body)

    def rows(self) -> int:
        return int(self.house.raw.execute("SELECT count(*) FROM change").fetchone()[0])

    def changes(self) -> Iterator[Ask]:
        """Yield calls for ever, each of which changes one thing; what one made, later ones change."""
        while True:
            self.number += 1
            n = self.number
            yield "POST", "/api/auth/keys", {"name": f"k{n}", "role": "Viewer", "secondsToLive": 60}
            yield "DELETE", f"/api/auth/keys/{self.newest('credential')}", None
            yield "POST", "/api/serviceaccounts", {"name": f"a{n}", "role": "Viewer"}
            account = f"/api/serviceaccounts/{self.newest('account')}"
            yield "PATCH", account, {"role": "Editor"}
            yield "PATCH", account, {"isDisabled": True}
            yield "POST", f"{account}/tokens", {"name": f"t{n}"}
            token = f"{account}/tokens/{self.newest('credential')}"
            yield "POST", f"{token}/rotate", {"graceSeconds": 60}
            yield "POST", f"{token}/revoke", None
            yield "DELETE", token, None
            yield "DELETE", account, None
            yield "PUT", "/api/org", {"name": f"Main Org. {n}"}
            yield "PUT", "/api/org/address", {"city": f"Delft {n}"}
            yield "POST", "/api/admin/users", {"login": f"p{n}", "password": f"canary person of {n}"}
            person = self.newest("account")
            yield "PATCH", f"/api/org/users/{person}", {"role": "Editor"}
            yield "POST", f"/api/admin/users/{person}/disable", None
            yield "DELETE", f"/api/admin/users/{person}", None

    def newest(self, table: str) -> int:
        return int(self.house.raw.execute(f"SELECT max(id) FROM {table}").fetchone()[0])


@pytest.mark.goal("G39")
@pytest.mark.catches("log_outside_tx")
@pytest.mark.usefixtures("planted")
def test_nothing_changes_without_its_row(goal: Goal, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    count = goal.size(smallest=16, commit=160, soak=1_000, release=10_000)
    log = Log(house, Caller(house.app))
    log.ask("GET", "/api/org")  # from now on the admin was seen
    before, wrong, half = log.rows(), list[str](), list[str]()
    honest = rows.add_change
    for number, call in zip(range(count), log.changes(), strict=False):
        if number < 32:
            content = list(house.raw.iterdump())
            monkeypatch.setattr(rows, "add_change", away)
            status, _ = log.ask(*call)
            monkeypatch.setattr(rows, "add_change", honest)
            if status != 503 or list(house.raw.iterdump()) != content:
                half.append(f"{call} without its row: {status}")
                break
        status, told = log.ask(*call)
        if status not in {200, 201} or log.rows() - before != number + 1:
            wrong.append(f"{call}: {status} {told}, {log.rows() - before} rows for {number + 1} changes")
            break
    log.caller.close()
    goal.tell("log", changes=count, rows=log.rows() - before, half=len(half), wrong=len(wrong))
    goal.hold(not half, half[:3])
    goal.hold(not wrong, wrong[:3])


def away(*_given: object) -> None:
    raise DatabaseUnavailable


@pytest.mark.goal("G39")
@pytest.mark.catches("chain_skips_row")
@pytest.mark.usefixtures("planted")
def test_every_later_edit_is_found(goal: Goal, house: House) -> None:
    count = goal.size(smallest=60, commit=300, soak=1_000, release=10_000)
    log = Log(house, Caller(house.app))
    for _, call in zip(range(120), log.changes(), strict=False):
        log.ask(*call)
    log.caller.close()
    last, unseen = log.rows(), list[str]()
    image = sqlite3.connect(":memory:")
    house.raw.backup(image)
    assert is_whole(house)
    for number in range(count):
        random = goal.random("edit", number)
        edit = random.choice(EDITS)(random, last)
        house.raw.executescript(edit)
        if is_whole(house):
            unseen.append(edit)
        image.backup(house.raw)  # deserialize() crashes with statements that were made ready before
    image.close()
    goal.tell("edits", rows=last, tampered=count, found=count - len(unseen))
    goal.hold(not unseen, unseen[:3])


def is_whole(house: House) -> bool:
    return verify_chain(house.database.read, progress=lambda _done, _all: None).is_whole


def an_alteration(random: Random, last: int) -> str:
    """Change one thing in one row."""
    column, kind = random.choice(list(COLUMNS.items()))
    value = {
        "text": f"{column} || 'x'",
        "number": f"coalesce({column}, 0) + 1",
        "detail": """'{"forged": true}'""",
        "hash": "zeroblob(32)",
    }[kind]
    return f"UPDATE change SET {column} = {value} WHERE id = {random.randint(1, last)}"


def a_deletion(random: Random, last: int) -> str:
    return f"DELETE FROM change WHERE id = {random.randint(1, last)}"


def a_cut(random: Random, last: int) -> str:
    """Take the newest away, as who plays an older copy back does."""
    return f"DELETE FROM change WHERE id > {random.randint(0, last - 1)}"


def a_swap(random: Random, last: int) -> str:
    one, other = random.sample(range(1, last + 1), 2)
    moves = ((one, -1), (other, one), (-1, other))
    return ";".join(f"UPDATE change SET id = {to} WHERE id = {at}" for at, to in moves)


def another_number(random: Random, last: int) -> str:
    to = random.choice((0, -random.randint(1, 99), last + random.randint(1, 99)))
    return f"UPDATE change SET id = {to} WHERE id = {random.randint(1, last)}"


def an_insertion(random: Random, last: int) -> str:
    """Put a row in, before all others or behind them, with the hash of an honest one."""
    to = random.choice((0, last + 1))
    copy = f"CREATE TEMP TABLE forged AS SELECT * FROM change WHERE id = {random.randint(1, last)}"
    return f"{copy}; UPDATE forged SET id = {to}; INSERT INTO change SELECT * FROM forged; DROP TABLE forged"


EDITS: tuple[Callable[[Random, int], str], ...] = (
    *(an_alteration, an_alteration, an_alteration, a_deletion, a_cut, a_swap, another_number, an_insertion),
)
