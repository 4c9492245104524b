"""Service accounts: create, search, find, change, disable, delete."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.holders import LeveledObject
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, reaches
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.errors import ServiceAccountLoginTaken
from keystead.core.accounts.listing import BY_LOGIN, ListedAccount, Shown, place_of_account
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.accounts.names import service_account_login
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.paging import COUNTED_TO, Cursor, get_cursor_or_none
from keystead.storage import memberships, object_grants
from keystead.storage import serviceaccounts as rows
from keystead.storage.orgs import lock_org
from keystead.storage.serviceaccounts import AccountFilter
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.object_grants import give_to_creator
from keystead.usecases.paging import Cut, Listed, Page, cut_page


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    name: str
    role: Role
    description: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class ChangedServiceAccount:
    """What is to be different; None, and an empty name, leave things as they are."""

    name: str = ""
    role: Role | None = None
    is_disabled: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AccountPageAsked:
    """Which page of a list is wanted; whatever makes no sense means the first one."""

    query: str = ""
    shown: Shown = Shown.ALL
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class FoundAccounts:
    """One page of accounts, by login. A count above `paging.COUNTED_TO` means: more."""

    accounts: tuple[ListedAccount, ...]
    count: int  # on all pages
    has_any: bool  # whatever the query
    before: str  # cursor of the page before; "": this is the first
    after: str  # cursor of the page behind; "": this is the last


def create_service_account(
    db: Connection, by: Principal, new: NewServiceAccount, *, clock: Clock
) -> ServiceAccount:
    """Make an account, on which the person who does so has level Admin.

    Raises PermissionMissing, RoleAboveOwn, OrgNotFound, ServiceAccountLoginTaken.
    """
    org, now = by.org_here, clock()
    _check_reach(by, new.role)
    if not lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    login = service_account_login(new.name)
    if rows.is_login_taken(db, org, login):
        raise ServiceAccountLoginTaken
    account_id = rows.add_service_account(
        db,
        org,
        name=new.name,
        login=login,
        description=new.description,
        is_disabled=new.is_disabled,
        at=now,
    )
    memberships.add_membership(db, org, account_id, role=new.role, at=now)
    give_to_creator(db, by, LeveledObject("serviceaccounts", str(account_id)), at=now)
    detail = {"name": new.name, "role": new.role.value, "is_disabled": new.is_disabled}
    target = Target("serviceaccount", account_id, login)
    changes.record(db, by, "serviceaccount.create", target, at=now, detail=detail)
    return ServiceAccount(
        account_id, org, new.name, login, new.role, new.is_disabled, now, now, new.description
    )


def search_service_accounts(
    db: Connection, by: Principal, *, query: str, shown: Shown, page: Page, clock: Clock
) -> Listed[ListedAccount]:
    """Return the accounts that the caller may read, by login. Raises PermissionMissing."""
    org, which = by.org_here, readable(by, query, shown, clock())
    accounts = rows.list_service_accounts(db, org, which, offset=page.offset, limit=page.limit)
    total = page.known_total(len(accounts))
    return Listed(accounts, rows.count_service_accounts(db, org, which) if total is None else total)


def list_account_page(
    db: Connection, by: Principal, asked: AccountPageAsked, *, clock: Clock
) -> FoundAccounts:
    """Return a page of the accounts that the caller may read, with at most three statements.

    Raises PermissionMissing.
    """
    org, now = by.org_here, clock()
    which = readable(by, asked.query, asked.shown, now)
    page = cut(db, by, which, asked)
    count = len(page.rows)
    if page.before or page.after:
        count = rows.count_service_accounts(db, org, which, most=COUNTED_TO + 1)
    everything = readable(by, "", Shown.ALL, now)
    has_any = bool(count or rows.count_service_accounts(db, org, everything, most=1))
    return FoundAccounts(page.rows, count, has_any, page.before, page.after)


def find_service_account(db: Connection, by: Principal, account_id: AccountId) -> ListedAccount:
    """Raises PermissionMissing, ServiceAccountNotFound."""
    return rows.find_listed(db, by.org_here, account_id)


def get_maker_name_or_none(db: Connection, by: Principal, account: ServiceAccount) -> str | None:
    """Return who made it, as the log of changes tells; None: the log does not. Raises PermissionMissing."""
    return rows.get_maker_name_or_none(db, by.org_here, account.id, created_at=account.created_at)


def change_service_account(
    db: Connection, by: Principal, account_id: AccountId, wanted: ChangedServiceAccount, *, clock: Clock
) -> ServiceAccount:
    """Return the account as it is now; what is as wanted already is not written again.

    Raises PermissionMissing, RoleAboveOwn for a role above the caller's, now or afterwards;
    ServiceAccountNotFound.
    """
    org, now = by.org_here, clock()
    if wanted.role is not None:
        _check_reach(by, wanted.role)
    before = lock_account(db, by, account_id)
    if wanted.role is not None and before.role is not None:
        _check_reach(by, before.role)
    after = as_wanted(before, wanted)
    if after == before:
        return before
    rows.set_service_account(db, org, after, at=now)
    set_role(db, before, after.role, at=now)
    target = Target("serviceaccount", account_id, after.login)
    for action, detail in actions_between(before, after):
        changes.record(db, by, action, target, at=now, detail=detail)
    return replace(after, updated_at=now)


def delete_service_account(db: Connection, by: Principal, account_id: AccountId, *, clock: Clock) -> None:
    """Delete the account with its tokens, which are useless for every request that starts after the answer.

    Raises PermissionMissing, ServiceAccountNotFound.
    """
    account = lock_account(db, by, account_id)
    object_grants.delete_of_object(db, account.org, "serviceaccounts", str(account_id))
    rows.delete_service_account(db, account.org, account_id)
    target = Target("serviceaccount", account_id, account.login)
    changes.record(db, by, "serviceaccount.delete", target, at=clock())


def lock_account(db: Connection, by: Principal, account_id: AccountId) -> ServiceAccount:
    """Return the account, which nobody else changes until this transaction ends.

    Raises PermissionMissing, ServiceAccountNotFound.
    """
    rows.lock_service_account(db, by.org_here, account_id)
    return rows.find_service_account(db, by.org_here, account_id)


def as_wanted(before: ServiceAccount, wanted: ChangedServiceAccount) -> ServiceAccount:
    return replace(
        before,
        name=wanted.name or before.name,
        role=before.role if wanted.role is None else wanted.role,
        is_disabled=before.is_disabled if wanted.is_disabled is None else wanted.is_disabled,
        description=before.description if wanted.description is None else wanted.description,
    )


def set_role(db: Connection, before: ServiceAccount, role: Role | None, *, at: UnixSeconds) -> None:
    """Write the role, if it is another one; an account that lost its membership gets it back."""
    if role is None or role is before.role:
        return
    if before.role is None:
        memberships.add_membership(db, before.org, before.id, role=role, at=at)
    else:
        memberships.set_role(db, before.org, before.id, role)


def actions_between(
    before: ServiceAccount, after: ServiceAccount
) -> Iterator[tuple[str, dict[str, str | int | bool | None]]]:
    """Yield what was done, with its detail: switching on or off is told apart from all else."""
    told: dict[str, str | int | bool | None] = {}
    if after.name != before.name:
        told["name"] = after.name
    if after.role is not before.role:
        told |= {"role": after.role, "role_before": before.role}
    if after.description != before.description:
        told["description"] = after.description
    if told:
        yield "serviceaccount.update", told
    if after.is_disabled != before.is_disabled:
        yield "serviceaccount.disable" if after.is_disabled else "serviceaccount.enable", {}


def readable(by: Principal, query: str, shown: Shown, now: UnixSeconds) -> AccountFilter:
    only = visible_ids(by.grants, Action.SERVICE_ACCOUNTS_READ, "serviceaccounts")
    return AccountFilter(now, only, query, shown)


def cut(db: Connection, by: Principal, which: AccountFilter, asked: AccountPageAsked) -> Cut[ListedAccount]:
    """Return the accounts of a page, and the cursors of the pages before and behind it."""

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[ListedAccount]:  # noqa: FBT001 - as it is called
        return rows.list_service_accounts_from(
            db, by.org_here, which, place=place, is_backward=is_backward, limit=limit
        )

    after, before = (get_cursor_or_none(text, BY_LOGIN, str) for text in (asked.after, asked.before))
    return cut_page(after, before, list_from=list_from, place_of=place_of_account)


def _check_reach(by: Principal, role: Role) -> None:
    if not reaches(by.role, role):
        raise RoleAboveOwn(f"{role=}")
