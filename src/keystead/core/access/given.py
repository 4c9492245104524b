"""What somebody was given beside their basic role, and where each permission that they hold comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from keystead.core.access.fixed_roles.catalog import FIXED_ROLES, granted_to
from keystead.core.access.levels import permissions_of
from keystead.core.access.permission import Permission
from keystead.core.access.roles import ROLES_ASCENDING, SERVER_ADMIN_PERMISSIONS, Role, reaches
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId

NO_ACCOUNT = AccountId(0)
Thing: TypeAlias = tuple[str | None, str | None, str | None]
"""What is given: kind, object and level; or action and scope; or the name of a fixed role alone."""


class Subject(NamedTuple):
    """Whose permissions are meant, and where."""

    account: AccountId  # NO_ACCOUNT: an API key
    org: OrgId | None
    role: Role | None  # in this organization; None: no member, for whom only what counts everywhere counts
    is_server_admin: bool = False


class Source(StrEnum):
    BASIC = "basic"
    FIXED = "fixed"
    CUSTOM = "custom"
    MANAGED = "managed"  # a level on an object
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that is given, and by which way."""

    thing: Thing
    role_uid: str | None  # of a custom role
    role_name: str | None
    team_id: int | None  # to this team
    basic_role: str | None  # to everybody with this basic role


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission that is held, and why."""

    permission: Permission
    source: Source
    role_uid: str  # "": a level, which no role stands for
    role_name: str
    via: str  # "self", "team:<id>" or "basic:<role>"


def permissions_in(thing: Thing) -> tuple[Permission, ...]:
    """Return what comes with it; something that nobody knows any more permits nothing."""
    first, second, third = thing
    if first is None:
        return ()
    if second is None:
        fixed = FIXED_ROLES.get(first)
        return () if fixed is None else fixed.permissions
    return (Permission(first, second),) if third is None else permissions_of(first, second, third)


def grants_given(given: Given, account: AccountId) -> Iterator[Grant]:
    """Yield the permissions of a thing that this account was given."""
    via = "self"
    if given.team_id is not None:
        via = f"team:{given.team_id}"
    elif given.basic_role is not None:
        via = f"basic:{given.basic_role}"
    for permission in permissions_in(given.thing):
        yield Grant(permission, *_role_of(given, account), via)


def _role_of(given: Given, account: AccountId) -> tuple[Source, str, str]:
    match given.thing:
        case (_, _, str()):
            return Source.MANAGED, "", managed_role_name(account, given.team_id, given.basic_role)
        case (str(name), None, None):
            return Source.FIXED, FIXED_ROLES[name].uid, name
        case _:
            return Source.CUSTOM, given.role_uid or "", given.role_name or ""


def managed_role_name(account: int, team_id: int | None, basic_role: str | None) -> str:
    """Return what Grafana 9.3.2 calls all levels of one holder together."""
    if team_id is not None:
        return f"managed:teams:{team_id}:permissions"
    if basic_role is not None:
        return f"managed:builtins:{basic_role.lower()}:permissions"
    return f"managed:users:{account}:permissions"


def grants_of_basic_role(subject: Subject) -> Iterator[Grant]:
    """Yield what comes with the basic role, by the lowest that has it, and with being a server admin."""
    seen: set[Permission] = set()
    for role in ROLES_ASCENDING:
        if reaches(subject.role, role):
            for permission in sorted(granted_to(role.value) - seen):
                name = role.value.lower()
                yield Grant(
                    permission, Source.BASIC, f"basic_{name}", f"basic:{name}", f"basic:{subject.role}"
                )
            seen |= granted_to(role.value)
    if subject.is_server_admin:
        for permission in sorted(SERVER_ADMIN_PERMISSIONS):
            yield Grant(permission, Source.SERVER, "basic_grafana_admin", "basic:grafana_admin", "self")
