"""What can go wrong with roles that are assigned."""

from keystead.core.errors import Conflict, Denied, Invalid, NotFound


class RoleNotFound(NotFound):
    """Unknown, or of another organization."""

    message = "role not found"
    message_id = "roles.not-found"


class RoleNameReserved(Invalid):
    """It begins as the names of roles do that nobody makes."""

    message = "role name is reserved"
    message_id = "roles.name-reserved"


class RoleTaken(Conflict):
    message = "role with the same name or uid already exists"
    message_id = "roles.taken"


class RoleVersionNotGreater(Invalid):
    """Somebody else changed the role meanwhile."""

    message = "role version must be greater"
    message_id = "roles.version-not-greater"


class RoleOfServer(Denied):
    message = "basic and fixed roles cannot be changed"
    message_id = "roles.of-server"


class RoleAssigned(Conflict):
    message = "role is assigned"
    message_id = "roles.assigned"


class AssignmentInvalid(Invalid):
    """It names somebody who is not there, or who cannot have this role."""

    message = "invalid assignment"
    message_id = "roles.assignment-invalid"
