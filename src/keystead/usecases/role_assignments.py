"""Who has a role: list, give, take away."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.delegation import check_may_delegate
from keystead.core.access.denial import permission_missing
from keystead.core.access.holders import AccountHolder, Gift, Holder, RoleHolder, TeamHolder
from keystead.core.access.named_roles import NamedRole, RoleHolders
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import AssignmentInvalid, RoleNotFound, RoleOfServer
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.storage import role_assignments as rows
from keystead.usecases import changes
from keystead.usecases.roles import find_role, get_role_or_none, lock_roles, target_of

DELEGATE = "permissions:type:delegate"


@dataclass(frozen=True, slots=True)
class WantedHolders:
    accounts: frozenset[AccountId] = frozenset()  # people and machines
    teams: frozenset[TeamId] = frozenset()


def list_holders(db: Connection, by: Principal, uid: str) -> RoleHolders:
    """Return who has a role in the caller's organization. Raises RoleNotFound, PermissionMissing."""
    role = find_role(db, by, uid)
    return rows.list_holders(db, by.org_here, role)


def set_holders(
    db: Connection, by: Principal, uid: str, wanted: WantedHolders, *, clock: Clock
) -> RoleHolders:
    """Let exactly these have the role in the caller's organization, and return them.

    Raises PermissionMissing, OrgNotFound, RoleNotFound, RoleOfServer, AssignmentInvalid.
    """
    org, now = by.org_here, clock()
    lock_roles(db, org)
    role = assignable(get_role_or_none(db, org, uid))
    known = replace(
        rows.lock_accounts(db, org, wanted.accounts), teams=rows.lock_teams(db, org, wanted.teams)
    )
    if (known.people | known.machines, known.teams) != (wanted.accounts, wanted.teams):
        raise AssignmentInvalid
    before, after = (frozenset(holders_in(one)) for one in (rows.list_holders(db, org, role), known))
    for action in actions_for(before, after):
        check_holds(by, action)
        check_may_delegate(by, role, action)
    for holder in sorted(before - after, key=repr):
        take(db, by, role, holder, org=org, at=now)
    for holder in sorted(after - before, key=repr):
        give(db, by, role, holder, org=org, at=now)
    return known


def give(
    db: Connection, by: Principal, role: NamedRole, holder: Holder, *, org: OrgId | None, at: UnixSeconds
) -> None:
    """Give a role that the holder does not have yet; without an organization, everywhere.

    Raises AssignmentInvalid for a role that another account alone may have.
    """
    if role.account is not None and holder != AccountHolder(role.account):
        raise AssignmentInvalid(f"role={role.uid}")
    gift = Gift(by.kind, by.account_id or by.credential_id or 0, at)
    rows.add_assignment(db, org, role, holder, gift=gift)
    changes.record(db, by, "role.assign", target_of(role), at=at, detail=told_of(holder, org))


def take(
    db: Connection, by: Principal, role: NamedRole, holder: Holder, *, org: OrgId | None, at: UnixSeconds
) -> None:
    rows.delete_assignment(db, org, role, holder)
    changes.record(db, by, "role.unassign", target_of(role), at=at, detail=told_of(holder, org))


def assignable(role: NamedRole | None) -> NamedRole:
    """Raises RoleNotFound; RoleOfServer for a basic role, which comes with the membership."""
    if role is None:
        raise RoleNotFound
    if role.is_basic:
        raise RoleOfServer(role.name)
    return role


def holders_in(holders: RoleHolders) -> Iterable[Holder]:
    yield from map(AccountHolder, holders.people | holders.machines)
    yield from map(TeamHolder, holders.teams)


def actions_for(before: frozenset[Holder], after: frozenset[Holder]) -> Iterable[Action]:
    """Yield what somebody needs to make the difference, each once."""
    for changed, for_account, for_team in (
        (after - before, Action.USERS_ROLES_ADD, Action.TEAMS_ROLES_ADD),
        (before - after, Action.USERS_ROLES_REMOVE, Action.TEAMS_ROLES_REMOVE),
    ):
        if any(isinstance(holder, AccountHolder) for holder in changed):
            yield for_account
        if any(isinstance(holder, TeamHolder) for holder in changed):
            yield for_team


def check_holds(by: Principal, action: Action) -> None:
    """Raises PermissionMissing."""
    if not by.grants.allows(action, DELEGATE):
        raise permission_missing(action, [Permission(action, DELEGATE)], by.grants)


def told_of(holder: Holder, org: OrgId | None) -> dict[str, str | int | bool | None]:
    """Return what the log tells: who it is, and whether it counts everywhere."""
    told: dict[str, str | int | bool | None] = {"everywhere": True} if org is None else {}
    if isinstance(holder, RoleHolder):
        return {**told, "basic_role": holder.role.value}
    return {**told, "account" if isinstance(holder, AccountHolder) else "team": holder.id}
