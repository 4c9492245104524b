"""All that a service account may do, chosen at once: its basic role, and the roles that it was given."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.delegation import is_delegatable
from keystead.core.access.holders import AccountHolder
from keystead.core.access.named_roles import SERVER_ROLES, NamedRole
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.access.visible import visible_uids
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import Clock
from keystead.core.uid import NewUid
from keystead.usecases import holder_roles
from keystead.usecases.role_assignments import check_holds
from keystead.usecases.role_lists import RoleKind, RolePageAsked, is_asked, list_role_page
from keystead.usecases.roles import get_role_or_none, lock_roles, with_permissions
from keystead.usecases.serviceaccount_creation import Extras, create_with
from keystead.usecases.serviceaccounts import (
    ChangedServiceAccount,
    NewServiceAccount,
    change_service_account,
)
from keystead.usecases.tokens import IssuedToken, TokenRules

MOST = 20  # custom roles that are offered at once


@dataclass(frozen=True, slots=True)
class WantedRoles:
    basic: Role | None  # None: as it is
    assigned: frozenset[str] | None  # uids; None: as they are


@dataclass(frozen=True, slots=True)
class OfferedRole:
    role: NamedRole
    may_give: bool


@dataclass(frozen=True, slots=True)
class OfferedRoles:
    """What a person may choose from."""

    fixed: tuple[OfferedRole, ...] = ()
    custom: tuple[OfferedRole, ...] = ()  # what it has, and the first that were asked for
    has_more: bool = False  # further custom roles are not among them


def change_roles(
    db: Connection, by: Principal, account_id: AccountId, wanted: WantedRoles, *, clock: Clock
) -> None:
    """Change all of it, or nothing.

    Raises PermissionMissing, OrgNotFound, ServiceAccountNotFound, RoleAboveOwn, RoleNotFound,
    RoleOfServer, AssignmentInvalid.
    """
    lock_roles(db, by.org_here)  # first, as whoever gives roles does, lest two wait for each other
    change_service_account(db, by, account_id, ChangedServiceAccount(role=wanted.basic), clock=clock)
    if wanted.assigned is not None:
        assign_exactly(db, by, account_id, wanted.assigned, clock=clock)


def create_with_roles(
    db: Connection,
    by: Principal,
    new: NewServiceAccount,
    extras: Extras,
    *,
    assigned: frozenset[str],
    new_uid: NewUid,
    rules: TokenRules,
) -> tuple[ServiceAccount, IssuedToken | None]:
    """Make an account with what `serviceaccount_creation.create_with` makes, and with roles.

    Raises what that and `change_roles` raise.
    """
    account, issued = create_with(db, by, new, extras, new_uid=new_uid, rules=rules)
    assign_exactly(db, by, account.id, assigned, clock=rules.clock)
    return account, issued


def assign_exactly(
    db: Connection, by: Principal, account_id: AccountId, uids: frozenset[str], *, clock: Clock
) -> None:
    """Let an account have these roles and its hidden ones.

    Raises PermissionMissing, OrgNotFound, UserNotFound, RoleNotFound, RoleOfServer, AssignmentInvalid.
    """
    before = frozenset(role.uid for role in list_assigned(db, by, account_id))
    if uids - before:
        check_holds(by, Action.USERS_ROLES_ADD)
    if before - uids:
        check_holds(by, Action.USERS_ROLES_REMOVE)
    if uids != before:
        holder_roles.set_roles(db, by, AccountHolder(account_id), sorted(uids), clock=clock)


def list_assigned(db: Connection, by: Principal, account_id: AccountId) -> list[NamedRole]:
    """Return what an account was given in the caller's organization, without hidden ones, by name.

    Raises PermissionMissing.
    """
    held = holder_roles.assigned_to(db, by.org, by.org_here, AccountHolder(account_id))
    return holder_roles.shown(held, include_hidden=False)


def list_assigned_or_none(db: Connection, by: Principal, account_id: AccountId) -> list[NamedRole] | None:
    """Return the same; None: the caller may not see that. Raises PermissionMissing."""
    may_see = by.grants.allows(Action.USERS_ROLES_READ, f"users:id:{account_id}")
    return list_assigned(db, by, account_id) if may_see else None


def offer_roles(
    db: Connection, by: Principal, *, query: str = "", chosen: frozenset[str] = frozenset()
) -> OfferedRoles:
    """Return the roles that the caller may read and the query asks for, and all that are chosen.

    Of custom roles, the first `MOST`. Raises PermissionMissing.
    """
    only = visible_uids(by.grants, Action.ROLES_READ, "roles")
    asked = RolePageAsked(query, RoleKind.FIXED)
    fixed = [role for uid, role in SERVER_ROLES.items() if uid in chosen or is_asked(role, asked, only)]
    page = list_role_page(db, by, RolePageAsked(query, RoleKind.CUSTOM))
    listed = {one.role.uid: one.role for one in page.roles[:MOST]}
    further = (get_role_or_none(db, by.org, uid) for uid in sorted(chosen - listed.keys()))
    picked = (role for role in further if role is not None and not role.is_of_server)
    custom = sorted((*listed.values(), *picked), key=lambda role: (role.name, role.id))
    return OfferedRoles(
        fixed=tuple(OfferedRole(role, is_delegatable(by, role)) for role in fixed if not role.is_basic),
        custom=tuple(
            OfferedRole(role, is_delegatable(by, role)) for role in with_permissions(db, by.org, custom)
        ),
        has_more=len(page.roles) > MOST,
    )
