"""What the address of the page Expiry says: how it is shown, and of which month or day."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from keystead.http.query import Query
from keystead.web.dates import get_day_or_none
from keystead.web.links import Pairs

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_FIRST_YEAR, _LAST_YEAR = 1971, 9998  # what lies beyond has no neighbours


class ExpiryView(StrEnum):
    CALENDAR = "calendar"
    TIMELINE = "timeline"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ExpirySearch:
    """Whatever makes no sense is the calendar of the present month."""

    today: date
    view: ExpiryView = ExpiryView.CALENDAR
    month: date | None = None  # its first day; None: the present one
    day: date | None = None  # of the list alone; None: the whole month
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def first(self) -> date:
        """Return the first day of the month."""
        return (self.month or self.day or self.today).replace(day=1)

    @property
    def period(self) -> tuple[date, date]:
        """Return the first day of what is listed, and the first one behind it."""
        if self.day is not None:
            return self.day, self.day + timedelta(days=1)
        return self.first, next_month(self.first)

    @property
    def pairs(self) -> Pairs:
        return (
            ("view", "" if self.view is ExpiryView.CALENDAR else self.view.value),
            ("month", "" if self.month is None else f"{self.month:%Y-%m}"),
            ("day", "" if self.day is None else f"{self.day}"),
            ("after", self.after),
            ("before", self.before),
        )

    def at(self, *, after: str = "", before: str = "") -> "ExpirySearch":
        return replace(self, after=after, before=before)

    def shown_as(self, view: ExpiryView) -> "ExpirySearch":
        day = self.day if view is ExpiryView.LIST else None
        return replace(self, view=view, day=day, after="", before="")

    def moved(self, steps: int) -> "ExpirySearch":
        """Return the day or the month before or behind."""
        if self.day is not None:
            return replace(self.at(), month=None, day=self.day + timedelta(days=steps))
        month = next_month(self.first) if steps > 0 else (self.first - timedelta(days=1)).replace(day=1)
        return replace(self.at(), month=month)


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def read_expiry_search(query: Query, today: date) -> ExpirySearch:
    view, month = query.text("view"), query.text("month")
    first = get_day_or_none(f"{month}-01") if _MONTH.fullmatch(month) else None
    read = ExpirySearch(
        today,
        ExpiryView(view) if view in set(ExpiryView) else ExpiryView.CALENDAR,
        _near(first),
        _near(get_day_or_none(query.text("day"))),
        query.text("after"),
        "" if query.text("after") else query.text("before"),
    )
    return read if read.view is ExpiryView.LIST else replace(read, day=None)


def _near(day: date | None) -> date | None:
    return day if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR else None
