"""The migration of API keys in every state: its page, its cards and windows. A part of `states`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.migration.migrated import MigratedCounts, MigratedKey
from keystead.core.migration.model import (
    JobState,
    KeyFlags,
    KeyResult,
    KeyStatus,
    KeyTotals,
    Migration,
    MigrationId,
)
from keystead.core.migration.revert import Candidate, Obstacle
from keystead.core.orgs.model import OrgId
from keystead.core.usage.old_api import Caller, Calls
from keystead.usecases.credentials import FoundKeys
from keystead.usecases.migrated import FoundMigrated
from keystead.usecases.migration_plan import PlanPage
from keystead.usecases.paging import Cut
from keystead.usecases.revert import Revertability
from keystead.web.migration_search import MigrationSearch, Step
from keystead.web.presenters import account_windows, apikeys, migration_cards, serviceaccounts
from keystead.web.presenters import migration as presenter
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.migration import MigrationMind
from keystead.web.presenters.migration_cards import KeysState
from keystead.web.presenters.migration_verify import callers_of, migrated_of
from keystead.web.render import View
from keystead.web.searches import AccountSearch, KeySearch
from keystead.web.views.migration import MigrationPage
from keystead.web.views.serviceaccount import RevertWindow
from tests.web import account_states
from tests.web.looks import DAY_S, HOSTILE, LONG, NOW

BY = account_states.ADMIN
RIGHTS = apikeys.KeyRights(creates=True, deletes=True, role=Role.ADMIN)
TOTALS = KeyTotals(10, 2)
_PLAN = (  # name, role, ends in, used so long ago
    ("alert-bridge", Role.EDITOR, None, 17_320),
    ("backup-cron", Role.ADMIN, 6 * DAY_S - 7000, 43_290),
    ("billing-export", Role.VIEWER, None, 2703),
    ("load-test", Role.VIEWER, 82_218, None),
    ("nightly-report", Role.VIEWER, -2 * DAY_S, 2 * DAY_S + 40),
    (LONG, Role.VIEWER, 12 * DAY_S, 77),
    (HOSTILE, Role.EDITOR, -DAY_S, None),
)


def a_result(number: int, name: str, status: KeyStatus = KeyStatus.PLANNED, **more: object) -> KeyResult:
    made = KeyResult(
        CredentialId(number),
        name,
        Role.VIEWER,
        status,
        account_name=f"sa-autogen-{name}",
        login=f"sa-autogen-1-{name}",
    )
    return replace(made, **more)  # type: ignore[arg-type] # one table for several arguments


def a_plan(*, query: str = "") -> PlanPage:
    rows = [
        a_result(
            number,
            name,
            role=role,
            expires_at=None if ends_s is None else UnixSeconds(NOW + ends_s),
            last_used_at=None if used_s is None else UnixSeconds(NOW - used_s),
            was_name_taken=name == "billing-export",
            is_revoked=name == HOSTILE,
        )
        for number, (name, role, ends_s, used_s) in enumerate(_PLAN, start=1)
        if query in name
    ]
    return PlanPage(Cut(tuple(rows), "", "b65.cursor" if rows else ""), len(rows), TOTALS, is_above_own=False)


def a_job(state: JobState = JobState.DONE, *, done: int = 12, failed: int = 0, total: int = 12) -> Migration:
    ended = None if state is JobState.RUNNING else UnixSeconds(NOW - 58)
    started = UnixSeconds(NOW - 62)
    return Migration(MigrationId(3), OrgId(1), state, total, done, failed, started, "admin", ended)


def a_mind(
    job: Migration | None = None, *, has_keys: bool = True, is_migrated: bool = False
) -> MigrationMind:
    flags = KeyFlags(is_migrated=is_migrated, is_hidden=False, has_keys=has_keys)
    return MigrationMind(flags, job, TOTALS if has_keys else KeyTotals(0, 0))


OFFERED = KeysState(KeyFlags(is_migrated=False, is_hidden=False, has_keys=True))
CLOSED = KeysState(KeyFlags(is_migrated=True, is_hidden=False, has_keys=False), a_job())


def a_migrated(number: int, name: str, *, used_s: int | None = None, **more: object) -> MigratedKey:
    """`more` changes the candidate."""
    account = account_states.an_account(
        f"sa-autogen-{name}", Role.EDITOR, id=AccountId(number), login=f"sa-autogen-1-{name}"
    )
    candidate = Candidate(account, 1, name, was_key=True, stored_role=Role.EDITOR, is_org_migrated=True)
    return MigratedKey(
        CredentialId(number),
        name,
        replace(candidate, **more),  # type: ignore[arg-type] # as above
        UnixSeconds(NOW - 600),
        last_used_at=None if used_s is None else UnixSeconds(NOW - used_s),
    )


def some_migrated() -> FoundMigrated:
    rows = (
        a_migrated(1, "alert-bridge", used_s=4000, tokens=2),
        a_migrated(2, "backup-cron", used_s=20, stored_role=Role.ADMIN),
        a_migrated(3, "ci-deploy", used_s=20),
        a_migrated(4, LONG),
        a_migrated(5, HOSTILE),
    )
    return FoundMigrated(Cut(rows, "b64.cursor", "b65.cursor"), MigratedCounts(12, 3))


def some_callers() -> list[tuple[Caller, Calls]]:
    def one(kind: PrincipalKind, name: str, route: str, count: int) -> tuple[Caller, Calls]:
        calls = Calls(name, count, UnixSeconds(NOW - count), "10.0.4.7", "curl/8.5")
        return Caller(OrgId(1), kind, 1, "POST", route), calls

    return [
        one(PrincipalKind.API_KEY, "terraform", "/api/auth/keys", 1204),
        one(PrincipalKind.SERVICE_ACCOUNT, "sa-autogen-1-ci", "/api/auth/keys/{key_id}", 2),
        one(PrincipalKind.USER, LONG, "/api/auth/keys", 1),
    ]


def _preview(v: Viewer) -> View:
    search = MigrationSearch()
    daily = {CredentialId(1): (40,) * 30, CredentialId(3): (0,) * 23 + (331,) * 7}
    return presenter.migration_page(v, a_mind(), search, plan=presenter.plan_of(v, a_plan(), daily, search))


def _preview_no_hit(v: Viewer) -> View:
    search = MigrationSearch(query='no "such" <key>')
    search = replace(search, step=Step.PREVIEW)
    found = a_plan(query=search.query)
    job = a_job(JobState.FAILED, done=10, failed=2)
    mind = replace(a_mind(job), totals=KeyTotals(1, 1), is_within_reach=False)
    return presenter.migration_page(v, mind, search, plan=presenter.plan_of(v, found, {}, search))


def _running(v: Viewer) -> View:
    job = a_job(JobState.RUNNING, done=8, failed=1)
    return presenter.migration_page(v, a_mind(job), MigrationSearch(), progress=presenter.progress_of(v, job))


def looked_at(v: Viewer, looks: int, fragment: str) -> View:
    """Answer as the page does while four keys are migrated between two looks; the third sees the end."""
    ended = min(12, 4 * looks)
    job = a_job(JobState.DONE if ended == 12 else JobState.RUNNING, done=ended)
    results = presenter.results_of(v, BY, job, some_results(), MigrationSearch())
    progress = presenter.progress_of(v, job, None if job.is_running else results)
    mind = a_mind(job, has_keys=job.is_running, is_migrated=not job.is_running)
    whole = presenter.migration_page(v, mind, MigrationSearch(Step.MIGRATE), progress=progress)
    return progress if fragment == "progress" else whole


def some_results() -> Cut[KeyResult]:
    failed, why = KeyStatus.FAILED, "The database was busy (3 tries)."
    rows = (
        a_result(1, "alert-bridge", KeyStatus.MIGRATED, account=AccountId(11)),
        a_result(2, "backup-cron", failed, error=why, role=Role.ADMIN),
        a_result(3, "legacy-wiki", failed, error=why, account_name=None, login=None),
        a_result(4, LONG, failed, error=why),
        a_result(5, HOSTILE, KeyStatus.ALREADY_MIGRATED, account=AccountId(15)),
    )
    return Cut(rows, "b64.cursor", "")


def _failed(v: Viewer) -> View:
    """Some could not be migrated; one of them was, later and by itself."""
    job, by = a_job(JobState.FAILED, done=9, failed=3), replace(BY, role=Role.EDITOR)
    owners = {CredentialId(3): AccountId(13)}
    results = presenter.results_of(v, by, job, some_results(), MigrationSearch(), owners=owners)
    progress = presenter.progress_of(v, job, results)
    return presenter.migration_page(v, a_mind(job), MigrationSearch(), progress=progress)


def _verify(v: Viewer) -> View:
    search = MigrationSearch()
    migrated = migrated_of(v, BY, some_migrated(), search)
    return presenter.migration_page(
        v,
        a_mind(a_job(), has_keys=False, is_migrated=True),
        search,
        migrated=migrated,
        callers=callers_of(v, some_callers()),
    )


def _verify_nothing(v: Viewer) -> View:
    """Nothing is migrated, and nobody calls; who may not read the keys is not told who does."""
    search = MigrationSearch(Step.VERIFY)
    nothing = FoundMigrated(Cut((), "", ""), MigratedCounts(0, 0))
    migrated = migrated_of(v, account_states.READER, nothing, search)
    return presenter.migration_page(
        v, a_mind(has_keys=False), search, migrated=migrated, callers=callers_of(v, [])
    )


def _empty(v: Viewer) -> View:
    return presenter.migration_page(v, a_mind(has_keys=False), MigrationSearch())


def _asking(v: Viewer) -> View:
    window = migration_cards.migration_window(v, TOTALS, v.links.migration())
    page = _preview(v)
    assert isinstance(page, MigrationPage)
    return replace(page, dialog=replace(window, is_open=True))


def _keys(v: Viewer, found: FoundKeys, state: KeysState, rights: apikeys.KeyRights = RIGHTS) -> View:
    return apikeys.keys_page(v, found, KeySearch(), rights, state=state)


def _a_key() -> FoundKeys:
    key = ApiKey(CredentialId(4), OrgId(1), "ci-deploy", Role.EDITOR, UnixSeconds(NOW - 20 * DAY_S))
    return FoundKeys((key,), 1, 0, has_any=True, has_only_expired=False, before="", after="")


_NO_KEY = FoundKeys((), 0, 0, has_any=False, has_only_expired=False, before="", after="")


def _keys_running(v: Viewer) -> View:
    return _keys(v, _a_key(), replace(OFFERED, job=a_job(JobState.RUNNING, done=11)))


def _keys_asking(v: Viewer) -> View:
    page = apikeys.keys_page(v, _a_key(), KeySearch(), RIGHTS, state=OFFERED)
    window = migration_cards.migration_window(v, KeyTotals(1, 0), v.links.api_keys())
    return replace(page, dialog=replace(window, is_open=True))


def _keys_done(v: Viewer) -> View:
    return _keys(v, _NO_KEY, CLOSED)


def _keys_closed(v: Viewer) -> View:
    """A key was put back, the page is hidden, and somebody sends the form all the same."""
    page = apikeys.keys_page(
        replace(v, hides_api_keys=True),
        _a_key(),
        KeySearch(),
        RIGHTS,
        state=KeysState(KeyFlags(is_migrated=True, is_hidden=True, has_keys=True)),
    )
    return replace(page, notice=migration_cards.CLOSED)


def _keys_hiding(v: Viewer) -> View:
    page = apikeys.keys_page(v, _NO_KEY, KeySearch(), RIGHTS, state=CLOSED)
    return replace(page, dialog=replace(migration_cards.hide_window(v, v.links.api_keys()), is_open=True))


def _accounts(v: Viewer) -> View:
    news = serviceaccounts.KeysNews(is_migrated=True, is_new=True)
    rule = AboveRole.DENY
    return serviceaccounts.accounts_page(
        v, BY, account_states.some_accounts(), AccountSearch(), rule, news=news
    )


def _origin(v: Viewer, obstacle: Obstacle | None) -> View:
    account = account_states.an_account("sa-autogen-ci", from_key="ci-deploy")
    tokens = (replace(account_states.a_token(3, "ci-deploy", None, 90), was_key=True),)
    found = Revertability(CredentialId(3), obstacle, Role.VIEWER, is_lowered=True, was_key=True)
    known = replace(account_states.known(account, tokens), revertability=found)
    return account_states.shown_as(v, known)


def _reverting(v: Viewer) -> RevertWindow:
    account = account_states.an_account("sa-autogen-ci", from_key="ci-deploy")
    token = replace(account_states.a_token(3, "ci-deploy"), was_key=True)
    found = Revertability(token.id, None, Role.VIEWER, is_lowered=True, was_key=True)
    return account_windows.reverting(v, account, token, found, "")


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "migration-preview": _preview,
    "migration-preview-no-hit": _preview_no_hit,
    "migration-confirm": _asking,
    "migration-running": _running,
    "migration-failed": _failed,
    "migration-verify": _verify,
    "migration-verify-nothing": _verify_nothing,
    "migration-empty": _empty,
    "apikeys-migration-running": _keys_running,
    "apikeys-migration-confirm": _keys_asking,
    "apikeys-migrated": _keys_done,
    "apikeys-closed": _keys_closed,
    "apikeys-hiding": _keys_hiding,
    "serviceaccounts-migrated": _accounts,
    "serviceaccount-origin": lambda v: _origin(v, None),
    "serviceaccount-origin-stuck": lambda v: _origin(v, Obstacle.SEVERAL_TOKENS),
    "serviceaccount-reverting": lambda v: account_states.shown(v, window=_reverting(v)),
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "plan": lambda v: presenter.plan_of(v, a_plan(query="b"), {}, MigrationSearch(query="b")),
    "progress": lambda v: presenter.progress_of(v, a_job(JobState.RUNNING, done=3)),
    "migrated": lambda v: migrated_of(v, BY, some_migrated(), MigrationSearch(Step.VERIFY)),
    "dialog-migrate": lambda v: migration_cards.migration_window(v, TOTALS, v.links.api_keys()),
    "dialog-hide": lambda v: migration_cards.hide_window(v, v.links.api_keys()),
    "dialog-revert": _reverting,
}
