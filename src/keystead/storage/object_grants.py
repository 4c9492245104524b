"""Statements about levels on single objects. Levels on a team are its members: see `team_levels`."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from keystead.core.access.errors import HolderUnknown
from keystead.core.access.holders import (
    AccountHolder,
    Gift,
    HeldLevel,
    Holder,
    LeveledObject,
    RoleHolder,
    TeamHolder,
)
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.storage.holders import column_of
from keystead.storage.schema import account, membership
from keystead.storage.schema_access import object_grant, team, team_member

_g = object_grant.c
_HOLDER = (_g.account_id, _g.team_id, _g.basic_role)
_Row: TypeAlias = tuple[Any, ...]


def list_levels(
    db: Connection, org: OrgId, of: LeveledObject, *, teams: frozenset[int] | None
) -> list[HeldLevel]:
    """Return who has a level on the object: accounts by login, teams by name, then basic roles.

    `teams` are those that may be told of; None: all.
    """
    a, t = account.c, team.c
    query = (
        select(_g.id, _g.level, *_HOLDER, a.login, a.name, a.email, a.kind, t.name, t.email)
        .outerjoin(account, a.id == _g.account_id)
        .outerjoin(team, t.id == _g.team_id)
        .where(_g.org_id == org, _g.kind == of.kind, _g.object_id == of.id)
        .order_by(_g.account_id.is_(None), _g.team_id.is_(None), a.login, t.name, _g.basic_role, _g.id)
    )
    if teams is not None:
        query = query.where(or_(_g.team_id.is_(None), _g.team_id.in_(sorted(teams))))
    return [_to_held(tuple(row)) for row in db.execute(query)]


def get_levels(db: Connection, org: OrgId, of: LeveledObject) -> dict[Holder, str]:
    query = select(*_HOLDER, _g.level).where(_g.org_id == org, _g.kind == of.kind, _g.object_id == of.id)
    return {_to_holder(account, team, role): level for account, team, role, level in db.execute(query)}


def add_level(
    db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str, *, gift: Gift
) -> None:
    """Raises HolderUnknown for one who is gone; what else was done in the transaction is lost then."""
    of_object = {"org_id": org, "kind": of.kind, "object_id": of.id, "once": _once(org, of, holder)}
    try:
        db.execute(
            insert(object_grant).values(**of_object, **dict([column_of(holder)]), **_given(level, gift))
        )
    except IntegrityError:  # a service account was deleted meanwhile
        raise HolderUnknown from None


def set_level(
    db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str, *, gift: Gift
) -> None:
    """Replace the level that the holder has."""
    db.execute(update(object_grant).where(*_here(org, of, holder)).values(_given(level, gift)))


def delete_level(db: Connection, org: OrgId, of: LeveledObject, holder: Holder) -> None:
    db.execute(delete(object_grant).where(*_here(org, of, holder)))


def list_logins(db: Connection, org: OrgId, accounts: Iterable[AccountId]) -> dict[AccountId, str]:
    """Return the logins of those who belong to the organization: members, and service accounts of it."""
    a, m = account.c, membership.c
    query = (
        select(a.id, a.login)
        .outerjoin(membership, and_(m.account_id == a.id, m.org_id == org))
        .where(a.id.in_(sorted(accounts)), or_(m.org_id == org, a.home_org_id == org))
    )
    return {AccountId(id_): login for id_, login in db.execute(query)}


def list_team_names(db: Connection, org: OrgId, teams: Iterable[TeamId]) -> dict[TeamId, str]:
    """Return the names of those that are the organization's."""
    t = team.c
    query = select(t.id, t.name).where(t.org_id == org, t.id.in_(sorted(teams)))
    return {TeamId(id_): name for id_, name in db.execute(query)}


def list_teams_of(db: Connection, org: OrgId, account_id: AccountId) -> frozenset[TeamId]:
    """Return the teams that an account is in."""
    m = team_member.c
    query = select(m.team_id).where(m.org_id == org, m.account_id == account_id)
    return frozenset(map(TeamId, db.execute(query).scalars()))


def delete_of_object(db: Connection, org: OrgId, kind: str, object_id: str) -> None:
    """Delete every level on an object: call it with the deletion of the object."""
    db.execute(delete(object_grant).where(_g.org_id == org, _g.kind == kind, _g.object_id == object_id))


def delete_of_account(db: Connection, org: OrgId, account_id: AccountId) -> None:
    """Delete what an account was given on objects of the organization: call it when the account leaves it."""
    db.execute(delete(object_grant).where(_g.org_id == org, _g.account_id == account_id))


def _here(org: OrgId, of: LeveledObject, holder: Holder) -> list[ColumnElement[bool]]:
    column, value = column_of(holder)
    return [
        _g.org_id == org,
        _g.kind == of.kind,
        _g.object_id == of.id,
        object_grant.columns[column] == value,
    ]


def _once(org: OrgId, of: LeveledObject, holder: Holder) -> str:
    column, value = column_of(holder)
    return f"{org}:{of.kind}:{of.id}:{column}:{value}"


def _given(level: str, gift: Gift) -> dict[str, int | str]:
    return {
        "level": level,
        "created_at": gift.at,
        "created_by_kind": gift.by_kind.value,
        "created_by_id": gift.by_id,
    }


def _to_holder(account_id: int | None, team_id: int | None, basic_role: str | None) -> Holder:
    if account_id is not None:
        return AccountHolder(AccountId(account_id))
    return RoleHolder(Role(basic_role or "")) if team_id is None else TeamHolder(TeamId(team_id))


def _to_held(row: _Row) -> HeldLevel:
    id_, level, account_id, team_id, role, login, name, email, kind, team_name, team_email = row
    return HeldLevel(
        id=id_,
        holder=_to_holder(account_id, team_id, role),
        level=level,
        login=login or "",
        name=name or team_name or "",
        email=email or team_email or "",
        is_person=kind == "user",
    )
