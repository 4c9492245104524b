"""Statements about roles that people make; those that come with the server are in the code."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from keystead.core.access.named_roles import NamedRole, RoleId, RolePermission
from keystead.core.access.permission import Permission
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.text import storable
from keystead.storage.schema_access import role as role_table
from keystead.storage.schema_access import role_permission

_r, _p = role_table.c, role_permission.c
_ROLE = (_r.id, _r.org_id, _r.account_id, _r.uid, _r.name, _r.version, _r.is_hidden)
_MORE = (_r.display_name, _r.description, _r.group_name, _r.created_at, _r.updated_at)
_WHOLE_SERVER = 0  # the place of roles that are there for all organizations
_ROLES_LOCK = 7_003  # the number of PostgreSQL's advisory lock on all roles and assignments
_Row: TypeAlias = tuple[int, int | None, int | None, str, str, int, bool, str, str, str, int, int]


@dataclass(frozen=True, slots=True)
class RoleFilter:
    """Which roles a list shows; hidden ones, never."""

    only: frozenset[str] | None = None  # uids; None: whichever
    query: str = ""  # part of name, display name or description, letters of ASCII in any case; empty: all

    def conditions(self, org: OrgId) -> list[ColumnElement[bool]]:
        conditions = [_is_there_for(org), _r.is_hidden.is_(False)]
        if self.only is not None:
            conditions.append(_r.uid.in_(sorted(self.only)))
        if self.query:
            part = storable(self.query).lower()
            texts = (_r.name, _r.display_name, _r.description)
            conditions.append(or_(*(func.lower(text).contains(part, autoescape=True) for text in texts)))
        return conditions


def list_roles_from(
    db: Connection, org: OrgId, which: RoleFilter, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[NamedRole]:
    """Return the roles behind or before a place, by name, the nearest first, without permissions."""
    query = select(*_ROLE).add_columns(*_MORE).where(*which.conditions(org)).limit(limit)
    if place is not None:
        here, there = tuple_(_r.name, _r.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_r.name.desc(), _r.id.desc()) if is_backward else (_r.name, _r.id)
    return [_to_role(tuple(row)) for row in db.execute(query.order_by(*columns))]


def count_roles(db: Connection, org: OrgId, which: RoleFilter, *, most: int) -> int:
    """Count them, no further than `most`."""
    found = select(_r.id).where(*which.conditions(org)).limit(most)
    return db.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def count_permissions(db: Connection, org: OrgId, roles: Iterable[RoleId]) -> dict[RoleId, int]:
    """Return how many permissions are in each of these roles; without those that have none."""
    query = (
        select(_p.role_id, func.count())
        .join(role_table, _r.id == _p.role_id)
        .where(_is_there_for(org), _p.role_id.in_(sorted(roles)))
        .group_by(_p.role_id)
    )
    return {RoleId(role): count for role, count in db.execute(query)}


def lock_roles(db: Connection) -> None:
    """Let nobody else change roles or give them until this transaction ends. SQLite has one writer anyway."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_ROLES_LOCK)))


def list_roles(
    db: Connection,
    org: OrgId | None,
    *,
    only: Collection[str] | None = None,
    ids: Collection[RoleId] | None = None,
) -> list[NamedRole]:
    """Return the organization's roles and the whole server's, by name and without permissions.

    `only` are uids, and `ids` ids, of those that are asked for; None: all.
    """
    query = select(*_ROLE).add_columns(*_MORE).where(_is_there_for(org)).order_by(_r.name, _r.id)
    if only is not None:
        query = query.where(_r.uid.in_(sorted(only)))
    if ids is not None:
        query = query.where(_r.id.in_(sorted(ids)))
    return [_to_role(tuple(row)) for row in db.execute(query)]


def get_role_or_none(db: Connection, org: OrgId | None, uid: str) -> NamedRole | None:
    """Return a role of the organization or of the whole server, without permissions."""
    query = select(*_ROLE).add_columns(*_MORE).where(_is_there_for(org), _r.uid == storable(uid))
    row = db.execute(query).one_or_none()
    return None if row is None else _to_role(tuple(row))


def list_permissions(
    db: Connection, org: OrgId | None, roles: Iterable[RoleId]
) -> dict[RoleId, tuple[RolePermission, ...]]:
    """Return what is in each of these roles, by action, then scope."""
    query = (
        select(_p.role_id, _p.action, _p.scope, _p.created_at)
        .join(role_table, _r.id == _p.role_id)
        .where(_is_there_for(org), _p.role_id.in_(sorted(roles)))
    )
    told: dict[RoleId, list[RolePermission]] = {}
    for role, action, scope, at in db.execute(query):
        told.setdefault(RoleId(role), []).append(RolePermission(Permission(action, scope), UnixSeconds(at)))
    return {role: tuple(sorted(permissions)) for role, permissions in told.items()}


def is_role_taken(
    db: Connection, org: OrgId | None, *, uid: str, name: str, but: RoleId | None = None
) -> bool:
    """Say whether another role has this uid or name where it would be seen: for a server's role, anywhere."""
    query = select(_r.id).where(or_(_r.uid == uid, _r.name == name)).limit(1)
    if org is not None:
        query = query.where(_is_there_for(org))
    if but is not None:
        query = query.where(_r.id != but)
    return db.execute(query).one_or_none() is not None


def add_role(db: Connection, org: OrgId | None, new: NamedRole, *, at: UnixSeconds) -> RoleId:
    """Write all of a role but its permissions."""
    values = {
        "org_id": org,
        "place": org or _WHOLE_SERVER,
        "account_id": new.account,
        "uid": new.uid,
        "version": new.version,
        "created_at": at,
        "updated_at": at,
    }
    statement = insert(role_table).values(**values, **_changeable(new)).returning(_r.id)
    return RoleId(db.execute(statement).scalar_one())


def set_role(db: Connection, org: OrgId | None, role: NamedRole, *, at: UnixSeconds) -> None:
    """Write all but the uid and the permissions."""
    db.execute(
        update(role_table)
        .where(_r.id == role.id, _r.place == (org or _WHOLE_SERVER))
        .values(**_changeable(role), version=role.version, updated_at=at)
    )


def delete_role(db: Connection, org: OrgId | None, role: RoleId) -> None:
    """Delete the role with its permissions and assignments."""
    db.execute(delete(role_table).where(_r.id == role, _r.place == (org or _WHOLE_SERVER)))


def add_permissions(
    db: Connection, role: RoleId, permissions: Collection[Permission], *, at: UnixSeconds
) -> None:
    rows = [
        {"role_id": role, "action": action, "scope": scope, "created_at": at, "updated_at": at}
        for action, scope in sorted(permissions)
    ]
    if rows:
        db.execute(insert(role_permission), rows)


def delete_permissions(db: Connection, role: RoleId, permissions: Collection[Permission]) -> None:
    gone = delete(role_permission).where(
        _p.role_id == role, _p.action == bindparam("gone_action"), _p.scope == bindparam("gone_scope")
    )
    rows = [{"gone_action": action, "gone_scope": scope} for action, scope in sorted(permissions)]
    if rows:
        db.execute(gone, rows)


def _is_there_for(org: OrgId | None) -> ColumnElement[bool]:
    return _r.place.in_((_WHOLE_SERVER, org or _WHOLE_SERVER))


def _changeable(role: NamedRole) -> dict[str, str | bool]:
    return {
        "name": role.name,
        "display_name": role.display_name,
        "description": role.description,
        "group_name": role.group,
        "is_hidden": role.is_hidden,
    }


def _to_role(row: _Row) -> NamedRole:
    id_, org, account, uid, name, version, is_hidden = row[:7]
    display_name, description, group, created_at, updated_at = row[7:]
    return NamedRole(
        uid=uid,
        name=name,
        display_name=display_name,
        description=description,
        group=group,
        version=version,
        is_hidden=is_hidden,
        id=RoleId(id_),
        org=None if org is None else OrgId(org),
        account=None if account is None else AccountId(account),
        created_at=UnixSeconds(created_at),
        updated_at=UnixSeconds(updated_at),
    )
