"""All fixed roles, and what follows from them."""

from collections.abc import Mapping
from types import MappingProxyType

from keystead.core.access.fixed_roles.additions import ADDITIONS
from keystead.core.access.fixed_roles.alerting import ALERTING
from keystead.core.access.fixed_roles.content import CONTENT
from keystead.core.access.fixed_roles.data_sources import DATA_SOURCES
from keystead.core.access.fixed_roles.machines import MACHINES
from keystead.core.access.fixed_roles.model import BasicRole, FixedRole
from keystead.core.access.fixed_roles.people import PEOPLE
from keystead.core.access.fixed_roles.server import SERVER
from keystead.core.access.permission import Permission

_ALL = (*ALERTING, *CONTENT, *DATA_SOURCES, *MACHINES, *PEOPLE, *SERVER, *ADDITIONS)

FIXED_ROLES: Mapping[str, FixedRole] = MappingProxyType(
    {role.name: role for role in sorted(_ALL, key=lambda role: role.name)}
)


def resource_of(action: str) -> str:
    """Return what an action is about: the part before the first `.` or `:`."""
    return action.partition(":")[0].partition(".")[0]


KNOWN_RESOURCES = frozenset(
    resource_of(permission.action) for role in _ALL for permission in role.permissions
)


def granted_to(basic_role: BasicRole) -> frozenset[Permission]:
    """Return what the server grants to this basic role itself, without what it inherits."""
    return frozenset(
        permission for role in _ALL if basic_role in role.granted_to for permission in role.permissions
    )
