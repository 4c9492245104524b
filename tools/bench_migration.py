"""Migrate all keys of a large organization over HTTP, on both databases, while one of them is used."""

import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import httpx2
from sqlalchemy import insert

from keystead.core.access.roles import ROLES_ASCENDING
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.text import search_key
from keystead.http.deps import Deps
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from tools.bench_servers import PASSWORD, opened, planned, postgresql, served

KEYS = 10_000
AT_ONCE = 1_000  # rows a statement
MIGRATE = "/api/serviceaccounts/migrate"
_RESIDENT = "VmRSS:"


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
    with opened(folder, database_url) as (database, deps):
        key = fill(database, deps)
    with served(plan) as pid, httpx2.Client(base_url=f"http://127.0.0.1:{plan.port}", timeout=600) as client:
        client.post("/login", json={"user": "admin", "password": PASSWORD}).raise_for_status()
        watch = Watch(f"{client.base_url}", key, pid)
        planning = asked(client, {"dryRun": "true"})
        before = watch.resident_mib()
        with watch:
            doing = asked(client, {})
        print(f"{name}: {KEYS:,} keys")
        print(f"  plan of all            {planning:7.1f} s")
        print(f"  migration of all       {doing:7.1f} s   {doing / KEYS * 1000:.2f} ms a key")
        print(f"  memory of the server   {before:7.0f} MiB before, {watch.most_mib:.0f} MiB at most")
        slow = quantiles(watch.took_ms, n=100)[-1]
        print(
            f"  one key all the while  {len(watch.took_ms):7,} requests, {watch.refused} refused, "
            f"median {median(watch.took_ms):.1f} ms, p99 {slow:.1f} ms"
        )


def asked(client: httpx2.Client, query: dict[str, str]) -> float:
    """Return how long the answer took, in s, which tells of every key."""
    started = time.perf_counter()
    answer = client.post(MIGRATE, params=query)
    took = time.perf_counter() - started
    if not answer.is_success or len(answer.json()["results"]) != KEYS:
        raise SystemExit(f"{answer.status_code} {answer.text[:300]}")
    return took


@dataclass(slots=True)
class Watch:
    """Uses one key without a pause, and looks at the memory of the server."""

    base_url: str
    key: Secret
    pid: int
    took_ms: list[float] = field(default_factory=list)
    refused: int = 0
    most_mib: float = 0
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join()

    def watch(self) -> None:
        headers = {"Authorization": f"Bearer {self.key.reveal()}"}
        with httpx2.Client(base_url=self.base_url, headers=headers) as client:
            while not self.stop.is_set():
                started = time.perf_counter()
                self.refused += client.get("/auth/verify").status_code != httpx2.codes.OK
                self.took_ms.append((time.perf_counter() - started) * 1000)
                self.most_mib = max(self.most_mib, self.resident_mib())
                time.sleep(0.01)

    def resident_mib(self) -> float:
        """Return the sum of the parent and its workers."""
        pids = [self.pid, *map(int, Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())]
        return sum(resident_kib(pid) for pid in pids) / 1024


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(_RESIDENT)), 0)


def fill(database: Database, deps: Deps) -> Secret:
    """Put in what the product would, without its checks and log; return the key in the middle."""
    mint, now, org = deps.keys.mint, deps.clock(), OrgId(1)
    middle: Secret | None = None
    for start in range(0, KEYS, AT_ONCE):
        rows = []
        for number in range(start, start + AT_ONCE):
            name, role = f"key {number:05}", ROLES_ASCENDING[number % 3]
            minted = mint.new_key(name, org)
            middle = minted.secret if number == KEYS // 2 else middle
            rows.append(
                {
                    "org_id": org,
                    "name": name,
                    "search_key": search_key(name, role),
                    "role": role.value,
                    "digest": minted.digest.value,
                    "pepper_id": minted.digest.pepper_id,
                    "created_at": now,
                    "created_by_kind": "user",
                    "created_by_id": 1,
                }
            )
        with database.write() as db:
            db.execute(insert(credential), rows)
    if middle is None:
        raise ValueError(KEYS)
    return middle
