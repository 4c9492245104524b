"""What can go wrong with access."""

from keystead.core.errors import Denied, Invalid, NotFound


class PermissionMissing(Denied):
    """`needed` is what the body of the answer names: "<action>", or "any of <a>, <b>", or nothing.

    `core.access.denial` makes one that also tells the log the scopes: those needed, and those held.
    """

    message = "You'll need additional permissions to perform this action"
    message_id = "access.permission-missing"

    def __init__(self, needed: str = "", detail: str = "", asked: tuple[str, str] = ("", "")) -> None:
        """`asked` is the action and scope that an explanation is asked for, where there is one."""
        super().__init__(detail or needed)
        self.needed = needed
        self.asked = asked


class RoleInvalid(Invalid):
    message = "bad request data"
    message_id = "access.role-invalid"


class RoleAboveOwn(Denied):
    message = "Cannot assign a role higher than user's role"
    message_id = "access.role-above-own"


class ActionInvalid(Invalid):
    message = "invalid permission"
    message_id = "access.action-invalid"


class ScopeInvalid(Invalid):
    message = "invalid permission"
    message_id = "access.scope-invalid"


class SubjectNotFound(NotFound):
    """Nobody, or nothing, of the caller's organization whose permissions could be explained."""

    message = "subject not found"
    message_id = "access.subject-not-found"


class LevelNotSet(Invalid):
    """Whatever is wrong with a level that somebody gives; the kinds below say what."""

    message = "failed to set permissions"
    message_id = "access.level-not-set"


class LevelUnknown(LevelNotSet):
    message = LevelNotSet.message
    message_id = "access.level-unknown"


class ObjectUnknown(LevelNotSet):
    """Nothing of that kind is in the caller's organization."""

    message = LevelNotSet.message
    message_id = "access.object-unknown"


class HolderUnknown(LevelNotSet):
    """Nobody of the organization, or none of those who may have such a level."""

    message = LevelNotSet.message
    message_id = "access.holder-unknown"
