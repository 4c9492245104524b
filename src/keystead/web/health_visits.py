"""The page Health as it answers, with a window in front of it or without."""

from keystead.core.access.permission import Action, AnyOf
from keystead.usecases import report
from keystead.web.health_search import HealthSearch
from keystead.web.presenters.health import health_page
from keystead.web.views.health import SelectionWindow
from keystead.web.visit import Shown, Visit, links_of, viewer_of

PATH = "/org/health"
CHANGES = AnyOf((Action.API_KEYS_DELETE.anywhere(), Action.SERVICE_ACCOUNTS_WRITE.anywhere()))
_UNPROCESSABLE = 422


def shown(visit: Visit, search: HealthSearch, window: SelectionWindow | None = None) -> Shown:
    viewer = viewer_of(visit)
    visit.deps.uses.flush()
    with visit.deps.read() as db:
        found = report.list_report_page(db, visit.by, search.asked(viewer.now))
    page = health_page(viewer, visit.by, found, search, window)
    fragments = {"credentials": page.table} | ({} if window is None else {"dialog": window})
    return Shown(page, fragments, _UNPROCESSABLE if window is not None and window.summary else 200)


def back_of(visit: Visit) -> str:
    """Return the list that one came from."""
    links, wanted = links_of(visit.deps.site), visit.query.text("back")
    return links.own(wanted) if wanted else links.health()
