"""Statements about the groups of an outside directory that a team stands for."""

from sqlalchemy import Connection, delete, insert, select

from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.core.text import storable
from keystead.storage.schema_access import team_group

_c = team_group.c


def list_groups(db: Connection, org: OrgId, team_id: TeamId) -> list[str]:
    query = select(_c.group_id).where(_c.org_id == org, _c.team_id == team_id).order_by(_c.group_id)
    return list(db.execute(query).scalars())


def is_group_of_team(db: Connection, org: OrgId, team_id: TeamId, group: str) -> bool:
    query = select(_c.team_id).where(_c.org_id == org, _c.team_id == team_id, _c.group_id == storable(group))
    return db.execute(query).one_or_none() is not None


def add_group(db: Connection, org: OrgId, team_id: TeamId, group: str) -> None:
    db.execute(insert(team_group).values(org_id=org, team_id=team_id, group_id=group))


def delete_group(db: Connection, org: OrgId, team_id: TeamId, group: str) -> None:
    db.execute(delete(team_group).where(_c.org_id == org, _c.team_id == team_id, _c.group_id == group))
