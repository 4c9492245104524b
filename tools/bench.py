"""Measure, in one run: what a verification costs beside the bare server, long lists, a migration, a scan.

Run: `make bench`, or `./run bench`; with `verify`, `accounts`, `migration`, `scan`, `terraform` one of them.

Everything listens on loopback, on one granian worker each, and stops by itself. Rounds take turns, because a
machine is never quiet; the middle one counts. The load comes from `wrk`, which Debian has.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from timeit import repeat

import httpx2
from sqlalchemy import Connection
from starlette.types import ASGIApp

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.mint import Minted
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage import credentials
from keystead.usecases import orgs
from keystead.usecases.grants import basic_grants
from tools import bench_accounts, bench_migration, bench_scan, bench_terraform
from tools.bench_apps import bare, slow
from tools.bench_servers import PASSWORD, opened, planned, postgresql, served

KEYS, LISTED = 100_000, 10_000
CONNECTIONS, ROUNDS, SECONDS = 32, 5, 3
ADMIN = Principal(
    kind=PrincipalKind.USER,
    account_id=AccountId(1),
    credential_id=None,
    session_id=None,
    org=OrgId(1),
    role=Role.ADMIN,
    login="admin",
    name="",
    is_server_admin=True,
    grants=basic_grants(Role.ADMIN, is_server_admin=True),
    origin=Origin(),
)


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    url: str
    header: str = ""


def main(asked: list[str]) -> int:
    """Return 1 when something is missing, 2 for a word that is none."""
    words = {
        "verify": verifications,
        "accounts": bench_accounts.main,
        "migration": bench_migration.main,
        "scan": bench_scan.main,
        "terraform": bench_terraform.main,
    }
    if unknown := [word for word in asked if word not in words]:
        print(f"{unknown[0]} is not measured; {', '.join(words)} are", file=sys.stderr)
        return 2
    return max(words[word]() for word in asked or words)


def verifications() -> int:
    if shutil.which("wrk") is None:
        print("the load comes from wrk: apt-get install wrk", file=sys.stderr)
        return 1
    ask_grants()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="keystead-bench-")))
        folder.chmod(0o755)
        address = held.enter_context(postgresql(folder / "server"))
        compare(
            [
                held.enter_context(stand_in("bare 204", partial(bare_app), folder)),
                held.enter_context(keystead("/auth/verify, SQLite", folder / "sqlite", "")),
                held.enter_context(keystead("/auth/verify, PostgreSQL", folder / "postgresql", address)),
                held.enter_context(
                    stand_in("PBKDF2, read, write", partial(slow, folder / "slow.db"), folder)
                ),
            ]
        )
    return 0


def ask_grants() -> None:
    """Time the question whether something is held, for principals to whom much or little was given."""
    for count in (10, 1_000, 10_000):
        given = [Permission("shop:sell", f"orders:id:{number}") for number in range(count)]
        grants = basic_grants(Role.EDITOR, is_server_admin=False).plus(given)
        asked = ("orders:id:7", f"orders:id:{count}")
        held, missing = (
            min(repeat(partial(grants.allows, "shop:sell", scope), number=20_000)) * 50 for scope in asked
        )
        print(f"{count:6} permissions: {held:.2f} µs where one is held, {missing:.2f} µs where none is")


def bare_app() -> ASGIApp:
    return bare


def compare(subjects: list[Subject]) -> None:
    lists(subjects[1])
    rounds: dict[str, list[tuple[float, str, str]]] = {subject.name: [] for subject in subjects}
    for _ in range(ROUNDS):
        for subject in subjects:
            rounds[subject.name].append(loaded(subject))
    plain = median(rate for rate, _, _ in rounds[subjects[0].name])
    for name, found in rounds.items():
        rate, p50, p99 = sorted(found)[len(found) // 2]
        print(f"{name:26} {rate:9.0f} requests/s  p50 {p50:>8}  p99 {p99:>8}  {rate / plain:5.2f} of bare")


def loaded(subject: Subject) -> tuple[float, str, str]:
    """Return requests a second and two percentiles."""
    header = ["-H", f"Authorization: {subject.header}"] if subject.header else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *header, subject.url]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own words
    if "Non-2xx" in told:
        raise SystemExit(f"{subject.name} refused requests:\n{told}")
    percentiles = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", told, re.MULTILINE))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    return float(rate[1]) if rate else 0.0, percentiles.get("50", "?"), percentiles.get("99", "?")


def lists(subject: Subject) -> None:
    """Time the complete list of an organization with many keys, and the first byte of its page."""
    base = subject.url.removesuffix("/auth/verify")
    named = {"X-Grafana-Org-Id": "2"}
    with httpx2.Client(base_url=base, timeout=60) as client:
        client.get("/api/user", auth=("admin", PASSWORD))
        took, answer = timed(lambda: client.get("/api/auth/keys", auth=("admin", PASSWORD), headers=named))
        print(f"list of {len(answer.json())} keys: {took:.0f} ms, {len(answer.content):,} bytes")
        form = {"user": "admin", "password": PASSWORD}
        client.post("/login", json=form)
        client.get("/org/apikeys", headers=named)
        took, answer = timed(lambda: client.get("/org/apikeys", headers=named))
        rows = answer.text.count('scope="row"')
        print(f"page of {rows} of them: {took:.0f} ms, {len(answer.content):,} bytes")


def timed(ask: Callable[[], httpx2.Response]) -> tuple[float, httpx2.Response]:
    started = time.perf_counter()
    answer = ask()
    return (time.perf_counter() - started) * 1000, answer


@contextmanager
def stand_in(name: str, load_app: Callable[[], ASGIApp], folder: Path) -> Iterator[Subject]:
    plan = replace(planned(folder / "none", ""), load_app=load_app)
    with served(plan):
        yield Subject(name, f"http://127.0.0.1:{plan.port}/")


@contextmanager
def keystead(name: str, folder: Path, database_url: str) -> Iterator[Subject]:
    """Serve an installation with so many keys, one of which is asked about."""
    plan = planned(folder, database_url)
    plan.prepare()
    key = filled(folder, database_url)
    with served(plan):
        yield Subject(name, f"http://127.0.0.1:{plan.port}/auth/verify", f"Bearer {key.reveal()}")


def filled(folder: Path, database_url: str) -> Secret:
    """Put the keys into the database, give the admin a password, and return one of the keys."""
    with opened(folder, database_url) as (database, deps), database.write() as db:
        other = orgs.create_org(db, ADMIN, name="Many keys", clock=deps.clock)
        made = [
            a_key(
                db,
                deps.keys.mint.new_key,
                OrgId(1) if number < KEYS else other,
                f"key {number}",
                deps.clock(),
            )
            for number in range(KEYS + LISTED)
        ]
    return made[KEYS // 2]


def a_key(
    db: Connection, new_key: Callable[[str, OrgId], Minted], org: OrgId, name: str, at: UnixSeconds
) -> Secret:
    minted = new_key(name, org)
    credentials.add_key(
        db, org, name=name, role=Role.VIEWER, digest=minted.digest, by=ADMIN, at=at, expires_at=None
    )
    return minted.secret


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
