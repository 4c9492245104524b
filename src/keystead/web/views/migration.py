"""The migration of API keys to service accounts: its cards, its windows, and its page."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from keystead.web.times import Moment
from keystead.web.views.frame import Document, Entry, Frame, Link
from keystead.web.views.parts import Action, Badge, Pager
from keystead.web.views.serviceaccount import Confirmation


@dataclass(frozen=True, slots=True)
class Card:
    """What API Keys has on top: the offer, that it is being done, or what comes after it."""

    title: str
    text: str
    action: Action | None  # opens a window; None: hidden, or there is none
    link: Link | None


@dataclass(frozen=True, slots=True)
class MigrationWindow:
    """Asks once more before all keys are migrated."""

    template: ClassVar[str] = "_migration_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    keys: str  # 12 API keys
    org_name: str
    states: str  # 10 are active, 2 expired.
    preview_url: str
    help_url: str
    action_url: str
    cancel_url: str
    is_open: bool = False  # as a part of the page, which works without the module


Window: TypeAlias = MigrationWindow | Confirmation


@dataclass(frozen=True, slots=True)
class SearchBar:
    action_url: str
    step: str
    query: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    name: str
    url: str  # of the key; "": the reader may not open it
    role: str
    expires: Moment | None  # None: no expiration date
    requests: str  # of the last 7 days
    login: str  # of the new service account
    notes: tuple[Badge, ...]
    is_gone: bool  # expired or revoked


@dataclass(frozen=True, slots=True)
class Plan:
    """The fragment `plan`: what the migration would do, without doing it."""

    template: ClassVar[str] = "_migration_plan.html"
    called: ClassVar[str] = "plan"

    rows: tuple[PlannedRow, ...]
    count: str
    nothing: str
    clear_url: str  # "": no filter is set
    lag: str
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    name: str
    role: str
    account: Link | None
    result: Badge
    reason: str  # of a failure
    retry: Action | None


@dataclass(frozen=True, slots=True)
class Results:
    """What became of each key."""

    csrf: str
    filters: tuple[Entry, ...]
    rows: tuple[ResultRow, ...]
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The fragment `progress`: asked for again and again while the migration runs."""

    template: ClassVar[str] = "_migration_progress.html"
    called: ClassVar[str] = "progress"

    poll_url: str  # "": it has ended
    here_url: str
    done: int  # migrated or failed
    total: int
    words: str  # 9 of 12
    counts: str  # 8 done, 1 failed, 3 to go
    started_by: str
    started: Moment
    finished: Moment | None
    results: Results | None  # None while it runs
    next: Link | None  # None while it runs


@dataclass(frozen=True, slots=True)
class MigratedRow:
    name: str
    account: Link
    role: str
    checks: tuple[Badge, ...]
    revert: Action | None  # None: hidden


@dataclass(frozen=True, slots=True)
class Migrated:
    """The fragment `migrated`: every token that began as an API key, and whether it is used as one."""

    template: ClassVar[str] = "_migration_verify.html"
    called: ClassVar[str] = "migrated"

    rows: tuple[MigratedRow, ...]
    count: str
    nothing: str
    clear_url: str
    lag: str
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class CallerRow:
    name: str
    kind: str
    request: str  # POST /api/auth/keys
    count: str
    last: Moment
    place: str  # 10.0.4.7, curl/8.5


@dataclass(frozen=True, slots=True)
class Callers:
    rows: tuple[CallerRow, ...]
    more: str  # "": these are all
    lag: str


@dataclass(frozen=True, slots=True)
class MigrationPage:
    template: ClassVar[str] = "migration.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    told: str  # 12 API keys: 10 active, 2 expired.
    started_by: str  # who migrated all of them; "": nobody
    ended: Moment | None
    steps: tuple[Entry, ...]
    refresh: Link | None
    start: Action | None  # Migrate to service accounts now, or Retry failed
    files: str  # what the downloads are
    downloads: tuple[Link, ...]
    bar: SearchBar | None
    plan: Plan | None
    progress: Progress | None
    migrated: Migrated | None
    callers: Callers | None
    view_accounts: Link | None
    hide: Action | None
    dialog: Window | None = None
