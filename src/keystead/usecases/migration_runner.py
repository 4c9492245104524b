"""Who works on the jobs of migrations: whoever waits for one, and every process beside its requests."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from keystead.core.access.principal import Principal
from keystead.core.clock import Clock
from keystead.core.credentials.model import CredentialId
from keystead.core.errors import KeysteadError, Unavailable
from keystead.core.migration.errors import TooManyWait
from keystead.core.migration.model import Migration, MigrationId
from keystead.core.orgs.model import OrgId
from keystead.storage import migrations as rows
from keystead.storage.migrations import Turn
from keystead.usecases import migration_jobs
from keystead.usecases.migration_jobs import lease_from
from keystead.usecases.transaction import Transaction

TRIES = 3  # of a key while the database is busy
BETWEEN_S = 0.002  # after each key, so that others write too
BETWEEN_TRIES_S = 0.5
BETWEEN_LOOKS_S = 0.1  # of whoever waits for a job that somebody else works on
SLICE_S = 0.5  # for so long a process works on a job before it lets others have it
MOST_WAITING = 8  # each takes a thread
MOST_DUE = 4  # jobs; a process that is to stop waits for them
BUSY = f"The database was busy ({TRIES} tries)."
UNEXPECTED = "Something went wrong; the log of the server tells more."
Failed: TypeAlias = Callable[[Exception, CredentialId | None], None]


@dataclass(frozen=True, slots=True)
class MigrationRunner:
    """Works on jobs key by key; each key prolongs the lease, and a killed one's ends by itself."""

    read: Transaction
    write: Transaction
    clock: Clock
    pause: Callable[[float], None]
    monotonic: Callable[[], float]
    new_holder: Callable[[], str]  # a name that nobody else has
    on_failure: Failed  # is told what nobody expected, of a key or of a whole job, for the log
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING)
    )

    def start(self, by: Principal) -> Migration:
        """Begin a job in the background, or find the running one.

        Raises PermissionMissing, OrgNotFound, KeyAboveOwn, DatabaseUnavailable.
        """
        with self.write() as db:
            return migration_jobs.start(db, by, clock=self.clock)

    def wait(self, by: Principal, job: MigrationId, *, within_s: float | None = None) -> Migration:
        """Return the job when it has ended, or as it is after this time. Meanwhile, work on it.

        Raises PermissionMissing, MigrationNotFound, TooManyWait, DatabaseUnavailable.
        """
        until = None if within_s is None else self.monotonic() + within_s
        if not self.places.acquire(blocking=False):
            raise TooManyWait(f"migration={job}")
        try:
            while (found := self._find(by, job)).is_running and not self._is_over(until):
                if not self.work_on(by.org_here, job, until):
                    self.pause(BETWEEN_LOOKS_S)
            return found
        finally:
            self.places.release()

    def continue_some(self) -> bool:
        """Work for a while on jobs that nobody works on. False: there was none, or none can be now."""
        try:
            with self.read() as db:
                due = rows.list_due(db, now=self.clock(), limit=MOST_DUE)
        except Unavailable:
            return False
        worked = [self._continue(org, job) for org, job in due]
        return any(worked)

    def _continue(self, org: OrgId, job: MigrationId) -> bool:
        try:
            return self.work_on(org, job, self.monotonic() + SLICE_S)
        except Unavailable:
            return False
        except Exception as error:  # noqa: BLE001 - one job never stops the others, nor who looks for them
            self.on_failure(error, None)
            return False

    def work_on(self, org: OrgId, job: MigrationId, until: float | None) -> bool:
        """Work on a job until it has ended or the time is over. False: somebody else does.

        Raises DatabaseUnavailable, which ends nothing: somebody goes on with it when the lease is over.
        """
        with self.write() as db:
            now = self.clock()
            taken = rows.set_lease(db, org, job, holder=self.new_holder(), now=now, until=lease_from(now))
        turn = taken
        while turn is not None and not self._is_over(until):
            turn = self._step(turn)
            self.pause(BETWEEN_S)
        if turn is not None:
            with self.write() as db:
                rows.set_free(db, org, turn)
        return taken is not None

    def _step(self, turn: Turn) -> Turn | None:
        """Try one key, or end the job when there is none. None: nothing is left to do here."""
        with self.read() as db:
            found = migration_jobs.next_key_or_none(db, turn)
        if found is None:
            with self.write() as db:
                return None if migration_jobs.end_job(db, turn, clock=self.clock) else turn
        key_id, name = found
        has_turn = self._try(turn, key_id, name)
        return replace(turn, reached=max(turn.reached, name)) if has_turn else None

    def _try(self, turn: Turn, key_id: CredentialId, name: str) -> bool:
        """Migrate a key, or write down what stands against it. False: somebody else works on the job."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self.write() as db:
                    return migration_jobs.migrate_next(db, turn, key_id, name, clock=self.clock)
            except Unavailable:
                if tries_left:
                    self.pause(BETWEEN_TRIES_S)
            except KeysteadError as error:
                return self._note(turn, key_id, name, why=error.message)
            except Exception as error:  # noqa: BLE001 - whatever it is, it never stops the other keys
                self.on_failure(error, key_id)
                return self._note(turn, key_id, name, why=UNEXPECTED)
        return self._note(turn, key_id, name, why=BUSY)

    def _note(self, turn: Turn, key_id: CredentialId, name: str, *, why: str) -> bool:
        with self.write() as db:
            return migration_jobs.note_failure(db, turn, key_id, name, why=why, clock=self.clock)

    def _find(self, by: Principal, job: MigrationId) -> Migration:
        with self.read() as db:
            return migration_jobs.find_job(db, by, job)

    def _is_over(self, until: float | None) -> bool:
        return until is not None and self.monotonic() >= until
