"""Time the lists of service accounts in a large organization, on both databases, over HTTP."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from statistics import median, quantiles

import httpx2
import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Table, insert

from keystead.core.access.roles import Role
from keystead.core.accounts.listing import BY_LOGIN
from keystead.core.clock import UnixSeconds
from keystead.core.paging import Cursor
from keystead.core.text import search_key
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from tools.bench_servers import PASSWORD, opened, planned, postgresql, served

ACCOUNTS, TOKENS_EACH = 100_000, 3
PAGE, ROUNDS = 50, 40
FIRST_ID = 1_000
AT_ONCE = 5_000  # rows a statement, which may last 2 s
MIDDLE = ACCOUNTS // 2
SEARCH = "/api/serviceaccounts/search"
LIST = "/org/serviceaccounts"


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    path: str
    query: dict[str, str]
    shows: str  # stands in the answer
    secret: str = ""  # of who asks; empty: the admin


def main() -> int:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="keystead-bench-")))
        folder.chmod(0o755)
        address = held.enter_context(postgresql(folder / "server"))
        measure("SQLite", folder / "sqlite", "")
        measure("PostgreSQL", folder / "postgresql", address)
    return 0


def measure(name: str, folder: Path, database_url: str) -> None:
    plan = planned(folder, database_url)
    plan.prepare()
    started = time.perf_counter()
    with opened(folder, database_url) as (database, deps):
        fill(database, deps.clock())
    print(
        f"{name}: {ACCOUNTS:,} accounts, {ACCOUNTS * TOKENS_EACH:,} tokens, "
        f"made in {time.perf_counter() - started:.0f} s; pages of {PAGE}"
    )
    with served(plan), httpx2.Client(base_url=f"http://127.0.0.1:{plan.port}", timeout=60) as client:
        client.post("/login", json={"user": "admin", "password": PASSWORD}).raise_for_status()
        for question in chain(questions(), filtered(client)):
            print(f"  {question.name:32} {told(client, question)}")


def questions() -> Iterator[Question]:
    """Yield what is asked; names are spread, so that a search by number finds some of all."""
    page = {"perpage": f"{PAGE}"}
    yield Question("API, first page", SEARCH, page, name_of(0))
    yield Question(
        "API, page in the middle", SEARCH, page | {"page": f"{MIDDLE // PAGE + 1}"}, name_of(MIDDLE)
    )
    yield Question("API, last page", SEARCH, page | {"page": f"{ACCOUNTS // PAGE}"}, name_of(ACCOUNTS - 1))
    yield Question("API, search with one hit", SEARCH, page | {"query": name_of(MIDDLE)}, name_of(MIDDLE))
    yield Question("API, search with many hits", SEARCH, page | {"query": "ROBOT"}, name_of(0))
    yield Question("API, search without a hit", SEARCH, page | {"query": "nobody"}, '"totalCount":0')
    yield Question("API, with an expired token", SEARCH, page | {"expiredTokens": "true"}, name_of(0))
    yield Question("API, disabled", SEARCH, page | {"disabled": "true"}, name_of(0))
    middle = Cursor(BY_LOGIN, login_of(MIDDLE - 1), FIRST_ID + MIDDLE - 1)
    last = Cursor(BY_LOGIN, login_of(ACCOUNTS - PAGE - 1), FIRST_ID + ACCOUNTS - PAGE - 1)
    yield Question("page, first", LIST, {}, name_of(0))
    yield Question("page, in the middle", LIST, {"after": f"{middle}"}, name_of(MIDDLE))
    yield Question("page, last", LIST, {"after": f"{last}"}, name_of(ACCOUNTS - 1))
    yield Question("page, search with one hit", LIST, {"query": name_of(MIDDLE)}, name_of(MIDDLE))
    yield Question("page, search with many hits", LIST, {"query": "ROBOT"}, name_of(0))
    yield Question("page, search without a hit", LIST, {"query": "nobody"}, "nobody")


def filtered(client: httpx2.Client) -> Iterator[Question]:
    """Yield the same list for an account that may read a few of the others, and one that may read many."""
    for count in (3, 3_000):
        ids = range(FIRST_ID + MIDDLE, FIRST_ID + MIDDLE + count)
        given = [{"action": "serviceaccounts:read", "scope": f"serviceaccounts:id:{id_}"} for id_ in ids]
        asked = {
            "name": f"reads {count}",
            "role": "Viewer",
            "permissions": given,
            "token": {"name": f"of {count}"},
        }
        made = client.post("/api/serviceaccounts", json=asked).raise_for_status().json()
        query = {"perpage": f"{PAGE}"}
        yield Question(f"API, of {count:,} readable", SEARCH, query, name_of(MIDDLE), made["token"]["key"])


def told(client: httpx2.Client, question: Question) -> str:
    """Ask so many times, and tell how long it took, in ms; the fastest is nearest to a quiet machine."""
    headers = {"Authorization": f"Bearer {question.secret}"} if question.secret else {}
    ask = partial(client.get, question.path, params=question.query, headers=headers)
    answer = ask()
    if answer.status_code == httpx2.codes.NOT_FOUND:
        return "is not there"
    if not answer.is_success or question.shows not in answer.text:
        raise SystemExit(f"{question.name}: {answer.status_code} {answer.text[:300]}")
    took = [timed(ask) for _ in range(ROUNDS)]
    slow = quantiles(took, n=20)[-1]
    figures = f"fastest {min(took):7.1f}   median {median(took):7.1f}   p95 {slow:7.1f} ms"
    return f"{figures}   {len(answer.content):9,} bytes"


def timed(ask: Callable[[], httpx2.Response]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def name_of(number: int) -> str:
    return f"robot {number:06}"


def login_of(number: int) -> str:
    return f"sa-robot-{number:06}"


def fill(database: Database, now: UnixSeconds) -> None:
    """Put in what the product would, without its checks, keys and log.

    PostgreSQL counts its rows at once, which it would do within a minute.
    """
    with database.write() as db:
        add(db, account, (account_row(number, now) for number in range(ACCOUNTS)))
        add(db, membership, (membership_row(number, now) for number in range(ACCOUNTS)))
        add(db, credential, (token_row(number, now) for number in range(ACCOUNTS * TOKENS_EACH)))
        if db.dialect.name == "postgresql":
            driver_of(db).execute("ANALYZE")


def add(db: Connection, table: Table, rows: Iterator[dict[str, object]]) -> None:
    """Add all rows. PostgreSQL takes them as one stream, or it would be minutes."""
    put = copy_in if db.dialect.name == "postgresql" else insert_all
    while some := list(islice(rows, AT_ONCE)):
        put(db, table, some)


def insert_all(db: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    db.execute(insert(table), rows)


def copy_in(db: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    columns = SQL(", ").join(map(Identifier, rows[0]))
    into = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
    with driver_of(db).cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def driver_of(db: Connection) -> "psycopg.Connection[tuple[object, ...]]":
    raw = db.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("only psycopg copies rows in")
    return raw


def account_row(number: int, now: UnixSeconds) -> dict[str, object]:
    return {
        "id": FIRST_ID + number,
        "kind": "serviceaccount",
        "home_org_id": 1,
        "login": login_of(number),
        "email": "",
        "name": name_of(number),
        "description": "",
        "search_key": search_key(login_of(number), name_of(number)),
        "is_server_admin": False,
        "is_disabled": number % 10 == 0,
        "theme": "",
        "help_flags": 0,
        "created_at": now,
        "updated_at": now,
    }


def membership_row(number: int, now: UnixSeconds) -> dict[str, object]:
    return {"org_id": 1, "account_id": FIRST_ID + number, "role": Role.VIEWER.value, "created_at": now}


def token_row(number: int, now: UnixSeconds) -> dict[str, object]:
    """Of every account's three tokens the last one has expired in every tenth account."""
    owner, which = divmod(number, TOKENS_EACH)
    name, is_over = f"token {number}", owner % 10 == 0 and which == TOKENS_EACH - 1
    return {
        "org_id": 1,
        "account_id": FIRST_ID + owner,
        "name": name,
        "search_key": search_key(name),
        "role": Role.VIEWER.value,
        "digest": number.to_bytes(32),
        "pepper_id": 1,
        "created_at": now - 86_400,
        "created_by_kind": "user",
        "created_by_id": 1,
        "expires_at": now - 60 if is_over else now + 86_400,
        "lifetime_s": 172_800,
        "last_used_at": now - number % 1_000 if number % 2 else None,
    }
