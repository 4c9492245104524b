"""`/`: what there is to look at."""

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.credentials.report import Measure
from keystead.core.usage.span import last_days
from keystead.http.needs import SignedIn
from keystead.usecases import credentials, report, use_counts
from keystead.usecases.usage import UseHistory
from keystead.web.charts import EXPIRED_DAYS, FUTURE_DAYS
from keystead.web.presenters.expiries import DAY_S, WEEK, date_of, first_weekday, second_of, week_of
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.overview import WEEKS, Known, access_page, nothing_yet_page, overview_page
from keystead.web.routes import Answered, Pages
from keystead.web.visit import Shown, Visit, reads_credentials, viewer_of

pages = Pages()

_DAYS = 30  # of the chart
_ROWS, _MOST_EXPIRED = 12, 4  # of the timeline


@pages.page("/", needs=SignedIn.ABOUT_ONESELF)
def show_overview(visit: Visit) -> Answered:
    """Show what to look at, how much is used, and what ends when."""
    deps, by, viewer = visit.deps, visit.by, viewer_of(visit)
    if by.org is None or not reads_credentials(by.grants):
        return Shown(access_page(viewer, by.role, is_server_admin=by.is_server_admin))
    deps.uses.flush()
    with deps.read() as db:
        known = look(db, by, viewer, deps.history)
        if not any(known.counts.values()) and not report.has_any(db, by):
            creates = (Action.API_KEYS_CREATE, Action.SERVICE_ACCOUNTS_CREATE)
            keys, accounts = (by.grants.holds(action) for action in creates)
            return Shown(nothing_yet_page(viewer, creates_keys=keys, creates_accounts=accounts))
    return Shown(overview_page(viewer, known))


def look(db: Connection, by: Principal, viewer: Viewer, history: UseHistory) -> Known:
    """Return all that the page tells, with at most seven statements."""
    now, measure, span = viewer.now, Measure(viewer.now), last_days(_DAYS, viewer.now)
    start = second_of(week_of(date_of(now), first_weekday(viewer.week_start)))
    soon = (now + 1, now + FUTURE_DAYS * DAY_S)
    past = (now - EXPIRED_DAYS * DAY_S, now + 1)
    expired = report.list_ending(db, by, measure, past, limit=_MOST_EXPIRED, newest_first=True)
    ending = report.list_ending(db, by, measure, soon, limit=_ROWS - len(expired))
    return Known(
        counts=report.count_reasons(db, by, measure),
        keys=credentials.count_keys(db, by, now=now) if by.grants.holds(Action.API_KEYS_READ) else None,
        span=span,
        buckets=use_counts.list_org_buckets_or_none(db, by, span, history=history),
        by_day=report.count_by_day(db, by, measure, (start, start + WEEKS * WEEK * DAY_S)),
        ending=(*reversed(expired), *ending),
        more=report.count_ending(db, by, measure, soon) - len(ending),
    )
