"""What is done on `/org/apikeys` about service accounts: migrate one key or all of them, hide the page."""

from dataclasses import replace

from keystead.core.access.permission import Action
from keystead.core.migration.errors import KeyNotMigratable, TooManyWait
from keystead.core.migration.model import JobState
from keystead.usecases import migration, migration_plan
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.migration_search import Step
from keystead.web.pages.apikeys import elsewhere_or_none, key_id_of, listed
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.migration_cards import hide_window, migration_window
from keystead.web.presenters.parts import needed
from keystead.web.routes import Answered, Pages
from keystead.web.searches import KeySearch
from keystead.web.views.frame import Link
from keystead.web.views.migration import Window
from keystead.web.visit import GoTo, Shown, Visit, links_of, opens_service_accounts, viewer_of

pages = Pages()

_PATH = "/org/apikeys"
_CREATES = Action.SERVICE_ACCOUNTS_CREATE.anywhere()
_READS = Action.API_KEYS_READ.anywhere()
WAITED_S = 5.0  # for the end of a migration; after that, its progress is shown


@pages.page(_PATH + "/confirm/migrate", needs=_READS)
def confirm_migrate(visit: Visit) -> Answered:
    """Ask once more before all keys are migrated."""
    viewer = viewer_of(visit)
    with visit.deps.read() as db:
        totals = migration_plan.count_totals(db, visit.by, clock=visit.deps.clock)
    if not totals.all:
        return GoTo(viewer.links.api_keys())  # it would do nothing but end the creation of keys
    return _asked(visit, viewer, migration_window(viewer, totals, viewer.links.api_keys()))


@pages.page(_PATH + "/confirm/hide", needs=_READS)
def confirm_hide(visit: Visit) -> Answered:
    """Ask once more before the page is hidden."""
    viewer = viewer_of(visit)
    return _asked(visit, viewer, hide_window(viewer, viewer.links.api_keys()))


@pages.form(_PATH + "/migrate", needs=_CREATES)
def migrate_all(visit: Visit, _form: Form) -> Answered:
    """Migrate all keys; what takes long goes on while its progress is shown."""
    links, runner = links_of(visit.deps.site), visit.deps.migrations
    job = runner.start(visit.by)
    try:
        job = runner.wait(visit.by, job.id, within_s=WAITED_S)
    except TooManyWait:
        return GoTo(links.migration())
    if job.is_running:
        return GoTo(links.migration())
    if job.state is JobState.FAILED:
        results = links.migration((("step", Step.MIGRATE),))
        return GoTo(results, FlashCode.API_KEYS_PARTLY_MIGRATED)
    with visit.deps.read() as db:
        is_hidden = migration.get_flags(db, visit.by).is_hidden
    is_shown = _READS.is_met_by(visit.by.grants) and not is_hidden
    return GoTo(links.api_keys() if is_shown else links.migration(), FlashCode.API_KEYS_MIGRATED)


@pages.form(_PATH + "/hide", needs=_CREATES)
def hide_keys(visit: Visit, _form: Form) -> Answered:
    """Let no page lead to the API keys any more."""
    deps = visit.deps
    with deps.write() as db:
        migration.hide_keys(db, visit.by, clock=deps.clock)
    links = links_of(deps.site)
    is_open = opens_service_accounts(visit.by.grants)
    return GoTo(links.service_accounts() if is_open else links.migration(), FlashCode.API_KEYS_HIDDEN)


@pages.form(_PATH + "/{key_id}/migrate", needs=_CREATES)
def migrate_key(visit: Visit, _form: Form) -> Answered:
    """Migrate one key, and go back to where its row was, else on to its account."""
    deps, links = visit.deps, links_of(visit.deps.site)
    wanted = visit.query.text("back")
    try:
        with deps.write() as db:
            result = migration.migrate_key(db, visit.by, key_id_of(visit), clock=deps.clock)
            flags = migration.get_flags(db, visit.by)
    except KeyNotMigratable:
        return GoTo(links.own(wanted) if wanted else links.api_keys(), FlashCode.API_KEY_GONE)
    account = Link(result.account_name or "", links.service_account(result.account or 0))
    is_list_gone = flags.is_hidden and not flags.has_keys
    url = links.own(wanted) if wanted and not is_list_gone else account.url
    return GoTo(url, FlashCode.API_KEY_MIGRATED, result.name, account)


def _asked(visit: Visit, viewer: Viewer, window: Window) -> Answered:
    """Show the list with a window in front of it, or why there is none."""
    away = elsewhere_or_none(visit, viewer)
    if away is not None:
        return away
    page = listed(visit, viewer, KeySearch(), None)
    if not _CREATES.is_met_by(visit.by.grants):
        return Shown(replace(page, notice=needed(Action.SERVICE_ACCOUNTS_CREATE)))
    return Shown(replace(page, dialog=replace(window, is_open=True)), {"dialog": window})
