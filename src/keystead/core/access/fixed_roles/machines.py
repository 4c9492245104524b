"""Fixed roles for API keys and service accounts."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

MACHINES = (
    FixedRole(
        name="fixed:apikeys:reader",
        display_name="APIKeys reader",
        group="API Keys",
        granted_to=("Admin",),
        permissions=(Permission("apikeys:read", "apikeys:*"),),
    ),
    FixedRole(
        name="fixed:apikeys:writer",
        display_name="APIKeys writer",
        group="API Keys",
        granted_to=("Admin",),
        permissions=(
            Permission("apikeys:create", ""),
            Permission("apikeys:delete", "apikeys:*"),
            Permission("apikeys:read", "apikeys:*"),
        ),
    ),
    FixedRole(
        name="fixed:serviceaccounts.permissions:reader",
        display_name="Service account permission reader",
        group="Service accounts",
        granted_to=("Admin",),
        permissions=(Permission("serviceaccounts.permissions:read", "serviceaccounts:*"),),
    ),
    FixedRole(
        name="fixed:serviceaccounts.permissions:writer",
        display_name="Service account permission writer",
        group="Service accounts",
        granted_to=("Admin",),
        permissions=(
            Permission("serviceaccounts.permissions:read", "serviceaccounts:*"),
            Permission("serviceaccounts.permissions:write", "serviceaccounts:*"),
        ),
    ),
    FixedRole(
        name="fixed:serviceaccounts:creator",
        display_name="Service accounts creator",
        group="Service accounts",
        granted_to=("Admin",),
        permissions=(Permission("serviceaccounts:create", ""),),
    ),
    FixedRole(
        name="fixed:serviceaccounts:reader",
        display_name="Service accounts reader",
        group="Service accounts",
        granted_to=("Admin",),
        permissions=(Permission("serviceaccounts:read", "serviceaccounts:*"),),
    ),
    FixedRole(
        name="fixed:serviceaccounts:writer",
        display_name="Service accounts writer",
        group="Service accounts",
        granted_to=("Admin",),
        permissions=(
            Permission("serviceaccounts.permissions:read", "serviceaccounts:*"),
            Permission("serviceaccounts.permissions:write", "serviceaccounts:*"),
            Permission("serviceaccounts:create", ""),
            Permission("serviceaccounts:delete", "serviceaccounts:*"),
            Permission("serviceaccounts:read", "serviceaccounts:*"),
            Permission("serviceaccounts:write", "serviceaccounts:*"),
        ),
    ),
)
