"""API keys and tokens that somebody should look at, and the window that asks before they go."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.times import Moment
from keystead.web.views.charts import Calendar, Timeline
from keystead.web.views.fields import Field
from keystead.web.views.frame import Choice, Document, Entry, Frame
from keystead.web.views.parts import Action, Badge, Deletion, LastUse, Pager


@dataclass(frozen=True, slots=True)
class CredentialRow:
    id: int
    name: str  # reports / t1
    url: str
    kind: str  # API key, Token
    owner: str  # "": not known
    role: str  # "": none
    expires: Moment | None
    badge: Badge | None
    last_use: LastUse
    why: str  # never used, unused 82 days
    is_selectable: bool
    rotate: Action | None
    revoke: Action | None
    migrate: Action | None  # of an API key; None: hidden
    deletion: Deletion


@dataclass(frozen=True, slots=True)
class CredentialsTable:
    """The fragment `credentials`."""

    template: ClassVar[str] = "_credentials_table.html"
    called: ClassVar[str] = "table"

    csrf: str
    reasons: tuple[Entry, ...]  # of which one is shown; none where there is no choice
    caption: str
    rows: tuple[CredentialRow, ...]
    count: str
    nothing: str  # the row of an empty list
    clear_url: str  # "": no filter is set
    lag: str
    delete_reason: str  # of the rows that cannot be deleted; "" when all can
    delete_url: str  # where a selection goes
    revoke_url: str
    here_url: str  # and from there back
    pager: Pager | None
    whole: str = ""  # "Select all 3,210" where there are more pages

    @property
    def has_selection(self) -> bool:
        return any(row.is_selectable for row in self.rows)


@dataclass(frozen=True, slots=True)
class SelectionWindow:
    """Asks once more before several are deleted or revoked."""

    template: ClassVar[str] = "_selection_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    title: str
    names: tuple[str, ...]
    more: str  # "and 12 more"; ""
    skipped: str  # what is not touched, and why; ""
    warning: str
    action_url: str
    button: str  # "": there is nothing to do
    cancel_url: str
    number: Field | None  # to be typed where there are many
    summary: str  # "": not refused
    goes_on: bool = False  # by itself, with the module
    is_open: bool = False  # as a part of the page, which works without the module


@dataclass(frozen=True, slots=True)
class HealthBar:
    action_url: str
    reason: str  # "" for the usual
    kinds: tuple[Choice, ...]
    unused_days: int
    most_unused_days: int
    owner: str
    query: str


@dataclass(frozen=True, slots=True)
class HealthPage:
    template: ClassVar[str] = "health.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    bar: HealthBar
    table: CredentialsTable
    csv_url: str
    window: SelectionWindow | None = None


@dataclass(frozen=True, slots=True)
class ExpiryPage:
    template: ClassVar[str] = "expiry.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    views: tuple[Entry, ...]
    period: str  # November 2026, 2026-11-28; "" for the timeline
    previous_url: str
    next_url: str
    today_url: str
    calendar: Calendar | None
    timeline: Timeline | None
    table: CredentialsTable | None
    nothing: str  # of an empty timeline
