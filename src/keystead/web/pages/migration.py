"""`/org/migration`: what a migration of the API keys would do, does and has done."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from keystead.core.access.permission import Action
from keystead.core.migration.errors import KeyAboveOwn
from keystead.core.migration.model import KeyResult, KeyStatus, Migration
from keystead.core.migration.terraform import import_block
from keystead.http.render import rfc3339_or_none
from keystead.usecases import migrated, migration, migration_jobs, migration_plan, old_api, use_counts
from keystead.usecases.migration_plan import PlanPageAsked
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.migration_search import MigrationSearch, Step, read_migration_search
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.migration import (
    MigrationMind,
    migration_page,
    plan_of,
    progress_of,
    results_of,
    step_of,
)
from keystead.web.presenters.migration_cards import hide_window, migration_window
from keystead.web.presenters.migration_verify import CALLERS_SHOWN, callers_of, migrated_of
from keystead.web.routes import Answered, Pages
from keystead.web.views.migration import MigrationPage, Window
from keystead.web.visit import GoTo, Shown, Visit, viewer_of

pages = Pages()

_PATH = "/org/migration"
_NEEDS = Action.SERVICE_ACCOUNTS_CREATE.anywhere()
_HEAD = (
    *("key id", "API key", "role", "expires", "last used", "revoked"),
    *("service account", "login", "name taken"),
)


@pages.page(_PATH, needs=_NEEDS)
def show_migration(visit: Visit) -> Answered:
    """Show the plan, the progress, or what became of it."""
    return _shown(_page(visit, viewer_of(visit)))


@pages.page(_PATH + "/confirm/migrate", needs=_NEEDS)
def confirm_migrate(visit: Visit) -> Answered:
    """Ask once more before all keys are migrated."""
    viewer = viewer_of(visit)
    with visit.deps.read() as db:
        totals = migration_plan.count_totals(db, visit.by, clock=visit.deps.clock)
    if not totals.all:
        return GoTo(viewer.links.migration())  # it would do nothing but end the creation of keys
    window = migration_window(viewer, totals, viewer.links.migration())
    return _shown(_page(visit, viewer), window)


@pages.page(_PATH + "/confirm/hide", needs=_NEEDS)
def confirm_hide(visit: Visit) -> Answered:
    """Ask once more before the page API Keys is hidden."""
    viewer = viewer_of(visit)
    return _shown(_page(visit, viewer), hide_window(viewer, viewer.links.migration()))


@pages.page(_PATH + "/plan/csv", needs=_NEEDS)
def download_plan(visit: Visit) -> Answered:
    """Send the whole plan as a file."""
    pieces = (map(_cells, piece) for piece in _pieces(visit))
    return download(csv_parts(_HEAD, pieces), name="migration-plan.csv", media_type=CSV)


@pages.page(_PATH + "/plan/json", needs=_NEEDS)
def download_plan_as_json(visit: Visit) -> Answered:
    """Send the whole plan as a file for programs."""
    return download(_json_parts(_pieces(visit)), name="migration-plan.json", media_type="application/json")


@pages.page(_PATH + "/terraform", needs=_NEEDS)
def download_terraform(visit: Visit) -> Answered:
    """Send what takes the service accounts that were made into Terraform."""
    pieces = migrated.walk(visit.deps.read, visit.by)
    blocks = (import_block(one.candidate.account, one.name).encode() for one in chain.from_iterable(pieces))
    return download(blocks, name="service-accounts.tf", media_type="text/plain; charset=utf-8")


def _pieces(visit: Visit) -> Iterator[list[KeyResult]]:
    """Return the plan, or refuse it before anything is sent. Raises KeyAboveOwn."""
    with visit.deps.read() as db:
        if not migrated.reaches_all(db, visit.by):
            raise KeyAboveOwn
    return migration_plan.plan(visit.deps.read, visit.by)


def _shown(page: MigrationPage, window: Window | None = None) -> Shown:
    """Show the page, its parts, and a window in front of it."""
    parts = {part.called: part for part in (page.plan, page.progress, page.migrated) if part is not None}
    if window is None:
        return Shown(page, parts)
    return Shown(replace(page, dialog=replace(window, is_open=True)), {**parts, "dialog": window})


def _page(visit: Visit, viewer: Viewer) -> MigrationPage:
    deps, by, search = visit.deps, visit.by, read_migration_search(visit.query)
    deps.uses.flush()
    with deps.read() as db:
        mind = MigrationMind(*migration.get_standing(db, by))
    match step_of(mind, search):
        case Step.MIGRATE if mind.job is not None:
            return _results(visit, viewer, counted(visit, mind), mind.job)
        case Step.VERIFY:
            return _verify(visit, viewer, counted(visit, mind))
        case _:
            return _preview(visit, viewer, mind)


def counted(visit: Visit, mind: MigrationMind) -> MigrationMind:
    """Add what the plan would tell of the keys that are left."""
    if not mind.flags.has_keys:
        return mind
    with visit.deps.read() as db:
        totals = migration_plan.count_totals(db, visit.by, clock=visit.deps.clock)
        return replace(mind, totals=totals, is_within_reach=migrated.reaches_all(db, visit.by))


def _preview(visit: Visit, viewer: Viewer, mind: MigrationMind) -> MigrationPage:
    search, by = read_migration_search(visit.query), visit.by
    if not mind.flags.has_keys:
        return migration_page(viewer, mind, search)
    with visit.deps.read() as db:
        found = migration_plan.preview(db, by, asked(search), clock=visit.deps.clock)
        daily = use_counts.list_daily(db, by, (one.key for one in found.page.rows), now=viewer.now)
    mind = replace(mind, totals=found.totals, is_within_reach=not found.is_above_own)
    return migration_page(viewer, mind, search, plan=plan_of(viewer, found, daily, search))


def _results(visit: Visit, viewer: Viewer, mind: MigrationMind, job: Migration) -> MigrationPage:
    search, by = read_migration_search(visit.query), visit.by
    if job.is_running:
        return migration_page(viewer, mind, search, progress=progress_of(viewer, job))
    wanted = KeyStatus.FAILED if search.is_failed_only else None
    with visit.deps.read() as db:
        cut = migration_jobs.list_result_page(db, by, job.id, asked(search), status=wanted)
        failed = [one.key for one in cut.rows if one.status is KeyStatus.FAILED]
        owners = migrated.list_owners(db, by, failed)
    results = results_of(viewer, by, job, cut, search, owners=owners)
    return migration_page(viewer, mind, search, progress=progress_of(viewer, job, results))


def _verify(visit: Visit, viewer: Viewer, mind: MigrationMind) -> MigrationPage:
    search, by = read_migration_search(visit.query), visit.by
    visit.deps.old_api.flush()
    with visit.deps.read() as db:
        found = migrated.list_migrated(db, by, asked(search))
        callers = old_api.list_callers(db, by, now=viewer.now, limit=CALLERS_SHOWN + 1)
    return migration_page(
        viewer,
        mind,
        search,
        migrated=migrated_of(viewer, by, found, search),
        callers=callers_of(viewer, callers) if viewer.reads_api_keys else None,
    )


def asked(search: MigrationSearch) -> PlanPageAsked:
    return PlanPageAsked(search.query, search.after, search.before)


def _cells(one: KeyResult) -> tuple[object, ...]:
    return (
        *(one.key, one.name, one.role.value, rfc3339_or_none(one.expires_at)),
        *(rfc3339_or_none(one.last_used_at), one.is_revoked),
        *(one.account_name, one.login, one.was_name_taken),
    )


def _json_parts(pieces: Iterator[list[KeyResult]]) -> Iterator[bytes]:
    """Yield an array, one key a line."""
    between = b"["
    for one in chain.from_iterable(pieces):
        yield between + b"\n" + json.dumps(_plain(one), ensure_ascii=False).encode()
        between = b","
    yield b"[]\n" if between == b"[" else b"\n]\n"


def _plain(one: KeyResult) -> dict[str, object]:
    """Return the words of the HTTP API, which tells the same plan with `dryRun=true`."""
    return {
        "keyId": one.key,
        "name": one.name,
        "role": one.role.value,
        "status": one.status.value,
        "serviceAccountName": one.account_name,
        "login": one.login,
        "expiration": rfc3339_or_none(one.expires_at),
        "lastUsedAt": rfc3339_or_none(one.last_used_at),
        "isRevoked": one.is_revoked,
    }
