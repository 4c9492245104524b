"""`/`: what there is to look at."""

from keystead.core.access.permission import Action
from keystead.http.needs import SignedIn
from keystead.usecases import migration
from keystead.usecases.overview import look_over
from keystead.web.presenters.expiries import weeks_from
from keystead.web.presenters.overview import WEEKS, access_page, nothing_yet_page, overview_page
from keystead.web.routes import Answered, Pages
from keystead.web.visit import Shown, Visit, reads_credentials, viewer_of

pages = Pages()


@pages.page("/", needs=SignedIn.ABOUT_ONESELF)
def show_overview(visit: Visit) -> Answered:
    """Show what to look at, how much is used, and what ends when."""
    deps, by, viewer = visit.deps, visit.by, viewer_of(visit)
    if by.org is None or not reads_credentials(by.grants):
        return Shown(access_page(viewer, by.role, is_server_admin=by.is_server_admin))
    deps.uses.flush()
    with deps.read() as db:
        seen = look_over(db, by, viewer.now, calendar=weeks_from(viewer, WEEKS), history=deps.history)
    if seen.has_any:
        return Shown(overview_page(viewer, seen))
    with deps.read() as db:
        is_closed = migration.get_flags(db, by).is_migrated
    keys = by.grants.holds(Action.API_KEYS_CREATE) and not is_closed
    accounts = by.grants.holds(Action.SERVICE_ACCOUNTS_CREATE)
    return Shown(nothing_yet_page(viewer, creates_keys=keys, creates_accounts=accounts))
