"""`/org/serviceaccounts`: the list of service accounts, and the page that makes one."""

from dataclasses import replace

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action, AnyOf
from keystead.core.accounts.model import AccountId
from keystead.core.accounts.names import service_account_login
from keystead.core.clock import frozen_clock
from keystead.core.errors import Denied, KeysteadError
from keystead.usecases import accounts, migration, serviceaccount_roles, serviceaccounts
from keystead.usecases.serviceaccount_creation import Extras, FirstToken
from keystead.usecases.serviceaccounts import NewServiceAccount
from keystead.usecases.tokens import IssuedToken
from keystead.web.account_forms import AccountAsked, account_refused_by, read_new_account
from keystead.web.account_visits import calendar_of, look_at
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.presenters.account_fields import new_account_page
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.role_choices import role_choices
from keystead.web.presenters.serviceaccounts import KeysNews, accounts_page
from keystead.web.role_choice_forms import APPLY, CLEAR, assigning_refused_by, is_unfinished, picked
from keystead.web.role_forms import MORE, permission_refused_by, read_permissions, with_row
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_account_search
from keystead.web.views.role_choices import RoleChoices
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_PATH = "/org/serviceaccounts"
_CREATE = Action.SERVICE_ACCOUNTS_CREATE.anywhere()
_LOOKS = AnyOf((Action.SERVICE_ACCOUNTS_READ.anywhere(), _CREATE))
KEYS_HINT = 1 << 20  # of the hints that a person has closed; the lower ones are those of the HTTP API
_UNPROCESSABLE, _FORBIDDEN = 422, 403
_FINE = Refused({})


@pages.page(_PATH, needs=_LOOKS)
def list_accounts(visit: Visit) -> Answered:
    """Show the service accounts that one may read."""
    deps, search = visit.deps, read_account_search(visit.query)
    deps.uses.flush()
    with deps.read() as db:
        found = serviceaccounts.list_account_page(db, visit.by, search.asked, clock=deps.clock)
    news = _news(visit)
    page = accounts_page(viewer_of(visit), visit.by, found, search, deps.tokens.above_role, news=news)
    return Shown(page, {} if page.table is None else {"accounts": page.table})


@pages.form(_PATH + "/hint", needs=_LOOKS)
def close_hint(visit: Visit, _form: Form) -> Answered:
    """Tell the reader no more where the API keys are."""
    with visit.deps.write() as db:
        accounts.add_help_flags(db, visit.by, KEYS_HINT)
    return GoTo(links_of(visit.deps.site).service_accounts())


def _news(visit: Visit) -> KeysNews:
    with visit.deps.read() as db:
        flags, job = migration.get_standing(db, visit.by)
        if not flags.is_migrated:
            return KeysNews()
        is_own = job is not None and job.started_by == visit.by.login
        is_told = bool(accounts.get_help_flags(db, visit.by) & KEYS_HINT)
        return KeysNews(is_migrated=True, is_new=is_own and not is_told)


@pages.page(_PATH + "/create", needs=_CREATE)
def show_form(visit: Visit) -> Answered:
    """Show the form that makes a service account."""
    return _page(visit, Form({}))


@pages.form(_PATH + "/create", needs=_CREATE)
def create_account(visit: Visit, form: Form) -> Answered:
    """Make a service account with all that is asked for, or nothing; a token's secret is shown this once."""
    if form.typed("act") == MORE:
        return _page(visit, with_row(form))
    if is_unfinished(form):
        return _page(visit, form)
    viewer = viewer_of(visit)
    read, scopes = read_new_account(form, calendar_of(visit, viewer)), read_permissions(form)
    if isinstance(read, Refused) or isinstance(scopes, Refused):
        messages = [told.messages for told in (read, scopes) if isinstance(told, Refused)]
        return _page(
            visit, form, Refused({k: v for told in messages for k, v in told.items()}), _UNPROCESSABLE
        )
    try:
        account_id, issued = _create(visit, viewer, replace(read, permissions=scopes), picked(form))
    except KeysteadError as error:
        told = _refused_by(error, form, read.name, visit.by.grants)
        if told is None:
            raise
        return _page(visit, form, told, _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE)
    if issued is None:
        return GoTo(links_of(visit.deps.site).service_account(account_id), FlashCode.SERVICE_ACCOUNT_CREATED)
    return look_at(visit, account_id).with_secret(issued.secret)


def _create(
    visit: Visit, viewer: Viewer, asked: AccountAsked, roles: frozenset[str]
) -> tuple[AccountId, IssuedToken | None]:
    """Make all of it or nothing."""
    rules = replace(visit.deps.tokens, clock=frozen_clock(viewer.now))
    token = None if asked.token is None else FirstToken(asked.token.name, asked.token.lifetime_s)
    with visit.deps.write() as db:
        made, issued = serviceaccount_roles.create_with_roles(
            db,
            visit.by,
            NewServiceAccount(asked.name, asked.role),
            Extras(asked.permissions, token),
            assigned=roles,
            new_uid=visit.deps.new_uid,
            rules=rules,
        )
    return made.id, issued


def _refused_by(error: KeysteadError, form: Form, name: str, own: Grants) -> Refused | None:
    """Return the message at its field; None: it belongs to none."""
    told = account_refused_by(error, service_account_login(name))
    if told is None and isinstance(error, PermissionMissing):
        told = permission_refused_by(error, form, own)
    return told or assigning_refused_by(error)


def _page(visit: Visit, form: Form, refused: Refused = _FINE, status: int = 200) -> Answered:
    viewer, by = viewer_of(visit), visit.by
    choices = _choices(visit, form) if by.grants.holds(Action.ROLES_READ) else None
    calendar = calendar_of(visit, viewer)
    return Shown(new_account_page(viewer, by.role, calendar, form, refused, choices=choices), status=status)


def _choices(visit: Visit, form: Form) -> RoleChoices:
    act, query = form.typed("act"), form.text("filter")[:190]
    chosen = frozenset() if act == CLEAR else picked(form)
    with visit.deps.read() as db:
        offered = serviceaccount_roles.offer_roles(db, visit.by, query=query, chosen=chosen)
    is_open = is_unfinished(form) and act != APPLY
    needs = (Action.USERS_ROLES_ADD,)
    return role_choices(visit.by, offered, chosen, needs=needs, query=query, is_open=is_open)
