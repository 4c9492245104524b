"""`/org/serviceaccounts/{id}/permissions`: levels on a service account are given, changed and taken away."""

from keystead.core.access.errors import HolderUnknown, ObjectUnknown
from keystead.core.access.holders import Holder, LeveledObject
from keystead.core.access.levels import level_named
from keystead.core.access.permission import Action, Need
from keystead.http.path import RouteUnknown
from keystead.usecases import memberships, object_grants, teams
from keystead.usecases.object_grants import WantedLevel
from keystead.usecases.paging import Page
from keystead.web.account_visits import ONE, account_id_of, check_may_read, look_at
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.pages.serviceaccount import gone
from keystead.web.permission_forms import (
    MOST,
    TEAM,
    HolderSearch,
    get_holder_or_none,
    read_holder_search,
)
from keystead.web.presenters.account_permissions import KIND, Candidates, permission_panel
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Visit, links_of

pages = Pages()

WRITE: Need = Action.SERVICE_ACCOUNTS_PERMISSIONS_WRITE.on("serviceaccounts:id:{service_account_id}")
_UNPROCESSABLE = 422


@pages.page(ONE + "/permissions/add", needs=WRITE)
def add_permission(visit: Visit) -> Answered:
    """Show the panel that gives a level, with the best that its search found."""
    check_may_read(visit)
    return with_panel(visit, read_holder_search(visit.query))


@pages.form(ONE + "/permissions", needs=WRITE)
def give_level(visit: Visit, form: Form) -> Answered:
    """Give a user or a team a level on the account."""
    check_may_read(visit)
    holder = get_holder_or_none(form.typed("holder"))
    if holder is None:
        search = read_holder_search(visit.query, level=form.typed("level"))
        noun = "team" if search.kind == TEAM else "user"
        return with_panel(visit, search, f"Choose a {noun}", _UNPROCESSABLE)
    return changed(visit, holder, level_of(form))


@pages.form(ONE + "/permissions/{holder}", needs=WRITE)
def change_level(visit: Visit, form: Form) -> Answered:
    """Change the level that somebody has on the account."""
    check_may_read(visit)
    return changed(visit, holder_of(visit), level_of(form))


@pages.form(ONE + "/permissions/{holder}/remove", needs=WRITE)
def remove_level(visit: Visit, _form: Form) -> Answered:
    """Take away the level that somebody has on the account."""
    check_may_read(visit)
    return changed(visit, holder_of(visit), "")


def holder_of(visit: Visit) -> Holder:
    """Raises RouteUnknown for what spells nobody."""
    holder = get_holder_or_none(visit.path["holder"])
    if holder is None:
        raise RouteUnknown
    return holder


def level_of(form: Form) -> str:
    """Raises LevelUnknown."""
    return level_named(KIND.name, form.typed("level")).name


def with_panel(visit: Visit, search: HolderSearch, error: str = "", status: int = 200) -> Answered:
    """Raises ServiceAccountNotFound."""
    at = look_at(visit, account_id_of(visit))
    candidates = candidates_of(visit, search)
    panel = permission_panel(at.viewer, visit.by, at.account.id, candidates, error)
    return at.shown(panel=panel, status=status)


def candidates_of(visit: Visit, search: HolderSearch) -> Candidates:
    """Return the best that the search found; teams, as far as the visitor may read them."""
    best = Page(0, MOST)
    with visit.deps.read() as db:
        if search.kind == TEAM:
            found = teams.search_teams(db, visit.by, query=search.query, page=best)
            return Candidates(search, teams=tuple(found.rows))
        people = memberships.list_all_members(db, visit.by.org_here, query=search.query, page=best)
        return Candidates(search, people=tuple(people))


def changed(visit: Visit, holder: Holder, level: str) -> GoTo:
    """Change a level and lead back to the section; home, if the account cannot be opened any more.

    Raises PermissionMissing for a level that permits more than the visitor may.
    """
    deps, by, account_id = visit.deps, visit.by, account_id_of(visit)
    of = LeveledObject(KIND.name, str(account_id))
    links = links_of(deps.site)
    section = links.service_account(account_id) + "#permissions"
    try:
        with deps.write() as db:
            last_own = object_grants.find_last_own(db, by, of, Action.SERVICE_ACCOUNTS_READ)
            object_grants.set_levels(db, by, KIND, of.id, [WantedLevel(holder, level)], clock=deps.clock)
    except ObjectUnknown:
        return gone(visit)
    except HolderUnknown:
        return GoTo(section, FlashCode.PERMISSION_HOLDER_GONE)
    if level:
        return GoTo(section, FlashCode.PERMISSION_UPDATED)
    return GoTo(links.home() if holder == last_own else section, FlashCode.PERMISSION_REMOVED)
