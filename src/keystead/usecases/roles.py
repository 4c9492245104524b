"""Roles that people make: create, list, find, change, delete."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from keystead.core.access.delegation import (
    check_may_delegate,
    check_role_name,
    is_delegatable,
    next_version,
)
from keystead.core.access.named_roles import SERVER_ROLES, NamedRole, RolePermission, WantedRole, uid_of
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import RoleAssigned, RoleNotFound, RoleOfServer, RoleTaken
from keystead.core.access.visible import visible_uids
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.uid import NewUid
from keystead.storage import orgs, role_assignments
from keystead.storage import roles as rows
from keystead.usecases import changes
from keystead.usecases.changes import Target


def list_roles(
    db: Connection, by: Principal, *, include_hidden: bool = False, delegatable: bool = False
) -> list[NamedRole]:
    """Return the roles that the caller may read, by name; `delegatable` asks for those they may give."""
    only = visible_uids(by.grants, Action.ROLES_READ, "roles")
    of_server = [role for uid, role in SERVER_ROLES.items() if only is None or uid in only]
    made = rows.list_roles(db, by.org, only=only)
    found = [role for role in (*of_server, *made) if include_hidden or not role.is_hidden]
    if delegatable:
        found = [role for role in with_permissions(db, by.org, found) if is_delegatable(by, role)]
    return sorted(found, key=lambda role: (role.name, role.uid))


def find_role(db: Connection, by: Principal, uid: str) -> NamedRole:
    """Return a role by its uid or, where it comes with the server, by its name. Raises RoleNotFound."""
    role = get_role_or_none(db, by.org, uid)
    if role is None:
        raise RoleNotFound
    return role


def create_role(
    db: Connection, by: Principal, wanted: WantedRole, *, new_uid: NewUid, clock: Clock
) -> NamedRole:
    """Raises RoleNameReserved, PermissionMissing, OrgNotFound, RoleTaken."""
    now, org = clock(), None if wanted.is_global else by.org_here
    check_role_name(wanted.name)
    new = NamedRole(wanted.uid or new_uid(), wanted.name, version=wanted.version or 0, org=org)
    role = as_wanted(new, wanted, now)
    check_may_delegate(by, role, Action.ROLES_WRITE, everywhere=role.is_global)
    lock_roles(db, org)
    if role.uid in SERVER_ROLES or rows.is_role_taken(db, org, uid=role.uid, name=role.name):
        raise RoleTaken
    role_id = rows.add_role(db, org, role, at=now)
    rows.add_permissions(db, role_id, wanted.permissions, at=now)
    changes.record(db, by, "role.create", target_of(role), at=now, detail=told_of(role))
    return replace(role, id=role_id, created_at=now, updated_at=now)


def change_role(db: Connection, by: Principal, uid: str, wanted: WantedRole, *, clock: Clock) -> NamedRole:
    """Replace all but the uid; the caller must hold what it permits, before and after.

    Raises OrgNotFound, RoleNameReserved, RoleNotFound, RoleOfServer, RoleVersionNotGreater,
    PermissionMissing, RoleTaken.
    """
    now = clock()
    lock_roles(db, by.org)
    found = get_role_or_none(db, by.org, uid)
    if found is None or found.name != wanted.name:
        check_role_name(wanted.name)
    before = changeable(found, is_global=wanted.is_global)
    version = next_version(before.version, wanted.version)
    after = replace(as_wanted(before, wanted, now), version=version, updated_at=now)
    for role in (before, after):
        check_may_delegate(by, role, Action.ROLES_WRITE)
    if rows.is_role_taken(db, before.org, uid=before.uid, name=after.name, but=before.id):
        raise RoleTaken(f"role={before.uid}")
    rows.set_role(db, before.org, after, at=now)
    rows.delete_permissions(db, before.id, frozenset(before.held) - wanted.permissions)
    rows.add_permissions(db, before.id, wanted.permissions - frozenset(before.held), at=now)
    detail = {**told_of(after), "permissions_before": len(before.permissions)}
    changes.record(db, by, "role.update", target_of(after), at=now, detail=detail)
    return after


def delete_role(
    db: Connection, by: Principal, uid: str, *, force: bool, is_global: bool, clock: Clock
) -> None:
    """Delete a role; `force` takes it away from whoever has it.

    Raises OrgNotFound, RoleNotFound, RoleOfServer, PermissionMissing, RoleAssigned.
    """
    lock_roles(db, by.org)
    role = changeable(get_role_or_none(db, by.org, uid), is_global=is_global)
    check_may_delegate(by, role, Action.ROLES_DELETE)
    if not force and role_assignments.is_assigned(db, role.id):
        raise RoleAssigned(f"role={role.uid}")
    rows.delete_role(db, role.org, role.id)
    changes.record(db, by, "role.delete", target_of(role), at=clock(), detail=told_of(role))


def lock_roles(db: Connection, org: OrgId | None) -> None:
    """Let nobody else change roles or give them until this transaction ends. Raises OrgNotFound."""
    if org is not None and not orgs.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    rows.lock_roles(db)


def get_role_or_none(db: Connection, org: OrgId | None, uid: str) -> NamedRole | None:
    role = SERVER_ROLES.get(uid_of(uid)) or rows.get_role_or_none(db, org, uid)
    return None if role is None else with_permissions(db, org, [role])[0]


def with_permissions(db: Connection, org: OrgId | None, roles: Sequence[NamedRole]) -> list[NamedRole]:
    """Return the same roles, those too with their permissions that people have made."""
    made = [role.id for role in roles if not role.is_of_server]
    permissions = rows.list_permissions(db, org, made) if made else {}
    return [
        role if role.is_of_server else replace(role, permissions=permissions.get(role.id, ()))
        for role in roles
    ]


def changeable(role: NamedRole | None, *, is_global: bool | None) -> NamedRole:
    """Raises RoleNotFound, also for one that is not where the caller says; RoleOfServer."""
    if role is not None and role.is_of_server:
        raise RoleOfServer(role.name)
    if role is None or is_global not in {None, role.is_global}:
        raise RoleNotFound
    return role


def as_wanted(role: NamedRole, wanted: WantedRole, now: UnixSeconds) -> NamedRole:
    known = dict(role.permissions)
    return replace(
        role,
        name=wanted.name,
        display_name=wanted.display_name,
        description=wanted.description,
        group=wanted.group,
        is_hidden=wanted.is_hidden,
        permissions=tuple(RolePermission(one, known.get(one, now)) for one in sorted(wanted.permissions)),
    )


def target_of(role: NamedRole) -> Target:
    return Target("role", role.uid, role.name)


def told_of(role: NamedRole) -> dict[str, str | int | bool | None]:
    return {"version": role.version, "permissions": len(role.permissions), "is_global": role.is_global}
