"""Fixed roles that Grafana 9.3.2 does not have; the first four stand in its paid edition."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

ADDITIONS = (
    FixedRole(
        name="fixed:roles:reader",
        display_name="Role reader",
        group="Roles",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(
            Permission("roles:read", "roles:*"),
            Permission("teams.roles:read", "teams:*"),
            Permission("users.permissions:read", "users:*"),
            Permission("users.roles:read", "users:*"),
        ),
    ),
    FixedRole(
        name="fixed:roles:writer",
        display_name="Role writer",
        group="Roles",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(
            Permission("roles:delete", "permissions:type:delegate"),
            Permission("roles:read", "roles:*"),
            Permission("roles:write", "permissions:type:delegate"),
            Permission("teams.roles:add", "permissions:type:delegate"),
            Permission("teams.roles:read", "teams:*"),
            Permission("teams.roles:remove", "permissions:type:delegate"),
            Permission("users.permissions:read", "users:*"),
            Permission("users.roles:add", "permissions:type:delegate"),
            Permission("users.roles:read", "users:*"),
            Permission("users.roles:remove", "permissions:type:delegate"),
        ),
    ),
    FixedRole(
        name="fixed:datasources.permissions:reader",
        display_name="Data source permission reader",
        group="Data sources",
        granted_to=("Admin",),
        permissions=(Permission("datasources.permissions:read", "datasources:*"),),
    ),
    FixedRole(
        name="fixed:datasources.permissions:writer",
        display_name="Data source permission writer",
        group="Data sources",
        granted_to=("Admin",),
        permissions=(
            Permission("datasources.permissions:read", "datasources:*"),
            Permission("datasources.permissions:write", "datasources:*"),
        ),
    ),
    FixedRole(
        name="fixed:audit:reader",
        display_name="Audit reader",
        group="Audit",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(Permission("audit:read", ""),),
    ),
    FixedRole(
        name="fixed:credentials:introspector",
        display_name="Credential introspector",
        group="Credentials",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(Permission("credentials:introspect", ""),),
    ),
    FixedRole(
        name="fixed:forwardauth.rules:writer",
        display_name="Forward-auth rule writer",
        group="Forward auth",
        granted_to=(
            "Admin",
            "Grafana Admin",
        ),
        permissions=(
            Permission("forwardauth.rules:read", ""),
            Permission("forwardauth.rules:write", ""),
        ),
    ),
)
