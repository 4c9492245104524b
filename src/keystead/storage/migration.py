"""Statements that make an API key the token of an account, and a token an API key again."""

from typing import TypeAlias

from sqlalchemy import Connection, exists, func, select, update

from keystead.core.access.roles import ROLES_ASCENDING, Role, reaches
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.model import KeyFlags, KeyResult, KeyStatus
from keystead.core.migration.revert import Candidate
from keystead.core.orgs.model import OrgId
from keystead.core.text import search_key
from keystead.storage.schema import account, credential
from keystead.storage.schema import org as org_table

_c = credential.c
_IS_KEY = _c.account_id.is_(None)
_Row: TypeAlias = tuple[int, str, str, int | None, int | None, int | None, int | None, str | None, str | None]


def get_flags(db: Connection, org: OrgId) -> KeyFlags:
    """Return what an organization that is gone has too: nothing."""
    o = org_table.c
    has_keys = exists().where(_c.org_id == org, _IS_KEY)
    query = select(o.keys_migrated_at.is_not(None), o.keys_hidden_at.is_not(None), has_keys)
    row = db.execute(query.where(o.id == org)).one_or_none()
    is_migrated, is_hidden, some = row if row is not None else (False, False, False)
    return KeyFlags(bool(is_migrated), bool(is_hidden), bool(some))


def set_migrated(db: Connection, org: OrgId, *, at: UnixSeconds) -> bool:
    """Close the organization for new API keys. False: it is closed already."""
    o = org_table.c
    statement = update(org_table).where(o.id == org, o.keys_migrated_at.is_(None)).values(keys_migrated_at=at)
    return db.execute(statement).rowcount > 0


def set_hidden(db: Connection, org: OrgId, *, at: UnixSeconds | None) -> bool:
    """Hide the API keys from the pages; None shows them again. False: nothing is different."""
    o = org_table.c
    is_so = o.keys_hidden_at.is_(None) if at is None else o.keys_hidden_at.is_not(None)
    statement = update(org_table).where(o.id == org, ~is_so).values(keys_hidden_at=at)
    return db.execute(statement).rowcount > 0


def count_remaining(db: Connection, org: OrgId) -> int:
    """Count the API keys of the organization, dead ones too."""
    return db.execute(select(func.count(_c.id)).where(_c.org_id == org, _IS_KEY)).scalar_one()


def is_any_key_above(db: Connection, org: OrgId, own: Role | None) -> bool:
    """Say whether some API key has a role that this one does not reach."""
    above = [role.value for role in ROLES_ASCENDING if not reaches(own, role)]
    query = select(exists().where(_c.org_id == org, _IS_KEY, _c.role.in_(above)))
    return bool(db.execute(query).scalar_one())


def lock_key(db: Connection, org: OrgId, key_id: CredentialId) -> bool:
    """Let nobody else change the key until this transaction ends. False: there is no such API key."""
    query = select(_c.id).where(_c.org_id == org, _c.id == key_id, _IS_KEY)
    return db.execute(query.with_for_update(key_share=True)).one_or_none() is not None


def list_key_names(db: Connection, org: OrgId, names: list[str]) -> frozenset[str]:
    """Return those of the names that an API key has."""
    query = select(_c.name).where(_c.org_id == org, _IS_KEY, _c.name.in_(names))
    return frozenset(db.execute(query).scalars())


def set_owner(
    db: Connection, org: OrgId, key_id: CredentialId, *, name: str, owner: AccountId, at: UnixSeconds
) -> None:
    """Make an API key a token of the account: all else stays, the secret above all."""
    db.execute(
        update(credential)
        .where(_c.org_id == org, _c.id == key_id, _IS_KEY)
        .values(account_id=owner, migrated_at=at, search_key=search_key(name))
    )


def set_key_again(
    db: Connection, org: OrgId, owner: AccountId, key_id: CredentialId, *, name: str, role: Role
) -> None:
    """Make a token an API key with this role: all else stays, the secret above all."""
    db.execute(
        update(credential)
        .where(_c.org_id == org, _c.account_id == owner, _c.id == key_id)
        .values(account_id=None, migrated_at=None, role=role.value, search_key=search_key(name, role))
    )


def get_migrated_or_none(db: Connection, org: OrgId, key_id: CredentialId) -> KeyResult | None:
    """Return a token that was an API key; None for every other, and for an API key."""
    query = (
        select(_c.id, _c.name, _c.role, _c.expires_at, _c.last_used_at, _c.revoked_at)
        .add_columns(account.c.id, account.c.name, account.c.login)
        .join(account, account.c.id == _c.account_id)
        .where(_c.org_id == org, _c.id == key_id, _c.migrated_at.is_not(None))
    )
    row = db.execute(query).one_or_none()
    return None if row is None else _to_result(tuple(row))


def get_candidate(
    db: Connection, org: OrgId, owner: ServiceAccount, key_id: CredentialId | None
) -> tuple[CredentialId | None, Candidate]:
    """Return this token of the account, or its first by name, with what decides about it; None: no such."""
    o, other = org_table.c, credential.alias("other")
    tokens = select(func.count(other.c.id)).where(other.c.org_id == org, other.c.account_id == owner.id)
    query = (
        select(_c.id, _c.name, _c.role, _c.migrated_at.is_not(None))
        .add_columns(tokens.scalar_subquery(), o.keys_migrated_at.is_not(None))
        .join(org_table, o.id == _c.org_id)
        .where(_c.org_id == org, _c.account_id == owner.id)
        .order_by(_c.name)
        .limit(1)
    )
    if key_id is not None:
        query = query.where(_c.id == key_id)
    row = db.execute(query).one_or_none()
    if row is None:
        return None, Candidate(owner, 0, "", was_key=False, stored_role=Role.VIEWER, is_org_migrated=False)
    id_, name, role, was_key, count, is_org_migrated = row
    candidate = Candidate(owner, count, name, bool(was_key), Role(role), bool(is_org_migrated))
    return CredentialId(id_), candidate


def _to_result(row: _Row) -> KeyResult:
    id_, name, role, expires_at, used_at, revoked_at, owner, owner_name, login = row
    return KeyResult(
        CredentialId(id_),
        name,
        Role(role),
        KeyStatus.ALREADY_MIGRATED,
        account=None if owner is None else AccountId(owner),
        account_name=owner_name,
        login=login,
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        last_used_at=None if used_at is None else UnixSeconds(used_at),
        is_revoked=revoked_at is not None,
    )
