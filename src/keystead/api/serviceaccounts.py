"""`/api/serviceaccounts`: accounts of programs. Source: Grafana v9.3.2 HTTP API."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from keystead.api.shapes import (
    AccessControl,
    NameOrEmpty,
    RoleText,
    access_control,
    avatar_url_of_name,
    page_of,
)
from keystead.core.access.errors import RoleAboveOwn, RoleInvalid
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import parse_role
from keystead.core.accounts.errors import (
    ServiceAccountIdInvalid,
    ServiceAccountNotFound,
)
from keystead.core.accounts.listing import ListedAccount, Shown
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.http.body import BodyUnreadable
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.query import Query
from keystead.http.render import Message, rfc3339
from keystead.usecases import serviceaccounts
from keystead.usecases.serviceaccounts import ChangedServiceAccount

routes = Routes()

ONE = "serviceaccounts:id:{service_account_id}"
BAD_DATA: Retold = {
    BodyUnreadable: (400, "Bad request data"),
    RoleInvalid: (400, "Bad request data"),
}
ABOVE_OWN: Retold = {RoleAboveOwn: (403, "can not assign a role higher than user's role")}
Description: TypeAlias = Annotated[str, Meta(max_length=1024)]


class ChangeServiceAccount(Struct, rename="camel", kw_only=True):
    """What is absent stays as it is."""

    name: NameOrEmpty | UnsetType = UNSET
    role: RoleText | UnsetType = UNSET
    is_disabled: bool | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class Account(Struct, rename="camel", kw_only=True):
    """A service account as lists and its creation tell it."""

    id: int
    name: str
    login: str
    org_id: int
    is_disabled: bool
    role: str
    tokens: int
    avatar_url: str
    description: str | UnsetType = UNSET  # absent: none
    access_control: AccessControl = UNSET


class AccountProfile(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    login: str
    org_id: int
    is_disabled: bool
    created_at: str
    updated_at: str
    avatar_url: str
    role: str
    teams: list[str] | None = None
    tokens: int | UnsetType = UNSET  # absent: none, or not told here
    description: str | UnsetType = UNSET
    access_control: AccessControl = UNSET


class AccountChanged(Struct, kw_only=True):
    message: str
    id: int
    name: str
    serviceaccount: AccountProfile


class FoundAccounts(Struct, rename="camel", kw_only=True):
    total_count: int
    service_accounts: list[Account]
    page: int
    per_page: int


@routes.route(
    "GET",
    "/api/serviceaccounts/search",
    needs=Action.SERVICE_ACCOUNTS_READ.anywhere(),
    told=Told(
        answer=FoundAccounts,
        query={
            "query": str,
            "perpage": int,
            "page": int,
            "expiredTokens": bool,
            "disabled": bool,
            "accesscontrol": bool,
        },
    ),
)
def search_service_accounts(call: Call[Principal]) -> FoundAccounts:
    """Search the service accounts that the caller may read, by login, page by page."""
    page = page_of(call.query)
    with call.deps.read() as db:
        found = serviceaccounts.search_service_accounts(
            db,
            call.by,
            query=call.query.text("query"),
            shown=shown_by(call.query),
            page=page,
            clock=call.deps.clock,
        )
    rows = [listed_shape(call, listed) for listed in found.rows]
    return FoundAccounts(
        total_count=found.total, service_accounts=rows, page=page.index + 1, per_page=page.size
    )


@routes.route(
    "GET",
    "/api/serviceaccounts/{service_account_id}",
    needs=Action.SERVICE_ACCOUNTS_READ.on(ONE),
    told=Told(
        answer=AccountProfile,
        errors=(ServiceAccountIdInvalid, ServiceAccountNotFound),
        query={"accesscontrol": bool},
    ),
)
def find_service_account(call: Call[Principal]) -> AccountProfile:
    """Tell one service account."""
    with call.deps.read() as db:
        found = serviceaccounts.find_service_account(db, call.by, account_id_of(call))
    shape = profile_shape(call, found.account)
    shape.tokens = found.tokens or UNSET
    return shape


def account_id_of(call: Call[Principal]) -> AccountId:
    """Raises ServiceAccountIdInvalid."""
    return AccountId(call.id("service_account_id", ServiceAccountIdInvalid))


@routes.route_with_body(
    "PATCH",
    "/api/serviceaccounts/{service_account_id}",
    needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE),
    body=ChangeServiceAccount,
    first=account_id_of,
    told=Told(
        answer=AccountChanged,
        errors=(ServiceAccountIdInvalid, ServiceAccountNotFound),
        answers={**BAD_DATA, **ABOVE_OWN},
        query={"accesscontrol": bool},
    ),
)
def change_service_account(call: Call[Principal], body: ChangeServiceAccount) -> AccountChanged:
    """Change a service account; what is absent or null stays as it is."""
    wanted = ChangedServiceAccount(
        name=body.name or "",
        role=None if body.role is UNSET else parse_role(body.role),
        is_disabled=None if body.is_disabled is UNSET else body.is_disabled,
        description=None if body.description is UNSET else body.description,
    )
    with call.deps.write() as db:
        account = serviceaccounts.change_service_account(
            db, call.by, account_id_of(call), wanted, clock=call.deps.clock
        )
    shape = profile_shape(call, account, named=account.name if body.name is UNSET else body.name)
    return AccountChanged(
        message="Service account updated", id=account.id, name=shape.name, serviceaccount=shape
    )


@routes.route(
    "DELETE",
    "/api/serviceaccounts/{service_account_id}",
    needs=Action.SERVICE_ACCOUNTS_DELETE.on(ONE),
    told=Told(
        answer=Message,
        answers={
            ServiceAccountIdInvalid: (400, "Service account ID is invalid"),
            ServiceAccountNotFound: (404, "Service account deletion error"),
        },
    ),
)
def delete_service_account(call: Call[Principal]) -> Message:
    """Delete a service account with its tokens: from now on they open nothing."""
    with call.deps.write() as db:
        serviceaccounts.delete_service_account(db, call.by, account_id_of(call), clock=call.deps.clock)
    return Message("Service account deleted")


def shown_by(query: Query) -> Shown:
    if query.flag("disabled"):
        return Shown.DISABLED
    return Shown.WITH_EXPIRED_TOKENS if query.flag("expiredTokens") else Shown.ALL


def listed_shape(call: Call[Principal], listed: ListedAccount) -> Account:
    account = listed.account
    avatar = avatar_url_of_name(call.deps.site, account.name)
    shape = account_shape(account, tokens=listed.tokens, avatar=avatar)
    shape.access_control = access_control(call, f"serviceaccounts:id:{account.id}")
    return shape


def account_shape(account: ServiceAccount, *, tokens: int, avatar: str) -> Account:
    return Account(
        id=account.id,
        name=account.name,
        login=account.login,
        org_id=account.org,
        is_disabled=account.is_disabled,
        role=account.role or "",
        tokens=tokens,
        avatar_url=avatar,
        description=account.description or UNSET,
    )


def profile_shape(
    call: Call[Principal], account: ServiceAccount, *, named: str | None = None
) -> AccountProfile:
    """Return what is told of one account; `named` is a name that was asked for and is not kept."""
    name = account.name if named is None else named
    return AccountProfile(
        id=account.id,
        name=name,
        login=account.login,
        org_id=account.org,
        is_disabled=account.is_disabled,
        created_at=rfc3339(account.created_at),
        updated_at=rfc3339(account.updated_at),
        avatar_url=avatar_url_of_name(call.deps.site, name),
        role=account.role or "",
        description=account.description or UNSET,
        access_control=access_control(call, f"serviceaccounts:id:{account.id}"),
    )
