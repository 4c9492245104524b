"""The roles of one account or team: list, give, take away."""

from collections.abc import Collection

from sqlalchemy import Connection

from keystead.core.access.delegation import check_may_delegate
from keystead.core.access.fixed_roles.catalog import FIXED_ROLES
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import SERVER_ROLES, NamedRole
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import RoleNotFound
from keystead.core.accounts.errors import UserNotFound
from keystead.core.clock import Clock
from keystead.core.orgs.model import OrgId
from keystead.core.teams.errors import TeamNotFound
from keystead.storage import role_assignments as rows
from keystead.storage import roles, teams
from keystead.usecases.role_assignments import assignable, give, take
from keystead.usecases.roles import get_role_or_none, lock_roles, with_permissions


def list_roles_of_account(
    db: Connection, by: Principal, holder: AccountHolder, *, include_hidden: bool = False
) -> list[NamedRole]:
    """Return what a person or a machine was given in the caller's organization or everywhere, by name.

    Of an unknown one there is nothing. Raises PermissionMissing.
    """
    org = by.org_here
    if not rows.is_account_here(db, org, holder.id):
        return []
    held = [*assigned_to(db, org, org, holder), *assigned_to(db, org, None, holder)]
    return shown(held, include_hidden=include_hidden)


def list_roles_of_team(
    db: Connection, by: Principal, holder: TeamHolder, *, include_hidden: bool = False
) -> list[NamedRole]:
    """Raises PermissionMissing, TeamNotFound."""
    org = by.org_here
    teams.find_team(db, org, holder.id)
    return shown(assigned_to(db, org, org, holder), include_hidden=include_hidden)


def add_role(
    db: Connection,
    by: Principal,
    holder: AccountHolder | TeamHolder,
    uid: str,
    *,
    everywhere: bool = False,
    clock: Clock,
) -> None:
    """Give a role; nothing happens when the holder has it.

    Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound, RoleNotFound, RoleOfServer,
    AssignmentInvalid.
    """
    place = lock_place(db, by, holder, everywhere=everywhere)
    role = role_for(db, by, uid, everywhere=everywhere)
    check_may_delegate(by, role, Action.USERS_ROLES_ADD, everywhere=everywhere)
    if role.uid not in {held.uid for held in assigned_to(db, by.org, place, holder)}:
        give(db, by, role, holder, org=place, at=clock())


def remove_role(
    db: Connection,
    by: Principal,
    holder: AccountHolder | TeamHolder,
    uid: str,
    *,
    everywhere: bool = False,
    clock: Clock,
) -> None:
    """Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound, RoleOfServer.

    Raises RoleNotFound, also for a role that the holder does not have.
    """
    place = lock_place(db, by, holder, everywhere=everywhere)
    role = role_for(db, by, uid, everywhere=everywhere)
    check_may_delegate(by, role, Action.USERS_ROLES_REMOVE, everywhere=everywhere)
    if role.uid not in {held.uid for held in assigned_to(db, by.org, place, holder)}:
        raise RoleNotFound
    take(db, by, role, holder, org=place, at=clock())


def set_roles(
    db: Connection,
    by: Principal,
    holder: AccountHolder | TeamHolder,
    uids: Collection[str],
    *,
    everywhere: bool = False,
    include_hidden: bool = False,
    clock: Clock,
) -> None:
    """Let the holder have exactly these roles; hidden ones stay, unless they are included.

    Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound, RoleNotFound, RoleOfServer,
    AssignmentInvalid.
    """
    now, place = clock(), lock_place(db, by, holder, everywhere=everywhere)
    wanted = {(role := role_for(db, by, uid, everywhere=everywhere)).uid: role for uid in uids}
    before = {role.uid: role for role in assigned_to(db, by.org, place, holder)}
    gone = [role for uid, role in before.items() if uid not in wanted]
    for role in shown(gone, include_hidden=include_hidden):
        check_may_delegate(by, role, Action.USERS_ROLES_REMOVE, everywhere=everywhere)
        take(db, by, role, holder, org=place, at=now)
    for role in (role for uid, role in wanted.items() if uid not in before):
        check_may_delegate(by, role, Action.USERS_ROLES_ADD, everywhere=everywhere)
        give(db, by, role, holder, org=place, at=now)


def lock_place(
    db: Connection, by: Principal, holder: AccountHolder | TeamHolder, *, everywhere: bool
) -> OrgId | None:
    """Return where the roles of this holder count, after nobody else can change them until the end.

    Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound.
    """
    org = by.org_here
    lock_roles(db, org)
    if isinstance(holder, TeamHolder):
        if not rows.lock_teams(db, org, [holder.id]):
            raise TeamNotFound(f"team={holder.id}")
        return org
    known = rows.lock_accounts(db, org, [holder.id])
    if not known.people | known.machines:
        raise UserNotFound(f"account={holder.id}")
    return None if everywhere else org


def role_for(db: Connection, by: Principal, uid: str, *, everywhere: bool) -> NamedRole:
    """Return a role that may be given there. Raises RoleNotFound, RoleOfServer."""
    role = assignable(get_role_or_none(db, by.org, uid))
    if everywhere and not role.is_global:
        raise RoleNotFound
    return role


def assigned_to(
    db: Connection, org: OrgId | None, place: OrgId | None, holder: AccountHolder | TeamHolder
) -> list[NamedRole]:
    """Return what the holder has in this place, as seen from the organization."""
    held = rows.list_assigned(db, place, holder)
    fixed = (FIXED_ROLES.get(name) for name in held if isinstance(name, str))
    ids = [id_ for id_ in held if not isinstance(id_, str)]
    made = roles.list_roles(db, org, ids=ids) if ids else []
    return [*(SERVER_ROLES[role.uid] for role in fixed if role), *with_permissions(db, org, made)]


def shown(held: Collection[NamedRole], *, include_hidden: bool) -> list[NamedRole]:
    """Return each once, by name."""
    by_uid = {role.uid: role for role in held if include_hidden or not role.is_hidden}
    return sorted(by_uid.values(), key=lambda role: (role.name, role.uid))
