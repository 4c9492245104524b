"""Levels: what may be given on a single object, such as Edit on one service account."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from keystead.core.access.errors import LevelUnknown
from keystead.core.access.permission import Permission


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    actions: tuple[str, ...]  # on the object


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """Objects that have levels of their own; the kind is named as scopes name it."""

    name: str
    attribute: str  # "id" or "uid": what a scope tells an object by
    for_teams: bool  # whether a team may be given a level; an account always may
    for_basic_roles: bool
    levels: tuple[Level, ...]  # lowest first

    def scope_of(self, object_id: str) -> str:
        """Return the scope of one object; its id or uid as it stands in scopes."""
        return f"{self.name}:{self.attribute}:{object_id}"


_ALL = (
    ObjectKind(
        name="serviceaccounts",
        attribute="id",
        for_teams=True,
        for_basic_roles=False,
        levels=(
            Level("Edit", ("serviceaccounts:read", "serviceaccounts:write")),
            Level(
                "Admin",
                (
                    "serviceaccounts:read",
                    "serviceaccounts:write",
                    "serviceaccounts:delete",
                    "serviceaccounts.permissions:read",
                    "serviceaccounts.permissions:write",
                ),
            ),
        ),
    ),
    ObjectKind(
        name="teams",
        attribute="id",
        for_teams=False,
        for_basic_roles=False,
        levels=(
            Level("Member", ("teams:read",)),
            Level(
                "Admin",
                (
                    "teams:read",
                    "teams:delete",
                    "teams:write",
                    "teams.permissions:read",
                    "teams.permissions:write",
                ),
            ),
        ),
    ),
    ObjectKind(
        name="folders",
        attribute="uid",
        for_teams=True,
        for_basic_roles=True,
        levels=(
            Level("View", ("dashboards:read", "folders:read", "alert.rules:read")),
            Level(
                "Edit",
                (
                    "dashboards:read",
                    "dashboards:write",
                    "dashboards:delete",
                    "folders:read",
                    "alert.rules:read",
                    "folders:write",
                    "folders:delete",
                    "dashboards:create",
                    "alert.rules:create",
                    "alert.rules:write",
                    "alert.rules:delete",
                ),
            ),
            Level(
                "Admin",
                (
                    "dashboards:read",
                    "dashboards:write",
                    "dashboards:delete",
                    "dashboards.permissions:read",
                    "dashboards.permissions:write",
                    "folders:read",
                    "alert.rules:read",
                    "folders:write",
                    "folders:delete",
                    "dashboards:create",
                    "alert.rules:create",
                    "alert.rules:write",
                    "alert.rules:delete",
                    "folders.permissions:read",
                    "folders.permissions:write",
                ),
            ),
        ),
    ),
    ObjectKind(
        name="dashboards",
        attribute="uid",
        for_teams=True,
        for_basic_roles=True,
        levels=(
            Level("View", ("dashboards:read",)),
            Level("Edit", ("dashboards:read", "dashboards:write", "dashboards:delete")),
            Level(
                "Admin",
                (
                    "dashboards:read",
                    "dashboards:write",
                    "dashboards:delete",
                    "dashboards.permissions:read",
                    "dashboards.permissions:write",
                ),
            ),
        ),
    ),
    ObjectKind(
        name="datasources",
        attribute="uid",
        for_teams=True,
        for_basic_roles=True,
        levels=(
            Level("Query", ("datasources:query",)),
            Level("Edit", ("datasources:query", "datasources:read", "datasources:write")),
            Level(
                "Admin",
                (
                    "datasources:query",
                    "datasources:read",
                    "datasources:write",
                    "datasources:delete",
                    "datasources.permissions:read",
                    "datasources.permissions:write",
                ),
            ),
        ),
    ),
)

OBJECT_KINDS: Mapping[str, ObjectKind] = MappingProxyType({kind.name: kind for kind in _ALL})
_LEVELS = {(kind.name, level.name): level for kind in _ALL for level in kind.levels}


def level_named(kind: str, name: str) -> Level:
    """Return the level with exactly this name. Raises LevelUnknown."""
    try:
        return _LEVELS[kind, name]
    except KeyError:
        raise LevelUnknown(f"{kind=}") from None


def permissions_of(kind: str, object_id: str, level: str) -> tuple[Permission, ...]:
    """Return what a level on one object permits; a kind or level that nobody knows permits nothing."""
    known = _LEVELS.get((kind, level))
    if known is None:
        return ()
    scope = OBJECT_KINDS[kind].scope_of(object_id)
    return tuple(Permission(action, scope) for action in known.actions)
