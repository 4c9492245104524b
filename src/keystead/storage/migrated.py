"""Statements about tokens that were API keys: one by one or in a job, whoever migrated them."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.migrated import MigratedCounts, MigratedKey
from keystead.core.migration.revert import Candidate
from keystead.core.orgs.model import OrgId
from keystead.core.paging import COUNTED_TO, Cursor
from keystead.core.text import search_part
from keystead.storage.schema import account, credential, membership
from keystead.storage.schema import org as org_table

_c, _a, _m, _o = credential.c, account.c, membership.c, org_table.c
_other = credential.alias("other")
_TOKENS = (
    select(func.count(_other.c.id))
    .where(_other.c.org_id == _c.org_id, _other.c.account_id == _c.account_id)
    .correlate(credential)
    .scalar_subquery()
)
_KEY = (_c.id, _c.name, _c.role, _c.migrated_at, _c.expires_at, _c.last_used_at, _c.revoked_at)
_ACCOUNT = (_a.id, _a.name, _a.login, _m.role, _a.is_disabled, _a.created_at, _a.updated_at, _a.from_key)


def list_migrated_from(
    db: Connection, org: OrgId, query: str, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[MigratedKey]:
    """Return what follows on a place, by name, the nearest first; without one, the first."""
    wanted = (
        select(*_KEY)
        .add_columns(*_ACCOUNT, _TOKENS, _o.keys_migrated_at.is_not(None))
        .join(account, _a.id == _c.account_id)
        .join(org_table, _o.id == _c.org_id)
        .outerjoin(membership, and_(_m.account_id == _a.id, _m.org_id == org))
        .where(_c.org_id == org, *_conditions(query))
        .limit(limit)
    )
    if place is not None:
        here, there = tuple_(_c.name, _c.id), tuple_(place.value, place.id)
        wanted = wanted.where(here < there if is_backward else here > there)
    columns = (_c.name.desc(), _c.id.desc()) if is_backward else (_c.name, _c.id)
    return [_to_migrated(org, row) for row in db.execute(wanted.order_by(*columns))]


def count_migrated(db: Connection, org: OrgId, query: str) -> MigratedCounts:
    """Count without going further than a list tells."""
    found = select(_c.id).where(_c.org_id == org, *_conditions(query)).limit(COUNTED_TO + 1)
    is_unseen = or_(_c.last_used_at.is_(None), _c.last_used_at < _c.migrated_at)
    every, unseen = (_count(found), _count(found.where(is_unseen)))
    return MigratedCounts(*db.execute(select(every, unseen)).one())


def list_owners(db: Connection, org: OrgId, keys: list[CredentialId]) -> dict[CredentialId, AccountId]:
    """Return the accounts of those that were API keys, by key."""
    query = select(_c.id, _c.account_id).where(_c.org_id == org, _c.id.in_(keys), *_conditions(""))
    return {CredentialId(id_): AccountId(owner) for id_, owner in db.execute(query) if owner is not None}


def _conditions(query: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_c.migrated_at.is_not(None), _c.account_id.is_not(None)]
    if query:
        conditions.append(_c.search_key.contains(search_part(query), autoescape=True))
    return conditions


def _count(found: Select[int]) -> ColumnElement[int]:
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _to_migrated(org: OrgId, row: Row[*tuple[Any, ...]]) -> MigratedKey:
    id_, name, role, migrated_at, expires_at, used_at, revoked_at, *owner, tokens, is_org_migrated = row
    candidate = Candidate(
        account=_to_account(org, owner),
        tokens=tokens,
        token_name=name,
        was_key=True,
        stored_role=Role(role),
        is_org_migrated=bool(is_org_migrated),
    )
    return MigratedKey(
        CredentialId(id_),
        name,
        candidate,
        UnixSeconds(migrated_at),
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        last_used_at=None if used_at is None else UnixSeconds(used_at),
        is_revoked=revoked_at is not None,
    )


def _to_account(org: OrgId, row: list[Any]) -> ServiceAccount:
    id_, name, login, role, is_disabled, created_at, updated_at, from_key = row
    return ServiceAccount(
        id=AccountId(id_),
        org=org,
        name=name,
        login=login,
        role=None if role is None else Role(role),
        is_disabled=bool(is_disabled),
        created_at=UnixSeconds(created_at),
        updated_at=UnixSeconds(updated_at),
        from_key=from_key,
    )
