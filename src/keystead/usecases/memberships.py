"""Who belongs to an organization, and as what: list, add, change, remove."""

from sqlalchemy import Connection

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, reaches
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock
from keystead.core.orgs.errors import LastOrgAdmin, MemberExists, MemberNotFound, OrgNotFound
from keystead.core.orgs.member import Member, OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.subject import subject_of_user
from keystead.storage import accounts, object_grants, orgs, role_assignments, team_members, throttle
from keystead.storage import memberships as rows
from keystead.storage.people_filter import PeopleFilter
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.paging import ALL, Listed, Page


def list_members(
    db: Connection, org: OrgId, seen_by: Grants, *, query: str = "", page: Page = ALL
) -> Listed[Member]:
    """Return the members that somebody with these grants may see, by e-mail, then login.

    `query` is a part of login, e-mail or name, in any case. Of an unknown organization there are none.
    """
    ids = visible_ids(seen_by, Action.ORG_USERS_READ, "users")
    which = PeopleFilter(query, None if ids is None else frozenset(map(AccountId, ids)))
    members = rows.list_members(db, org, which, offset=page.offset, limit=page.limit)
    return Listed(members, rows.count_members(db, org, which))


def list_all_members(db: Connection, org: OrgId, *, query: str = "", page: Page = ALL) -> list[Member]:
    """Return members whoever asks: for looking people up, which shows little of them."""
    return rows.list_members(db, org, PeopleFilter(query), offset=page.offset, limit=page.limit)


def list_orgs_of(db: Connection, account_id: AccountId) -> list[OrgOfUser]:
    """Return a person's organizations, by name; of anybody else none."""
    return rows.list_orgs_of(db, account_id)


def add_member(
    db: Connection, by: Principal, org: OrgId, *, login_or_email: str, role: Role, clock: Clock
) -> AccountId:
    """Make a person a member; who is in no organization acts in this one from now on.

    Raises RoleAboveOwn, UserNotFound, OrgNotFound, MemberExists.
    """
    now = clock()
    _check_reach(by, role)
    user = accounts.get_user_by_name_or_none(db, login_or_email)
    if user is None:
        raise UserNotFound
    if not orgs.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    _check_reach_there(db, by, org, role)
    user = accounts.lock_user(db, user.id)
    if rows.get_role_or_none(db, org, user.id) is not None:
        raise MemberExists(user.id)
    rows.add_membership(db, org, user.id, role=role, at=now)
    if user.active_org is None:
        accounts.set_active_org(db, user.id, org)
    target = Target("user", user.id, user.login)
    changes.record(db, by, "member.add", target, at=now, org=org, detail={"role": role})
    return user.id


def set_member_role(
    db: Connection, by: Principal, org: OrgId, account_id: AccountId, *, role: Role, clock: Clock
) -> None:
    """Raises RoleAboveOwn for a role above the caller's, now or afterwards; MemberNotFound, LastOrgAdmin."""
    _check_reach(by, role)
    orgs.lock_org(db, org)
    member = _find_member(db, org, account_id)
    _check_reach(by, member.role)
    for one in (role, member.role):
        _check_reach_there(db, by, org, one)
    if role is not Role.ADMIN:
        _check_not_last(db, member)
    rows.set_role(db, org, account_id, role)
    target = Target("user", account_id, member.login)
    detail = {"role": role, "role_before": member.role}
    changes.record(db, by, "member.role", target, at=clock(), org=org, detail=detail)


def remove_member(db: Connection, by: Principal, org: OrgId, account_id: AccountId, *, clock: Clock) -> None:
    """Remove a member, with the teams, levels and roles that they had in the organization.

    Raises MemberNotFound, LastOrgAdmin.
    """
    orgs.lock_org(db, org)
    member = _find_member(db, org, account_id)
    _check_not_last(db, member)
    team_members.delete_member_of_all(db, org, account_id)
    object_grants.delete_of_account(db, org, account_id)
    role_assignments.delete_assignments_of(db, org, account_id)
    accounts.set_other_active_org(db, org, account_id=account_id)
    rows.delete_membership(db, org, account_id)
    target = Target("user", account_id, member.login)
    changes.record(db, by, "member.remove", target, at=clock(), org=org)


def remove_or_delete_member(
    db: Connection, by: Principal, org: OrgId, account_id: AccountId, *, clock: Clock
) -> bool:
    """Remove a member, and delete the person whose only organization it was, if that is no server admin.

    Returns whether the person was deleted. Raises MemberNotFound, LastOrgAdmin.
    """
    orgs.lock_org(db, org)
    member = _find_member(db, org, account_id)
    _check_not_last(db, member)
    user = accounts.lock_user(
        db, account_id
    )  # or two organizations at once could both leave the person alone
    if user.is_server_admin or len(rows.list_orgs_of(db, account_id)) > 1:
        remove_member(db, by, org, account_id, clock=clock)
        return False
    throttle.delete_failures(db, subject_of_user(account_id))
    accounts.delete_user(db, account_id)
    changes.record(db, by, "user.delete", Target("user", account_id, user.login), at=clock(), org=org)
    return True


def _find_member(db: Connection, org: OrgId, account_id: AccountId) -> Member:
    member = rows.get_member_or_none(db, org, account_id)
    if member is None:
        raise MemberNotFound(f"{org=} account={account_id}")
    return member


def _check_reach(by: Principal, role: Role) -> None:
    if not (by.is_server_admin or reaches(by.role, role)):
        raise RoleAboveOwn


def _check_reach_there(db: Connection, by: Principal, org: OrgId, role: Role) -> None:
    """Compare with the caller's role in the organization that it is about, if that is another.

    Who was given the action in one organization and is Admin in a second one is no Admin of the first.
    """
    if org != by.org and not (
        by.is_server_admin or reaches(rows.get_role_or_none(db, org, by.account_id), role)
    ):
        raise RoleAboveOwn


def _check_not_last(db: Connection, member: Member) -> None:
    if member.role is Role.ADMIN and rows.is_only_admin(db, member.org, member.id):
        raise LastOrgAdmin(f"org={member.org} account={member.id}")
