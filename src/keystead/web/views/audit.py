"""The log of changes: its filters, a page of it, and what came since."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.times import Moment
from keystead.web.views.frame import Choice, Document, Frame, Link
from keystead.web.views.parts import Pager


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is told of a change."""

    label: str
    text: str
    at: Moment | None = None  # in place of the text


@dataclass(frozen=True, slots=True)
class EventRow:
    number: str  # 48,112
    at: Moment
    actor: str
    action: str
    target: str
    result: str
    address: str  # "": not known
    facts: tuple[Fact, ...]
    hash: str
    more: tuple[Link, ...]  # what else this actor did, and what else was done to this target


@dataclass(frozen=True, slots=True)
class EventsTable:
    """A page of events, wherever it stands: the log, or one thing's tab."""

    rows: tuple[EventRow, ...]
    count: str  # 50 events on this page
    nothing: str  # the row of an empty list
    clear_url: str  # "": no filter is set
    pager: Pager | None  # first: the newest; previous: newer; next: older


@dataclass(frozen=True, slots=True)
class AuditNews:
    """The fragment `news`: asked for again and again while somebody watches."""

    template: ClassVar[str] = "_audit_news.html"
    called: ClassVar[str] = "news"

    poll_url: str
    show_url: str
    words: str  # Show 3 new events; "": there are none


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The fragment `audit`."""

    template: ClassVar[str] = "_audit_log.html"
    called: ClassVar[str] = "log"

    news: AuditNews | None  # None: nobody watches
    table: EventsTable
    csv_url: str
    json_lines_url: str


@dataclass(frozen=True, slots=True)
class AuditBar:
    action_url: str
    query: str
    since: str
    until: str
    actor: str
    target: str
    actions: tuple[Choice, ...]
    results: tuple[Choice, ...]
    is_live: bool
    zone: str  # whose days these are: UTC


@dataclass(frozen=True, slots=True)
class AuditPage:
    template: ClassVar[str] = "audit.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    bar: AuditBar
    log: AuditLog
