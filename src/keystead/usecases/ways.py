"""What the caller could change so that somebody may do something, least power first."""

from collections.abc import Iterator

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.explanation import Named, Way, WayKind, levels_that_allow, roles_that_allow
from keystead.core.access.given import Subject
from keystead.core.access.holders import LeveledObject
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import ROLES_ASCENDING, Role, reaches
from keystead.core.accounts.model import AccountId
from keystead.core.errors import NotFound
from keystead.core.path_id import parse_path_id
from keystead.core.teams.model import TeamId
from keystead.storage import serviceaccounts, teams
from keystead.usecases.grants import basic_grants
from keystead.usecases.leveled_objects import check_may_give
from keystead.usecases.role_assignments import DELEGATE
from keystead.usecases.roles import list_roles


def ways_to_allow(
    db: Connection, by: Principal, named: Named, subject: Subject, wanted: Permission
) -> Iterator[Way]:
    """Yield a level on the object, a role, and the basic role, as far as the caller may give them.

    Raises PermissionMissing to whoever is in no organization.
    """
    if named.kind is not PrincipalKind.API_KEY:
        yield from _levels(db, by, wanted)
        yield from _roles(db, by, wanted)
    yield from _basic_role(by, named, subject.role, wanted)


def _levels(db: Connection, by: Principal, wanted: Permission) -> Iterator[Way]:
    for kind, object_id, level in levels_that_allow(wanted):
        of = LeveledObject(kind.name, object_id)
        is_writer = by.grants.allows(f"{kind.name}.permissions:write", wanted.scope)
        if is_writer and _is_here(db, by, of) and _may_give(db, by, of, level.name):
            text = f"Give the level {level.name} on {wanted.scope}."
            yield Way(WayKind.LEVEL, text, level=level.name, resource=wanted.scope)


def _is_here(db: Connection, by: Principal, of: LeveledObject) -> bool:
    """Say whether there is such an object in the organization."""
    number = parse_path_id(of.id)
    if number is None or str(number) != of.id:
        return False
    try:
        if of.kind == "serviceaccounts":
            serviceaccounts.find_service_account(db, by.org_here, AccountId(number))
        elif of.kind == "teams":
            teams.find_team(db, by.org_here, TeamId(number))
        else:
            return False
    except NotFound:
        return False
    return True


def _may_give(db: Connection, by: Principal, of: LeveledObject, level: str) -> bool:
    try:
        check_may_give(db, by, of, [level])
    except PermissionMissing:
        return False
    return True


def _roles(db: Connection, by: Principal, wanted: Permission) -> Iterator[Way]:
    if not by.grants.allows(Action.USERS_ROLES_ADD, DELEGATE):
        return
    for role in roles_that_allow(list_roles(db, by, delegatable=True), wanted):
        yield Way(WayKind.ROLE, f"Give the role {role.name}.", role.uid)


def _basic_role(by: Principal, named: Named, own: Role | None, wanted: Permission) -> Iterator[Way]:
    """An API key keeps the role that it was made with: another one takes its place."""
    enough = (role for role in ROLES_ASCENDING if basic_grants(role, is_server_admin=False).allows(*wanted))
    role = next(enough, None)
    if own is None or role is None or not _may_set_role(by, named, role):
        return
    text = f"Change the basic role from {own} to {role}."
    if named.kind is PrincipalKind.API_KEY:
        text = f"Create an API key with the role {role} in its place."
    yield Way(WayKind.BASIC, text, f"basic_{role.lower()}")


def _may_set_role(by: Principal, named: Named, role: Role) -> bool:
    match named.kind:
        case PrincipalKind.USER:
            is_reached = by.is_server_admin or reaches(by.role, role)
            return is_reached and by.grants.allows(Action.ORG_USERS_WRITE, f"users:id:{named.id}")
        case PrincipalKind.SERVICE_ACCOUNT:
            scope = f"serviceaccounts:id:{named.id}"
            return reaches(by.role, role) and by.grants.allows(Action.SERVICE_ACCOUNTS_WRITE, scope)
        case _:
            return reaches(by.role, role) and by.grants.holds(Action.API_KEYS_CREATE)
