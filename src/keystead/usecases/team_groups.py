"""Groups of an outside directory that a team stands for: list, add, remove. Keystead only keeps them."""

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.clock import Clock
from keystead.core.teams.errors import TeamGroupExists, TeamGroupNotFound
from keystead.core.teams.model import TeamId
from keystead.storage import team_groups as rows
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.team_members import lock_team
from keystead.usecases.teams import find_team


def list_groups(db: Connection, by: Principal, team_id: TeamId) -> list[str]:
    """Return them by name. Raises PermissionMissing, TeamNotFound."""
    team = find_team(db, by, team_id)
    return rows.list_groups(db, team.org, team.id)


def add_group(db: Connection, by: Principal, team_id: TeamId, group: str, *, clock: Clock) -> None:
    """Raises PermissionMissing, TeamNotFound, TeamGroupExists."""
    team = lock_team(db, by, team_id)
    if rows.is_group_of_team(db, team.org, team_id, group):
        raise TeamGroupExists(f"team={team_id}")
    rows.add_group(db, team.org, team_id, group)
    target = Target("team", team_id, team.name)
    changes.record(db, by, "team.group.add", target, at=clock(), detail={"group": group})


def remove_group(db: Connection, by: Principal, team_id: TeamId, group: str, *, clock: Clock) -> None:
    """Raises PermissionMissing, TeamNotFound, TeamGroupNotFound."""
    team = lock_team(db, by, team_id)
    if not rows.is_group_of_team(db, team.org, team_id, group):
        raise TeamGroupNotFound(f"team={team_id}")
    rows.delete_group(db, team.org, team_id, group)
    target = Target("team", team_id, team.name)
    changes.record(db, by, "team.group.remove", target, at=clock(), detail={"group": group})
