"""Statements about teams: as objects, levels on which are memberships, and as holders of what they give."""

from typing import Any, TypeAlias

from sqlalchemy import CompoundSelect, Connection, String, cast, func, null, select, union_all
from sqlalchemy.exc import IntegrityError

from keystead.core.access.errors import HolderUnknown
from keystead.core.access.given import Thing
from keystead.core.access.holders import AccountHolder, Gift, HeldLevel, Holder, LeveledObject
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId, TeamLevel
from keystead.storage import team_members
from keystead.storage.schema import account
from keystead.storage.schema_access import object_grant, role_assignment, role_permission, team_member

_m = team_member.c
_Row: TypeAlias = tuple[Any, ...]
_Query: TypeAlias = CompoundSelect[*tuple[Any, ...]]


def list_levels(
    db: Connection,
    org: OrgId,
    of: LeveledObject,
    *,
    teams: frozenset[int] | None,  # noqa: ARG001 - as it is called
) -> list[HeldLevel]:
    """Return the members by login; `teams` says nothing here, since no team has a level on a team."""
    a = account.c
    query = (
        select(_m.account_id, _m.is_admin, a.login, a.name, a.email, a.kind)
        .join(account, a.id == _m.account_id)
        .where(_m.org_id == org, _m.team_id == _id_of(of))
        .order_by(a.login, _m.account_id)
    )
    return [_to_held(tuple(row)) for row in db.execute(query)]


def get_levels(db: Connection, org: OrgId, of: LeveledObject) -> dict[Holder, str]:
    query = select(_m.account_id, _m.is_admin).where(_m.org_id == org, _m.team_id == _id_of(of))
    return {AccountHolder(AccountId(id_)): _level(is_admin=is_admin) for id_, is_admin in db.execute(query)}


def add_level(
    db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str, *, gift: Gift
) -> None:
    """Make an account a member.

    Raises HolderUnknown for one who is gone; what else was done in the transaction is lost then.
    """
    try:
        team_members.add_member(db, org, _id_of(of), _account_of(holder), level=TeamLevel(level), at=gift.at)
    except IntegrityError:  # a service account was deleted meanwhile
        raise HolderUnknown from None


def set_level(
    db: Connection,
    org: OrgId,
    of: LeveledObject,
    holder: Holder,
    level: str,
    *,
    gift: Gift,  # noqa: ARG001 - as it is called
) -> None:
    team_members.set_level(db, org, _id_of(of), _account_of(holder), level=TeamLevel(level))


def delete_level(db: Connection, org: OrgId, of: LeveledObject, holder: Holder) -> None:
    team_members.delete_member(db, org, _id_of(of), _account_of(holder))


def list_given_to_team(db: Connection, org: OrgId, team_id: TeamId) -> list[Thing]:
    """Return what being in the team gives, beyond the team itself."""
    g, a, p = object_grant.c, role_assignment.c, role_permission.c
    levels = select(g.kind, g.object_id, g.level).where(g.org_id == org, g.team_id == team_id)
    in_roles = (
        select(func.coalesce(a.fixed_role, p.action), p.scope, cast(null(), String))
        .select_from(role_assignment)
        .outerjoin(role_permission, p.role_id == a.role_id)
        .where(a.org_id == org, a.team_id == team_id)
    )
    both: _Query = union_all(levels, in_roles)
    return [(first, second, third) for first, second, third in db.execute(both)]


def _id_of(of: LeveledObject) -> TeamId:
    return TeamId(int(of.id))


def _account_of(holder: Holder) -> AccountId:
    if not isinstance(holder, AccountHolder):
        raise HolderUnknown
    return holder.id


def _level(*, is_admin: bool) -> str:
    return (TeamLevel.ADMIN if is_admin else TeamLevel.MEMBER).value


def _to_held(row: _Row) -> HeldLevel:
    account_id, is_admin, login, name, email, kind = row
    return HeldLevel(
        id=account_id,
        holder=AccountHolder(AccountId(account_id)),
        level=_level(is_admin=is_admin),
        login=login,
        name=name,
        email=email,
        is_person=kind == "user",
    )
