"""Fixed roles for users and teams."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

PEOPLE = (
    FixedRole(
        name="fixed:org.users:reader",
        display_name="Organization user reader",
        group="User administration (organizational)",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(Permission("org.users:read", "users:*"),),
    ),
    FixedRole(
        name="fixed:org.users:writer",
        display_name="Organization user writer",
        group="User administration (organizational)",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(
            Permission("org.users:add", "users:*"),
            Permission("org.users:read", "users:*"),
            Permission("org.users:remove", "users:*"),
            Permission("org.users:write", "users:*"),
        ),
    ),
    FixedRole(
        name="fixed:teams.permissions:reader",
        display_name="Team permission reader",
        group="Teams",
        granted_to=("Admin",),
        permissions=(Permission("teams.permissions:read", "teams:*"),),
    ),
    FixedRole(
        name="fixed:teams.permissions:writer",
        display_name="Team permission writer",
        group="Teams",
        granted_to=("Admin",),
        permissions=(
            Permission("teams.permissions:read", "teams:*"),
            Permission("teams.permissions:write", "teams:*"),
        ),
    ),
    FixedRole(
        name="fixed:teams:creator",
        display_name="Team creator",
        group="Teams",
        granted_to=("Admin",),
        permissions=(
            Permission("org.users:read", "users:*"),
            Permission("teams:create", ""),
        ),
    ),
    FixedRole(
        name="fixed:teams:writer",
        display_name="Team writer",
        group="Teams",
        granted_to=("Admin",),
        permissions=(
            Permission("teams.permissions:read", "teams:*"),
            Permission("teams.permissions:write", "teams:*"),
            Permission("teams:create", ""),
            Permission("teams:delete", "teams:*"),
            Permission("teams:read", "teams:*"),
            Permission("teams:write", "teams:*"),
        ),
    ),
    FixedRole(
        name="fixed:users:reader",
        display_name="User reader",
        group="User administration (global)",
        granted_to=("Grafana Admin",),
        permissions=(
            Permission("users.authtoken:read", "global.users:*"),
            Permission("users.quotas:read", "global.users:*"),
            Permission("users:read", "global.users:*"),
        ),
    ),
    FixedRole(
        name="fixed:users:writer",
        display_name="User writer",
        group="User administration (global)",
        granted_to=("Grafana Admin",),
        permissions=(
            Permission("users.authtoken:read", "global.users:*"),
            Permission("users.authtoken:write", "global.users:*"),
            Permission("users.password:write", "global.users:*"),
            Permission("users.permissions:write", "global.users:*"),
            Permission("users.quotas:read", "global.users:*"),
            Permission("users.quotas:write", "global.users:*"),
            Permission("users:create", ""),
            Permission("users:delete", "global.users:*"),
            Permission("users:disable", "global.users:*"),
            Permission("users:enable", "global.users:*"),
            Permission("users:logout", "global.users:*"),
            Permission("users:read", "global.users:*"),
            Permission("users:write", "global.users:*"),
        ),
    ),
)
