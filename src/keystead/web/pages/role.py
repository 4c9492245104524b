"""`/org/roles/{uid}`: one role, what it permits and who has it."""

from dataclasses import replace

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import NamedRole, WantedRole, uid_of
from keystead.core.access.permission import Action, AnyOf, Need
from keystead.core.access.role_errors import AssignmentInvalid, RoleAssigned, RoleNotFound
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.listing import Shown as ShownAccounts
from keystead.core.errors import Denied, KeysteadError
from keystead.core.teams.errors import TeamNotFound
from keystead.http.path import RouteUnknown
from keystead.usecases import memberships, role_lists, roles, serviceaccounts, teams
from keystead.usecases.paging import Page
from keystead.usecases.role_assignments import DELEGATE
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.permission_forms import MOST, TEAM, get_holder_or_none
from keystead.web.presenters.role import NOUNS, Candidates, deleting, role_page
from keystead.web.presenters.roles import change_role_page
from keystead.web.role_forms import (
    ACCOUNT,
    MORE,
    read_role,
    read_role_holder_search,
    role_refused_by,
    with_row,
)
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

ONE = "/org/roles/{role_uid}"
READ: Need = Action.ROLES_READ.on("roles:uid:{role_uid}")
WRITE: Need = Action.ROLES_WRITE.on(DELEGATE)
DELETE: Need = Action.ROLES_DELETE.on(DELEGATE)
ASSIGN = AnyOf((Action.USERS_ROLES_ADD.on(DELEGATE), Action.TEAMS_ROLES_ADD.on(DELEGATE)))
UNASSIGN = AnyOf((Action.USERS_ROLES_REMOVE.on(DELEGATE), Action.TEAMS_ROLES_REMOVE.on(DELEGATE)))
_UNPROCESSABLE, _FORBIDDEN, _CONFLICT = 422, 403, 409


@pages.page(ONE, needs=READ)
def show_role(visit: Visit) -> Answered:
    """Show one role."""
    return shown(visit)


@pages.page(ONE + "/edit", needs=WRITE)
def edit_role(visit: Visit) -> Answered:
    """Show the form that changes a role."""
    return Shown(change_role_page(viewer_of(visit), find(visit)))


@pages.form(ONE + "/edit", needs=WRITE)
def change_role(visit: Visit, form: Form) -> Answered:
    """Change a role unless somebody else did meanwhile, or add a row to the form."""
    before = find(visit)
    if form.typed("act") == MORE:
        return Shown(change_role_page(viewer_of(visit), before, with_row(form)))
    read, status = read_role(form), _UNPROCESSABLE
    if not isinstance(read, Refused):
        try:
            return change(visit, before, read)
        except KeysteadError as error:
            told = role_refused_by(error, form, visit.by.grants)
            if told is None:
                raise
            read, status = told, _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE
    return Shown(change_role_page(viewer_of(visit), before, form, read), status=status)


@pages.page(ONE + "/assign", needs=ASSIGN)
def look_for_holders(visit: Visit) -> Answered:
    """Show the panel that gives the role, with the best that its search found."""
    return shown(visit, candidates=candidates_of(visit))


@pages.form(ONE + "/assign", needs=ASSIGN)
def assign(visit: Visit, form: Form) -> Answered:
    """Give the role to a user, a service account or a team."""
    holder = get_holder_or_none(form.typed("holder"))
    if not isinstance(holder, AccountHolder | TeamHolder):
        return again(visit, f"Choose a {NOUNS[read_role_holder_search(visit.query).kind]}")
    deps, uid = visit.deps, uid_in(visit)
    try:
        with deps.write() as db:
            role_lists.assign(db, visit.by, uid, holder, clock=deps.clock)
    except PermissionMissing as error:
        return again(visit, f"You need {error.needed} to give this role.", _FORBIDDEN)
    except (UserNotFound, TeamNotFound):
        return again(visit, "That one is no longer in this organization.")
    except AssignmentInvalid:
        return again(visit, "This role belongs to one service account alone.")
    return GoTo(links_of(deps.site).role(uid), FlashCode.ROLE_ASSIGNED)


@pages.form(ONE + "/unassign/{holder}", needs=UNASSIGN)
def unassign(visit: Visit, _form: Form) -> Answered:
    """Take the role away from somebody."""
    holder = get_holder_or_none(visit.path["holder"])
    if not isinstance(holder, AccountHolder | TeamHolder):
        raise RouteUnknown
    deps, uid = visit.deps, uid_in(visit)
    back = links_of(deps.site).role(uid)
    try:
        with deps.write() as db:
            role_lists.unassign(db, visit.by, uid, holder, clock=deps.clock)
    except (UserNotFound, TeamNotFound, RoleNotFound):
        return GoTo(back, FlashCode.ROLE_HOLDER_GONE)
    return GoTo(back, FlashCode.ROLE_UNASSIGNED)


@pages.page(ONE + "/confirm/delete", needs=DELETE)
def confirm_delete(visit: Visit) -> Answered:
    """Ask once more before a role is deleted, and tell who has it."""
    return asked_again(visit)


@pages.form(ONE + "/delete", needs=DELETE)
def delete_role(visit: Visit, _form: Form) -> Answered:
    """Delete a role; one that somebody has, only after that was told."""
    deps, query = visit.deps, visit.query
    force, is_global = query.flag("force"), query.flag("global")
    back = links_of(deps.site).roles()
    try:
        with deps.write() as db:
            roles.delete_role(db, visit.by, uid_in(visit), force=force, is_global=is_global, clock=deps.clock)
    except RoleAssigned:
        return asked_again(visit, is_refused=True)
    except RoleNotFound:
        return GoTo(back, FlashCode.ROLE_GONE)
    return GoTo(back, FlashCode.ROLE_DELETED)


def uid_in(visit: Visit) -> str:
    """Return the uid in the path, where the name of a fixed role may stand too."""
    return uid_of(visit.path["role_uid"])


def find(visit: Visit) -> NamedRole:
    """Raises PermissionMissing, RoleNotFound."""
    check_may_read(visit)
    with visit.deps.read() as db:
        return roles.find_role(db, visit.by, uid_in(visit))


def check_may_read(visit: Visit) -> None:
    """Hold back the page from whoever may change a role, but not look at it. Raises PermissionMissing."""
    need = READ.bound_to({"role_uid": uid_in(visit)})
    if not need.is_met_by(visit.by.grants):
        raise PermissionMissing(need.told)


def change(visit: Visit, before: NamedRole, wanted: WantedRole) -> GoTo:
    deps = visit.deps
    wanted = replace(wanted, is_hidden=before.is_hidden)
    try:
        with deps.write() as db:
            roles.change_role(db, visit.by, before.uid, wanted, clock=deps.clock)
    except RoleNotFound:
        return GoTo(links_of(deps.site).roles(), FlashCode.ROLE_GONE)
    return GoTo(links_of(deps.site).role(before.uid), FlashCode.ROLE_UPDATED)


def shown(visit: Visit, *, candidates: Candidates | None = None, status: int = 200) -> Answered:
    """Raises PermissionMissing, RoleNotFound."""
    check_may_read(visit)
    by, query = visit.by, visit.query
    with visit.deps.read() as db:
        listed = role_lists.find_listed(db, by, uid_in(visit))
        held = role_lists.list_holder_page(
            db, by, listed.role, after=query.text("after"), before=query.text("before")
        )
    page = role_page(viewer_of(visit), by, listed, held, candidates=candidates)
    return Shown(page, {} if page.panel is None else {"found": page.panel.found}, status)


def again(visit: Visit, error: str, status: int = _UNPROCESSABLE) -> Answered:
    return shown(visit, candidates=replace(candidates_of(visit), error=error), status=status)


def asked_again(visit: Visit, *, is_refused: bool = False) -> Answered:
    """Raises PermissionMissing, RoleNotFound."""
    check_may_read(visit)
    viewer, by = viewer_of(visit), visit.by
    with visit.deps.read() as db:
        listed = role_lists.find_listed(db, by, uid_in(visit))
        held = role_lists.list_holder_page(db, by, listed.role)
    dialog = deleting(viewer, listed, is_refused=is_refused)
    page = role_page(viewer, by, listed, held, dialog=dialog)
    return Shown(page, {"dialog": dialog}, _CONFLICT if is_refused else 200)


def candidates_of(visit: Visit) -> Candidates:
    """Return the best that the search found, as far as the visitor may read them."""
    search, best, by = read_role_holder_search(visit.query), Page(0, MOST), visit.by
    with visit.deps.read() as db:
        if search.kind == TEAM:
            return Candidates(
                search, teams=tuple(teams.search_teams(db, by, query=search.query, page=best).rows)
            )
        if search.kind == ACCOUNT:
            found = serviceaccounts.search_service_accounts(
                db, by, query=search.query, shown=ShownAccounts.ALL, page=best, clock=visit.deps.clock
            )
            return Candidates(search, machines=tuple(found.rows))
        people = memberships.list_all_members(db, by.org_here, query=search.query, page=best)
        return Candidates(search, people=tuple(people))
