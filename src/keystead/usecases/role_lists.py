"""The roles of an organization page by page, and who has one."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import (
    HOLDERS_AS_GIVEN,
    ROLES_BY_NAME,
    SERVER_ROLES,
    HeldBy,
    HolderCounts,
    NamedRole,
    place_of_holder,
    place_of_role,
)
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.visible import visible_uids
from keystead.core.clock import Clock
from keystead.core.paging import COUNTED_TO, Cursor, get_cursor_or_none
from keystead.storage import role_assignments, roles
from keystead.storage.roles import RoleFilter
from keystead.usecases import holder_roles
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.role_assignments import check_holds
from keystead.usecases.roles import find_role


class RoleKind(StrEnum):
    BASIC = "basic"
    FIXED = "fixed"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class RolePageAsked:
    """Which page of a list is wanted; whatever makes no sense means the first one."""

    query: str = ""
    kind: RoleKind | None = None  # None: of all kinds
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class ListedRole:
    role: NamedRole  # without the permissions, where people have made it
    permissions: int
    holders: HolderCounts  # in the organization


@dataclass(frozen=True, slots=True)
class FoundRoles:
    """One page of roles, by name. A count above `paging.COUNTED_TO` means: more."""

    roles: tuple[ListedRole, ...]
    count: int  # on all pages
    before: str = ""  # cursor of the page before; "": this is the first
    after: str = ""  # cursor of the page behind; "": this is the last


def kind_of(role: NamedRole) -> RoleKind:
    if not role.is_of_server:
        return RoleKind.CUSTOM
    return RoleKind.BASIC if role.is_basic else RoleKind.FIXED


def list_role_page(db: Connection, by: Principal, asked: RolePageAsked) -> FoundRoles:
    """Return a page of the roles that the caller may read, without hidden ones. Raises PermissionMissing."""
    org, only = by.org_here, visible_uids(by.grants, Action.ROLES_READ, "roles")
    of_server = [role for role in SERVER_ROLES.values() if is_asked(role, asked, only)]
    has_made, which = asked.kind in {None, RoleKind.CUSTOM}, RoleFilter(only, asked.query)

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[NamedRole]:  # noqa: FBT001 - as it is called
        made = (
            roles.list_roles_from(db, org, which, place=place, is_backward=is_backward, limit=limit)
            if has_made
            else []
        )
        return nearest([*of_server, *made], place, is_backward=is_backward)[:limit]

    after, before = (get_cursor_or_none(text, ROLES_BY_NAME, str) for text in (asked.after, asked.before))
    page = cut_page(after, before, list_from=list_from, place_of=place_of_role)
    count = roles.count_roles(db, org, which, most=COUNTED_TO + 1) if has_made else 0
    return FoundRoles(listed(db, by, page.rows), len(of_server) + count, page.before, page.after)


def is_asked(role: NamedRole, asked: RolePageAsked, only: frozenset[str] | None) -> bool:
    """Say whether a list shows this role, which comes with the server."""
    if role.is_hidden or (only is not None and role.uid not in only):
        return False
    if asked.kind is not None and kind_of(role) is not asked.kind:
        return False
    texts = (role.name, role.display_name, role.description)
    return any(asked.query.lower() in text.lower() for text in texts)


def nearest(found: list[NamedRole], place: Cursor | None, *, is_backward: bool) -> list[NamedRole]:
    """Return those behind or before the place by name, the nearest first."""

    def at(role: NamedRole) -> tuple[str, int]:
        return role.name, role.id

    if place is not None:
        there = str(place.value), place.id
        found = [role for role in found if (at(role) < there if is_backward else at(role) > there)]
    return sorted(found, key=at, reverse=is_backward)


def listed(db: Connection, by: Principal, found: tuple[NamedRole, ...]) -> tuple[ListedRole, ...]:
    """Return the same roles with what is counted of them. Raises PermissionMissing."""
    org = by.org_here
    permissions = roles.count_permissions(db, org, [role.id for role in found if not role.is_of_server])
    holders = role_assignments.count_holders(db, org, found)
    return tuple(
        ListedRole(
            role,
            len(role.permissions) if role.is_of_server else permissions.get(role.id, 0),
            holders.get(role.uid, HolderCounts()),
        )
        for role in found
    )


def find_listed(db: Connection, by: Principal, uid: str) -> ListedRole:
    """Return a role with its permissions, and how many have it. Raises PermissionMissing, RoleNotFound."""
    role = find_role(db, by, uid)
    holders = role_assignments.count_holders(db, by.org_here, [role])
    return ListedRole(role, len(role.permissions), holders.get(role.uid, HolderCounts()))


def list_holder_page(
    db: Connection, by: Principal, role: NamedRole, *, after: str = "", before: str = ""
) -> Cut[HeldBy]:
    """Return who has the role in the caller's organization, in the order of giving.

    Raises PermissionMissing.
    """
    org = by.org_here

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[HeldBy]:  # noqa: FBT001 - as it is called
        return role_assignments.list_holders_from(
            db, org, role, place=place, is_backward=is_backward, limit=limit
        )

    places = (get_cursor_or_none(text, HOLDERS_AS_GIVEN, int) for text in (after, before))
    return cut_page(*places, list_from=list_from, place_of=place_of_holder)


def assign(
    db: Connection, by: Principal, uid: str, holder: AccountHolder | TeamHolder, *, clock: Clock
) -> None:
    """Give somebody a role in the caller's organization; nothing happens when they have it.

    Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound, RoleNotFound, RoleOfServer,
    AssignmentInvalid.
    """
    is_team = isinstance(holder, TeamHolder)
    check_holds(by, Action.TEAMS_ROLES_ADD if is_team else Action.USERS_ROLES_ADD)
    holder_roles.add_role(db, by, holder, uid, clock=clock)


def unassign(
    db: Connection, by: Principal, uid: str, holder: AccountHolder | TeamHolder, *, clock: Clock
) -> None:
    """Take a role away from somebody.

    Raises PermissionMissing, OrgNotFound, UserNotFound, TeamNotFound, RoleOfServer; RoleNotFound, also for
    somebody who does not have it.
    """
    is_team = isinstance(holder, TeamHolder)
    check_holds(by, Action.TEAMS_ROLES_REMOVE if is_team else Action.USERS_ROLES_REMOVE)
    holder_roles.remove_role(db, by, holder, uid, clock=clock)
