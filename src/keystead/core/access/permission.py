"""What a principal may do: an action on a scope, and whether the scopes held cover the one needed."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import ClassVar, NamedTuple, Protocol, Self

from keystead.core.access.errors import ActionInvalid, ScopeInvalid
from keystead.core.path_id import parse_path_id

MAX_ACTION_LENGTH = 190
MAX_SCOPE_LENGTH = 1024  # a name of 190 characters, percent-encoded, and what stands before it
_ACTION = re.compile(r"[a-z0-9.-]+:[a-z0-9.-]+")
_SCOPE = re.compile(r"|\*|[^:*]+(?::[^:*]+)?(?::\*)|[^:*]+:[^:*]+:[^:*]+")
_PLACEHOLDER = re.compile(r"(?P<before>(?:^|:)(?P<attribute>[^:{}]*):)?\{(?P<name>\w+)\}")
_ESCAPES = str.maketrans({"%": "%25", ":": "%3A", "*": "%2A"})


class Permission(NamedTuple):
    """An action on a scope; "" is no scope. Plain text, since applications bring actions of their own."""

    action: str
    scope: str


class Place(Enum):
    """Where a need must be met."""

    HERE = "in the request's organization"
    THERE = "in the organization that the path names"
    EVERYWHERE = "by permissions of the whole server"


class Action(StrEnum):
    """Every action that a route of Keystead asks for. Alphabetical."""

    API_KEYS_CREATE = "apikeys:create"
    API_KEYS_DELETE = "apikeys:delete"
    API_KEYS_READ = "apikeys:read"
    AUDIT_READ = "audit:read"
    CREDENTIALS_INTROSPECT = "credentials:introspect"
    DASHBOARDS_CREATE = "dashboards:create"
    DASHBOARDS_DELETE = "dashboards:delete"
    DASHBOARDS_PERMISSIONS_READ = "dashboards.permissions:read"
    DASHBOARDS_PERMISSIONS_WRITE = "dashboards.permissions:write"
    DASHBOARDS_READ = "dashboards:read"
    DASHBOARDS_WRITE = "dashboards:write"
    DATA_SOURCES_CREATE = "datasources:create"
    DATA_SOURCES_DELETE = "datasources:delete"
    DATA_SOURCES_ID_READ = "datasources.id:read"
    DATA_SOURCES_PERMISSIONS_READ = "datasources.permissions:read"
    DATA_SOURCES_PERMISSIONS_WRITE = "datasources.permissions:write"
    DATA_SOURCES_QUERY = "datasources:query"
    DATA_SOURCES_READ = "datasources:read"
    DATA_SOURCES_WRITE = "datasources:write"
    FOLDERS_CREATE = "folders:create"
    FOLDERS_DELETE = "folders:delete"
    FOLDERS_PERMISSIONS_READ = "folders.permissions:read"
    FOLDERS_PERMISSIONS_WRITE = "folders.permissions:write"
    FOLDERS_READ = "folders:read"
    FOLDERS_WRITE = "folders:write"
    FORWARD_AUTH_RULES_READ = "forwardauth.rules:read"
    FORWARD_AUTH_RULES_WRITE = "forwardauth.rules:write"
    ORGS_CREATE = "orgs:create"
    ORGS_DELETE = "orgs:delete"
    ORGS_PREFERENCES_READ = "orgs.preferences:read"
    ORGS_PREFERENCES_WRITE = "orgs.preferences:write"
    ORGS_QUOTAS_READ = "orgs.quotas:read"
    ORGS_QUOTAS_WRITE = "orgs.quotas:write"
    ORGS_READ = "orgs:read"
    ORGS_WRITE = "orgs:write"
    ORG_USERS_ADD = "org.users:add"
    ORG_USERS_READ = "org.users:read"
    ORG_USERS_REMOVE = "org.users:remove"
    ORG_USERS_WRITE = "org.users:write"
    ROLES_DELETE = "roles:delete"
    ROLES_READ = "roles:read"
    ROLES_WRITE = "roles:write"
    SERVER_STATS_READ = "server.stats:read"
    SERVICE_ACCOUNTS_CREATE = "serviceaccounts:create"
    SERVICE_ACCOUNTS_DELETE = "serviceaccounts:delete"
    SERVICE_ACCOUNTS_PERMISSIONS_READ = "serviceaccounts.permissions:read"
    SERVICE_ACCOUNTS_PERMISSIONS_WRITE = "serviceaccounts.permissions:write"
    SERVICE_ACCOUNTS_READ = "serviceaccounts:read"
    SERVICE_ACCOUNTS_WRITE = "serviceaccounts:write"
    SETTINGS_READ = "settings:read"
    TEAMS_CREATE = "teams:create"
    TEAMS_DELETE = "teams:delete"
    TEAMS_PERMISSIONS_READ = "teams.permissions:read"
    TEAMS_PERMISSIONS_WRITE = "teams.permissions:write"
    TEAMS_READ = "teams:read"
    TEAMS_ROLES_ADD = "teams.roles:add"
    TEAMS_ROLES_READ = "teams.roles:read"
    TEAMS_ROLES_REMOVE = "teams.roles:remove"
    TEAMS_WRITE = "teams:write"
    USERS_AUTH_TOKEN_READ = "users.authtoken:read"  # noqa: S105 - names an action
    USERS_AUTH_TOKEN_WRITE = "users.authtoken:write"  # noqa: S105 - names an action
    USERS_CREATE = "users:create"
    USERS_DELETE = "users:delete"
    USERS_DISABLE = "users:disable"
    USERS_ENABLE = "users:enable"
    USERS_LOGOUT = "users:logout"
    USERS_PASSWORD_WRITE = "users.password:write"  # noqa: S105 - names an action
    USERS_PERMISSIONS_READ = "users.permissions:read"
    USERS_PERMISSIONS_WRITE = "users.permissions:write"
    USERS_QUOTAS_READ = "users.quotas:read"
    USERS_QUOTAS_WRITE = "users.quotas:write"
    USERS_READ = "users:read"
    USERS_ROLES_ADD = "users.roles:add"
    USERS_ROLES_READ = "users.roles:read"
    USERS_ROLES_REMOVE = "users.roles:remove"
    USERS_WRITE = "users:write"

    def on(self, scope: str) -> "Need":
        """Need this action on one scope; `{name}` places are filled from the route's path."""
        return Need(self, scope)

    def anywhere(self) -> "Need":
        """Need this action on some scope, whichever it is."""
        return Need(self, "")


class Holdings(Protocol):
    """What is asked whether a need is met: `grants.Grants` is the one that is used."""

    def allows(self, action: str, scope: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Need:
    """The right a route asks for."""

    action: Action
    scope: str  # "": any scope will do
    place: Place = Place.HERE
    org_member: str = ""  # where the place is THERE: the path member that names the organization

    def there(self, org_member: str) -> "Need":
        """Need it in the organization that this member of the path names."""
        return replace(self, place=Place.THERE, org_member=org_member)

    def globally(self) -> "Need":
        """Need it for the whole server, whatever the organization."""
        return replace(self, place=Place.EVERYWHERE)

    def bound_to(self, path: Mapping[str, str]) -> "Need":
        """Return the need with its places filled; an id is read as the number it spells."""

        def filled(place: re.Match[str]) -> str:
            text = path[place["name"]]
            number = parse_path_id(text) if place["attribute"] == "id" else None
            return (place["before"] or "") + (scope_value(text) if number is None else str(number))

        return replace(self, scope=_PLACEHOLDER.sub(filled, self.scope))

    def is_met_by(self, grants: Holdings) -> bool:
        return grants.allows(self.action, self.scope)

    @property
    def told(self) -> str:
        """How an answer names it: without the scope."""
        return str(self.action)


@dataclass(frozen=True, slots=True)
class Several(ABC):
    """Needs that are asked for together, all in one place."""

    needs: tuple[Need, ...]
    how: ClassVar[str]  # how many of them must be met

    def __post_init__(self) -> None:
        """Raises TypeError when there are none, or the places differ."""
        if len({(need.place, need.org_member) for need in self.needs}) != 1:
            raise TypeError("needs that are asked for together must be in one and the same place")

    @property
    def place(self) -> Place:
        return self.needs[0].place

    @property
    def org_member(self) -> str:
        return self.needs[0].org_member

    def bound_to(self, path: Mapping[str, str]) -> Self:
        return replace(self, needs=tuple(need.bound_to(path) for need in self.needs))

    @abstractmethod
    def is_met_by(self, grants: Holdings) -> bool:
        """Say whether enough of them are met."""

    @property
    def told(self) -> str:
        """How an answer names them: without the scopes."""
        return f"{self.how} " + ", ".join(need.told for need in self.needs)


class AnyOf(Several):
    """Alternatives: one that is met is enough."""

    how = "any of"

    def is_met_by(self, grants: Holdings) -> bool:
        return any(need.is_met_by(grants) for need in self.needs)


class AllOf(Several):
    """Each of them must be met."""

    how = "all of"

    def is_met_by(self, grants: Holdings) -> bool:
        return all(need.is_met_by(grants) for need in self.needs)


def covers(held: str, wanted: str) -> bool:
    """Say whether a held scope includes a wanted one.

    `*` counts only as the whole last segment. No scope wanted is met by any held one; a scope that is wanted
    is not met by holding none.
    """
    if not wanted or held == "*":
        return True
    if held.endswith(":*"):
        return wanted.startswith(held[:-1])
    return held == wanted


def scope_value(text: str) -> str:
    """Return a uid or a name as it stands in a scope: what would read as grammar is percent-encoded."""
    return text.translate(_ESCAPES)


def parse_scope(text: str) -> str:
    """Return the text if it is a scope: "", `*`, `kind:*`, `kind:attribute:*` or `kind:attribute:value`.

    Raises ScopeInvalid.
    """
    if len(text) > MAX_SCOPE_LENGTH or not _SCOPE.fullmatch(text):
        raise ScopeInvalid
    return text


def parse_permission(action: str, scope: str) -> Permission:
    """Read what someone wants to write down. Raises ActionInvalid, ScopeInvalid."""
    if len(action) > MAX_ACTION_LENGTH or not _ACTION.fullmatch(action):
        raise ActionInvalid
    return Permission(action, parse_scope(scope))
