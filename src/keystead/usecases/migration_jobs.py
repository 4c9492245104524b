"""The job that migrates all API keys of an organization: begin, one key, the end. Each is one transaction."""

from collections.abc import Iterator

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.changes.change import Detail
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.listing import BY_NAME
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.errors import KeyAboveOwn, MigrationNotFound
from keystead.core.migration.model import (
    JobState,
    KeyResult,
    KeyStatus,
    Migration,
    MigrationId,
)
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.storage import credentials
from keystead.storage import migration as keys
from keystead.storage import migrations as rows
from keystead.storage.migrations import Turn
from keystead.storage.orgs import find_org, lock_org
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.migration import convert, planned
from keystead.usecases.migration_plan import PlanPageAsked
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.transaction import Transaction

LEASE_S = 2  # of whoever works on a job and is not heard of any more
AT_ONCE = 500  # results a transaction
_FIRST = ""


def start(db: Connection, by: Principal, *, clock: Clock) -> Migration:
    """Return the running job of the organization, or begin one. Whoever asks twice, or two at once, gets one.

    Without keys there is nothing to do: the organization is migrated at once.
    Raises PermissionMissing, OrgNotFound, KeyAboveOwn.
    """
    org, now = by.org_here, clock()
    if not lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    if keys.is_any_key_above(db, org, by.role):
        raise KeyAboveOwn
    newest, total = rows.get_newest_or_none(db, org), keys.count_remaining(db, org)
    if newest is not None and (newest.is_running or (not total and not newest.total)):
        return newest
    job = rows.add_job(db, org, by, total=total, at=now)
    if not total:
        rows.set_ended(db, org, job, JobState.DONE, at=now)
        close_keys(db, by, at=now)
    told: Detail = {"keys": total}
    changes.record(db, by, "migration.start", Target("migration", job), at=now, detail=told)
    return find(db, org, job)


def find_job(db: Connection, by: Principal, job: MigrationId) -> Migration:
    """Raises PermissionMissing, MigrationNotFound."""
    return find(db, by.org_here, job)


def list_result_page(
    db: Connection,
    by: Principal,
    job: MigrationId,
    asked: PlanPageAsked,
    *,
    status: KeyStatus | None = None,
) -> Cut[KeyResult]:
    """Return a page of what became of the keys, by name; with a status, of those alone.

    Raises PermissionMissing.
    """

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[KeyResult]:  # noqa: FBT001 - as it is called
        return rows.list_results_from(
            db, by.org_here, job, place=place, is_backward=is_backward, limit=limit, status=status
        )

    after, before = (get_cursor_or_none(text, BY_NAME, str) for text in (asked.after, asked.before))
    return cut_page(after, before, list_from=list_from, place_of=place_of_result)


def list_results(read: Transaction, by: Principal, job: MigrationId) -> Iterator[list[KeyResult]]:
    """Yield what became of all keys, by name, some hundred at a time, each part read by itself.

    Raises PermissionMissing.
    """
    place = None
    while True:
        with read() as db:
            part = rows.list_results_from(db, by.org_here, job, place=place, is_backward=False, limit=AT_ONCE)
        yield part
        if len(part) < AT_ONCE:
            return
        place = place_of_result(part[-1])


def next_key_or_none(db: Connection, turn: Turn) -> tuple[CredentialId, str] | None:
    """Return the key to be tried next; behind the last, one that was made meanwhile; None: the end."""
    behind = rows.get_next_key_or_none(db, turn.org, turn.job, after=turn.reached)
    return behind or rows.get_next_key_or_none(db, turn.org, turn.job, after=_FIRST)


def migrate_next(db: Connection, turn: Turn, key_id: CredentialId, name: str, *, clock: Clock) -> bool:
    """Migrate one key and keep the job; the last one ends it. False: somebody else works on it, or it ended.

    Nothing happens to a key that is gone, or was migrated by itself, meanwhile. Whatever is raised stands
    against the key, and nothing of it is done.
    """
    org, now = turn.org, clock()
    lock_org(db, org)
    is_key = keys.lock_key(db, org, key_id)
    if not rows.set_progress(db, org, turn, reached=name, done=int(is_key), failed=0, until=lease_from(now)):
        return False
    if is_key:
        plan = planned(db, turn.by, credentials.find_key(db, org, key_id))
        rows.add_result(db, org, turn.job, convert(db, turn.by, plan, at=now))
        if not keys.get_flags(db, org).has_keys:
            end(db, turn, at=now)
    return True


def note_failure(
    db: Connection, turn: Turn, key_id: CredentialId, name: str, *, why: str, clock: Clock
) -> bool:
    """Write why a key is not migrated; the job goes on with the others. False: as above."""
    org = turn.org
    lock_org(db, org)
    is_key = keys.lock_key(db, org, key_id)
    until = lease_from(clock())
    if not rows.set_progress(db, org, turn, reached=name, done=0, failed=int(is_key), until=until):
        return False
    if is_key:
        rows.add_failure(db, org, turn.job, key_id, why=why)
    return True


def end_job(db: Connection, turn: Turn, *, clock: Clock) -> bool:
    """End a job that has tried every key. False: there is one that it has not."""
    now = clock()
    lock_org(db, turn.org)
    if next_key_or_none(db, turn) is not None:
        return False
    if rows.set_progress(db, turn.org, turn, reached=turn.reached, done=0, failed=0, until=lease_from(now)):
        end(db, turn, at=now)
    return True


def end(db: Connection, turn: Turn, *, at: UnixSeconds) -> None:
    """End the job; without keys, no API key can be made in the organization from now on."""
    is_done = not keys.get_flags(db, turn.org).has_keys
    rows.set_ended(db, turn.org, turn.job, JobState.DONE if is_done else JobState.FAILED, at=at)
    if is_done:
        close_keys(db, turn.by, at=at)


def close_keys(db: Connection, by: Principal, *, at: UnixSeconds) -> None:
    """Let no API key be made in the organization any more. Raises PermissionMissing."""
    org = by.org_here
    if keys.set_migrated(db, org, at=at):
        changes.record(db, by, "apikeys.close", Target("org", org, find_org(db, org).name), at=at)


def lease_from(now: UnixSeconds) -> UnixSeconds:
    return UnixSeconds(now + LEASE_S)


def find(db: Connection, org: OrgId, job: MigrationId) -> Migration:
    """Raises MigrationNotFound."""
    found = rows.get_job_or_none(db, org, job)
    if found is None:
        raise MigrationNotFound(f"migration={job}")
    return found


def place_of_result(result: KeyResult) -> Cursor:
    return Cursor(BY_NAME, result.name, result.key)
