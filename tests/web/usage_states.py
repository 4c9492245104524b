"""The overview, the usage views, Expiry and Health in every state: a part of `states`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.accounts.listing import ListedAccount
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.credentials.report import Reason, Reported
from keystead.core.usage.by_token import TokenRequests
from keystead.core.usage.model import LastUse, Outcome
from keystead.core.usage.span import Bucket, Span, filled, last_days, last_hours
from keystead.usecases.overview import Ending, Overview
from keystead.usecases.paging import Cut
from keystead.usecases.report import Report
from keystead.usecases.use_counts import Counted
from keystead.web.expiry_search import ExpirySearch, ExpiryView
from keystead.web.health_search import HealthSearch, Steps
from keystead.web.presenters import account_usage, expiry, health, health_all, overview
from keystead.web.presenters.account_usage import UsedAccount
from keystead.web.presenters.expiries import second_of
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.health import DELETE, REVOKE, Selection
from keystead.web.presenters.usage import Used
from keystead.web.render import View
from keystead.web.use_search import UseSearch
from tests.web import account_states
from tests.web.looks import DAY_S, HOSTILE, LONG, NOW

TODAY = date(2026, 11, 22)
NOBODY = replace(account_states.ADMIN, grants=Grants.of([Permission("apikeys:read", "apikeys:*")]))
NOTHING_KEPT = UnixSeconds(0)
_COUNTS = {
    Reason.EXPIRING: 4,
    Reason.EXPIRED: 2,
    Reason.UNUSED: 3,
    Reason.NEVER_USED: 1,
    Reason.NO_EXPIRATION: 10_001,
    Reason.ADMIN_ROLE: 2,
}
_ENDING = (
    ("old-laptop", -9 * DAY_S),
    ("nightly-report", -2 * DAY_S),
    ("ci-deploy", 28_892),
    ("load-test", 82_218),
    ("legacy-wiki", 5 * DAY_S + 21_000),
    ("backup-cron", 6 * DAY_S - 7000),
    ("nightly", 12 * DAY_S),
    ("terraform", 18 * DAY_S),
    ("partner-readonly", 28 * DAY_S),
)


def daily_counts() -> tuple[int, ...]:
    """Return 30 numbers that look like use."""
    return tuple((number * 7919 + 13) % 23 if number % 5 else 0 for number in range(30))


def counts(number: int) -> tuple[int, int, int]:
    """Return how an hour or a day may look: weekends are quiet, and lately something is refused."""
    allowed = 160 + (number * 37) % 140
    return allowed, (number * 7) % 19 if number % 3 == 0 else 0, 45 - number if 18 < number < 28 else 0


def buckets(span: Span, known_from: UnixSeconds = NOTHING_KEPT) -> tuple[Bucket, ...]:
    made = [Bucket(start, *counts(number % 30)) for number, start in enumerate(span.starts)]
    return filled(span, made, known_from)


def counted(span: Span, known_from: UnixSeconds = NOTHING_KEPT) -> Counted:
    weekly = {slot: Bucket(UnixSeconds(slot), max(0, 90 - (slot % 24 - 13) ** 2)) for slot in range(120)}
    return Counted(buckets(span, known_from), weekly, known_from)


def uncounted(span: Span) -> Counted:
    return Counted(filled(span, (), NOTHING_KEPT), {}, NOTHING_KEPT)


def a_reported(number: int, name: str, ends_in_s: int | None = None, **more: object) -> Reported:
    made = Reported(
        id=CredentialId(number),
        owner=None,
        name=name,
        owner_name="",
        role=Role.VIEWER,
        created_at=UnixSeconds(NOW - 200 * DAY_S),
        expires_at=None if ends_in_s is None else UnixSeconds(NOW + ends_in_s),
        last_used_at=None,
        maker="admin",
        team=None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def a_reported_token(number: int, name: str, ends_in_s: int | None = None, **more: object) -> Reported:
    used_at = UnixSeconds(NOW - 82 * DAY_S)
    made = a_reported(number, name, ends_in_s, owner=AccountId(7), owner_name="reports", role=Role.EDITOR)
    return replace(made, last_used_at=used_at, **more)  # type: ignore[arg-type]


def ending(*, more: int = 14) -> Ending:
    rows = [a_reported(number, name, ends) for number, (name, ends) in enumerate(_ENDING)]
    rows[6] = a_reported_token(6, "nightly", 12 * DAY_S)
    return Ending(tuple(rows), more)


def by_day() -> dict[UnixSeconds, int]:
    days = ((11, 13, 1), (11, 20, 1), (11, 23, 2), (11, 27, 1), (12, 4, 1200))
    return {second_of(date(2026, month, day)): count for month, day, count in days}


def seen() -> Overview:
    span = last_days(30, NOW)
    return Overview(
        counts=_COUNTS,
        has_any=True,
        keys=12,
        span=span,
        buckets=buckets(span),
        by_day=by_day(),
        ending=ending(),
    )


def _overview(v: Viewer) -> View:
    return overview.overview_page(v, seen())


def _overview_of_a_part(v: Viewer) -> View:
    nothing = replace(seen(), counts=dict.fromkeys(Reason, 0), keys=0, buckets=None)
    return overview.overview_page(v, replace(nothing, by_day={}, ending=Ending((), 0)))


def _overview_long(v: Viewer) -> View:
    rows = (a_reported(1, LONG, DAY_S), a_reported(2, HOSTILE, -DAY_S))
    return overview.overview_page(v, replace(seen(), ending=Ending(rows, 0), keys=0))


def _overview_empty(v: Viewer) -> View:
    return overview.nothing_yet_page(v, creates_keys=True, creates_accounts=True)


def _overview_without_rights(v: Viewer) -> View:
    return overview.access_page(v, Role.VIEWER, is_server_admin=True)


def _overview_nowhere(v: Viewer) -> View:
    return overview.access_page(replace(v, org_name=""), None, is_server_admin=False)


def _account_usage(v: Viewer) -> View:
    tokens = tuple(TokenRequests(CredentialId(n), f"token-{n}", 9000 - n) for n in range(1, 4))
    listed = ListedAccount(account_states.an_account(), 3, NOW)
    last_use = LastUse(UnixSeconds(NOW - 110), "10.0.4.7", "curl/8.5", "GET /api/org")
    used = UsedAccount(
        listed, Used(counted(last_hours(168, NOW))), last_use, tokens=Cut(tokens, "", "b64.cursor")
    )
    return account_usage.account_usage_page(v, used, account_states.rights(), UseSearch())


def _account_unused(v: Viewer) -> View:
    listed = ListedAccount(account_states.an_account(), 0, None)
    used = UsedAccount(listed, Used(uncounted(last_hours(168, NOW))), None, tokens=Cut((), "", ""))
    return account_usage.account_usage_page(v, used, account_states.rights(), UseSearch())


def _token_usage(v: Viewer) -> View:
    token = account_states.a_token(4, "nightly-2", -DAY_S, 2 * DAY_S)
    span = last_days(90, NOW)
    listed = ListedAccount(account_states.an_account(), 3, NOW)
    kept = counted(span, UnixSeconds(span.start + 40 * DAY_S))
    used = Used(kept, token.created_at, token.expires_at)
    search = UseSearch("90d", Outcome.REFUSED)
    return account_usage.account_usage_page(
        v, UsedAccount(listed, used, token.last_use, token), account_states.rights(), search
    )


def _report(*items: Reported, before: str = "", after: str = "") -> Report:
    return Report(items, before, after, _COUNTS)


def _items() -> tuple[Reported, ...]:
    return (
        a_reported(1, "load-test", DAY_S - 60),
        a_reported(2, "old-laptop", -9 * DAY_S, last_used_at=UnixSeconds(NOW - 600), maker=None),
        a_reported_token(3, "t1"),
        a_reported_token(4, HOSTILE, -DAY_S, team="Data platform", role=None, owner_name=LONG),
        a_reported(5, "root", None, role=Role.ADMIN),
    )


def _health(v: Viewer) -> View:
    found = _report(*_items(), before="b64.cursor", after="b65.cursor")
    return health.health_page(v, account_states.ADMIN, found, HealthSearch(Reason.NEVER_USED))


def _health_no_hit(v: Viewer) -> View:
    search = HealthSearch(query="no such", owner="nobody", kinds=frozenset({"tokens"}))
    return health.health_page(v, account_states.ADMIN, _report(), search)


def _health_fine(v: Viewer) -> View:
    return health.health_page(v, account_states.ADMIN, _report(), HealthSearch())


def _health_read_only(v: Viewer) -> View:
    return health.health_page(v, NOBODY, _report(*_items()), HealthSearch())


def _asking(v: Viewer, verb: str, count: int = 2, *, is_refused: bool = False) -> View:
    chosen = (*_items()[:3], *(a_reported(n, f"machine-{n}") for n in range(10, 10 + count)))
    selection = Selection(verb, chosen, account_states.ADMIN, v.links.health())
    window = health.selection_window(v, selection, typed="3" if is_refused else "", is_refused=is_refused)
    return health.health_page(v, account_states.ADMIN, _report(*_items()), HealthSearch(), window)


def _asking_about_nothing(v: Viewer) -> View:
    window = health.selection_window(v, Selection(REVOKE, (), account_states.ADMIN, v.links.health()))
    return health.health_page(v, account_states.ADMIN, _report(), HealthSearch(), window)


def _asking_about_what_one_may_not(v: Viewer) -> View:
    held = [Permission("apikeys:read", "apikeys:*"), Permission("apikeys:delete", "apikeys:id:1")]
    partly = replace(NOBODY, grants=Grants.of(held))
    window = health.selection_window(v, Selection(DELETE, _items(), partly, v.links.health()))
    return health.health_page(v, partly, _report(), HealthSearch(), window)


def _asking_about_all(v: Viewer) -> View:
    first = Selection(DELETE, _items(), account_states.ADMIN, v.links.health())
    window = health_all.whole_window(v, first, Steps(3_210), typed="", is_refused=False)
    return health.health_page(v, account_states.ADMIN, _report(*_items()), HealthSearch(), window)


def _on_the_way(v: Viewer) -> View:
    selection = Selection(REVOKE, _items(), account_states.ADMIN, v.links.health())
    window = health_all.going_on(v, selection, Steps(3_210, ended=1_200, left=12, after="b64.cursor"))
    waiting = replace(window, goes_on=False)  # it stands still to be looked at
    return health.health_page(v, account_states.ADMIN, _report(*_items()), HealthSearch(), waiting)


def _calendar(v: Viewer) -> View:
    return expiry.calendar_page(replace(v, week_start="sunday"), by_day(), ExpirySearch(TODAY))


def _timeline(v: Viewer) -> View:
    return expiry.timeline_page(v, ending(), ExpirySearch(TODAY, ExpiryView.TIMELINE))


def _timeline_empty(v: Viewer) -> View:
    return expiry.timeline_page(v, Ending((), 0), ExpirySearch(TODAY, ExpiryView.TIMELINE))


def _day(v: Viewer) -> View:
    search = ExpirySearch(TODAY, ExpiryView.LIST, day=date(2026, 11, 23))
    return expiry.list_page(v, account_states.ADMIN, _report(*_items()[:1]), search)


def _day_empty(v: Viewer) -> View:
    search = ExpirySearch(TODAY, ExpiryView.LIST, month=date(2027, 1, 1))
    return expiry.list_page(v, account_states.ADMIN, _report(), search)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "overview": _overview,
    "overview-of-a-part": _overview_of_a_part,
    "overview-long-names": _overview_long,
    "overview-empty": _overview_empty,
    "overview-without-rights": _overview_without_rights,
    "overview-nowhere": _overview_nowhere,
    "account-usage": _account_usage,
    "account-unused": _account_unused,
    "token-usage": _token_usage,
    "health": _health,
    "health-no-hit": _health_no_hit,
    "health-fine": _health_fine,
    "health-read-only": _health_read_only,
    "health-asking": lambda v: _asking(v, DELETE),
    "health-asking-many": lambda v: _asking(v, DELETE, 22),
    "health-asking-refused": lambda v: _asking(v, DELETE, 5, is_refused=True),
    "health-revoking": lambda v: _asking(v, REVOKE),
    "health-asking-nothing": _asking_about_nothing,
    "health-asking-all": _asking_about_all,
    "health-on-the-way": _on_the_way,
    "health-asking-barred": _asking_about_what_one_may_not,
    "expiry": _calendar,
    "expiry-timeline": _timeline,
    "expiry-timeline-empty": _timeline_empty,
    "expiry-day": _day,
    "expiry-empty": _day_empty,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "credentials": lambda v: health.health_table(v, account_states.ADMIN, _report(), HealthSearch()),
    "selection": lambda v: health.selection_window(
        v, Selection(REVOKE, _items()[2:3], account_states.ADMIN, v.links.health())
    ),
}
