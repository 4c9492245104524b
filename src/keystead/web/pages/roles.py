"""`/org/roles`: the list of roles, and the page that makes one."""

from keystead.core.access.permission import Action
from keystead.core.errors import Denied, KeysteadError
from keystead.usecases import role_lists, roles
from keystead.usecases.role_assignments import DELEGATE
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.presenters.roles import new_role_page, roles_page
from keystead.web.role_forms import MORE, read_role, read_role_search, role_refused_by, with_row
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_PATH = "/org/roles"
_WRITE = Action.ROLES_WRITE.on(DELEGATE)
_UNPROCESSABLE, _FORBIDDEN = 422, 403


@pages.page(_PATH, needs=Action.ROLES_READ.anywhere())
def list_roles(visit: Visit) -> Answered:
    """Show the roles that one may read."""
    search = read_role_search(visit.query)
    with visit.deps.read() as db:
        found = role_lists.list_role_page(db, visit.by, search.asked)
    page = roles_page(viewer_of(visit), visit.by, found, search)
    return Shown(page, {"roles": page.table})


@pages.page(_PATH + "/new", needs=_WRITE)
def show_form(visit: Visit) -> Answered:
    """Show the form that makes a role."""
    return Shown(new_role_page(viewer_of(visit)))


@pages.form(_PATH + "/new", needs=_WRITE)
def create_role(visit: Visit, form: Form) -> Answered:
    """Make a role of permissions that one holds oneself, or add a row to the form."""
    if form.typed("act") == MORE:
        return Shown(new_role_page(viewer_of(visit), with_row(form)))
    read = read_role(form)
    if isinstance(read, Refused):
        return Shown(new_role_page(viewer_of(visit), form, read), status=_UNPROCESSABLE)
    deps = visit.deps
    try:
        with deps.write() as db:
            made = roles.create_role(db, visit.by, read, new_uid=deps.new_uid, clock=deps.clock)
    except KeysteadError as error:
        told = role_refused_by(error, form, visit.by.grants)
        if told is None:
            raise
        status = _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE
        return Shown(new_role_page(viewer_of(visit), form, told), status=status)
    return GoTo(links_of(deps.site).role(made.uid), FlashCode.ROLE_CREATED)
