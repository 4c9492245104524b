"""Fixed roles for dashboards, folders and annotations."""

from keystead.core.access.fixed_roles.model import FixedRole
from keystead.core.access.permission import Permission

CONTENT = (
    FixedRole(
        name="fixed:annotations.dashboard:writer",
        display_name="Dashboard annotation writer",
        group="Annotations",
        granted_to=("Viewer",),
        permissions=(
            Permission("annotations:create", "annotations:type:dashboard"),
            Permission("annotations:delete", "annotations:type:dashboard"),
            Permission("annotations:write", "annotations:type:dashboard"),
        ),
    ),
    FixedRole(
        name="fixed:annotations:reader",
        display_name="Annotation reader",
        group="Annotations",
        granted_to=("Viewer",),
        permissions=(Permission("annotations:read", "annotations:*"),),
    ),
    FixedRole(
        name="fixed:annotations:writer",
        display_name="Annotation writer",
        group="Annotations",
        granted_to=("Editor",),
        permissions=(
            Permission("annotations:create", "annotations:*"),
            Permission("annotations:delete", "annotations:*"),
            Permission("annotations:write", "annotations:*"),
        ),
    ),
    FixedRole(
        name="fixed:dashboards.permissions:reader",
        display_name="Dashboard permission reader",
        group="Dashboards",
        granted_to=("Admin",),
        permissions=(Permission("dashboards.permissions:read", "dashboards:*"),),
    ),
    FixedRole(
        name="fixed:dashboards.permissions:writer",
        display_name="Dashboard permission writer",
        group="Dashboards",
        granted_to=("Admin",),
        permissions=(
            Permission("dashboards.permissions:read", "dashboards:*"),
            Permission("dashboards.permissions:write", "dashboards:*"),
        ),
    ),
    FixedRole(
        name="fixed:dashboards.public:writer",
        display_name="Public Dashboard writer",
        group="Dashboards",
        granted_to=("Admin",),
        permissions=(Permission("dashboards.public:write", "dashboards:*"),),
    ),
    FixedRole(
        name="fixed:dashboards:creator",
        display_name="Dashboard creator",
        group="Dashboards",
        granted_to=("Editor",),
        permissions=(
            Permission("dashboards:create", "folders:uid:general"),
            Permission("folders:read", "folders:uid:general"),
        ),
    ),
    FixedRole(
        name="fixed:dashboards:reader",
        display_name="Dashboard reader",
        group="Dashboards",
        granted_to=("Admin",),
        permissions=(Permission("dashboards:read", "dashboards:*"),),
    ),
    FixedRole(
        name="fixed:dashboards:writer",
        display_name="Dashboard writer",
        group="Dashboards",
        granted_to=("Admin",),
        permissions=(
            Permission("dashboards.permissions:read", "dashboards:*"),
            Permission("dashboards.permissions:write", "dashboards:*"),
            Permission("dashboards:create", "folders:*"),
            Permission("dashboards:delete", "dashboards:*"),
            Permission("dashboards:read", "dashboards:*"),
            Permission("dashboards:write", "dashboards:*"),
        ),
    ),
    FixedRole(
        name="fixed:folders.permissions:reader",
        display_name="Folder permission reader",
        group="Folders",
        granted_to=("Admin",),
        permissions=(Permission("folders.permissions:read", "folders:*"),),
    ),
    FixedRole(
        name="fixed:folders.permissions:writer",
        display_name="Folder permission writer",
        group="Folders",
        granted_to=("Admin",),
        permissions=(
            Permission("folders.permissions:read", "folders:*"),
            Permission("folders.permissions:write", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:folders:creator",
        display_name="Folder creator",
        group="Folders",
        granted_to=("Editor",),
        permissions=(Permission("folders:create", ""),),
    ),
    FixedRole(
        name="fixed:folders:reader",
        display_name="Folder reader",
        group="Folders",
        granted_to=("Admin",),
        permissions=(
            Permission("dashboards:read", "folders:*"),
            Permission("folders:read", "folders:*"),
        ),
    ),
    FixedRole(
        name="fixed:folders:writer",
        display_name="Folder writer",
        group="Folders",
        granted_to=("Admin",),
        permissions=(
            Permission("dashboards.permissions:read", "folders:*"),
            Permission("dashboards.permissions:write", "folders:*"),
            Permission("dashboards:create", "folders:*"),
            Permission("dashboards:delete", "folders:*"),
            Permission("dashboards:read", "folders:*"),
            Permission("dashboards:write", "folders:*"),
            Permission("folders:create", ""),
            Permission("folders:delete", "folders:*"),
            Permission("folders:read", "folders:*"),
            Permission("folders:write", "folders:*"),
        ),
    ),
)
