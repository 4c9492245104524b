"""`/org/serviceaccounts/{id}/roles`: the window that chooses what a service account may do."""

from keystead.core.access.permission import Action
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.errors import Denied, KeysteadError
from keystead.usecases import serviceaccount_roles
from keystead.usecases.serviceaccount_roles import WantedRoles
from keystead.web.account_forms import read_role
from keystead.web.account_visits import (
    ONE,
    READ,
    WRITE,
    AccountVisit,
    account_id_of,
    back_url,
    check_may_read,
    look_at,
)
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.pages.serviceaccount import gone
from keystead.web.presenters.account_windows import roles_window
from keystead.web.presenters.role_choices import locked_in, role_choices
from keystead.web.role_choice_forms import (
    CLEAR,
    assigning_refused_by,
    is_unfinished,
    wanted_roles,
)
from keystead.web.routes import Answered, Pages
from keystead.web.views.role_choices import RoleChoices
from keystead.web.views.serviceaccount import RolesWindow
from keystead.web.visit import GoTo, Visit

pages = Pages()

_EMPTY, _FINE = Form({}), Refused({})
_NEEDS = (Action.USERS_ROLES_ADD, Action.USERS_ROLES_REMOVE)
_UNPROCESSABLE, _FORBIDDEN = 422, 403


@pages.page(ONE + "/roles", needs=READ)
def edit_roles(visit: Visit) -> Answered:
    """Show the window that changes what the account may do."""
    at = look_at(visit, account_id_of(visit))
    return at.shown(_window(at, None), reason=at.rights.roles)


@pages.form(ONE + "/roles", needs=WRITE)
def change_roles(visit: Visit, form: Form) -> Answered:
    """Change what the account may do, all at once; or change only the form."""
    check_may_read(visit)
    if is_unfinished(form):
        at = look_at(visit, account_id_of(visit))
        return at.shown(_window(at, form))
    read, status = read_role(form), _UNPROCESSABLE
    if not isinstance(read, Refused):
        try:
            return _changed(visit, WantedRoles(read, wanted_roles(form)))
        except KeysteadError as error:
            told = assigning_refused_by(error)
            if told is None:
                raise
            read, status = told, _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE
    at = look_at(visit, account_id_of(visit))
    return at.shown(_window(at, form, read), status=status)


def _changed(visit: Visit, wanted: WantedRoles) -> GoTo:
    """Raises what `serviceaccount_roles.change_roles` does."""
    deps = visit.deps
    try:
        with deps.write() as db:
            serviceaccount_roles.change_roles(db, visit.by, account_id_of(visit), wanted, clock=deps.clock)
    except ServiceAccountNotFound:
        return gone(visit)
    return GoTo(back_url(visit), FlashCode.SERVICE_ACCOUNT_UPDATED)


def _window(at: AccountVisit, form: Form | None, refused: Refused = _FINE) -> RolesWindow:
    """Return the window; without a form, with what the account has."""
    choices = _choices(at, form)
    typed = _EMPTY if form is None else form
    return roles_window(at.viewer, at.visit.by.role, at.account, typed, refused, choices=choices)


def _choices(at: AccountVisit, form: Form | None) -> RoleChoices | None:
    by, assigned = at.visit.by, at.known.assigned
    if assigned is None:
        return None
    had = frozenset(role.uid for role in assigned)
    wanted = None if form is None else wanted_roles(form)
    query = "" if form is None else form.text("filter")[:190]
    chosen = had if wanted is None else wanted
    with at.visit.deps.read() as db:
        offered = serviceaccount_roles.offer_roles(db, by, query=query, chosen=chosen)
    if form is not None and form.typed("act") == CLEAR:
        chosen = locked_in(offered, chosen)
    return role_choices(by, offered, chosen, needs=_NEEDS, query=query)
