"""The page Migration, in words: what would be done, what is done, and whether it worked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from keystead.core.access.principal import Principal
from keystead.core.access.roles import reaches
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import SOON_S, CredentialId
from keystead.core.migration.model import KeyFlags, KeyResult, KeyStatus, KeyTotals, Migration
from keystead.usecases.migration_plan import PlanPage
from keystead.usecases.paging import Cut
from keystead.web.migration_search import MigrationSearch, Step
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.migration_cards import ALL_ABOVE, HIDE, ONE_ABOVE, START
from keystead.web.presenters.parts import LAG_S, lag_words, pager_of
from keystead.web.times import Moment, moment
from keystead.web.views.frame import Entry, Link
from keystead.web.views.migration import (
    Callers,
    Migrated,
    MigrationPage,
    Plan,
    PlannedRow,
    Progress,
    ResultRow,
    Results,
    SearchBar,
)
from keystead.web.views.parts import Action, Badge
from keystead.web.wording import counted, days_left, plural, thousands

Daily: TypeAlias = Mapping[CredentialId, Sequence[int]]
Owners: TypeAlias = Mapping[CredentialId, AccountId]
NO_OWNERS: Owners = {}
NO_KEYS = KeyTotals(0, 0)
TAB = "Migration"
POLLED_S, RELOADED_S = 2, 5
_DAYS = 7  # of the requests that the plan tells
_STEPS = {Step.PREVIEW: "Preview", Step.MIGRATE: "Migrate", Step.VERIFY: "Verify", Step.HIDE: "Hide"}


@dataclass(frozen=True, slots=True)
class MigrationMind:
    """What the page depends on, whichever step it shows."""

    flags: KeyFlags
    job: Migration | None  # the last one
    totals: KeyTotals = NO_KEYS
    is_within_reach: bool = True  # the reader's role reaches that of every key

    @property
    def is_running(self) -> bool:
        return self.job is not None and self.job.is_running

    @property
    def is_over(self) -> bool:
        return self.flags.is_migrated and not self.flags.has_keys


def step_of(mind: MigrationMind, search: MigrationSearch) -> Step:
    """Return the step that was asked for, if it can be shown; else where one stands."""
    if search.step is not None and search.step in reachable_steps(mind):
        return search.step
    if mind.is_running:
        return Step.MIGRATE
    if not mind.flags.has_keys:
        return Step.VERIFY if mind.flags.is_migrated or mind.job is not None else Step.PREVIEW
    return Step.MIGRATE if mind.job is not None and mind.job.failed else Step.PREVIEW


def reachable_steps(mind: MigrationMind) -> tuple[Step, ...]:
    if mind.is_running:
        return (Step.MIGRATE,)
    return (Step.PREVIEW, Step.VERIFY) if mind.job is None else (Step.PREVIEW, Step.MIGRATE, Step.VERIFY)


def migration_page(
    viewer: Viewer,
    mind: MigrationMind,
    search: MigrationSearch,
    *,
    plan: Plan | None = None,
    progress: Progress | None = None,
    migrated: Migrated | None = None,
    callers: Callers | None = None,
) -> MigrationPage:
    links, job, is_over, is_running = viewer.links, mind.job, mind.is_over, mind.is_running
    step = step_of(mind, search)
    has_plan = step is Step.PREVIEW and mind.flags.has_keys
    is_searched = has_plan or (step is Step.VERIFY and bool(migrated and (migrated.rows or search.query)))
    return MigrationPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION, refresh_s=RELOADED_S if is_running else 0),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        told=_told(mind),
        started_by=job.started_by if is_over and job is not None else "",
        ended=_ended(viewer, job) if is_over else None,
        steps=tuple(_step(viewer, mind, one, step) for one in Step),
        refresh=Link("Refresh preview", links.migration((("step", Step.PREVIEW),))) if has_plan else None,
        start=_start(viewer, mind) if mind.flags.has_keys and not is_running else None,
        files="Download the plan" if has_plan else "Download",
        downloads=_downloads(viewer, has_plan=has_plan, has_migrated=bool(migrated and migrated.rows)),
        bar=SearchBar(links.migration(), step, search.query) if is_searched else None,
        plan=plan if has_plan else None,
        progress=progress,
        migrated=migrated,
        callers=callers,
        view_accounts=Link("View service accounts page", links.service_accounts())
        if is_over and viewer.opens_service_accounts
        else None,
        hide=Action(HIDE, links.migration(act="confirm/hide"))
        if is_over and not mind.flags.is_hidden
        else None,
    )


def plan_of(viewer: Viewer, found: PlanPage, daily: Daily, search: MigrationSearch) -> Plan:
    """`daily` has the requests of the last 30 days, of the keys that had any."""
    links, page = viewer.links, found.page
    asked = replace(search, step=Step.PREVIEW)
    return Plan(
        rows=tuple(_planned(viewer, one, daily.get(one.key, ())) for one in page.rows),
        count=counted(found.shown, "API key"),
        nothing=f'No API keys match "{search.query}".',
        clear_url=links.migration(MigrationSearch(Step.PREVIEW).pairs) if search.query else "",
        lag=lag_words(LAG_S),
        pager=pager_of(
            lambda after, before: links.migration(asked.at(after=after, before=before).pairs),
            page.before,
            page.after,
        ),
    )


def progress_of(viewer: Viewer, job: Migration, results: Results | None = None) -> Progress:
    links, ended = viewer.links, job.done + job.failed
    to_go = max(0, job.total - ended) if job.is_running else 0
    counts = (
        (job.done, f"{thousands(job.done)} done"),
        (job.failed, f"{thousands(job.failed)} failed"),
        (to_go, f"{thousands(to_go)} to go"),
    )
    return Progress(
        poll_url=links.migration((("step", Step.MIGRATE),)) if job.is_running else "",
        here_url=links.migration(),
        done=ended,
        total=max(job.total, ended, 1),
        words=f"{thousands(ended)} of {thousands(max(job.total, ended))}",
        counts=", ".join(words for count, words in counts if count),
        started_by=job.started_by,
        started=moment(job.started_at, viewer.now, viewer.zone),
        finished=None if job.finished_at is None else moment(job.finished_at, viewer.now, viewer.zone),
        results=results,
        next=None
        if job.is_running
        else Link("Verify what was migrated", links.migration((("step", Step.VERIFY),))),
    )


def results_of(
    viewer: Viewer,
    by: Principal,
    job: Migration,
    cut: Cut[KeyResult],
    search: MigrationSearch,
    *,
    owners: Owners = NO_OWNERS,
) -> Results:
    """`owners` has the accounts of keys that failed, and were migrated later."""
    links = viewer.links
    asked = replace(search, step=Step.MIGRATE)
    whole = replace(asked, is_failed_only=False).at()
    filters = (
        (f"All {thousands(job.done + job.failed)}", whole),
        (f"Failed {thousands(job.failed)}", replace(whole, is_failed_only=True)),
    )
    return Results(
        csrf=viewer.csrf,
        filters=tuple(
            Entry(label, "", links.migration(one.pairs), one.is_failed_only is search.is_failed_only)
            for label, one in filters
        ),
        rows=tuple(_result(viewer, by, one, owners.get(one.key)) for one in cut.rows),
        pager=pager_of(
            lambda after, before: links.migration(asked.at(after=after, before=before).pairs),
            cut.before,
            cut.after,
        ),
    )


def notes_of(one: KeyResult, now: UnixSeconds) -> tuple[Badge, ...]:
    """Return what somebody should know of a key before it is migrated."""
    notes = []
    if one.is_revoked:
        notes.append(Badge("bad", "Revoked, stays revoked"))
    elif one.expires_at is not None and one.expires_at <= now:
        notes.append(Badge("bad", "Expired, stays expired"))
    elif one.expires_at is not None and one.expires_at - now <= SOON_S:
        notes.append(Badge("warn", f"Expires in {plural(days_left(one.expires_at - now), 'day')}"))
    if one.last_used_at is None:
        notes.append(Badge("warn", "Never used"))
    if one.was_name_taken:
        notes.append(Badge("warn", "Name taken, number added"))
    return tuple(notes)


def _downloads(viewer: Viewer, *, has_plan: bool, has_migrated: bool) -> tuple[Link, ...]:
    links = viewer.links
    if has_plan:
        plan = (("CSV", "plan/csv"), ("JSON", "plan/json"))
        return tuple(Link(label, links.migration(act=act)) for label, act in plan)
    return (Link("Terraform import blocks", links.migration(act="terraform")),) if has_migrated else ()


def _told(mind: MigrationMind) -> str:
    """Return the line below the heading."""
    totals = mind.totals
    if mind.is_running:
        return "You may leave this page."
    if mind.is_over:
        return "All API keys have been migrated."
    if not mind.flags.has_keys:
        return "There are no API keys to migrate."
    keys = counted(totals.all, "API key")
    line = f"{keys}: {thousands(totals.active)} active, {thousands(totals.expired)} expired."
    return line if mind.job is not None else f"{line} Nothing has been changed yet."


def _ended(viewer: Viewer, job: Migration | None) -> Moment | None:
    at = None if job is None else job.finished_at
    return None if at is None else moment(at, viewer.now, viewer.zone)


def _step(viewer: Viewer, mind: MigrationMind, one: Step, current: Step) -> Entry:
    is_current = one is current
    is_open = one in reachable_steps(mind) and not is_current
    url = viewer.links.migration((("step", one),)) if is_open else ""
    return Entry(_STEPS[one], "", url, is_current)


def _start(viewer: Viewer, mind: MigrationMind) -> Action:
    """Return what migrates all that are left, which asks once more."""
    job = mind.job
    label = "Retry failed" if job is not None and job.failed else START
    url = viewer.links.migration(act="confirm/migrate")
    return Action(label, url, "" if mind.is_within_reach else ALL_ABOVE)


def _planned(viewer: Viewer, one: KeyResult, daily: Sequence[int]) -> PlannedRow:
    now = viewer.now
    return PlannedRow(
        name=one.name,
        url=viewer.links.api_key(one.key) if viewer.reads_api_keys else "",
        role=one.role,
        expires=None if one.expires_at is None else moment(one.expires_at, now, viewer.zone),
        requests=thousands(sum(daily[-_DAYS:])),
        login=one.login or "",
        notes=notes_of(one, now),
        is_gone=one.is_revoked or (one.expires_at is not None and one.expires_at <= now),
    )


def _result(viewer: Viewer, by: Principal, one: KeyResult, owner: AccountId | None) -> ResultRow:
    links, later = viewer.links, owner is not None
    is_failed = one.status is KeyStatus.FAILED and not later
    back = links.migration((("step", Step.MIGRATE),))
    retry = Action(
        "Retry",
        links.migrate_api_key(one.key, (("back", back),)),
        "" if reaches(by.role, one.role) else ONE_ABOVE,
        name=f"Retry: {one.name}",
    )
    account_id = one.account if owner is None else owner
    account = None if account_id is None else links.service_account(account_id)
    return ResultRow(
        name=one.name,
        role=one.role,
        account=None if account is None else Link(one.account_name or one.name, account),
        result=Badge("bad", "Failed") if is_failed else Badge("ok", "Migrated"),
        reason="later" if later else one.error or "",
        retry=retry if is_failed else None,
    )
