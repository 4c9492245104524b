"""Statements about teams. Another organization's are never found."""

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, tuple_, update

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.teams.errors import TeamNotFound
from keystead.core.teams.model import Team, TeamId
from keystead.core.text import search_key, search_part, storable
from keystead.storage.among import is_among
from keystead.storage.schema_access import team, team_member

_c = team.c
_m = team_member.c
_MEMBERS = select(func.count(_m.account_id)).where(_m.team_id == _c.id).correlate(team).scalar_subquery()
_TEAM = (_c.id, _c.org_id, _c.uid, _c.name, _c.email, _MEMBERS)
_Row: TypeAlias = tuple[int, int, str, str, str, int]


@dataclass(frozen=True, slots=True)
class TeamFilter:
    """Which teams a list shows."""

    only: frozenset[int] | None = None  # None: whichever
    query: str = ""  # part of the name, in any case; empty: all
    name: str = ""  # the whole name, byte by byte; empty: all
    member: AccountId | None = None  # None: whoever is in them

    def conditions(self, org: OrgId) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [_c.org_id == org]
        if self.only is not None:
            conditions.append(is_among(_c.id, self.only))
        if self.query:
            conditions.append(_c.search_key.contains(search_part(self.query), autoescape=True))
        if self.name:
            conditions.append(_c.name == storable(self.name))
        if self.member is not None:
            own = select(_m.team_id).where(_m.account_id == self.member, _m.org_id == org)
            conditions.append(_c.id.in_(own))
        return conditions


def find_team(db: Connection, org: OrgId, team_id: TeamId) -> Team:
    """Raises TeamNotFound."""
    row = db.execute(select(*_TEAM).where(_c.org_id == org, _c.id == team_id)).one_or_none()
    if row is None:
        raise TeamNotFound(f"team={team_id}")
    return _to_team(tuple(row))


def get_id_of_uid_or_none(db: Connection, org: OrgId, uid: str) -> TeamId | None:
    found = db.execute(select(_c.id).where(_c.org_id == org, _c.uid == storable(uid))).scalar_one_or_none()
    return None if found is None else TeamId(found)


def is_team_name_taken(db: Connection, org: OrgId, name: str, *, but: TeamId | None = None) -> bool:
    """Say whether a team of the organization, apart from `but`, has exactly this name."""
    query = select(_c.id).where(_c.org_id == org, _c.name == name)
    if but is not None:
        query = query.where(_c.id != but)
    return db.execute(query).one_or_none() is not None


def list_teams(db: Connection, org: OrgId, which: TeamFilter, *, offset: int, limit: int) -> list[Team]:
    """Return teams by name, byte by byte; the page is cut before members are counted."""
    cut = select(_c.id).where(*which.conditions(org)).order_by(_c.name).offset(offset).limit(limit)
    page = cut.subquery("page")
    query = select(*_TEAM).join(page, page.c.id == _c.id).order_by(_c.name)
    return [_to_team(tuple(row)) for row in db.execute(query)]


def list_teams_from(
    db: Connection, org: OrgId, which: TeamFilter, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[Team]:
    """Return the teams behind or before a place, by name, the nearest first; without one, the first."""
    query = select(*_TEAM).where(*which.conditions(org)).limit(limit)
    if place is not None:
        here, there = tuple_(_c.name, _c.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_c.name.desc(), _c.id.desc()) if is_backward else (_c.name, _c.id)
    return [_to_team(tuple(row)) for row in db.execute(query.order_by(*columns))]


def count_teams(db: Connection, org: OrgId, which: TeamFilter, *, most: int | None = None) -> int:
    """Count them all, or no further than `most`."""
    found = select(_c.id).where(*which.conditions(org))
    if most is not None:
        found = found.limit(most)
    return db.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def add_team(db: Connection, org: OrgId, *, uid: str, name: str, email: str, at: UnixSeconds) -> TeamId:
    values = {
        "org_id": org,
        "uid": uid,
        "name": name,
        "search_key": search_key(name),
        "email": email,
        "created_at": at,
        "updated_at": at,
    }
    return TeamId(db.execute(insert(team).values(values).returning(_c.id)).scalar_one())


def set_team(db: Connection, org: OrgId, team_id: TeamId, *, name: str, email: str, at: UnixSeconds) -> None:
    db.execute(
        update(team)
        .where(_c.org_id == org, _c.id == team_id)
        .values(name=name, search_key=search_key(name), email=email, updated_at=at)
    )


def delete_team(db: Connection, org: OrgId, team_id: TeamId) -> None:
    """Delete the team with its members and groups, and with what it was given."""
    db.execute(delete(team).where(_c.org_id == org, _c.id == team_id))


def _to_team(row: _Row) -> Team:
    id_, org, uid, name, email, members = row
    return Team(TeamId(id_), OrgId(org), uid, name, email, members)
