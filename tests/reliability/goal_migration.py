"""G16: a migration that is killed and resumed keeps every key working at every moment."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, select

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.model import JobState, MigrationId
from keystead.storage.engine import Database, open_sqlite
from keystead.storage.epoch import counter_in_memory
from keystead.storage.schema import account, credential, membership
from keystead.storage.upgrade import upgrade_schema
from keystead.usecases.migration_runner import MigrationRunner
from tests.makers import NOON, a_principal, an_api_key, an_installation, an_org
from tests.reliability.conftest import NewDatabase, NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import LIFETIME_S
from tests.reliability.migrating import MIGRATE, REFUSES, Keys, Probers, Rows, as_admin, in_org, made_org
from tests.reliability.servers import Installation, Server

KEYS = "/api/auth/keys"


def migrated_under_fire(goal: Goal, title: str, installation: Installation, servers: int) -> None:
    """Migrate all keys while servers are killed and callers call; then judge the rows."""
    running = [installation.start() for _ in range(servers)]
    with closing(Rows(installation)) as rows:
        keys = filled(goal, rows, running[0].port)
        before = rows_of(rows)
        probers = Probers(keys.made, [server.port for server in running])
        probers.begin()
        begun(keys, running[0].port)
        kills = killed_meanwhile(goal, installation, running, rows, probers)
        probers.end()
        judged(goal, title, rows, keys, before=before, probers=probers, kills=kills)
        retried(goal, rows, keys, probers.ports[0])


def killed_meanwhile(
    goal: Goal, installation: Installation, running: list[Server], rows: Rows, probers: Probers
) -> int:
    """Kill one of the servers whenever so many keys are migrated, and start it again, until all are."""
    kills, random = goal.size(smallest=1, commit=4, soak=200, release=2_000), goal.random("kills")
    for point in sorted(random.choices(range(1, len(probers.keys)), k=kills)):
        wait_until(lambda point=point: rows.progress() >= point or not rows.running())  # type: ignore[misc] # this point
        which = random.randrange(len(running))
        running[which].kill()
        running[which] = installation.start()
        probers.ports[which] = running[which].port
    wait_until(lambda: not rows.running())
    return kills


def judged(
    goal: Goal,
    title: str,
    rows: Rows,
    keys: Keys,
    *,
    before: dict[object, tuple[object, ...]],
    probers: Probers,
    kills: int,
) -> None:
    found = wrong_rows(rows, keys, before)
    told = {name: len(wrong) for name, wrong in found.items()}
    probed = {"probes": probers.asked, "gaps": probers.wrong.total()}
    goal.tell(title, keys=len(keys.made), kills=kills, **probed, **told)
    goal.hold(not probers.wrong, f"answered otherwise: {probers.wrong.most_common(5)}")
    for name, wrong in found.items():
        goal.hold(not wrong, f"{name}: {wrong[:5]}")


def filled(goal: Goal, rows: Rows, port: int) -> Keys:
    """Make keys of every kind: alive, over, revoked, and one in each organization that cannot be migrated."""
    admin = as_admin(port)
    keys = Keys([1, *(made_org(admin, number) for number in (2, 3))])
    keys.make(admin, goal.size(smallest=30, commit=60, soak=500), goal.random("keys"))
    admin.close()
    rows.run(f"UPDATE credential SET revoked_at = 1 WHERE id IN ({', '.join(map(str, keys.revoked))})")
    rows.refuse()
    time.sleep(1.1)  # the short-lived ones are over
    return keys


def begun(keys: Keys, port: int) -> None:
    admin = as_admin(port)
    for org in keys.orgs:
        started = admin.ask("POST", f"{MIGRATE}?async=true", headers=in_org(org))
        assert started.is_good, started.body
    admin.close()


def retried(goal: Goal, rows: Rows, keys: Keys, port: int) -> None:
    """What failed is done by a second migration when its cause is gone."""
    admin = as_admin(port)
    ends = [admin.ask("POST", MIGRATE, headers=in_org(org)) for org in keys.orgs]
    goal.hold({end.status for end in ends} == {409}, [end.body[:200] for end in ends])
    rows.accept()
    ends = [admin.ask("POST", MIGRATE, headers=in_org(org)) for org in keys.orgs]
    goal.hold({end.status for end in ends} == {200}, [end.body[:200] for end in ends])
    goal.hold({len(end.json["results"]) for end in ends} == {1}, "more or less was left than one key")
    closed = admin.ask("POST", KEYS, {"name": "late", "role": "Viewer", "secondsToLive": LIFETIME_S})
    admin.close()
    goal.hold(closed.status == 403, f"a migrated organization makes keys: {closed.status}")


def wait_until(is_so: Callable[[], bool], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "nothing moves"
        time.sleep(0.004)


def rows_of(rows: Rows) -> dict[object, tuple[object, ...]]:
    """Return what must stay of each key, by its id."""
    kept = "id, org_id, name, role, created_at, expires_at, revoked_at"
    return {row[0]: row for row in rows.ask(f"SELECT {kept} FROM credential")}


def wrong_rows(rows: Rows, keys: Keys, before: dict[object, tuple[object, ...]]) -> dict[str, list[object]]:
    """Return what is wrong with the rows."""
    joined = rows.ask(
        "SELECT c.id, c.name, c.role, c.account_id, a.from_key, m.role, a.home_org_id, c.org_id "
        "FROM credential c LEFT JOIN account a ON a.id = c.account_id "
        "LEFT JOIN membership m ON m.account_id = a.id"
    )
    made = {key.id: key for key in keys.made}
    migrated = [row for row in joined if row[3] is not None]
    owners = Counter(row[3] for row in migrated)
    accounts = rows.ask("SELECT id FROM account WHERE from_key IS NOT NULL")
    ends = rows.ask("SELECT state, failed, total FROM migration")
    results = rows.ask("SELECT credential_id, count(*) FROM migration_key GROUP BY credential_id")
    return {
        "left": [row for row in joined if row[3] is None and made[int(str(row[0]))].name != REFUSES],
        "doubled": [one for one in owners.values() if one != 1]
        + [one for (one,) in accounts if one not in owners],
        "wrong_role": [row for row in migrated if row[2] != row[5] or row[6] != row[7] or row[4] != row[1]],
        "changed": [id_ for id_, row in rows_of(rows).items() if row != before[id_]],
        "untold": [key for key in made if (key, 1) not in results],
        "ends": [end for end in ends if end[:2] != ("failed", 1)],
    }


@pytest.mark.goal("G16", "F13")
@pytest.mark.catches("stop_at_first_failure", "detach_before_attach")
def test_a_killed_migration_goes_on_with_sqlite(goal: Goal, new_installation: NewInstallation) -> None:
    migrated_under_fire(goal, "killed-sqlite", new_installation(), 1)


@pytest.mark.goal("G16", "F13")
@pytest.mark.catches("stop_at_first_failure", "detach_before_attach")
def test_a_killed_migration_goes_on_with_another_replica(
    goal: Goal, new_installation: NewInstallation, new_database: NewDatabase
) -> None:
    migrated_under_fire(goal, "killed-postgresql", new_installation(database_url=new_database()), 2)


class Killed(BaseException):
    """As a process that ends: nothing catches it, and whatever was not committed is gone."""


def runner_on(database: Database, now: int = NOON) -> MigrationRunner:
    holders = count()
    return MigrationRunner(
        read=database.read,
        write=database.write,
        clock=lambda: UnixSeconds(now),
        pause=lambda _s: None,
        monotonic=lambda: 0.0,
        new_holder=lambda: f"at {now} {next(holders)}",
        on_failure=lambda _error, _key: None,
    )


def rows_in(database: Database) -> dict[str, set[tuple[object, ...]]]:
    """Return what there is in the end, without the ids that differ with every try."""
    with database.read() as db:
        owned = (
            select(credential.c.id, credential.c.role, account.c.login, membership.c.role)
            .outerjoin(account, account.c.id == credential.c.account_id)
            .outerjoin(membership, membership.c.account_id == account.c.id)
        )
        return {
            "credential": {tuple(row) for row in db.execute(owned)},
            "account": {tuple(row) for row in db.execute(select(account.c.login, account.c.from_key))},
        }


@pytest.mark.goal("G16")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_at_each_statement_it_ends_as_if_it_had_not_been(
    goal: Goal, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database = on_disk(tmp_path) if kind == "sqlite" else request.getfixturevalue(f"{kind}_database")
    with database.write() as db:
        an_installation(db)
        homes = [an_org(db, name=f"org {number}") for number in range(400)]
    points, wrong = 0, list[int]()
    for point, home in enumerate(homes):
        by = a_principal(home)
        with database.write() as db:
            ids = [an_api_key(db, home, name=name, role=Role.EDITOR) for name in ("b", "a")]
        job = runner_on(database).start(by).id
        try:
            with dying_at(database, point):
                runner_on(database).work_on(home, job, None)
        except Killed:
            points += 1
        else:
            break
        ended = runner_on(database, NOON + 60).wait(by, job)
        wrong += [point] if ended.state is not JobState.DONE or ended.done != len(ids) else []
        wrong += [point] if not is_whole(database, by, job, ids) else []
    if kind == "sqlite":
        database.close()
    goal.tell(f"statements-{kind}", kills=points, wrong=len(wrong))
    assert points > 30
    goal.hold(not wrong, f"killed before statement {wrong[:5]}")


def on_disk(folder: Path) -> Database:
    database = open_sqlite(folder / "keystead.db", counter_in_memory())
    upgrade_schema(database)
    return database


def is_whole(database: Database, by: Principal, job: MigrationId, ids: list[CredentialId]) -> bool:
    assert job
    found = rows_in(database)
    mine = {row for row in found["credential"] if row[0] in ids}
    logins = {f"sa-autogen-{by.org}-{name}" for name in "ab"}
    is_owned = {row[1:] for row in mine} == {("Editor", login, "Editor") for login in logins}
    return is_owned and len({row for row in found["account"] if str(row[0]) in logins}) == len(ids)


class dying_at:  # noqa: N801 - reads as what it does
    """Kill whoever runs its statement of this number."""

    def __init__(self, database: Database, point: int) -> None:
        self.engine, self.left = database.writer, point

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self.count)
        event.listen(self.engine, "commit", self.count)

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.count)
        event.remove(self.engine, "commit", self.count)

    def count(self, *_given: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed
