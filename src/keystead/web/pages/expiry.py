"""`/org/expiry`: when API keys and tokens end."""

from keystead.core.credentials.report import Measure
from keystead.usecases import report
from keystead.usecases.overview import list_ending
from keystead.usecases.report import ReportAsked
from keystead.web.expiry_search import ExpirySearch, ExpiryView, read_expiry_search
from keystead.web.presenters.expiries import date_of
from keystead.web.presenters.expiry import calendar_page, days_of, list_page, seconds_of, timeline_page
from keystead.web.presenters.frame import Viewer
from keystead.web.routes import Answered, Pages
from keystead.web.views.health import ExpiryPage
from keystead.web.visit import READS_CREDENTIALS, Shown, Visit, viewer_of

pages = Pages()

_ROWS = 50  # of the timeline


@pages.page("/org/expiry", needs=READS_CREDENTIALS)
def show_expiry(visit: Visit) -> Answered:
    """Show what ends when: as a calendar, along a line, or as a list."""
    viewer = viewer_of(visit)
    page = look(visit, viewer, read_expiry_search(visit.query, date_of(viewer.now)))
    return Shown(page, {} if page.table is None else {"credentials": page.table})


def look(visit: Visit, viewer: Viewer, search: ExpirySearch) -> ExpiryPage:
    by, measure = visit.by, Measure(viewer.now)
    with visit.deps.read() as db:
        match search.view:
            case ExpiryView.CALENDAR:
                by_day = report.count_by_day(db, by, measure, days_of(viewer, search))
                return calendar_page(viewer, by_day, search)
            case ExpiryView.TIMELINE:
                return timeline_page(viewer, list_ending(db, by, measure, most=_ROWS), search)
            case ExpiryView.LIST:
                asked = ReportAsked(measure, after=search.after, before=search.before)
                found = report.list_ending_page(db, by, asked, seconds_of(*search.period))
                return list_page(viewer, by, found, search)
