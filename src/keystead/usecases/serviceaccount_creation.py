"""A service account with permissions of its own and a first token, all at once."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.delegation import check_may_delegate
from keystead.core.access.holders import AccountHolder
from keystead.core.access.named_roles import NamedRole, WantedRole
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Principal
from keystead.core.accounts.model import ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.uid import NewUid
from keystead.storage import roles as rows
from keystead.usecases import changes
from keystead.usecases.role_assignments import give
from keystead.usecases.roles import as_wanted, lock_roles, target_of, told_of
from keystead.usecases.serviceaccounts import NewServiceAccount, create_service_account
from keystead.usecases.tokens import IssuedToken, TokenRules, create_token


@dataclass(frozen=True, slots=True)
class FirstToken:
    name: str
    lifetime_s: int  # 0: for ever, where settings allow that


@dataclass(frozen=True, slots=True)
class Extras:
    permissions: frozenset[Permission] = frozenset()  # beside those of the basic role
    token: FirstToken | None = None


def create_with(
    db: Connection,
    by: Principal,
    new: NewServiceAccount,
    extras: Extras,
    *,
    new_uid: NewUid,
    rules: TokenRules,
) -> tuple[ServiceAccount, IssuedToken | None]:
    """Make an account with a role that it alone has, and a token; nobody gives it more than they hold.

    Raises RoleAboveOwn, OrgNotFound, ServiceAccountLoginTaken, PermissionMissing, LifetimeMissing,
    LifetimeAboveLimit, TokenNameTaken, LifetimeNegative.
    """
    account = create_service_account(db, by, new, clock=rules.clock)
    if extras.permissions:
        give_own_role(db, by, account, extras.permissions, uid=new_uid(), at=rules.clock())
    if extras.token is None:
        return account, None
    first = extras.token
    issued = create_token(db, by, account.id, name=first.name, lifetime_s=first.lifetime_s, rules=rules)
    return account, issued


def give_own_role(
    db: Connection,
    by: Principal,
    account: ServiceAccount,
    permissions: frozenset[Permission],
    *,
    uid: str,
    at: UnixSeconds,
) -> None:
    """Raises OrgNotFound, PermissionMissing."""
    name = f"serviceaccounts:{account.id}:scopes"
    new = NamedRole(uid, name, version=1, org=account.org, account=account.id)
    role = as_wanted(new, WantedRole(name, is_hidden=True, permissions=permissions), at)
    check_may_delegate(by, role, Action.SERVICE_ACCOUNTS_CREATE)
    lock_roles(db, account.org)
    role_id = rows.add_role(db, account.org, role, at=at)
    rows.add_permissions(db, role_id, permissions, at=at)
    made = replace(role, id=role_id)
    changes.record(db, by, "role.create", target_of(made), at=at, detail=told_of(made))
    give(db, by, made, AccountHolder(account.id), org=account.org, at=at)
