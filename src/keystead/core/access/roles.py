"""The three basic roles, their order, and what each of them may do."""

from enum import StrEnum
from functools import cache

from keystead.core.access.errors import RoleInvalid
from keystead.core.access.fixed_roles.catalog import granted_to
from keystead.core.access.permission import Permission


class Role(StrEnum):
    """What someone is in an organization; `None` in a type means no basic role."""

    VIEWER = "Viewer"
    EDITOR = "Editor"
    ADMIN = "Admin"


ROLES_ASCENDING = (Role.VIEWER, Role.EDITOR, Role.ADMIN)
SERVER_ADMIN_PERMISSIONS: frozenset[Permission] = granted_to("Grafana Admin")


def reaches(own: Role | None, wanted: Role) -> bool:
    """Say whether one's own role is at least the wanted one."""
    return own is not None and ROLES_ASCENDING.index(own) >= ROLES_ASCENDING.index(wanted)


def parse_role(text: str) -> Role:
    """Read a role; its first letter may be small, and "" means Viewer. Raises RoleInvalid."""
    if not text:
        return Role.VIEWER
    try:
        return Role(text[0].upper() + text[1:])
    except ValueError:
        raise RoleInvalid from None


@cache
def basic_permissions(role: Role | None, *, is_server_admin: bool) -> frozenset[Permission]:
    """Return what comes with a basic role, inherited ones included, and with being a server admin."""
    server = SERVER_ADMIN_PERMISSIONS if is_server_admin else frozenset[Permission]()
    return server.union(*(granted_to(lower.value) for lower in ROLES_ASCENDING if reaches(role, lower)))
