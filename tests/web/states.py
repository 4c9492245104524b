"""Every page and fragment in every state, as view models: what the tests render, look at and walk through."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId, User
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.errors import NotFound, TooMany
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.orgs.member import OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.model import Session, SessionId
from keystead.core.usage.model import LastUse, Outcome
from keystead.core.usage.span import last_days, last_hours
from keystead.usecases.credentials import FoundKeys
from keystead.web.assets import load_assets
from keystead.web.forms import Form, Refused
from keystead.web.links import Links
from keystead.web.presenters import apikeys, errors, help, key_form, people  # noqa: A004 - the package's word
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View
from keystead.web.searches import KeySearch
from keystead.web.use_search import UseSearch
from keystead.web.views.frame import Link, SwitchOffer, Toast, ToastKind
from tests.web import (
    account_states,
    audit_states,
    explain_states,
    migration_states,
    permission_states,
    role_states,
    team_states,
    usage_states,
)
from tests.web.looks import DAY_S, HOSTILE, LONG, MONTH, NOW, UNLIMITED

KEY = "canaryJuIjogImVkZ2UtZ2F0ZXdheSIsICJrIjogIkVYQU1QTEVleGFtcGxlIiwgImlkIjogMX0"
ALL_RIGHTS = apikeys.KeyRights(creates=True, deletes=True, role=Role.ADMIN)
NO_RIGHTS = apikeys.KeyRights(creates=False, deletes=False)

_KEYS = (
    ("alert-bridge", Role.EDITOR, None, 17_320),
    ("backup-cron", Role.ADMIN, 6 * DAY_S - 7000, 43_290),
    ("billing-export", Role.VIEWER, None, 2703),
    ("ci-deploy", Role.EDITOR, 28_892, 12_244),
    ("legacy-wiki", Role.VIEWER, 5 * DAY_S + 21_000, 39_065),
    ("load-test", Role.VIEWER, 82_218, None),
    ("partner-readonly", Role.VIEWER, 28 * DAY_S, 61_000),
    ("provisioner", Role.ADMIN, 12 * DAY_S, 1234),
    ("status-page", Role.VIEWER, None, 494),
    ("terraform", Role.EDITOR, 18 * DAY_S, 11 * DAY_S),
)
_EXPIRED = (
    ("nightly-report", Role.VIEWER, -2 * DAY_S, 2 * DAY_S + 40),
    ("old-laptop", Role.EDITOR, -9 * DAY_S, 9 * DAY_S + 90),
)


def viewer(theme: str = "") -> Viewer:
    return Viewer(
        links=Links(root_url="https://keystead.example"),
        assets=load_assets(),
        csrf="f00dfeedf00dfeedf00dfeed",
        now=NOW,
        here_url="/org/apikeys",
        login="admin",
        name="Ada Lovelace",
        org_name="Main Org.",
        has_other_orgs=True,
        reads_api_keys=True,
        opens_migration=True,
        reads_credentials=True,
        reads_audit=True,
        opens_service_accounts=True,
        opens_teams=True,
        opens_org=True,
        opens_roles=True,
        theme=theme,
    )


def a_key(
    number: int, name: str, role: Role = Role.VIEWER, ends_in_s: int | None = None, used_s: int | None = None
) -> ApiKey:
    use = (
        None if used_s is None else LastUse(UnixSeconds(NOW - used_s), "10.0.4.7", "curl/8.5", "GET /api/org")
    )
    return ApiKey(
        id=CredentialId(number),
        org=OrgId(1),
        name=name,
        role=role,
        created_at=UnixSeconds(NOW - 20 * DAY_S),
        expires_at=None if ends_in_s is None else UnixSeconds(NOW + ends_in_s),
        last_use=use,
    )


def some_keys(*, with_expired: bool = False) -> tuple[ApiKey, ...]:
    rows = sorted((*_KEYS, *_EXPIRED)) if with_expired else _KEYS
    return tuple(a_key(number, *row) for number, row in enumerate(rows, start=1))


def found(keys: tuple[ApiKey, ...], *, hidden: int = 0, before: str = "", after: str = "") -> FoundKeys:
    return FoundKeys(
        keys, len(keys), hidden, has_any=True, has_only_expired=False, before=before, after=after
    )


NOTHING = FoundKeys((), 0, 0, has_any=False, has_only_expired=False, before="", after="")


def fifty_keys() -> FoundKeys:
    keys = tuple(a_key(n, f"machine-{n * 7919 % 9973}", Role.EDITOR, n * 5000, n * 777) for n in range(1, 51))
    return replace(found(keys, before="b64.cursor", after="b65.cursor"), shown=12_345)


def _list(v: Viewer) -> View:
    keys = some_keys()
    daily = {key.id: usage_states.daily_counts() for key in keys if key.last_use is not None}
    state = migration_states.OFFERED
    return apikeys.keys_page(v, found(keys, hidden=2), KeySearch(), ALL_RIGHTS, daily=daily, state=state)


def _list_with_expired(v: Viewer) -> View:
    search = KeySearch(includes_expired=True)
    keys = (*some_keys(with_expired=True), replace(a_key(99, "zz-revoked"), revoked_at=NOW))
    return apikeys.keys_page(v, found(keys), search, ALL_RIGHTS)


def _list_only_expired(v: Viewer) -> View:
    keys = tuple(a_key(number, *row) for number, row in enumerate(_EXPIRED))
    return apikeys.keys_page(v, replace(found(keys), has_only_expired=True), KeySearch(), ALL_RIGHTS)


def _list_no_hit(v: Viewer) -> View:
    return apikeys.keys_page(v, found(()), KeySearch(query='no "such" <key>'), ALL_RIGHTS)


def _list_read_only(v: Viewer) -> View:
    """Who may migrate, but lacks the role for it, sees why; who may not migrate sees nothing of it."""
    above = replace(migration_states.OFFERED, is_within_reach=False)
    rights = replace(NO_RIGHTS, role=Role.VIEWER)
    return apikeys.keys_page(v, found(some_keys()), KeySearch(), rights, state=above)


def _list_long(v: Viewer) -> View:
    keys = (a_key(1, LONG, Role.ADMIN, DAY_S, 60), a_key(2, HOSTILE, Role.VIEWER, -5, 60))
    return apikeys.keys_page(v, found(keys), KeySearch(query="o"), ALL_RIGHTS)


def _list_fifty(v: Viewer) -> View:
    search = KeySearch(column="lastUsed", is_descending=True, after="b63.cursor")
    keys = fifty_keys()
    daily = {key.id: usage_states.daily_counts() for key in keys.keys}
    return apikeys.keys_page(v, keys, search, ALL_RIGHTS, daily=daily)


def _empty(v: Viewer) -> View:
    return apikeys.keys_page(v, NOTHING, KeySearch(), ALL_RIGHTS)


def _empty_read_only(v: Viewer) -> View:
    return apikeys.keys_page(v, NOTHING, KeySearch(), NO_RIGHTS)


def _adding(v: Viewer) -> View:
    form = key_form.key_form(v, Role.ADMIN, MONTH)
    return apikeys.keys_page(v, found(some_keys()), KeySearch(), ALL_RIGHTS, form=form)


def _adding_to_nothing(v: Viewer) -> View:
    form = key_form.key_form(v, Role.EDITOR, UNLIMITED)
    return apikeys.keys_page(v, NOTHING, KeySearch(), ALL_RIGHTS, form=form)


def _adding_denied(v: Viewer) -> View:
    page = apikeys.keys_page(v, found(some_keys()), KeySearch(), NO_RIGHTS)
    return replace(page, notice="You need apikeys:create to do this.")


def _refused(v: Viewer) -> View:
    typed = Form({"name": "terraform", "role": "Viewer", "ttl": "5w"})
    told = Refused(
        {
            "name": "API key, organization ID and name must be unique",
            "role": "Cannot assign a role higher than user's role",
            "ttl": "Time to live can be at most 30 days (one month)",
        }
    )
    form = key_form.key_form(v, Role.EDITOR, MONTH, typed, told)
    return apikeys.keys_page(v, found(some_keys()), KeySearch(), ALL_RIGHTS, form=form)


def _refused_with_preview(v: Viewer) -> View:
    typed = Form({"name": "terraform", "role": "Editor", "ttl": " 12h "})
    form = key_form.key_form(v, Role.ADMIN, MONTH, typed, Refused({"name": "Key name is required"}))
    return apikeys.keys_page(v, found(some_keys()), KeySearch(), ALL_RIGHTS, form=form)


def _created(v: Viewer) -> View:
    page = apikeys.keys_page(v, found(some_keys()), KeySearch(), ALL_RIGHTS)
    return replace(page, dialog=apikeys.created_key(v.links, KEY))


def _one_key(v: Viewer) -> View:
    key = a_key(4, "ci-deploy", Role.EDITOR, 28_892, 120)
    used = usage_states.counted(last_hours(168, NOW))
    return apikeys.key_page(v, key, ALL_RIGHTS, "admin", counted=used)


def _one_key_expired(v: Viewer) -> View:
    key = a_key(4, LONG, Role.EDITOR, -DAY_S, 2 * DAY_S)
    used = usage_states.counted(last_days(30, NOW))
    search = UseSearch("30d", Outcome.DENIED)
    return apikeys.key_page(v, key, NO_RIGHTS, "", counted=used, search=search)


def _one_key_unused(v: Viewer) -> View:
    used = usage_states.uncounted(last_hours(24, NOW))
    return apikeys.key_page(
        v, a_key(4, "load-test"), ALL_RIGHTS, "admin", counted=used, search=UseSearch("24h")
    )


def _login(v: Viewer) -> View:
    return people.login_page(v, "/org/apikeys", message="signed-out")


def _login_missing(v: Viewer) -> View:
    told = Refused({"user": "Email or username is required", "password": "Password is required"})
    return people.login_page(v, "", refused=told)


def _login_refused(v: Viewer) -> View:
    return people.login_page(v, "", typed=Form({"user": "ada"}), alert="Invalid username or password")


def _first_password(v: Viewer) -> View:
    return people.first_password_page(v, refused=Refused({"newPassword": "This password is too common"}))


def _password(v: Viewer) -> View:
    return people.password_page(v)


def _password_refused(v: Viewer) -> View:
    return people.password_page(v, refused=Refused({"confirmNew": "Passwords must match"}))


_USER = User(
    id=AccountId(1),
    login="admin",
    email="admin@example.org",
    name="Ada Lovelace",
    is_server_admin=True,
    is_disabled=False,
    active_org=OrgId(1),
    created_at=NOW,
    updated_at=NOW,
)
_ORGS = (OrgOfUser(OrgId(1), "Main Org.", Role.ADMIN), OrgOfUser(OrgId(2), HOSTILE, Role.VIEWER))
_SESSIONS = tuple(
    Session(
        id=SessionId(number),
        account_id=AccountId(1),
        created_at=UnixSeconds(NOW - number * DAY_S),
        seen_at=UnixSeconds(NOW - number * 60),
        rotated_at=NOW,
        address="2001:db8::7",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    )
    for number in (1, 2)
)


def _profile(v: Viewer) -> View:
    return people.profile_page(v, _USER, _ORGS, _SESSIONS, present=SessionId(1))


def _profile_refused(v: Viewer) -> View:
    typed = Form({"name": "Ada", "email": "b@example.org", "login": "bert"})
    told = Refused({"login": "Somebody else has this username or email"})
    return people.profile_page(v, _USER, _ORGS, _SESSIONS, present=None, typed=typed, refused=told)


def _select_org(v: Viewer) -> View:
    return people.select_org_page(v, _ORGS, OrgId(1))


def _help(v: Viewer) -> View:
    return help.help_index(v, "0.1.0")


def _topic(word: str, limit: LifetimeLimit = MONTH) -> Callable[[Viewer], View]:
    return lambda v: help.help_topic(v, help.TOPICS[word], limit, "0.1.0")


def _toasts(v: Viewer) -> View:
    toasts = (
        Toast(ToastKind.SUCCESS, "API key deleted"),
        Toast(ToastKind.WARNING, "That API key no longer exists.", Link("See all", "/org/apikeys")),
        Toast(ToastKind.ERROR, "Something went wrong.", request_id="7f3c2a"),
        Toast(ToastKind.ERROR, "And once more.", request_id="7f3c2b"),
    )
    offer = SwitchOffer("Other Org.", "/profile/switch-org/2")
    return help.help_index(replace(v, toasts=toasts, switch_offer=offer), "0.1.0")


def _no_organization(v: Viewer) -> View:
    bare = replace(
        v,
        org_name="",
        reads_api_keys=False,
        opens_migration=False,
        reads_audit=False,
        opens_service_accounts=False,
        opens_teams=False,
        opens_org=False,
        opens_roles=False,
        has_other_orgs=False,
        name="",
    )
    return help.help_index(bare, "0.1.0")


def _forbidden(v: Viewer) -> View:
    return errors.error_page(v, PermissionMissing("apikeys:read"), request_id="7f3c2a", is_signed_in=True)


def _not_found(v: Viewer) -> View:
    return errors.error_page(v, NotFound(), request_id="7f3c2a", is_signed_in=True)


def _out_of_date(v: Viewer) -> View:
    return errors.error_page(v, errors.PageOutOfDate(), request_id="7f3c2a", is_signed_in=True)


def _too_many(v: Viewer) -> View:
    return errors.error_page(v, TooMany(), request_id="7f3c2a", is_signed_in=False, retry_after_s=30)


def _fault(v: Viewer) -> View:
    return errors.error_page(v, None, request_id="7f3c2a", is_signed_in=True)


def _database_away(v: Viewer) -> View:
    return errors.error_page(v, DatabaseUnavailable(), request_id="7f3c2a", is_signed_in=False)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "apikeys-list": _list,
    "apikeys-expired": _list_with_expired,
    "apikeys-only-expired": _list_only_expired,
    "apikeys-no-hit": _list_no_hit,
    "apikeys-read-only": _list_read_only,
    "apikeys-long-names": _list_long,
    "apikeys-fifty": _list_fifty,
    "apikeys-empty": _empty,
    "apikeys-empty-read-only": _empty_read_only,
    "apikeys-adding": _adding,
    "apikeys-adding-first": _adding_to_nothing,
    "apikeys-adding-denied": _adding_denied,
    "apikeys-refused": _refused,
    "apikeys-refused-preview": _refused_with_preview,
    "apikeys-created": _created,
    "apikey": _one_key,
    "apikey-expired": _one_key_expired,
    "apikey-unused": _one_key_unused,
    **migration_states.PAGES,
    **account_states.PAGES,
    **permission_states.PAGES,
    **usage_states.PAGES,
    **audit_states.PAGES,
    **explain_states.PAGES,
    "login": _login,
    "login-missing": _login_missing,
    "login-refused": _login_refused,
    "first-password": _first_password,
    "password": _password,
    "password-refused": _password_refused,
    **team_states.PAGES,
    **role_states.PAGES,
    "profile": _profile,
    "profile-refused": _profile_refused,
    "select-org": _select_org,
    "help": _help,
    "help-api-keys": _topic("api-keys"),
    "help-service-accounts": _topic("service-accounts"),
    "help-migrate": _topic("migrate"),
    "help-roles": _topic("roles"),
    "help-time-to-live": _topic("time-to-live"),
    "help-time-to-live-unlimited": _topic("time-to-live", UNLIMITED),
    "help-keyboard": _topic("keyboard"),
    "toasts": _toasts,
    "no-organization": _no_organization,
    "error-forbidden": _forbidden,
    "error-not-found": _not_found,
    "error-out-of-date": _out_of_date,
    "error-too-many": _too_many,
    "error-fault": _fault,
    "error-database-away": _database_away,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "keys": lambda v: apikeys.keys_table(v, found(some_keys()[:3]), KeySearch(query="b"), ALL_RIGHTS),
    "dialog": lambda v: people.select_org_dialog(v, _ORGS, OrgId(1)),
    "dialog-key-created": lambda v: apikeys.created_key(v.links, KEY),
    **migration_states.FRAGMENTS,
    **account_states.FRAGMENTS,
    **usage_states.FRAGMENTS,
    **audit_states.FRAGMENTS,
    **team_states.FRAGMENTS,
    **role_states.FRAGMENTS,
    **permission_states.FRAGMENTS,
    "error": lambda _v: errors.error_line(None, "7f3c2a"),
}
