"""What can go wrong with a proxy's question, beside the credential itself."""

from keystead.core.errors import Denied


class ConditionUnknown(Denied):
    """Nothing may pass that is not understood."""

    message = "The conditions are not understood; there are role, org, and action followed by its scope"
    message_id = "forwardauth.condition-unknown"


class OrgOther(Denied):
    message = "The credential belongs to another organization"
    message_id = "forwardauth.org-other"


class RoleTooLow(Denied):
    message = "A higher role is needed"
    message_id = "forwardauth.role-too-low"


class PermissionNotHeld(Denied):
    message = "A permission is missing that is needed here"
    message_id = "forwardauth.permission-not-held"
