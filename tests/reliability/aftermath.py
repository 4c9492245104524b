"""What a database must look like after a crash: every acknowledged change, nothing half done."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from keystead.core.changes.chain import GENESIS, hash_of
from keystead.storage import changes
from keystead.storage.engine import open_sqlite
from keystead.storage.epoch import counter_in_memory
from tests.reliability.client import Client, bearer, cookie
from tests.reliability.load import Load, State, Thing
from tests.reliability.servers import Server, admin_session

CHANGED_BY = {
    "apikey.create",
    "apikey.delete",
    "user.create",
    "user.delete",
    "user.disable",
    "user.enable",
    "member.role",
}


def lost_changes(load: Load, states: dict[str, State]) -> list[str]:
    """Return the things whose state is none that the acknowledged changes allow."""
    return [
        f"{thing.name} is {states.get(thing.name)}, may be {thing.states}"
        for thing in load.things
        if states.get(thing.name) not in thing.states
    ]


def states_in(database: Path) -> dict[str, State]:
    """Return the state of every key and person, as the tables say."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        keys = db.execute("SELECT name FROM credential WHERE account_id IS NULL").fetchall()
        people = db.execute(
            "SELECT a.login, m.role, a.is_disabled FROM account a JOIN membership m ON m.account_id = a.id"
        ).fetchall()
    found: dict[str, State] = {name: ("Viewer", False) for (name,) in keys}
    return found | {login: (role, bool(is_disabled)) for login, role, is_disabled in people}


def half_done(load: Load, database: Path, states: dict[str, State]) -> Iterator[str]:
    """Yield what the log and the tables do not agree on, and what is broken in itself."""
    told, often = states_in_log(database)
    for thing in load.things:
        if told.get(thing.name) != states.get(thing.name):
            yield f"{thing.name} is {states.get(thing.name)}, and the log says {told.get(thing.name)}"
        if not thing.acked <= often[thing.name] <= thing.acked + thing.unknown:
            yield f"{thing.name} has {often[thing.name]} rows of the log for {thing.acked} changes"
    yield from broken_rows(database)
    yield from broken_chain(database)


def states_in_log(database: Path) -> tuple[dict[str, State], Counter[str]]:
    """Return what follows from the log alone, and how many rows each thing has."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT action, target_name, detail FROM change ORDER BY id").fetchall()
    states: dict[str, State] = {}
    often: Counter[str] = Counter()
    for action, name, detail in rows:
        if action not in CHANGED_BY:
            continue
        often[name] += 1
        states[name] = after(states.get(name), action, json.loads(detail))
    return states, often


def after(before: State, action: str, detail: dict[str, str]) -> State:
    role, is_disabled = before or ("Viewer", False)
    match action:
        case "apikey.create":
            return ("Viewer", False)
        case "user.create" | "member.role":
            return (detail["role"], is_disabled)
        case "user.disable" | "user.enable":
            return (role, action == "user.disable")
        case _:
            return None


_WHOLE = {
    "PRAGMA integrity_check": [("ok",)],
    "PRAGMA foreign_key_check": [],
    "SELECT a.login FROM account a LEFT JOIN membership m ON m.account_id = a.id WHERE m.role IS NULL": [],
    "SELECT name FROM credential GROUP BY org_id, name HAVING count(*) > 1": [],
    "SELECT login FROM account GROUP BY lower(login) HAVING count(*) > 1": [],
    "SELECT a.login FROM account a LEFT JOIN login_name n ON n.account_id = a.id"
    " WHERE a.kind = 'user' AND n.key IS NULL": [],
    "SELECT id FROM change WHERE id > (SELECT count(*) FROM change)": [],
}


def broken_rows(database: Path) -> Iterator[str]:
    with sqlite3.connect(database) as db:
        for query, wanted in _WHOLE.items():
            found = db.execute(query).fetchall()
            if found != wanted:
                yield f"{query}: {found[:3]}"


def broken_chain(database: Path) -> Iterator[str]:
    opened = open_sqlite(database, counter_in_memory())
    previous = GENESIS
    with opened.read() as db:
        for entry, hash_ in changes.list_changes(db):
            previous = hash_of(previous, entry)
            if previous != hash_:
                yield f"the chain breaks at row {entry.id}"
                break
    opened.close()


def wrong_secrets(server: Server, things: Sequence[Thing]) -> list[str]:
    """Return the keys whose secret does not do what the key's state says."""
    wrong = []
    client = Client(server.port)
    for thing in things:
        if thing.secret and thing.is_sure:
            client.who = bearer(thing.secret)
            wanted = 401 if thing.states == {None} else 200
            status = client.get("/api/access-control/status").status
            if status != wanted:
                wrong.append(f"{thing.name} answers {status}, not {wanted}")
    client.close()
    return wrong


def living_sessions(server: Server, values: Sequence[str]) -> list[str]:
    """Return the ended sessions that still open something."""
    client = Client(server.port)
    alive = []
    for value in values:
        client.who = cookie(value)
        if client.get("/api/user/orgs").status != 401:
            alive.append("a session whose end was acknowledged")
    client.close()
    return alive


def states_over_http(server: Server) -> dict[str, State]:
    """Return the state of every key and person, as the API says."""
    client = Client(server.port, cookie(admin_session(server.port)))
    keys = client.get("/api/auth/keys?includeExpired=true").json
    people = client.get("/api/org/users").json
    client.close()
    found: dict[str, State] = {key["name"]: ("Viewer", False) for key in keys}
    return found | {person["login"]: (person["role"], person["isDisabled"]) for person in people}
