"""How a key, a token or an account is used."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.charts import Chart, Heat
from keystead.web.views.frame import Document, Entry, Frame, Link
from keystead.web.views.parts import LastUse, Pager
from keystead.web.views.serviceaccount import AccountHead


@dataclass(frozen=True, slots=True)
class Event:
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Usage:
    ranges: tuple[Entry, ...]
    outcomes: tuple[Entry, ...]
    csv_url: str
    total: str  # 2,311 requests: 2,300 allowed, 11 denied
    chart: Chart | None  # None: no requests yet
    heat: Heat | None
    events: tuple[Event, ...]
    counted_since: str  # Usage has been counted since 2026-11-01.; "" when all of it is known
    lag: str


@dataclass(frozen=True, slots=True)
class UsedToken:
    name: str
    url: str
    requests: str


@dataclass(frozen=True, slots=True)
class UsedTokens:
    rows: tuple[UsedToken, ...]
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class AccountUsagePage:
    """The tab Usage: of the account with its tokens, or of one token."""

    template: ClassVar[str] = "serviceaccount_usage.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: AccountHead
    token: str  # its name; "": all tokens
    back: Link | None  # from a token to the account
    last_use: LastUse
    usage: Usage
    tokens: UsedTokens | None
