"""Fixed roles for data sources."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

DATA_SOURCES = (
    FixedRole(
        name="fixed:datasources.builtin:reader",
        display_name="Built in data source reader",
        group="Data sources",
        is_hidden=True,
        granted_to=("Viewer",),
        permissions=(
            Permission("datasources:query", "datasources:uid:grafana"),
            Permission("datasources:read", "datasources:uid:grafana"),
        ),
    ),
    FixedRole(
        name="fixed:datasources.id:reader",
        display_name="Data source ID reader",
        group="Infrequently used",
        granted_to=("Viewer",),
        permissions=(Permission("datasources.id:read", "datasources:*"),),
    ),
    FixedRole(
        name="fixed:datasources:explorer",
        display_name="Data source explorer",
        group="Data sources",
        granted_to=("Editor",),
        permissions=(Permission("datasources:explore", ""),),
    ),
    FixedRole(
        name="fixed:datasources:reader",
        display_name="Data source reader",
        group="Data sources",
        granted_to=("Viewer",),
        permissions=(
            Permission("datasources:query", "datasources:*"),
            Permission("datasources:read", "datasources:*"),
        ),
    ),
    FixedRole(
        name="fixed:datasources:writer",
        display_name="Data source writer",
        group="Data sources",
        granted_to=("Admin",),
        permissions=(
            Permission("datasources:create", ""),
            Permission("datasources:delete", "datasources:*"),
            Permission("datasources:query", "datasources:*"),
            Permission("datasources:read", "datasources:*"),
            Permission("datasources:write", "datasources:*"),
        ),
    ),
)
