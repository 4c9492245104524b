"""Statements about service accounts. A person is never found here, nor another organization's account."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountLoginTaken, ServiceAccountNotFound
from keystead.core.accounts.listing import UNUSED_S, ListedAccount, Shown
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.text import search_key, search_part
from keystead.storage.among import is_among
from keystead.storage.schema import account, change, credential, membership

_c = account.c
_m = membership.c
_ACCOUNT = (_c.id, _c.home_org_id, _c.name, _c.login, _m.role, _c.is_disabled)
_MORE = (_c.created_at, _c.updated_at, func.coalesce(_c.description, ""), _c.from_key)
_IS_MEMBER = and_(_m.account_id == _c.id, _m.org_id == _c.home_org_id)
_OWN = credential.c.account_id == _c.id  # beside the organization, SQLite would go through all its last uses
_TOLD = (
    select(func.count(credential.c.id)).where(_OWN).correlate(account).scalar_subquery(),
    select(func.max(credential.c.last_used_at)).where(_OWN).correlate(account).scalar_subquery(),
)
_Row: TypeAlias = tuple[int, int | None, str, str, str | None, bool, int, int, str, str | None]
_Listed: TypeAlias = Select[*tuple[Any, ...]]  # of more columns than the types of SQLAlchemy count


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts a list shows."""

    now: UnixSeconds
    only: frozenset[int] | None = None  # None: whichever
    query: str = ""  # part of name or login, in any case; empty: all
    shown: Shown = Shown.ALL

    def conditions(self, org: OrgId) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [_c.home_org_id == org]
        if self.only is not None:
            conditions.append(is_among(_c.id, self.only))
        if self.query:
            conditions.append(_c.search_key.contains(search_part(self.query), autoescape=True))
        return conditions + self.shown_conditions(org)

    def shown_conditions(self, org: OrgId) -> list[ColumnElement[bool]]:
        tokens = credential.c
        own = select(tokens.id).where(_OWN).correlate(account)
        match self.shown:
            case Shown.ALL:
                return []
            case Shown.WITH_EXPIRED_TOKENS:
                owners = select(tokens.account_id).where(tokens.org_id == org)
                return [_c.id.in_(owners.where(tokens.expires_at <= self.now))]
            case Shown.DISABLED:
                return [_c.is_disabled]
            case Shown.UNUSED:
                in_use = own.where(tokens.last_used_at > self.now - UNUSED_S)
                return [own.exists(), ~in_use.exists()]
            case Shown.WITHOUT_TOKENS:
                return [~own.exists()]


def lock_service_account(db: Connection, org: OrgId, account_id: AccountId) -> None:
    """Let nobody else change the account or its tokens until this transaction ends.

    What it is must be read afterwards: a row that waited for a lock shows only itself as it is now.
    Raises ServiceAccountNotFound.
    """
    query = select(_c.id).where(_c.home_org_id == org, _c.id == account_id)
    if db.execute(query.with_for_update(key_share=True)).one_or_none() is None:
        raise ServiceAccountNotFound(f"account={account_id}")


def find_service_account(db: Connection, org: OrgId, account_id: AccountId) -> ServiceAccount:
    """Raises ServiceAccountNotFound, also for a person and for another organization's account."""
    query = (
        select(*_ACCOUNT)
        .add_columns(*_MORE)
        .outerjoin(membership, _IS_MEMBER)
        .where(_c.home_org_id == org, _c.id == account_id)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise ServiceAccountNotFound(f"account={account_id}")
    return _to_account(tuple(row))


def find_listed(db: Connection, org: OrgId, account_id: AccountId) -> ListedAccount:
    """Return the account as a list tells it. Raises ServiceAccountNotFound."""
    row = db.execute(_listed().where(_c.home_org_id == org, _c.id == account_id)).one_or_none()
    if row is None:
        raise ServiceAccountNotFound(f"account={account_id}")
    return _to_listed(row)


def get_maker_name_or_none(
    db: Connection, org: OrgId, account_id: AccountId, *, created_at: UnixSeconds
) -> str | None:
    """Return who made it, as the log of changes tells; None: the log does not."""
    log = change.c
    query = (
        select(log.actor_login)
        .where(log.org_id == org, log.target_kind == "serviceaccount", log.target_id == str(account_id))
        .where(log.at == created_at, log.action == "serviceaccount.create")
        .order_by(log.id)
        .limit(1)
    )
    return db.execute(query).scalar_one_or_none()


def list_service_accounts(
    db: Connection, org: OrgId, which: AccountFilter, *, offset: int, limit: int
) -> list[ListedAccount]:
    """Return accounts by login, byte by byte.

    The page is cut first: PostgreSQL would count the tokens of every account that the offset skips.
    """
    cut = select(_c.id).where(*which.conditions(org)).order_by(_c.login).offset(offset).limit(limit)
    page = cut.subquery("page")
    query = _listed().join(page, page.c.id == _c.id).order_by(_c.login)
    return [_to_listed(row) for row in db.execute(query)]


def list_service_accounts_from(
    db: Connection, org: OrgId, which: AccountFilter, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[ListedAccount]:
    """Return the accounts behind or before a place, by login, the nearest first; without one, the first."""
    query = _listed().where(*which.conditions(org)).limit(limit)
    if place is not None:
        here, there = tuple_(_c.login, _c.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_c.login.desc(), _c.id.desc()) if is_backward else (_c.login, _c.id)
    return [_to_listed(row) for row in db.execute(query.order_by(*columns))]


def count_service_accounts(
    db: Connection, org: OrgId, which: AccountFilter, *, most: int | None = None
) -> int:
    """Count them all, or no further than `most`."""
    found = select(_c.id).where(*which.conditions(org))
    if most is not None:
        found = found.limit(most)
    return db.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def is_login_taken(db: Connection, org: OrgId, login: str) -> bool:
    """Say whether a service account of the organization has exactly this login."""
    query = select(_c.id).where(_c.home_org_id == org, _c.login == login)
    return db.execute(query).one_or_none() is not None


def list_taken_logins(db: Connection, org: OrgId, logins: list[str]) -> frozenset[str]:
    """Return those of the logins that a service account of the organization has."""
    query = select(_c.login).where(_c.home_org_id == org, _c.login.in_(logins))
    return frozenset(db.execute(query).scalars())


def add_service_account(
    db: Connection,
    org: OrgId,
    *,
    name: str,
    login: str,
    description: str,
    is_disabled: bool,
    at: UnixSeconds,
    from_key: str | None = None,
) -> AccountId:
    """Raises ServiceAccountLoginTaken; what else was done in the transaction is lost then."""
    values = {
        "kind": "serviceaccount",
        "home_org_id": org,
        "login": login,
        "email": "",
        "name": name,
        "description": description,
        "from_key": from_key,
        "search_key": search_key(login, name),
        "is_server_admin": False,
        "is_disabled": is_disabled,
        "theme": "",
        "help_flags": 0,
        "created_at": at,
        "updated_at": at,
    }
    try:
        added = db.execute(insert(account).values(values).returning(_c.id)).scalar_one()
    except IntegrityError:  # made meanwhile by something that does not lock the organization
        raise ServiceAccountLoginTaken from None
    return AccountId(added)


def set_service_account(db: Connection, org: OrgId, changed: ServiceAccount, *, at: UnixSeconds) -> None:
    """Write all but the role, which is the membership's, and what never changes."""
    db.execute(
        update(account)
        .where(_c.home_org_id == org, _c.id == changed.id)
        .values(
            name=changed.name,
            description=changed.description,
            search_key=search_key(changed.login, changed.name),
            is_disabled=changed.is_disabled,
            updated_at=at,
        )
    )


def delete_service_account(db: Connection, org: OrgId, account_id: AccountId) -> None:
    """Delete the account with its tokens and its membership."""
    db.execute(delete(account).where(_c.home_org_id == org, _c.id == account_id))


def _listed() -> _Listed:
    return select(*_ACCOUNT).add_columns(*_MORE).add_columns(*_TOLD).outerjoin(membership, _IS_MEMBER)


def _to_listed(row: Row[*tuple[Any, ...]]) -> ListedAccount:
    *told, tokens, used_at = row
    last_used_at = None if used_at is None else UnixSeconds(used_at)
    return ListedAccount(_to_account(tuple(told)), tokens, last_used_at)


def _to_account(row: _Row) -> ServiceAccount:
    id_, org, name, login, role, is_disabled, created_at, updated_at, description, from_key = row
    return ServiceAccount(
        id=AccountId(id_),
        org=OrgId(org or 0),
        name=name,
        login=login,
        role=None if role is None else Role(role),
        is_disabled=is_disabled,
        created_at=UnixSeconds(created_at),
        updated_at=UnixSeconds(updated_at),
        description=description,
        from_key=from_key,
    )
