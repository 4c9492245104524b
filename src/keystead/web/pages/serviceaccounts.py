"""`/org/serviceaccounts`: the list of service accounts, and the page that makes one."""

from dataclasses import replace

from keystead.core.access.permission import Action, AnyOf
from keystead.core.accounts.model import AccountId
from keystead.core.accounts.names import service_account_login
from keystead.core.clock import frozen_clock
from keystead.core.errors import Denied, KeysteadError
from keystead.usecases import serviceaccounts, tokens
from keystead.usecases.serviceaccounts import NewServiceAccount
from keystead.usecases.tokens import IssuedToken
from keystead.web.account_forms import AccountAsked, account_refused_by, read_new_account
from keystead.web.account_visits import calendar_of, look_at
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.presenters.account_fields import new_account_page
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.serviceaccounts import accounts_page
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_account_search
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_PATH = "/org/serviceaccounts"
_CREATE = Action.SERVICE_ACCOUNTS_CREATE.anywhere()
_UNPROCESSABLE, _FORBIDDEN = 422, 403


@pages.page(_PATH, needs=AnyOf((Action.SERVICE_ACCOUNTS_READ.anywhere(), _CREATE)))
def list_accounts(visit: Visit) -> Answered:
    """Show the service accounts that one may read."""
    deps, search = visit.deps, read_account_search(visit.query)
    deps.uses.flush()
    with deps.read() as db:
        found = serviceaccounts.list_account_page(db, visit.by, search.asked, clock=deps.clock)
    page = accounts_page(viewer_of(visit), visit.by, found, search, deps.tokens.above_role)
    return Shown(page, {} if page.table is None else {"accounts": page.table})


@pages.page(_PATH + "/create", needs=_CREATE)
def show_form(visit: Visit) -> Answered:
    """Show the form that makes a service account."""
    viewer = viewer_of(visit)
    return Shown(new_account_page(viewer, visit.by.role, calendar_of(visit, viewer)))


@pages.form(_PATH + "/create", needs=_CREATE)
def create_account(visit: Visit, form: Form) -> Answered:
    """Make a service account, and its first token if that has a name; its secret is shown this once."""
    viewer = viewer_of(visit)
    read = read_new_account(form, calendar_of(visit, viewer))
    if isinstance(read, Refused):
        return _again(visit, viewer, form, read, _UNPROCESSABLE)
    try:
        account_id, issued = _create(visit, viewer, read)
    except KeysteadError as error:
        told = account_refused_by(error, service_account_login(read.name))
        if told is None:
            raise
        return _again(visit, viewer, form, told, _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE)
    if issued is None:
        return GoTo(links_of(visit.deps.site).service_account(account_id), FlashCode.SERVICE_ACCOUNT_CREATED)
    return look_at(visit, account_id).with_secret(issued.secret)


def _create(visit: Visit, viewer: Viewer, asked: AccountAsked) -> tuple[AccountId, IssuedToken | None]:
    """Make both or neither."""
    rules = replace(visit.deps.tokens, clock=frozen_clock(viewer.now))
    with visit.deps.write() as db:
        new = NewServiceAccount(asked.name, asked.role)
        made = serviceaccounts.create_service_account(db, visit.by, new, clock=rules.clock)
        if asked.token is None:
            return made.id, None
        name, lifetime_s = asked.token.name, asked.token.lifetime_s
        issued = tokens.create_token(db, visit.by, made.id, name=name, lifetime_s=lifetime_s, rules=rules)
    return made.id, issued


def _again(visit: Visit, viewer: Viewer, form: Form, refused: Refused, status: int) -> Answered:
    calendar = calendar_of(visit, viewer)
    return Shown(new_account_page(viewer, visit.by.role, calendar, form, refused), status=status)
