"""Statements about who has which role."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, or_, select

from keystead.core.access.holders import AccountHolder, Gift, Holder, TeamHolder
from keystead.core.access.named_roles import HeldBy, HolderCounts, NamedRole, RoleHolders, RoleId
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.teams.model import TeamId
from keystead.storage.holders import column_of
from keystead.storage.schema import account
from keystead.storage.schema_access import role_assignment, team

_a, _who = role_assignment.c, account.c


def list_holders(db: Connection, org: OrgId, role: NamedRole) -> RoleHolders:
    """Return who has the role in the organization."""
    query = (
        select(_a.account_id, _who.kind, _a.team_id)
        .outerjoin(account, _who.id == _a.account_id)
        .where(_a.org_id == org, _is_of(role))
    )
    rows = db.execute(query).all()
    return RoleHolders(
        people=frozenset(AccountId(id_) for id_, kind, _ in rows if id_ is not None and kind == "user"),
        machines=frozenset(AccountId(id_) for id_, kind, _ in rows if id_ is not None and kind != "user"),
        teams=frozenset(TeamId(id_) for _, _, id_ in rows if id_ is not None),
    )


def count_holders(db: Connection, org: OrgId, roles: Sequence[NamedRole]) -> dict[str, HolderCounts]:
    """Return how many have each of these roles in the organization, by uid; without those nobody has."""
    people = func.count(case((_who.kind == "user", 1)))
    counts = (people, func.count(_a.account_id) - people, func.count(_a.team_id))
    query = (
        select(_a.role_id, _a.fixed_role)
        .add_columns(*counts)
        .outerjoin(account, _who.id == _a.account_id)
        .where(_a.org_id == org, _is_any_of(roles))
        .group_by(_a.role_id, _a.fixed_role)
    )
    uids = {role.name if role.is_of_server else role.id: role.uid for role in roles}
    return {
        uids[fixed if id_ is None else id_]: HolderCounts(*told) for id_, fixed, *told in db.execute(query)
    }


def list_holders_from(
    db: Connection, org: OrgId, role: NamedRole, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[HeldBy]:
    """Return accounts and teams that have the role in the organization, in the order they were given it."""
    query = (
        select(_a.id, _a.team_id, _a.account_id)
        .add_columns(_who.kind, _who.login, _who.name, team.c.name)
        .outerjoin(account, _who.id == _a.account_id)
        .outerjoin(team, team.c.id == _a.team_id)
        .where(_a.org_id == org, _is_of(role), _a.basic_role.is_(None))
        .order_by(_a.id.desc() if is_backward else _a.id)
        .limit(limit)
    )
    if place is not None:
        query = query.where(_a.id < place.id if is_backward else _a.id > place.id)
    return [_to_held(*row) for row in db.execute(query)]


def _to_held(
    id_: int, team_id: int | None, account_id: int | None, kind: str | None, *names: str | None
) -> HeldBy:
    login, name, team_name = names
    if team_id is not None:
        return HeldBy(id_, TeamHolder(TeamId(team_id)), team_name or "")
    holder = AccountHolder(AccountId(account_id or 0))
    return HeldBy(id_, holder, name or login or "", login or "", is_person=kind == "user")


def lock_accounts(db: Connection, org: OrgId, accounts: Collection[AccountId]) -> RoleHolders:
    """Return those of these who may have a role in the organization, none of whom anybody deletes meanwhile.

    People may, wherever they are members; machines are the organization's own.
    """
    query = select(_who.id, _who.kind).where(_who.id.in_(sorted(accounts)), _may_have_roles(org))
    rows = db.execute(query.order_by(_who.id).with_for_update(read=True, key_share=True)).all()
    return RoleHolders(
        people=frozenset(AccountId(id_) for id_, kind in rows if kind == "user"),
        machines=frozenset(AccountId(id_) for id_, kind in rows if kind != "user"),
    )


def is_account_here(db: Connection, org: OrgId, account_id: AccountId) -> bool:
    """Say whether it is a person, or a machine of the organization."""
    query = select(_who.id).where(_who.id == account_id, _may_have_roles(org))
    return db.execute(query).one_or_none() is not None


def lock_teams(db: Connection, org: OrgId, teams: Collection[TeamId]) -> frozenset[TeamId]:
    """Return those that are the organization's, none of which anybody deletes meanwhile."""
    query = select(team.c.id).where(team.c.org_id == org, team.c.id.in_(sorted(teams)))
    locked = db.execute(query.order_by(team.c.id).with_for_update(read=True, key_share=True))
    return frozenset(map(TeamId, locked.scalars()))


def list_assigned(db: Connection, org: OrgId | None, holder: Holder) -> list[RoleId | str]:
    """Return what the holder has in the organization, or everywhere: ids, and names of fixed roles."""
    query = select(_a.role_id, _a.fixed_role).where(_is_in(org), _is_to(holder))
    return [RoleId(id_) if id_ is not None else fixed or "" for id_, fixed in db.execute(query)]


def is_assigned(db: Connection, role: RoleId) -> bool:
    """Say whether anybody has the role, anywhere."""
    query = select(_a.id).where(_a.role_id == role).limit(1)
    return db.execute(query).one_or_none() is not None


def add_assignment(db: Connection, org: OrgId | None, role: NamedRole, holder: Holder, *, gift: Gift) -> None:
    """Give a role that the holder does not have yet; without an organization, everywhere."""
    values = {
        "org_id": org,
        "role_id": role.id or None,
        "fixed_role": role.name if role.is_of_server else None,
        "once": _once(org, role, holder),
        "created_at": gift.at,
        "created_by_kind": gift.by_kind.value,
        "created_by_id": gift.by_id,
    }
    db.execute(insert(role_assignment).values(**values, **dict([column_of(holder)])))


def delete_assignment(db: Connection, org: OrgId | None, role: NamedRole, holder: Holder) -> None:
    db.execute(delete(role_assignment).where(_is_in(org), _a.once == _once(org, role, holder)))


def delete_assignments_of(db: Connection, org: OrgId, account_id: AccountId) -> None:
    """Delete what an account was given in the organization: call it when the account leaves it."""
    db.execute(delete(role_assignment).where(_a.org_id == org, _a.account_id == account_id))


def _may_have_roles(org: OrgId) -> ColumnElement[bool]:
    return or_(_who.home_org_id == org, _who.kind == "user")


def _is_in(org: OrgId | None) -> ColumnElement[bool]:
    return _a.org_id.is_(None) if org is None else _a.org_id == org


def _is_of(role: NamedRole) -> ColumnElement[bool]:
    return _a.fixed_role == role.name if role.is_of_server else _a.role_id == role.id


def _is_any_of(roles: Sequence[NamedRole]) -> ColumnElement[bool]:
    made = [role.id for role in roles if not role.is_of_server]
    return or_(_a.role_id.in_(made), _a.fixed_role.in_([role.name for role in roles if role.is_of_server]))


def _is_to(holder: Holder) -> ColumnElement[bool]:
    column, value = column_of(holder)
    return role_assignment.c[column] == value


def _once(org: OrgId | None, role: NamedRole, holder: Holder) -> str:
    column, value = column_of(holder)
    return f"{org or 0}:{role.id or role.name}:{column}:{value}"
