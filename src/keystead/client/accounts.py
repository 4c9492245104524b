"""The calls about service accounts."""

from collections.abc import Callable, Collection

import httpx2
from msgspec import Struct
from msgspec.structs import replace

from keystead.client.calls import Call, Page, as_json, no_more
from keystead.client.identity import Permission, Role
from keystead.client.methods import Group, Listing, Method, Sender_co
from keystead.client.shapes import CreatedAccount, ServiceAccount

_ROUTE = "/api/serviceaccounts"


class _Found(Struct, rename="camel"):
    total_count: int
    service_accounts: list[ServiceAccount]
    page: int
    per_page: int


class _Updated(Struct):
    serviceaccount: ServiceAccount


def search_accounts(
    text: str = "",
    *,
    only_disabled: bool = False,
    only_expired_tokens: bool = False,
    page_size: int = 100,
) -> Callable[[str], Call[Page[ServiceAccount]]]:
    """Go through the service accounts that the caller may read, by login.

    `text` stands anywhere in name or login, in any case; "": all. `only_expired_tokens` leaves those that
    have a token which has expired; beside `only_disabled` it does not count. Pages of `page_size` are fetched
    as they are needed: an account that is made or deleted meanwhile may be missed or met twice.
    """
    only = {"disabled": only_disabled, "expiredTokens": only_expired_tokens}
    query = {"query": text, "perpage": str(page_size)} | {
        name: "true" for name, is_set in only.items() if is_set
    }

    def page(place: str) -> Call[Page[ServiceAccount]]:
        return Call("GET", f"{_ROUTE}/search", _read_page, query=query | {"page": place or "1"})

    return page


def create_account(
    name: str, *, role: Role = "Viewer", is_disabled: bool = False, description: str = ""
) -> Call[ServiceAccount]:
    """Create a service account, which has no token yet.

    Raises CallFailed, with 403 for a role above the caller's own and 400 for a login that is taken.
    """
    body = {"name": name, "role": role, "isDisabled": is_disabled, "description": description}
    return Call("POST", _ROUTE, as_json(ServiceAccount), body=body)


def create_account_with(
    name: str,
    *,
    role: Role = "Viewer",
    is_disabled: bool = False,
    description: str = "",
    permissions: Collection[Permission] = (),
    token_name: str = "",
    lifetime_s: int = 0,
) -> Call[CreatedAccount]:
    """Create a service account with permissions of its own and a first token, all of it or nothing.

    `token_name` "": no token. `lifetime_s` counts seconds from now; 0: it never expires, which a server with
    a limit refuses with 400. Raises CallFailed, with 403 for what the caller may not do, 400 for a login and
    409 for a token's name that is taken.
    """
    body: dict[str, object] = {"name": name, "role": role, "isDisabled": is_disabled}
    told = [{"action": one.action, "scope": one.scope} for one in permissions]
    body |= {"description": description, "permissions": told}
    if token_name:
        body["token"] = {"name": token_name, "secondsToLive": lifetime_s}
    return Call("POST", _ROUTE, as_json(CreatedAccount), body=body)


def get_account(account_id: int) -> Call[ServiceAccount]:
    """Return a service account. Raises CallFailed, with 404."""
    return Call("GET", f"{_ROUTE}/{account_id:d}", _read_counted)


def update_account(
    account_id: int,
    *,
    name: str | None = None,
    role: Role | None = None,
    is_disabled: bool | None = None,
    description: str | None = None,
) -> Call[ServiceAccount]:
    """Change what is given and leave what is None; disabling stops all tokens of the account at once.

    Raises CallFailed, with 403 for a role above the caller's own, and with 404.
    """
    changes = {"name": name, "role": role, "isDisabled": is_disabled, "description": description}
    body = {member: value for member, value in changes.items() if value is not None}
    return Call("PATCH", f"{_ROUTE}/{account_id:d}", _read_updated, body=body)


def delete_account(account_id: int) -> Call[None]:
    """Delete a service account and all its tokens. Raises CallFailed, with 404."""
    return Call("DELETE", f"{_ROUTE}/{account_id:d}", no_more)


def _read_page(response: httpx2.Response) -> Page[ServiceAccount]:
    found = as_json(_Found)(response)
    has_more = bool(found.service_accounts) and found.page * found.per_page < found.total_count
    return Page(found.service_accounts, str(found.page + 1) if has_more else "")


def _read_counted(response: httpx2.Response) -> ServiceAccount:
    """The count is left out where it is 0."""
    account = as_json(ServiceAccount)(response)
    return replace(account, token_count=account.token_count or 0)


def _read_updated(response: httpx2.Response) -> ServiceAccount:
    return as_json(_Updated)(response).serviceaccount


class Accounts(Group[Sender_co]):
    """Service accounts. What is refused raises CallFailed."""

    search = Listing(search_accounts)
    create = Method(create_account)
    create_with = Method(create_account_with)
    get = Method(get_account)
    update = Method(update_account)
    delete = Method(delete_account)
