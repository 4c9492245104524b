"""`/profile`: one's own details, preferences, password, organizations and browser sessions."""

from starlette.responses import RedirectResponse, Response

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action
from keystead.core.errors import KeysteadError
from keystead.core.orgs.errors import OrgNotOwn
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import parse_path_id
from keystead.core.secret import Secret
from keystead.core.sessions.errors import SessionNotFound
from keystead.core.sessions.model import SessionId
from keystead.http.cookies import set_cookie
from keystead.http.needs import SignedIn
from keystead.http.origin import check_link
from keystead.http.path import RouteUnknown
from keystead.http.render import found_at
from keystead.usecases import accounts, memberships, messages, preferences, sessions
from keystead.usecases.accounts import Profile
from keystead.usecases.preferences import ChangedPreferences
from keystead.web.flash import FlashCode
from keystead.web.forms import (
    Form,
    NewPassword,
    Refused,
    read_details,
    read_new_password,
    refused_by,
)
from keystead.web.links import Links
from keystead.web.preference_forms import read_preferences, read_theme
from keystead.web.presenters.people import (
    first_password_page,
    password_page,
    profile_page,
    select_org_dialog,
    select_org_page,
)
from keystead.web.routes import Answered, Pages
from keystead.web.views.people import PasswordPage, ProfilePage
from keystead.web.visit import (
    GoTo,
    Shown,
    Visit,
    here_of,
    links_of,
    opens_org,
    opens_service_accounts,
    opens_teams,
    packed,
    viewer_of,
)

pages = Pages()

_OWN = SignedIn.ABOUT_ONESELF
_UNPROCESSABLE = 422
_NOTHING = Refused({})


@pages.page("/profile", needs=_OWN)
def show_profile(visit: Visit) -> Answered:
    """Show one's own details, preferences, organizations and sessions."""
    return Shown(_profile(visit))


@pages.form("/profile", needs=_OWN)
def change_details(visit: Visit, form: Form) -> Answered:
    """Change one's name, e-mail and login."""
    deps = visit.deps
    read = read_details(form)
    if isinstance(read, Refused):
        return Shown(_profile(visit, form, read), status=_UNPROCESSABLE)
    try:
        with deps.write() as db:
            profile = Profile(read.login, read.email, read.name)
            accounts.update_user(db, visit.by, visit.by.account_id, profile, clock=deps.clock)
    except KeysteadError as error:
        told = refused_by(error)
        if told is None:
            raise
        return Shown(_profile(visit, form, told), status=_UNPROCESSABLE)
    return GoTo(links_of(deps.site).profile(), FlashCode.PROFILE_UPDATED)


@pages.form("/profile/preferences", needs=_OWN)
def change_preferences(visit: Visit, form: Form) -> Answered:
    """Choose how pages look to oneself, on the profile."""
    read = read_preferences(form)
    if isinstance(read, Refused):
        return Shown(_profile(visit, refused=read), status=_UNPROCESSABLE)
    with visit.deps.write() as db:
        preferences.change_own_preferences(db, visit.by, read)
    return GoTo(links_of(visit.deps.site).profile(), FlashCode.PREFERENCES_UPDATED)


@pages.form("/profile/theme", needs=_OWN)
def change_theme(visit: Visit, form: Form) -> Answered:
    """Choose the theme, from the account menu of any page."""
    return _set_theme(visit, form, links_of(visit.deps.site).own(form.typed("back")))


@pages.page("/profile/password", needs=SignedIn.PASSWORD_CHANGE)
def show_password(visit: Visit) -> Answered:
    """Show the form that changes one's password."""
    return Shown(_password(visit, _NOTHING))


@pages.form("/profile/password", needs=SignedIn.PASSWORD_CHANGE)
def change_password(visit: Visit, form: Form) -> Answered:
    """Change one's password; the other sessions end."""
    is_due = _is_change_due(visit)
    read = read_new_password(form, asks_old=not is_due)
    if isinstance(read, Refused):
        return Shown(_password(visit, read), status=_UNPROCESSABLE)
    try:
        value = _change(visit, read, is_due=is_due)
    except KeysteadError as error:
        told = refused_by(error, minimum_length=visit.deps.passwords.rules.for_own_change().minimum_length)
        if told is None:
            raise
        return Shown(_password(visit, told), status=_UNPROCESSABLE)
    links = links_of(visit.deps.site)
    return _changed(visit, value, links.home() if is_due else links.profile())


@pages.page("/profile/select-org", needs=_OWN)
def select_org(visit: Visit) -> Answered:
    """Show one's organizations, to switch to another."""
    viewer = viewer_of(visit)
    with visit.deps.read() as db:
        orgs = memberships.list_orgs_of(db, visit.by.account_id)
    dialog = select_org_dialog(viewer, orgs, visit.by.org)
    return Shown(select_org_page(viewer, orgs, visit.by.org), {"dialog": dialog})


@pages.form("/profile/switch-org/{org_id}", needs=_OWN)
def switch_org(visit: Visit, _form: Form) -> Answered:
    """Make another organization of one's own the active one.

    Leads back to the page where that was asked for, if it is there too.
    """
    deps, org_id = visit.deps, OrgId(_number(visit, "org_id"))
    name = _switch(visit, org_id)
    grants = deps.people.grants_in(visit.by, org_id)
    there = same_page(links_of(deps.site), here_of(visit.request, deps.site), grants)
    return GoTo(there, FlashCode.ORG_SWITCHED, name)


@pages.page("/profile/switch-org/{org_id}", needs=_OWN)
def switch_org_by_link(visit: Visit) -> Answered:
    """The same by a link, as in Grafana 9.3; not when another site led here."""
    check_link(visit.request)
    _switch(visit, OrgId(_number(visit, "org_id")))
    return found_at(links_of(visit.deps.site).home())


@pages.form("/profile/sessions/{session_id}/revoke", needs=_OWN)
def revoke_session(visit: Visit, _form: Form) -> Answered:
    """End another browser session of one's own."""
    deps = visit.deps
    back = links_of(deps.site).profile()
    session_id = SessionId(_number(visit, "session_id"))
    try:
        with deps.write() as db:
            sessions.revoke_session(db, visit.by, visit.by.account_id, session_id, clock=deps.clock)
    except SessionNotFound:
        return GoTo(back, FlashCode.SESSION_GONE)
    return GoTo(back, FlashCode.SESSION_REVOKED)


def _profile(visit: Visit, typed: Form | None = None, refused: Refused = _NOTHING) -> ProfilePage:
    deps, account_id = visit.deps, visit.by.account_id
    with deps.read() as db:
        user = accounts.find_user(db, account_id)
        orgs = memberships.list_orgs_of(db, account_id)
        found = sessions.list_sessions(db, account_id, deps.sessions)
    viewer = viewer_of(visit)
    return profile_page(viewer, user, orgs, found, present=visit.by.session_id, typed=typed, refused=refused)


def _set_theme(visit: Visit, form: Form, back: str) -> Answered:
    theme = read_theme(form)
    if isinstance(theme, Refused):
        return Shown(_profile(visit, form, theme), status=_UNPROCESSABLE)
    with visit.deps.write() as db:
        preferences.change_own_preferences(db, visit.by, ChangedPreferences(theme=theme))
    return GoTo(back, FlashCode.PREFERENCES_UPDATED)


def _is_change_due(visit: Visit) -> bool:
    with visit.deps.read() as db:
        return accounts.find_user(db, visit.by.account_id).must_change_password


def _password(visit: Visit, refused: Refused) -> PasswordPage:
    page = first_password_page if _is_change_due(visit) else password_page
    return page(viewer_of(visit), refused=refused)


def _change(visit: Visit, read: NewPassword, *, is_due: bool) -> Secret | None:
    passwords = visit.deps.passwords
    if is_due:
        return passwords.replace_first(visit.by, read.new)
    return passwords.change_own(visit.by, read.old, read.new)


def _changed(visit: Visit, value: Secret | None, target: str) -> Response:
    go = GoTo(target, FlashCode.PASSWORD_CHANGED)
    with visit.deps.write() as db:
        messages.leave_message(db, visit.session_id, packed(go), at=visit.deps.clock())
    response = RedirectResponse(target, 303)
    if value is not None:
        set_cookie(response, visit.deps.site, value)
    return response


def same_page(links: Links, here: str, grants: Grants) -> str:
    """Return the page's address in an organization where one has these grants; home if it is not there."""
    path = here.partition("?")[0]
    is_there = path in {links.profile(), links.help()} or path.startswith(links.help_topic(""))
    if path == links.api_keys():
        is_there = grants.holds(Action.API_KEYS_READ)
    if path == links.service_accounts():
        is_there = opens_service_accounts(grants)
    if path == links.teams():
        is_there = opens_teams(grants)
    if path == links.org():
        is_there = opens_org(grants)
    return path if is_there else links.home()


def _switch(visit: Visit, org_id: OrgId) -> str:
    deps = visit.deps
    with deps.write() as db:
        try:
            accounts.set_active_org(db, visit.by, visit.by.account_id, org_id, clock=deps.clock)
        except OrgNotOwn:
            raise RouteUnknown from None
        orgs = memberships.list_orgs_of(db, visit.by.account_id)
    return next((org.name for org in orgs if org.id == org_id), "")


def _number(visit: Visit, name: str) -> int:
    """Raises RouteUnknown for what is no number."""
    number = parse_path_id(visit.path[name])
    if number is None:
        raise RouteUnknown
    return number
