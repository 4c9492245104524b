"""What can go wrong with teams."""

from keystead.core.accounts.errors import IdInvalid
from keystead.core.errors import Conflict, Invalid, NotFound


class TeamIdInvalid(IdInvalid):
    message = "teamId is invalid"
    message_id = "teams.id-invalid"


class TeamNotFound(NotFound):
    """Unknown, or of another organization."""

    message = "Team not found"
    message_id = "teams.not-found"


class TeamNameTaken(Conflict):
    message = "Team name taken"
    message_id = "teams.name-taken"


class TeamMemberExists(Invalid):
    message = "User is already added to this team"
    message_id = "teams.member-exists"


class TeamMemberNotFound(NotFound):
    """In the organization, and not in the team."""

    message = "Team member not found"
    message_id = "teams.member-not-found"


class TeamMemberForeign(NotFound):
    """Not in the organization, or nobody at all."""

    message = "Failed to add Member to Team"
    message_id = "teams.member-foreign"


class TeamLevelInvalid(Invalid):
    message = "Failed to update team member."
    message_id = "teams.level-invalid"


class TeamGroupExists(Invalid):
    message = "Group is already added to this team"
    message_id = "teams.group-exists"


class TeamGroupNotFound(NotFound):
    message = "Group not found"
    message_id = "teams.group-not-found"
