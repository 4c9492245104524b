"""Statements about who is in a team."""

from typing import TypeAlias

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, tuple_, update

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.teams.model import TeamId, TeamLevel, TeamMember
from keystead.storage.people_filter import PeopleFilter
from keystead.storage.schema import account
from keystead.storage.schema_access import team_member

_a = account.c
_m = team_member.c
_MEMBER = (_a.id, _a.login, _a.email, _a.name, _m.is_admin)
_Row: TypeAlias = Row[int, str, str, str, bool]


def list_people(db: Connection, org: OrgId, team_id: TeamId, which: PeopleFilter) -> list[TeamMember]:
    """Return the people in a team by login, and no machines."""
    query = _people(org, team_id, which).order_by(_a.login, _a.id)
    return [_to_member(row) for row in db.execute(query)]


def list_people_from(
    db: Connection,
    org: OrgId,
    team_id: TeamId,
    which: PeopleFilter,
    *,
    place: Cursor | None,
    is_backward: bool,
    limit: int,
) -> list[TeamMember]:
    """Return the people behind or before a place, by login, the nearest first; without one, the first."""
    query = _people(org, team_id, which).limit(limit)
    if place is not None:
        here, there = tuple_(_a.login, _a.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_a.login.desc(), _a.id.desc()) if is_backward else (_a.login, _a.id)
    return [_to_member(row) for row in db.execute(query.order_by(*columns))]


def count_people(db: Connection, org: OrgId, team_id: TeamId, which: PeopleFilter) -> int:
    found = _people(org, team_id, which).with_only_columns(func.count(_a.id))
    return db.execute(found).scalar_one()


def get_level_or_none(db: Connection, org: OrgId, team_id: TeamId, account_id: AccountId) -> TeamLevel | None:
    """Return what an account, a machine's too, is in the team; None: it is not in it."""
    query = select(_m.is_admin).where(_m.org_id == org, _m.team_id == team_id, _m.account_id == account_id)
    is_admin = db.execute(query).scalar_one_or_none()
    return None if is_admin is None else _level(is_admin=is_admin)


def add_member(
    db: Connection, org: OrgId, team_id: TeamId, account_id: AccountId, *, level: TeamLevel, at: UnixSeconds
) -> None:
    values = {
        "org_id": org,
        "team_id": team_id,
        "account_id": account_id,
        "is_admin": level is TeamLevel.ADMIN,
        "created_at": at,
    }
    db.execute(insert(team_member).values(values))


def set_level(
    db: Connection, org: OrgId, team_id: TeamId, account_id: AccountId, *, level: TeamLevel
) -> None:
    db.execute(
        update(team_member)
        .where(_m.org_id == org, _m.team_id == team_id, _m.account_id == account_id)
        .values(is_admin=level is TeamLevel.ADMIN)
    )


def delete_member(db: Connection, org: OrgId, team_id: TeamId, account_id: AccountId) -> None:
    db.execute(
        delete(team_member).where(_m.org_id == org, _m.team_id == team_id, _m.account_id == account_id)
    )


def delete_member_of_all(db: Connection, org: OrgId, account_id: AccountId) -> None:
    """Take an account out of all teams of the organization."""
    db.execute(delete(team_member).where(_m.org_id == org, _m.account_id == account_id))


def _people(org: OrgId, team_id: TeamId, which: PeopleFilter) -> Select[int, str, str, str, bool]:
    return (
        select(*_MEMBER)
        .join(team_member, _m.account_id == _a.id)
        .where(_m.org_id == org, _m.team_id == team_id, *which.conditions())
    )


def _level(*, is_admin: bool) -> TeamLevel:
    return TeamLevel.ADMIN if is_admin else TeamLevel.MEMBER


def _to_member(row: _Row) -> TeamMember:
    id_, login, email, name, is_admin = row
    return TeamMember(AccountId(id_), login, email, name, _level(is_admin=is_admin))
