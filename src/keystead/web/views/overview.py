"""The first page: what to look at, how much is used, what ends when."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.charts import Calendar, Chart, Timeline
from keystead.web.views.frame import Document, Frame, Link


@dataclass(frozen=True, slots=True)
class Tile:
    number: str
    label: str
    url: str
    kind: str  # warn, bad, ok; "" for neither


@dataclass(frozen=True, slots=True)
class OverviewPage:
    template: ClassVar[str] = "overview.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    tiles: tuple[Tile, ...]
    chart: Chart | None
    no_chart: str  # why there is none
    lag: str
    calendar: Calendar
    calendar_url: str
    timeline: Timeline | None  # None: nothing ends soon


@dataclass(frozen=True, slots=True)
class NothingYetPage:
    template: ClassVar[str] = "overview_empty.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class AccessPage:
    """For whoever may read neither keys nor accounts."""

    template: ClassVar[str] = "overview_access.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    organization: str  # "": none
    role: str
    is_server_admin: bool
    profile_url: str
