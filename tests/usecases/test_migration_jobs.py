"""All keys of an organization, one after the other, by whoever is alive."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from sqlalchemy import Connection, event, update

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.migration.errors import KeyAboveOwn, MigrationNotFound, TooManyWait
from keystead.core.migration.model import JobState, KeyResult, KeyStatus, Migration, MigrationId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.paging import PAGE_SIZE
from keystead.storage import changes as log
from keystead.storage import credentials, serviceaccounts
from keystead.storage import migration as keys
from keystead.storage import migrations as rows
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from keystead.storage.schema_migration import migration as job_table
from keystead.usecases import migration, migration_jobs, migration_runner, orgs
from keystead.usecases.migration_plan import PlanPageAsked
from keystead.usecases.migration_runner import BUSY, UNEXPECTED, MigrationRunner
from keystead.usecases.transaction import Transaction
from tests.makers import NOON, a_principal, an_api_key, an_installation, an_org


@dataclass
class HandClock:
    now: UnixSeconds = NOON
    elapsed_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> UnixSeconds:
        return self.now

    def monotonic(self) -> float:
        return self.elapsed_s

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.elapsed_s += seconds


@dataclass
class Failures:
    told: list[tuple[str, CredentialId | None]] = field(default_factory=list)

    def __call__(self, error: Exception, key: CredentialId | None) -> None:
        self.told.append((type(error).__name__, key))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def failures() -> Failures:
    return Failures()


@pytest.fixture
def runner(database: Database, clock: HandClock, failures: Failures) -> MigrationRunner:
    return a_runner(database, clock, failures)


_holders = count(1)


def a_runner(database: Database, clock: HandClock, failures: Failures | None = None) -> MigrationRunner:
    return MigrationRunner(
        read=database.read,
        write=database.write,
        clock=clock,
        pause=clock.pause,
        monotonic=clock.monotonic,
        new_holder=lambda: f"holder {next(_holders)}",
        on_failure=failures or Failures(),
    )


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_principal(home)


def some_keys(database: Database, org: OrgId, *names: str, role: Role = Role.VIEWER) -> list[CredentialId]:
    with database.write() as db:
        return [an_api_key(db, org, name=name, role=role) for name in names]


def damage(database: Database, name: str) -> None:
    """Make a row that no code of ours writes, and none can read."""
    with database.write() as db:
        db.execute(update(credential).where(credential.c.name == name).values(role="Owner"))


def results(database: Database, by: Principal, job: MigrationId) -> list[KeyResult]:
    return [result for part in migration_jobs.list_results(database.read, by, job) for result in part]


def told(database: Database, by: Principal, job: MigrationId) -> list[tuple[str, str]]:
    return [(result.name, result.status.value) for result in results(database, by, job)]


def actions(database: Database) -> list[str]:
    with database.read() as db:
        return [entry.action for entry, _hash in log.list_changes(db)]


def is_closed(database: Database, by: Principal) -> bool:
    with database.read() as db:
        return migration.get_flags(db, by).is_migrated


def migrate_all(runner: MigrationRunner, by: Principal) -> Migration:
    return runner.wait(by, runner.start(by).id)


class TestMigratingAllKeys:
    def test_makes_each_a_token_and_closes_the_organization(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "b", "a", "c")
        job = migrate_all(runner, admin)
        assert (job.state, job.total, job.done, job.failed) == (JobState.DONE, 3, 3, 0)
        assert told(database, admin, job.id) == [(name, "migrated") for name in "abc"]
        assert is_closed(database, admin)
        assert actions(database) == ["migration.start", *["apikey.migrate"] * 3, "apikeys.close"]

    def test_leaves_other_organizations_alone(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
        some_keys(database, other, "theirs")
        some_keys(database, admin.org_here, "ours")
        migrate_all(runner, admin)
        with database.read() as db:
            flags = keys.get_flags(db, other)
        assert (flags.has_keys, flags.is_migrated) == (True, False)

    def test_closes_an_organization_without_keys_at_once(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        job = runner.start(admin)
        assert (job.state, job.total, job.finished_at) == (JobState.DONE, 0, NOON)
        assert is_closed(database, admin)
        assert runner.start(admin) == job
        assert actions(database) == ["apikeys.close", "migration.start"]

    def test_again_does_what_is_left(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a")
        first = migrate_all(runner, admin)
        again = migrate_all(runner, admin)
        assert again.id != first.id
        assert (again.state, again.total) == (JobState.DONE, 0)
        some_keys(database, admin.org_here, "late")  # as from an undone migration
        assert told(database, admin, migrate_all(runner, admin).id) == [("late", "migrated")]
        assert actions(database).count("apikeys.close") == 1

    def test_is_refused_while_a_key_stands_above_oneself(
        self, database: Database, runner: MigrationRunner, home: OrgId
    ) -> None:
        some_keys(database, home, "a")
        some_keys(database, home, "b", role=Role.EDITOR)
        with pytest.raises(KeyAboveOwn):
            runner.start(a_principal(home, role=Role.VIEWER))
        assert actions(database) == []
        assert migrate_all(runner, a_principal(home, role=Role.EDITOR)).done == 2

    def test_needs_an_organization_that_is_there(self, runner: MigrationRunner, home: OrgId) -> None:
        with pytest.raises(OrgNotFound):
            runner.start(a_principal(OrgId(home + 99)))

    def test_takes_a_key_that_is_made_meanwhile(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "b", "c")
        job = runner.start(admin).id
        runner.work_on(admin.org_here, job, clock.elapsed_s + 0.001)  # one key
        some_keys(database, admin.org_here, "a")
        ended = runner.wait(admin, job)
        assert (ended.state, ended.total) == (JobState.DONE, 3)
        assert told(database, admin, job) == [(name, "migrated") for name in "abc"]

    def test_passes_a_key_that_goes_or_is_migrated_by_itself_meanwhile(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        _first, gone, single = some_keys(database, admin.org_here, "a", "b", "c")
        job = runner.start(admin).id
        with database.write() as db:
            turn = a_turn(db, admin.org_here, job, clock)
            credentials.delete_key(db, admin.org_here, gone)
            migration.migrate_key(db, admin, single, clock=clock)
            assert migration_jobs.migrate_next(db, turn, gone, "b", clock=clock)
            assert migration_jobs.note_failure(db, turn, single, "c", why="late", clock=clock)
            rows.set_free(db, admin.org_here, turn)
        ended = runner.wait(admin, job)
        assert (ended.state, ended.total, ended.failed) == (JobState.DONE, 1, 0)
        assert told(database, admin, job) == [("a", "migrated")]

    def test_ends_when_the_last_keys_are_gone(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        (key,) = some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        with database.write() as db:
            credentials.delete_key(db, admin.org_here, key)
        assert runner.wait(admin, job).state is JobState.DONE
        assert is_closed(database, admin)


def a_turn(db: Connection, org: OrgId, job: MigrationId, clock: HandClock) -> rows.Turn:
    turn = rows.set_lease(
        db, org, job, holder="test", now=clock.now, until=migration_jobs.lease_from(clock.now)
    )
    assert turn is not None
    return turn


@pytest.mark.goal("F13")
class TestAKeyThatCannotBeMigrated:
    def test_stops_none_of_the_others(
        self, database: Database, runner: MigrationRunner, admin: Principal, failures: Failures
    ) -> None:
        _a, damaged, _c = some_keys(database, admin.org_here, "a", "b", "c")
        damage(database, "b")
        job = migrate_all(runner, admin)
        assert (job.state, job.total, job.done, job.failed) == (JobState.FAILED, 3, 2, 1)
        assert not is_closed(database, admin)
        assert failures.told == [("ValueError", damaged)]
        with database.write() as db:
            db.execute(update(credential).where(credential.c.name == "b").values(role="Viewer"))
            failed = migration_jobs.list_result_page(
                db, admin, job.id, PlanPageAsked(), status=KeyStatus.FAILED
            )
        assert [(row.name, row.error) for row in failed.rows] == [("b", UNEXPECTED)]
        again = migrate_all(runner, admin)
        assert (again.state, again.total) == (JobState.DONE, 1)
        assert is_closed(database, admin)

    def test_is_told_when_it_stands_above_whoever_began(
        self, database: Database, runner: MigrationRunner, home: OrgId, failures: Failures
    ) -> None:
        editor = a_principal(home, role=Role.EDITOR)
        some_keys(database, home, "a", role=Role.EDITOR)
        job = runner.start(editor).id
        some_keys(database, home, "b", role=Role.ADMIN)
        assert runner.wait(editor, job).state is JobState.FAILED
        failed = [one for one in results(database, editor, job) if one.status is KeyStatus.FAILED]
        assert [(one.name, one.error) for one in failed] == [("b", KeyAboveOwn.message)]
        assert failures.told == []

    def test_is_tried_again_while_the_database_is_busy(
        self, database: Database, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a", "b")
        runner = a_runner(database, clock)
        job = runner.start(admin).id
        busy = Busy(database.write, times=2)
        assert replace(runner, write=busy).wait(admin, job).state is JobState.DONE
        assert clock.pauses.count(migration_runner.BETWEEN_TRIES_S) == 2

    def test_is_given_up_after_three_times(
        self, database: Database, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a", "b")
        runner = a_runner(database, clock)
        job = runner.start(admin).id
        assert replace(runner, write=Busy(database.write, times=3)).wait(admin, job).state is JobState.FAILED
        told_ = [(one.name, one.error) for one in results(database, admin, job)]
        assert told_ == [("a", BUSY), ("b", None)]


@dataclass
class Busy:
    """A database that is away for some transactions, from the second on: the first takes the job."""

    honest: Transaction
    times: int
    opened: int = 0

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        self.opened += 1
        if 1 < self.opened <= 1 + self.times:
            raise DatabaseUnavailable("busy")
        with self.honest() as db:
            yield db


class TestWhoWorksOnAJob:
    def test_is_one_at_a_time(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        with database.write() as db:
            a_turn(db, admin.org_here, job, clock)
        assert not runner.work_on(admin.org_here, job, None)
        assert not runner.continue_some()

    def test_may_be_anybody_when_whoever_had_it_is_gone(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a", "b")
        job = runner.start(admin).id
        with database.write() as db:
            killed = a_turn(db, admin.org_here, job, clock)
        clock.now = migration_jobs.lease_from(clock.now)
        assert runner.continue_some()
        with database.write() as db:
            assert not migration_jobs.migrate_next(db, killed, CredentialId(1), "a", clock=clock)
            assert not migration_jobs.note_failure(db, killed, CredentialId(1), "a", why="x", clock=clock)
            assert migration_jobs.end_job(db, killed, clock=clock)
        assert runner.wait(admin, job).done == 2

    def test_lets_go_of_it_after_a_while(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        count_ = int(migration_runner.SLICE_S / migration_runner.BETWEEN_S) + 5
        some_keys(database, admin.org_here, *(f"k{number}" for number in range(count_)))
        job = runner.start(admin)
        assert runner.continue_some()
        with database.read() as db:
            half = migration_jobs.find_job(db, admin, job.id)
        assert half.is_running
        assert 0 < half.done < count_
        assert runner.continue_some()
        assert not runner.continue_some()
        assert runner.wait(admin, job.id).state is JobState.DONE

    def test_goes_on_when_one_is_made_at_the_very_end(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a")
        damage(database, "a")
        job = runner.start(admin).id
        real_read = runner.read
        late = iter([True])

        @contextmanager
        def read() -> Iterator[Connection]:
            with real_read() as db:
                yield db
            with database.read() as db:
                was_tried = rows.get_next_key_or_none(db, admin.org_here, job, after="") is None
            if was_tried and next(late, False):
                some_keys(database, admin.org_here, "b")

        assert replace(runner, read=read).work_on(admin.org_here, job, None)
        with database.read() as db:
            ended = migration_jobs.find_job(db, admin, job)
        assert (ended.done, ended.failed) == (1, 1)

    def test_is_left_for_later_when_the_database_is_away(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        assert not replace(runner, write=Busy(database.write, times=9)).continue_some()
        with database.write() as db:
            db.execute(update(job_table).values(lease_until=NOON))
        assert runner.wait(admin, job).done == 1

    def test_goes_on_looking_when_one_job_cannot_be_worked_on(
        self, database: Database, runner: MigrationRunner, admin: Principal, failures: Failures
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id

        def write() -> AbstractContextManager[Connection]:
            raise ZeroDivisionError

        assert not replace(runner, write=write).continue_some()
        assert failures.told == [("ZeroDivisionError", None)]
        assert runner.wait(admin, job).done == 1

    def test_looks_in_vain_while_the_database_is_away(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a")
        runner.start(admin)
        away = Busy(database.read, times=1, opened=1)
        assert not replace(runner, read=away).continue_some()
        assert replace(runner, read=away).continue_some()

    def test_stops_with_the_organization(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        with database.write() as db:
            by = a_principal(an_org(db, name="other"))
            orgs.delete_org(db, by, admin.org_here, clock=clock)
        assert not runner.work_on(admin.org_here, job, None)
        with pytest.raises(MigrationNotFound):
            runner.wait(admin, job)


class TestWaiting:
    def test_has_a_limit(
        self, database: Database, runner: MigrationRunner, admin: Principal, clock: HandClock
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        with database.write() as db:
            a_turn(db, admin.org_here, job, clock)
        assert runner.wait(admin, job, within_s=5).is_running
        assert clock.elapsed_s == pytest.approx(5, abs=0.2)

    def test_gives_all_who_began_one_result(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a", "b")
        first, second = runner.start(admin), runner.start(admin)
        assert first == second
        assert runner.wait(admin, first.id) == runner.wait(admin, second.id)
        assert actions(database).count("migration.start") == 1

    def test_takes_only_so_many_threads(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        some_keys(database, admin.org_here, "a")
        job = runner.start(admin).id
        full = replace(runner, places=threading.BoundedSemaphore(1))
        assert full.places.acquire(blocking=False)
        with pytest.raises(TooManyWait):
            full.wait(admin, job)
        full.places.release()
        assert full.wait(admin, job).done == 1


class TestLookingAtAJob:
    def test_is_for_its_organization(
        self, database: Database, runner: MigrationRunner, admin: Principal
    ) -> None:
        job = migrate_all(runner, admin).id
        with database.write() as db:
            stranger = a_principal(an_org(db, name="other"))
            for by, id_ in ((stranger, job), (admin, MigrationId(job + 1))):
                with pytest.raises(MigrationNotFound):
                    migration_jobs.find_job(db, by, id_)
            told_ = migration.status(db, admin)
        assert told_.job is not None
        assert told_.job.id == job
        assert told(database, stranger, job) == []

    def test_has_pages_and_parts(
        self,
        database: Database,
        runner: MigrationRunner,
        admin: Principal,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        names = [f"k{number:03}" for number in range(PAGE_SIZE + 1)]
        some_keys(database, admin.org_here, *names)
        job = migrate_all(runner, admin).id
        with database.read() as db:
            first = migration_jobs.list_result_page(db, admin, job, PlanPageAsked())
            last = migration_jobs.list_result_page(db, admin, job, PlanPageAsked(after=first.after))
        assert [row.name for row in (*first.rows, *last.rows)] == names
        monkeypatch.setattr(migration_jobs, "AT_ONCE", 20)
        assert [name for name, _ in told(database, admin, job)] == names


def test_many_keys_take_no_more_statements_each(
    database: Database, runner: MigrationRunner, admin: Principal
) -> None:
    """The hundredth key costs what the first one does."""
    statements: list[str] = []
    event.listen(database.writer, "before_cursor_execute", lambda *given: statements.append(given[2]))
    counts = []
    for number in (10, 20):
        some_keys(database, admin.org_here, *(f"{number} {name}" for name in range(number)))
        job = runner.start(admin).id
        statements.clear()
        runner.wait(admin, job)
        counts.append(len(statements))
    assert counts[1] - counts[0] <= 20 * 10
    with database.read() as db:
        assert len(serviceaccounts.list_taken_logins(db, admin.org_here, ["x"])) == 0
