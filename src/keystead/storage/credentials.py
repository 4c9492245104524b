"""Statements about API keys and their names. A token of a service account is never found as a key."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, tuple_
from sqlalchemy.exc import IntegrityError

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNameTaken, ApiKeyNotFound
from keystead.core.credentials.listing import NEVER_USED, NO_EXPIRY, KeyCounts
from keystead.core.credentials.mint import Digest
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import COUNTED_TO, Cursor, Order
from keystead.core.text import search_key, search_part
from keystead.core.usage.model import LastUse
from keystead.storage.among import is_among
from keystead.storage.schema import account, credential

_c = credential.c
_IS_KEY = _c.account_id.is_(None)
_KEY = (_c.id, _c.org_id, _c.name, _c.role, _c.created_at, _c.expires_at, _c.revoked_at)
_USE = (_c.last_used_at, _c.last_used_from, _c.last_used_agent, _c.last_used_route)
_KeyRow: TypeAlias = tuple[
    int, int, str, str, int, int | None, int | None, int | None, str | None, str | None, str | None
]
_SORTED_BY: dict[str, ColumnElement[Any]] = {
    "name": _c.name,
    "role": _c.role,
    "expires": func.coalesce(_c.expires_at, NO_EXPIRY),
    "lastUsed": func.coalesce(_c.last_used_at, NEVER_USED),
    "created": _c.created_at,
}


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """Which keys a list shows."""

    only: frozenset[int] | None = None  # None: whichever
    query: str = ""  # part of name or role, in any case; empty: all
    alive_at: UnixSeconds | None = None  # None: expired ones too

    def conditions(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [_IS_KEY]
        if self.only is not None:
            conditions.append(is_among(_c.id, self.only))
        if self.query:
            conditions.append(_c.search_key.contains(search_part(self.query), autoescape=True))
        if self.alive_at is not None:
            conditions.append(_is_alive(self.alive_at))
        return conditions


def list_keys(db: Connection, org: OrgId, which: KeyFilter) -> list[ApiKey]:
    """Return all of them, by name."""
    query = select(*_KEY).add_columns(*_USE).where(_c.org_id == org, *which.conditions()).order_by(_c.name)
    return [_to_key(tuple(row)) for row in db.execute(query)]


def list_keys_from(
    db: Connection, org: OrgId, which: KeyFilter, *, order: Order, place: Cursor | None, limit: int
) -> list[ApiKey]:
    """Return the keys that follow on a place in this order, the nearest first; without a place, the first."""
    value = _SORTED_BY[order.by]
    query = select(*_KEY).add_columns(*_USE).where(_c.org_id == org, *which.conditions()).limit(limit)
    if place is not None:
        here, there = tuple_(value, _c.id), tuple_(place.value, place.id)
        query = query.where(here < there if order.is_descending else here > there)
    columns = (value.desc(), _c.id.desc()) if order.is_descending else (value, _c.id)
    return [_to_key(tuple(row)) for row in db.execute(query.order_by(*columns))]


def count_keys(db: Connection, org: OrgId, which: KeyFilter, *, now: UnixSeconds) -> KeyCounts:
    """Count without going further than a list tells."""
    found = select(_c.id).where(_c.org_id == org, *which.conditions()).limit(COUNTED_TO + 1)
    alive, expired = (
        select(func.count()).select_from(part.subquery()).scalar_subquery()
        for part in (found.where(_is_alive(now)), found.where(_c.expires_at <= now))
    )
    counted = db.execute(select(alive, expired)).one()
    return KeyCounts(*counted)


def find_key(db: Connection, org: OrgId, key_id: CredentialId) -> ApiKey:
    """Raises ApiKeyNotFound, also for a key of another organization and for a token."""
    query = select(*_KEY).add_columns(*_USE).where(_c.org_id == org, _c.id == key_id, _IS_KEY)
    row = db.execute(query).one_or_none()
    if row is None:
        raise ApiKeyNotFound(f"credential={key_id}")
    return _to_key(tuple(row))


def get_maker_name_or_none(db: Connection, org: OrgId, key_id: CredentialId) -> str | None:
    """Return the login of the account, or the name of the key, that made this key; None: it is gone."""
    maker = credential.alias()
    query = (
        select(func.coalesce(account.c.login, maker.c.name))
        .select_from(credential)
        .outerjoin(account, account.c.id == _c.created_by_id)
        .outerjoin(maker, maker.c.id == _c.created_by_credential_id)
        .where(_c.org_id == org, _c.id == key_id, _IS_KEY)
    )
    return db.execute(query).scalar_one_or_none()


def is_name_taken(db: Connection, org: OrgId, name: str) -> bool:
    """Say whether a key or a token of the organization has exactly this name."""
    query = select(_c.id).where(_c.org_id == org, _c.name == name)
    return db.execute(query).one_or_none() is not None


def add_key(
    db: Connection,
    org: OrgId,
    *,
    name: str,
    role: Role,
    digest: Digest,
    by: Principal,
    at: UnixSeconds,
    expires_at: UnixSeconds | None,
) -> CredentialId:
    """Raises ApiKeyNameTaken; what else was done in the transaction is lost then."""
    values = {
        "org_id": org,
        "name": name,
        "search_key": search_key(name, role),
        "role": role.value,
        "digest": digest.value,
        "pepper_id": digest.pepper_id,
        "created_at": at,
        "created_by_kind": by.kind.value,
        "created_by_id": by.account_id,
        "created_by_credential_id": by.credential_id,
        "expires_at": expires_at,
    }
    try:
        added = db.execute(insert(credential).values(values).returning(_c.id)).scalar_one()
    except IntegrityError:  # made meanwhile by something that does not lock the organization
        raise ApiKeyNameTaken from None
    return CredentialId(added)


def delete_key(db: Connection, org: OrgId, key_id: CredentialId) -> str:
    """Return the name that it had. Raises ApiKeyNotFound."""
    statement = delete(credential).where(_c.org_id == org, _c.id == key_id, _IS_KEY).returning(_c.name)
    name = db.execute(statement).scalar_one_or_none()
    if name is None:
        raise ApiKeyNotFound(f"credential={key_id}")
    return name


def _is_alive(now: UnixSeconds) -> ColumnElement[bool]:
    return or_(_c.expires_at.is_(None), _c.expires_at > now)


def _to_key(row: _KeyRow) -> ApiKey:
    id_, org, name, role, created_at, expires_at, revoked_at, used_at, address, agent, route = row
    return ApiKey(
        id=CredentialId(id_),
        org=OrgId(org),
        name=name,
        role=Role(role),
        created_at=UnixSeconds(created_at),
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        revoked_at=None if revoked_at is None else UnixSeconds(revoked_at),
        last_use=None
        if used_at is None
        else LastUse(UnixSeconds(used_at), address or "", agent or "", route or ""),
    )
