"""Fixed roles for organizations, and for the server with its plugins and directory."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

SERVER = (
    FixedRole(
        name="fixed:ldap:reader",
        display_name="LDAP reader",
        group="LDAP",
        granted_to=("Grafana Admin",),
        permissions=(
            Permission("ldap.status:read", ""),
            Permission("ldap.user:read", ""),
        ),
    ),
    FixedRole(
        name="fixed:ldap:writer",
        display_name="LDAP writer",
        group="LDAP",
        granted_to=("Grafana Admin",),
        permissions=(
            Permission("ldap.config:reload", ""),
            Permission("ldap.status:read", ""),
            Permission("ldap.user:read", ""),
            Permission("ldap.user:sync", ""),
        ),
    ),
    FixedRole(
        name="fixed:organization:maintainer",
        display_name="Organization maintainer",
        group="Organizations",
        granted_to=("Grafana Admin",),
        permissions=(
            Permission("orgs.quotas:read", ""),
            Permission("orgs.quotas:write", ""),
            Permission("orgs:create", ""),
            Permission("orgs:delete", ""),
            Permission("orgs:read", ""),
            Permission("orgs:write", ""),
        ),
    ),
    FixedRole(
        name="fixed:organization:reader",
        display_name="Organization reader",
        group="Organizations",
        granted_to=(
            "Viewer",
            "Grafana Admin",
        ),
        permissions=(
            Permission("orgs.quotas:read", ""),
            Permission("orgs:read", ""),
        ),
    ),
    FixedRole(
        name="fixed:organization:writer",
        display_name="Organization writer",
        group="Organizations",
        granted_to=("Admin",),
        permissions=(
            Permission("orgs.preferences:read", ""),
            Permission("orgs.preferences:write", ""),
            Permission("orgs.quotas:read", ""),
            Permission("orgs:read", ""),
            Permission("orgs:write", ""),
        ),
    ),
    FixedRole(
        name="fixed:plugins.app:reader",
        display_name="Application Plugins Access",
        group="Plugins",
        granted_to=("Viewer",),
        permissions=(Permission("plugins.app:access", "plugins:*"),),
    ),
    FixedRole(
        name="fixed:plugins:maintainer",
        display_name="Plugin Maintainer",
        group="Plugins",
        granted_to=("Grafana Admin",),
        permissions=(Permission("plugins:install", ""),),
    ),
    FixedRole(
        name="fixed:plugins:writer",
        display_name="Plugin Writer",
        group="Plugins",
        granted_to=("Admin",),
        permissions=(Permission("plugins:write", "plugins:*"),),
    ),
    FixedRole(
        name="fixed:provisioning:writer",
        display_name="Provisioning writer",
        group="Provisioning",
        granted_to=("Grafana Admin",),
        permissions=(Permission("provisioning:reload", "provisioners:*"),),
    ),
    FixedRole(
        name="fixed:settings:reader",
        display_name="Setting reader",
        group="Settings",
        granted_to=("Grafana Admin",),
        permissions=(Permission("settings:read", "settings:*"),),
    ),
    FixedRole(
        name="fixed:stats:reader",
        display_name="Statistics reader",
        group="Statistics",
        granted_to=("Grafana Admin",),
        permissions=(Permission("server.stats:read", ""),),
    ),
)
