"""Roles that are assigned: those that come with the server, and those that people make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, NewType

from keystead.core.access.fixed_roles.catalog import FIXED_ROLES
from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.permission import Permission
from keystead.core.access.roles import SERVER_ADMIN_PERMISSIONS, Role, basic_permissions
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor, Order
from keystead.core.teams.model import TeamId

RoleId = NewType("RoleId", int)
OF_SERVER = RoleId(0)
ROLES_BY_NAME = Order("name")
HOLDERS_AS_GIVEN = Order("id")


class RolePermission(NamedTuple):
    permission: Permission
    added_at: UnixSeconds | None  # None: came with the server


@dataclass(frozen=True, slots=True)
class NamedRole:
    uid: str
    name: str
    display_name: str = ""
    description: str = ""
    group: str = ""  # the heading it is listed under
    version: int = 0
    is_hidden: bool = False
    id: RoleId = OF_SERVER  # it comes with the server, and nobody can change it
    org: OrgId | None = None  # None: it is there for all organizations
    account: AccountId | None = None  # the only one that may have it; None: whoever
    created_at: UnixSeconds | None = None
    updated_at: UnixSeconds | None = None
    permissions: tuple[RolePermission, ...] = ()  # by action, then scope

    @property
    def is_global(self) -> bool:
        return self.org is None

    @property
    def is_of_server(self) -> bool:
        return self.id == OF_SERVER

    @property
    def is_basic(self) -> bool:
        """Say whether it comes with the membership, and is so never assigned."""
        return self.is_of_server and self.name not in FIXED_ROLES

    @property
    def held(self) -> Iterable[Permission]:
        return (permission for permission, _added_at in self.permissions)


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """Who has a role, by id; a basic role that has it is not told."""

    people: frozenset[AccountId] = frozenset()
    machines: frozenset[AccountId] = frozenset()
    teams: frozenset[TeamId] = frozenset()


@dataclass(frozen=True, slots=True)
class HolderCounts:
    people: int = 0
    machines: int = 0
    teams: int = 0


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Somebody who has a role, as a list tells them."""

    id: int  # of the assignment
    holder: AccountHolder | TeamHolder
    name: str
    login: str = ""  # "": a team's
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class WantedRole:
    """What a role is to be."""

    name: str
    uid: str = ""  # of a new one; "": one is made up
    version: int | None = None  # None: the next
    display_name: str = ""
    description: str = ""
    group: str = ""
    is_hidden: bool = False
    is_global: bool | None = None  # None: as it is, and a new one is not
    permissions: frozenset[Permission] = frozenset()


def _all_told(permissions: Iterable[Permission]) -> tuple[RolePermission, ...]:
    return tuple(RolePermission(permission, None) for permission in sorted(permissions))


def _fixed(role: FixedRole) -> NamedRole:
    return NamedRole(
        uid=role.uid,
        name=role.name,
        display_name=role.display_name,
        group=role.group,
        is_hidden=role.is_hidden,
        permissions=_all_told(role.permissions),
    )


def _basic(role: Role) -> NamedRole:
    word = role.value.lower()
    permissions = _all_told(basic_permissions(role, is_server_admin=False))
    return NamedRole(
        f"basic_{word}", f"basic:{word}", display_name=role.value, group="Basic", permissions=permissions
    )


_SERVER_ADMIN = NamedRole(
    "basic_grafana_admin",
    "basic:grafana_admin",
    display_name="Grafana Admin",
    group="Basic",
    permissions=_all_told(SERVER_ADMIN_PERMISSIONS),
)
SERVER_ROLES: Mapping[str, NamedRole] = MappingProxyType(
    {role.uid: role for role in (*map(_basic, Role), _SERVER_ADMIN, *map(_fixed, FIXED_ROLES.values()))}
)
_UIDS = {role.name: role.uid for role in SERVER_ROLES.values()}


def uid_of(uid_or_name: str) -> str:
    """Return the uid of a role that comes with the server when its name is given, else what was given."""
    return _UIDS.get(uid_or_name, uid_or_name)


def place_of_role(role: NamedRole) -> Cursor:
    return Cursor(ROLES_BY_NAME, role.name, role.id)


def place_of_holder(held: HeldBy) -> Cursor:
    return Cursor(HOLDERS_AS_GIVEN, held.id, held.id)
