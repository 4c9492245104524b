"""Statements about who belongs to which organization. People only, but where a name says otherwise."""

from typing import TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, update

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.member import Member, OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.storage.people_filter import PeopleFilter
from keystead.storage.schema import account, membership
from keystead.storage.schema import org as org_table

_a = account.c
_m = membership.c
_PERSON = _a.kind == "user"
_MEMBER = (_m.org_id, _a.id, _a.login, _a.email, _a.name, _m.role)
_MORE = (_a.is_server_admin, _a.is_disabled, _a.created_at, _a.last_seen_at)
_Row: TypeAlias = tuple[int, int, str, str, str, str, bool, bool, int, int | None]


def list_members(
    db: Connection, org: OrgId, which: PeopleFilter, *, offset: int, limit: int | None
) -> list[Member]:
    """Return members by e-mail, then login. Without a limit all of them."""
    query = (
        select(*_MEMBER)
        .add_columns(*_MORE)
        .join(account, _a.id == _m.account_id)
        .where(_m.org_id == org, *which.conditions())
        .order_by(_a.email, _a.login, _a.id)
        .offset(offset)
    )
    if limit is not None:
        query = query.limit(limit)
    return [_to_member(tuple(row)) for row in db.execute(query)]


def count_members(db: Connection, org: OrgId, which: PeopleFilter) -> int:
    query = (
        select(func.count(_a.id))
        .join(membership, _a.id == _m.account_id)
        .where(_m.org_id == org, *which.conditions())
    )
    return db.execute(query).scalar_one()


def get_member_or_none(db: Connection, org: OrgId, account_id: AccountId) -> Member | None:
    query = (
        select(*_MEMBER)
        .add_columns(*_MORE)
        .join(account, _a.id == _m.account_id)
        .where(_m.org_id == org, _m.account_id == account_id, _PERSON)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else _to_member(tuple(row))


def get_role_or_none(db: Connection, org: OrgId, account_id: AccountId) -> Role | None:
    """Return what an account, a machine's too, is in the organization; None: it does not belong to it."""
    query = select(_m.role).where(_m.org_id == org, _m.account_id == account_id)
    role = db.execute(query).scalar_one_or_none()
    return None if role is None else Role(role)


def is_only_admin(db: Connection, org: OrgId, account_id: AccountId) -> bool:
    """Say whether no other person, enabled or not, is Admin of the organization."""
    query = (
        select(func.count(_a.id))
        .join(membership, _a.id == _m.account_id)
        .where(_m.org_id == org, _m.role == Role.ADMIN, _m.account_id != account_id, _PERSON)
    )
    return db.execute(query).scalar_one() == 0


def list_orgs_of(db: Connection, account_id: AccountId) -> list[OrgOfUser]:
    """Return the organizations of one person, by name."""
    query = (
        select(org_table.c.id, org_table.c.name, _m.role, org_table.c.keys_hidden_at.is_not(None))
        .join(membership, _m.org_id == org_table.c.id)
        .join(account, _a.id == _m.account_id)
        .where(_m.account_id == account_id, _PERSON)
        .order_by(org_table.c.name)
    )
    return [
        OrgOfUser(OrgId(id_), name, Role(role), hides_api_keys=bool(is_hidden))
        for id_, name, role, is_hidden in db.execute(query)
    ]


def add_membership(db: Connection, org: OrgId, account_id: AccountId, *, role: Role, at: UnixSeconds) -> None:
    db.execute(insert(membership).values(org_id=org, account_id=account_id, role=role, created_at=at))


def set_role(db: Connection, org: OrgId, account_id: AccountId, role: Role) -> None:
    db.execute(update(membership).where(_m.org_id == org, _m.account_id == account_id).values(role=role))


def delete_membership(db: Connection, org: OrgId, account_id: AccountId) -> None:
    db.execute(delete(membership).where(_m.org_id == org, _m.account_id == account_id))


def delete_service_accounts(db: Connection, org: OrgId) -> None:
    """Delete the machines of the organization, with what belongs to them."""
    members = select(_m.account_id).where(_m.org_id == org)
    db.execute(delete(account).where(_a.kind == "serviceaccount", _a.id.in_(members)))


def _to_member(row: _Row) -> Member:
    org, id_, login, email, name, role, is_server_admin, is_disabled, created_at, last_seen_at = row
    return Member(
        org=OrgId(org),
        id=AccountId(id_),
        login=login,
        email=email,
        name=name,
        role=Role(role),
        is_server_admin=is_server_admin,
        is_disabled=is_disabled,
        created_at=UnixSeconds(created_at),
        last_seen_at=None if last_seen_at is None else UnixSeconds(last_seen_at),
    )
