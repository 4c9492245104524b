"""Statements about the jobs that migrate all API keys of an organization, and about their results."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, exists, func, insert, literal, select, tuple_, update

from keystead.core.access.grants import NO_GRANTS
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.model import JobState, KeyFlags, KeyResult, KeyStatus, Migration, MigrationId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.storage.schema import credential
from keystead.storage.schema import org as org_table
from keystead.storage.schema_migration import migration, migration_key

_c = credential.c
_m = migration.c
_k = migration_key.c
_o = org_table.c
_JOB = (_m.id, _m.org_id, _m.state, _m.total, _m.done, _m.failed, _m.started_at)
_MORE = (_m.started_by_login, _m.finished_at)
_STARTED_BY = (_m.started_by_kind, _m.started_by_id, _m.started_by_login, _m.started_by_credential_id)
_RESULT = (_k.credential_id, _k.name, _k.role, _k.status, _k.account_id, _k.account_name, _k.login, _k.error)


@dataclass(frozen=True, slots=True)
class Turn:
    """A job that is being worked on, whose turn it is, and in whose name."""

    job: MigrationId
    org: OrgId
    by: Principal
    holder: str
    reached: str  # name of the last key that was tried; "": none was


def get_job_or_none(db: Connection, org: OrgId, job: MigrationId) -> Migration | None:
    row = db.execute(select(*_JOB).add_columns(*_MORE).where(_m.org_id == org, _m.id == job)).one_or_none()
    return None if row is None else _to_job(row)


def get_newest_or_none(db: Connection, org: OrgId) -> Migration | None:
    """Return the organization's last job, which is the running one if any is."""
    query = select(*_JOB).add_columns(*_MORE).where(_m.org_id == org).order_by(_m.id.desc()).limit(1)
    row = db.execute(query).one_or_none()
    return None if row is None else _to_job(row)


def get_standing(db: Connection, org: OrgId) -> tuple[KeyFlags, Migration | None]:
    """Return what the organization is, and its last job, with one statement."""
    newest = select(func.max(_m.id)).where(_m.org_id == org).scalar_subquery()
    has_keys = exists().where(_c.org_id == org, _c.account_id.is_(None))
    query = (
        select(_o.keys_migrated_at.is_not(None), _o.keys_hidden_at.is_not(None), has_keys)
        .add_columns(*_JOB, *_MORE)
        .outerjoin(migration, _m.id == newest)
        .where(_o.id == org)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return KeyFlags(is_migrated=False, is_hidden=False, has_keys=False), None
    is_migrated, is_hidden, some, *job = row
    flags = KeyFlags(bool(is_migrated), bool(is_hidden), bool(some))
    return flags, None if job[0] is None else _to_job(job)


def add_job(db: Connection, org: OrgId, by: Principal, *, total: int, at: UnixSeconds) -> MigrationId:
    """Write a job that runs, and that nobody works on yet."""
    values = {
        "org_id": org,
        "state": JobState.RUNNING.value,
        "total": total,
        "done": 0,
        "failed": 0,
        "reached": "",
        "lease": "",
        "lease_until": at,
        "started_at": at,
        "started_by_kind": by.kind.value,
        "started_by_id": by.account_id,
        "started_by_login": by.login or by.name,
        "started_by_credential_id": by.credential_id,
        "started_by_role": "" if by.role is None else by.role.value,
        "address": by.origin.address,
        "request_id": by.origin.request_id,
    }
    return MigrationId(db.execute(insert(migration).values(values).returning(_m.id)).scalar_one())


def list_due(db: Connection, *, now: UnixSeconds, limit: int) -> list[tuple[OrgId, MigrationId]]:
    """Return running jobs that nobody works on, of all organizations."""
    query = select(_m.org_id, _m.id).where(_m.state == JobState.RUNNING, _m.lease_until <= now)
    return [(OrgId(org), MigrationId(job)) for org, job in db.execute(query.order_by(_m.id).limit(limit))]


def set_lease(
    db: Connection, org: OrgId, job: MigrationId, *, holder: str, now: UnixSeconds, until: UnixSeconds
) -> Turn | None:
    """Take the job, or keep it; None: somebody else works on it, or it has ended."""
    statement = (
        update(migration)
        .where(_m.org_id == org, _m.id == job, _m.state == JobState.RUNNING)
        .where((_m.lease == holder) | (_m.lease_until <= now))
        .values(lease=holder, lease_until=until)
        .returning(*_STARTED_BY, _m.started_by_role, _m.address, _m.request_id, _m.reached)
    )
    row = db.execute(statement).one_or_none()
    if row is None:
        return None
    *_, reached = row
    return Turn(job, org, _to_starter(org, row), holder, reached)


def set_progress(
    db: Connection, org: OrgId, turn: Turn, *, reached: str, done: int, failed: int, until: UnixSeconds
) -> bool:
    """Count a key and keep the job; False: somebody else works on it meanwhile, so nothing may be done."""
    counted = _m.done + _m.failed + done + failed
    statement = (
        update(migration)
        .where(_m.org_id == org, _m.id == turn.job, _m.state == JobState.RUNNING, _m.lease == turn.holder)
        .values(
            done=_m.done + done,
            failed=_m.failed + failed,
            total=case((_m.total < counted, counted), else_=_m.total),
            reached=case((_m.reached < reached, reached), else_=_m.reached),
            lease_until=until,
        )
    )
    return db.execute(statement).rowcount > 0


def set_ended(db: Connection, org: OrgId, job: MigrationId, state: JobState, *, at: UnixSeconds) -> None:
    """End the job; what it counts is then what it did."""
    db.execute(
        update(migration)
        .where(_m.org_id == org, _m.id == job)
        .values(state=state.value, total=_m.done + _m.failed, finished_at=at, lease_until=at)
    )


def set_free(db: Connection, org: OrgId, turn: Turn) -> None:
    """Let somebody else go on with the job at once."""
    db.execute(
        update(migration)
        .where(_m.org_id == org, _m.id == turn.job, _m.lease == turn.holder)
        .values(lease="", lease_until=0)
    )


def get_next_key_or_none(
    db: Connection, org: OrgId, job: MigrationId, *, after: str
) -> tuple[CredentialId, str] | None:
    """Return the first API key behind a name that the job has not tried."""
    is_tried = exists().where(_k.migration_id == job, _k.credential_id == _c.id)
    keys = select(_c.id, _c.name).where(_c.org_id == org, _c.account_id.is_(None), _c.name > after)
    row = db.execute(keys.where(~is_tried).order_by(_c.name).limit(1)).one_or_none()
    return None if row is None else (CredentialId(row[0]), row[1])


def add_result(db: Connection, org: OrgId, job: MigrationId, result: KeyResult) -> None:
    db.execute(
        insert(migration_key).values(
            migration_id=job,
            credential_id=result.key,
            org_id=org,
            name=result.name,
            role=result.role.value,
            status=result.status.value,
            account_id=result.account,
            account_name=result.account_name,
            login=result.login,
            error=result.error,
        )
    )


def add_failure(db: Connection, org: OrgId, job: MigrationId, key_id: CredentialId, *, why: str) -> None:
    """Note of a key, whatever is in its row, that it could not be migrated."""
    columns = ["migration_id", "org_id", "credential_id", "name", "role", "status", "error"]
    role = case((_c.role.in_([*Role]), _c.role), else_=literal(Role.VIEWER.value))
    failed = select(literal(job), _c.org_id, _c.id, _c.name, role, literal(KeyStatus.FAILED.value))
    of_key = failed.add_columns(literal(why)).where(_c.org_id == org, _c.id == key_id)
    db.execute(insert(migration_key).from_select(columns, of_key))


def list_results_from(
    db: Connection,
    org: OrgId,
    job: MigrationId,
    *,
    place: Cursor | None,
    is_backward: bool,
    limit: int,
    status: KeyStatus | None = None,
) -> list[KeyResult]:
    """Return results behind or before a place, by name, the nearest first; without one, the first."""
    query = (
        select(*_RESULT)
        .add_columns(_c.expires_at, _c.last_used_at, _c.revoked_at)
        .outerjoin(credential, (_c.id == _k.credential_id) & (_c.org_id == org))
        .where(_k.org_id == org, _k.migration_id == job)
        .limit(limit)
    )
    if status is not None:
        query = query.where(_k.status == status)
    if place is not None:
        here, there = tuple_(_k.name, _k.credential_id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_k.name.desc(), _k.credential_id.desc()) if is_backward else (_k.name, _k.credential_id)
    return [_to_result(row) for row in db.execute(query.order_by(*columns))]


def _to_job(row: Iterable[Any]) -> Migration:
    id_, org, state, total, done, failed, started_at, started_by, finished_at = row
    return Migration(
        MigrationId(id_),
        OrgId(org),
        JobState(state),
        total,
        done,
        failed,
        UnixSeconds(started_at),
        started_by,
        None if finished_at is None else UnixSeconds(finished_at),
    )


def _to_starter(org: OrgId, row: Row[*tuple[Any, ...]]) -> Principal:
    """Return who is named in the log: what they may do by now is not asked again."""
    kind, id_, login, credential_id, role, address, request_id, _reached = row
    return Principal(
        kind=PrincipalKind(kind),
        account_id=AccountId(id_),
        credential_id=None if credential_id is None else CredentialId(credential_id),
        session_id=None,
        org=org,
        role=Role(role) if role else None,
        login=login,
        name=login,
        is_server_admin=False,
        grants=NO_GRANTS,
        origin=Origin(address, request_id),
    )


def _to_result(row: Row[*tuple[Any, ...]]) -> KeyResult:
    id_, name, role, status, owner, owner_name, login, error, expires_at, used_at, revoked_at = row
    return KeyResult(
        CredentialId(id_),
        name,
        Role(role),
        KeyStatus(status),
        account=None if owner is None else AccountId(owner),
        account_name=owner_name,
        login=login,
        error=error,
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        last_used_at=None if used_at is None else UnixSeconds(used_at),
        is_revoked=revoked_at is not None,
    )
