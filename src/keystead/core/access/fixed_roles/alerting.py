"""Fixed roles for alerting, which Keystead names but does not do."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

ALERTING = (
    FixedRole(
        name="fixed:alerting.instances:reader",
        display_name="Instances and Silences Reader",
        group="Alerting",
        permissions=(
            Permission("alert.instances.external:read", "datasources:*"),
            Permission("alert.instances:read", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:alerting.instances:writer",
        display_name="Silences Writer",
        group="Alerting",
        permissions=(
            Permission("alert.instances.external:read", "datasources:*"),
            Permission("alert.instances.external:write", "datasources:*"),
            Permission("alert.instances:create", ""),
            Permission("alert.instances:read", "folders:*"),
            Permission("alert.instances:write", ""),
        ),
    ),
    FixedRole(
        name="fixed:alerting.notifications:reader",
        display_name="Notifications Reader",
        group="Alerting",
        permissions=(
            Permission("alert.notifications.external:read", "datasources:*"),
            Permission("alert.notifications:read", ""),
        ),
    ),
    FixedRole(
        name="fixed:alerting.notifications:writer",
        display_name="Notifications Writer",
        group="Alerting",
        permissions=(
            Permission("alert.notifications.external:read", "datasources:*"),
            Permission("alert.notifications.external:write", "datasources:*"),
            Permission("alert.notifications:read", ""),
            Permission("alert.notifications:write", ""),
        ),
    ),
    FixedRole(
        name="fixed:alerting.provisioning:writer",
        display_name="Access to alert rules provisioning API",
        group="Alerting",
        granted_to=("Admin",),
        permissions=(
            Permission("alert.provisioning:read", ""),
            Permission("alert.provisioning:write", ""),
        ),
    ),
    FixedRole(
        name="fixed:alerting.rules:reader",
        display_name="Rules Reader",
        group="Alerting",
        permissions=(
            Permission("alert.rules.external:read", "datasources:*"),
            Permission("alert.rules:read", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:alerting.rules:writer",
        display_name="Rules Writer",
        group="Alerting",
        permissions=(
            Permission("alert.rules.external:read", "datasources:*"),
            Permission("alert.rules.external:write", "datasources:*"),
            Permission("alert.rules:create", "folders:*"),
            Permission("alert.rules:delete", "folders:*"),
            Permission("alert.rules:read", "folders:*"),
            Permission("alert.rules:write", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:alerting:reader",
        display_name="Full read-only access",
        group="Alerting",
        granted_to=("Viewer",),
        permissions=(
            Permission("alert.instances.external:read", "datasources:*"),
            Permission("alert.instances:read", "folders:*"),
            Permission("alert.notifications.external:read", "datasources:*"),
            Permission("alert.notifications:read", ""),
            Permission("alert.rules.external:read", "datasources:*"),
            Permission("alert.rules:read", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:alerting:writer",
        display_name="Full access",
        group="Alerting",
        granted_to=(
            "Editor",
            "Admin",
        ),
        permissions=(
            Permission("alert.instances.external:read", "datasources:*"),
            Permission("alert.instances.external:write", "datasources:*"),
            Permission("alert.instances:create", ""),
            Permission("alert.instances:read", "folders:*"),
            Permission("alert.instances:write", ""),
            Permission("alert.notifications.external:read", "datasources:*"),
            Permission("alert.notifications.external:write", "datasources:*"),
            Permission("alert.notifications:read", ""),
            Permission("alert.notifications:write", ""),
            Permission("alert.rules.external:read", "datasources:*"),
            Permission("alert.rules.external:write", "datasources:*"),
            Permission("alert.rules:create", "folders:*"),
            Permission("alert.rules:delete", "folders:*"),
            Permission("alert.rules:read", "folders:*"),
            Permission("alert.rules:write", "folders:*"),
        ),
    ),
)
