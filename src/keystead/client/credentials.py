"""The calls about API keys and tokens together: which to look at, and how they were used."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeAlias

import httpx2
from msgspec import Struct, field

from keystead.client.calls import Call, Page, as_json
from keystead.client.methods import Group, Listing, Method, Sender_co

Reason: TypeAlias = Literal["expiring", "expired", "unused", "never-used", "no-expiration"]
Step: TypeAlias = Literal["hour", "day"]
_UNUSED_DAYS = 30


class Reported(Struct, frozen=True, kw_only=True, rename="camel"):
    """An API key or a token that somebody should look at. Times are in UTC, to the second."""

    kind: str  # "apikey" or "token"
    id: int
    name: str
    service_account_id: int | None  # None: an API key
    role: str | None  # None: its account has none here
    expires_at: datetime | None = field(name="expiration")  # None: never
    last_used_at: datetime | None  # None: never
    reasons: list[Reason]


class Report(Struct, frozen=True, kw_only=True):
    """One page of what to look at."""

    items: list[Reported]
    next: str | None  # goes into `after` for the page behind; None: there is none
    counts: dict[Reason, int]  # 10,001: more than 10,000


class Bucket(Struct, frozen=True, kw_only=True):
    """The requests of an hour or a day, by how they ended."""

    start: datetime
    allowed: int
    denied: int
    refused: int


class Usage(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a key, a token or all tokens of an account were used. Times are in UTC."""

    last_used_at: datetime | None  # None, with the next three: never
    last_used_from: str | None  # an address
    last_user_agent: str | None
    last_route: str | None
    buckets: list[Bucket]  # the oldest first, those without a request too


def report_credentials(
    reason: Reason | None = None, *, unused_days: int = _UNUSED_DAYS, limit: int = 100, after: str = ""
) -> Call[Report]:
    """Return a page of the API keys and tokens to look at, of those that the caller may read.

    `reason` None: whichever. `unused_days`: for how long what was used must not have been used since.
    Raises CallFailed, with 400 for an `after` that is the `next` of no such page.
    """
    return Call(
        "GET", "/api/credentials/report", as_json(Report), query=_asked(reason, unused_days, limit, after)
    )


def list_reported(
    reason: Reason | None = None, *, unused_days: int = _UNUSED_DAYS, page_size: int = 500
) -> Callable[[str], Call[Page[Reported]]]:
    """Go through all that `report` tells, page by page; pages are fetched as they are needed."""

    def page(place: str) -> Call[Page[Reported]]:
        query = _asked(reason, unused_days, page_size, place)
        return Call("GET", "/api/credentials/report", _read_page, query=query)

    return page


def key_usage(
    key_id: int, *, since: datetime | None = None, until: datetime | None = None, step: Step = "day"
) -> Call[Usage]:
    """Tell how an API key was used; without moments, in the last 30 days.

    Raises CallFailed, with 400 for moments that are none, and with 404.
    """
    return _usage(f"/api/auth/keys/{key_id:d}/usage", since, until, step)


def account_usage(
    account_id: int, *, since: datetime | None = None, until: datetime | None = None, step: Step = "day"
) -> Call[Usage]:
    """Tell how all tokens of a service account were used, like `key_usage`."""
    return _usage(f"/api/serviceaccounts/{account_id:d}/usage", since, until, step)


def token_usage(
    account_id: int,
    token_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    step: Step = "day",
) -> Call[Usage]:
    """Tell how a token was used, like `key_usage`."""
    return _usage(f"/api/serviceaccounts/{account_id:d}/tokens/{token_id:d}/usage", since, until, step)


def _asked(reason: Reason | None, unused_days: int, limit: int, after: str) -> dict[str, str]:
    given = {"reason": reason, "unusedDays": f"{unused_days:d}", "limit": f"{limit:d}", "after": after}
    return {name: value for name, value in given.items() if value}


def _usage(path: str, since: datetime | None, until: datetime | None, step: Step) -> Call[Usage]:
    given = {
        "from": None if since is None else since.isoformat(),
        "to": None if until is None else until.isoformat(),
        "step": step,
    }
    query = {name: value for name, value in given.items() if value is not None}
    return Call("GET", path, as_json(Usage), query=query)


def _read_page(response: httpx2.Response) -> Page[Reported]:
    found = as_json(Report)(response)
    return Page(found.items, found.next or "")


class Credentials(Group[Sender_co]):
    """API keys and tokens together. What is refused raises CallFailed."""

    report = Method(report_credentials)
    reported = Listing(list_reported)
    key_usage = Method(key_usage)
    account_usage = Method(account_usage)
    token_usage = Method(token_usage)
