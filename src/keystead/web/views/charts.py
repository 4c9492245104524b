"""Charts as templates print them: a drawing, a sentence that says the same, and all numbers as a table."""

from dataclasses import dataclass

from keystead.web.charts import Element
from keystead.web.times import Moment


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of a legend."""

    label: str
    drawing: Element


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars."""

    title: str
    sentence: str
    signs: tuple[Sign, ...]
    axis: Element
    plot: Element
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # the first cell is the row's head


@dataclass(frozen=True, slots=True)
class Spark:
    path: str  # "": no requests
    label: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    count: str
    level: int  # 0 for nothing, to 4


@dataclass(frozen=True, slots=True)
class HeatRow:
    day: str
    cells: tuple[HeatCell, ...]  # one for each hour


@dataclass(frozen=True, slots=True)
class Heat:
    caption: str
    hours: tuple[str, ...]
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    number: str
    count: str  # "": nothing ends
    url: str  # "": nothing ends
    label: str  # 28, 1 credential expires
    kind: str  # expired, soon, later; "" where nothing ends
    is_today: bool
    is_outside: bool  # of the month


@dataclass(frozen=True, slots=True)
class Calendar:
    caption: str
    heads: tuple[str, ...]
    weeks: tuple[tuple[CalendarDay, ...], ...]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    name: str
    url: str
    kind: str  # Expired, Within 7 days, Later
    expires: Moment


@dataclass(frozen=True, slots=True)
class Timeline:
    sentence: str
    signs: tuple[Sign, ...]
    plot: Element
    rows: tuple[TimelineRow, ...]
    more: str  # "14 more credentials in the next 35 days"; "": that is all
    more_url: str
