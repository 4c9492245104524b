"""The page Expiry: a month, the next weeks, or what ends on a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import Measure
from keystead.usecases.overview import FUTURE_DAYS, Ending
from keystead.usecases.report import Report
from keystead.web.expiry_search import ExpirySearch, ExpiryView
from keystead.web.presenters.expiries import (
    WEEK,
    calendar_of,
    first_weekday,
    second_of,
    timeline_of,
    week_of,
)
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.health import credentials_table
from keystead.web.presenters.parts import pager_of
from keystead.web.views.charts import Calendar, Timeline
from keystead.web.views.frame import Entry
from keystead.web.views.health import CredentialsTable, ExpiryPage

TAB = "Expiry"


def calendar_page(viewer: Viewer, by_day: Mapping[UnixSeconds, int], search: ExpirySearch) -> ExpiryPage:
    start, weeks = grid_of(viewer, search)
    calendar = calendar_of(viewer, by_day, start=start, weeks=weeks, month=search.first)
    return _page(viewer, search, calendar=calendar)


def timeline_page(viewer: Viewer, ending: Ending, search: ExpirySearch) -> ExpiryPage:
    """Return the next weeks, whatever the month."""
    if not ending.rows:
        return replace(_page(viewer, search), nothing=f"Nothing expires in the next {FUTURE_DAYS} days.")
    more_url = viewer.links.expiry(search.shown_as(ExpiryView.LIST).pairs)
    return _page(viewer, search, timeline=timeline_of(viewer, ending, more_url=more_url))


def list_page(viewer: Viewer, by: Principal, found: Report, search: ExpirySearch) -> ExpiryPage:
    pager = pager_of(
        lambda after, before: viewer.links.expiry(search.at(after=after, before=before).pairs),
        found.before,
        found.after,
    )
    table = credentials_table(viewer, by, found.items, measure=Measure(viewer.now), pager=pager)
    return _page(viewer, search, table=table)


def grid_of(viewer: Viewer, search: ExpirySearch) -> tuple[date, int]:
    """Return the first day of the weeks in which the month lies, and how many weeks: at most six."""
    start = week_of(search.first, first_weekday(viewer.week_start))
    _, behind = search.period
    return start, -(-(behind - start).days // WEEK)


def seconds_of(start: date, end: date) -> tuple[int, int]:
    return second_of(start), second_of(end)


def days_of(viewer: Viewer, search: ExpirySearch) -> tuple[int, int]:
    """Return from when until when the weeks of the calendar last."""
    start, weeks = grid_of(viewer, search)
    return seconds_of(start, start + timedelta(days=WEEK * weeks))


def _page(
    viewer: Viewer,
    search: ExpirySearch,
    *,
    calendar: Calendar | None = None,
    timeline: Timeline | None = None,
    table: CredentialsTable | None = None,
) -> ExpiryPage:
    links = viewer.links
    has_period = search.view is not ExpiryView.TIMELINE
    today = replace(search, month=None, day=search.today if search.day is not None else None).at()
    return ExpiryPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        views=tuple(
            Entry(view.value.capitalize(), "", links.expiry(search.shown_as(view).pairs), view is search.view)
            for view in ExpiryView
        ),
        period=_period(search) if has_period else "",
        previous_url=links.expiry(search.moved(-1).pairs) if has_period else "",
        next_url=links.expiry(search.moved(1).pairs) if has_period else "",
        today_url=links.expiry(today.pairs) if has_period else "",
        calendar=calendar,
        timeline=timeline,
        table=table,
        nothing="",
    )


def _period(search: ExpirySearch) -> str:
    return f"{search.first:%B %Y}" if search.day is None else f"{search.day}"
