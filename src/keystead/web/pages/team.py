"""`/org/teams/edit/{id}`: the members and the settings of one team."""

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Action, Need
from keystead.core.accounts.model import AccountId
from keystead.core.errors import KeysteadError
from keystead.core.path_id import parse_path_id
from keystead.core.teams.errors import TeamMemberForeign, TeamMemberNotFound, TeamNotFound
from keystead.core.teams.model import TeamId
from keystead.http.path import RouteUnknown
from keystead.usecases import memberships, preferences, team_members, teams
from keystead.usecases.paging import Page
from keystead.usecases.team_members import FoundMembers
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, FormUnreadable, Refused
from keystead.web.preference_forms import read_preferences
from keystead.web.presenters.team import (
    MOST,
    Candidates,
    team_members_page,
    team_rights_of,
    team_settings_page,
)
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_member_search, read_team_search
from keystead.web.team_forms import (
    MemberAsked,
    member_refused_by,
    read_level,
    read_member,
    read_team,
    team_refused_by,
)
from keystead.web.views.teams import TeamMembersPage, TeamSettingsPage
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_ONE = "/org/teams/edit/{team_id}"
_SCOPE = "teams:id:{team_id}"
_READ: Need = Action.TEAMS_READ.on(_SCOPE)
_WRITE: Need = Action.TEAMS_WRITE.on(_SCOPE)
_CHANGE_MEMBERS: Need = Action.TEAMS_PERMISSIONS_WRITE.on(_SCOPE)
_UNPROCESSABLE = 422
_NOTHING = Refused({})


@pages.page(_ONE, needs=_READ)
def show_team(visit: Visit) -> Answered:
    """Show a team by its members."""
    return Shown(_members(visit))


@pages.page(_ONE + "/members", needs=_READ)
def show_members(visit: Visit) -> Answered:
    """Show the people in a team."""
    return Shown(_members(visit))


@pages.page(_ONE + "/members/add", needs=_CHANGE_MEMBERS)
def look_for_people(visit: Visit) -> Answered:
    """Show the panel that adds a member, with the best that its search found."""
    return _with_panel(visit)


@pages.form(_ONE + "/members", needs=_CHANGE_MEMBERS)
def add_member(visit: Visit, form: Form) -> Answered:
    """Put a person into the team."""
    read = read_member(form)
    done = read if isinstance(read, Refused) else _add(visit, read)
    return _with_panel(visit, done.messages["person"]) if isinstance(done, Refused) else done


@pages.form(_ONE + "/members/{user_id}/level", needs=_CHANGE_MEMBERS)
def change_level(visit: Visit, form: Form) -> Answered:
    """Make somebody a Member or an Admin of the team."""
    level = read_level(form)
    if level is None:
        raise FormUnreadable
    try:
        with visit.deps.write() as db:
            team_members.set_level(
                db, visit.by, team_id_of(visit), _user_id_of(visit), level=level, clock=visit.deps.clock
            )
    except TeamMemberNotFound:
        return GoTo(_back(visit), FlashCode.TEAM_MEMBER_GONE)
    return GoTo(_back(visit), FlashCode.TEAM_MEMBER_UPDATED)


@pages.form(_ONE + "/members/{user_id}/remove", needs=_CHANGE_MEMBERS)
def remove_member(visit: Visit, _form: Form) -> Answered:
    """Take somebody out of the team."""
    try:
        with visit.deps.write() as db:
            team_members.remove_member(
                db, visit.by, team_id_of(visit), _user_id_of(visit), clock=visit.deps.clock
            )
    except (TeamMemberNotFound, TeamMemberForeign):
        return GoTo(_back(visit), FlashCode.TEAM_MEMBER_GONE)
    return GoTo(_back(visit), FlashCode.TEAM_MEMBER_REMOVED)


@pages.page(_ONE + "/settings", needs=_READ)
def show_settings(visit: Visit) -> Answered:
    """Show what a team is called, and how it wants pages to look."""
    return Shown(_settings(visit))


@pages.form(_ONE + "/settings", needs=_WRITE)
def change_team(visit: Visit, form: Form) -> Answered:
    """Change a team's name and e-mail address."""
    _check_may_read(visit)
    read, team_id = read_team(form), team_id_of(visit)
    if isinstance(read, Refused):
        return Shown(_settings(visit, form, read), status=_UNPROCESSABLE)
    try:
        with visit.deps.write() as db:
            teams.change_team(db, visit.by, team_id, name=read.name, email=read.email, clock=visit.deps.clock)
    except KeysteadError as error:
        told = team_refused_by(error)
        if told is None:
            raise
        return Shown(_settings(visit, form, told), status=_UNPROCESSABLE)
    return GoTo(links_of(visit.deps.site).team(team_id, "settings"), FlashCode.TEAM_UPDATED)


@pages.form(_ONE + "/preferences", needs=_WRITE)
def change_preferences(visit: Visit, form: Form) -> Answered:
    """Choose how pages look to the members who want nothing else."""
    _check_may_read(visit)
    read, team_id = read_preferences(form), team_id_of(visit)
    if isinstance(read, Refused):
        return Shown(_settings(visit, refused=read), status=_UNPROCESSABLE)
    with visit.deps.write() as db:
        preferences.change_team_preferences(db, visit.by, team_id, read, clock=visit.deps.clock)
    return GoTo(links_of(visit.deps.site).team(team_id, "settings"), FlashCode.PREFERENCES_UPDATED)


@pages.form(_ONE + "/delete", needs=Action.TEAMS_DELETE.on(_SCOPE))
def delete_team(visit: Visit, _form: Form) -> Answered:
    """Delete a team, and go back to where the list was."""
    back = links_of(visit.deps.site).teams(read_team_search(visit.query).pairs)
    try:
        with visit.deps.write() as db:
            teams.delete_team(db, visit.by, team_id_of(visit), clock=visit.deps.clock)
    except TeamNotFound:
        return GoTo(back, FlashCode.TEAM_GONE)
    return GoTo(back, FlashCode.TEAM_DELETED)


def team_id_of(visit: Visit) -> TeamId:
    """Raises RouteUnknown for what is no number."""
    return TeamId(_number(visit, "team_id"))


def _user_id_of(visit: Visit) -> AccountId:
    return AccountId(_number(visit, "user_id"))


def _number(visit: Visit, name: str) -> int:
    number = parse_path_id(visit.path[name])
    if number is None:
        raise RouteUnknown
    return number


def _check_may_read(visit: Visit) -> None:
    """Hold back the page from whoever may change a team, but not look at it."""
    need = _READ.bound_to(visit.path)
    if not need.is_met_by(visit.by.grants):
        raise PermissionMissing(need.told)


def _members(visit: Visit, candidates: Candidates | None = None) -> TeamMembersPage:
    viewer, by, asked = viewer_of(visit), visit.by, read_member_search(visit.query).asked
    with visit.deps.read() as db:
        team = teams.find_team(db, by, team_id_of(visit))
        found = FoundMembers((), 0)
        if not team_rights_of(by, team).see_members:
            found = team_members.list_member_page(db, by, team.id, asked)
    return team_members_page(viewer, by, team, found, candidates=candidates)


def _with_panel(visit: Visit, error: str = "") -> Answered:
    _check_may_read(visit)
    query = visit.query.text("query").strip()[:190]
    with visit.deps.read() as db:
        people = memberships.list_all_members(db, visit.by.org_here, query=query, page=Page(0, MOST))
    page = _members(visit, Candidates(query, tuple(people), error=error))
    fragments = {} if page.panel is None else {"found": page.panel.found}
    return Shown(page, fragments, _UNPROCESSABLE if error else 200)


def _add(visit: Visit, read: MemberAsked) -> Refused | GoTo:
    deps, team_id = visit.deps, team_id_of(visit)
    try:
        with deps.write() as db:
            team_members.add_member(db, visit.by, team_id, read.account, level=read.level, clock=deps.clock)
    except KeysteadError as error:
        told = member_refused_by(error)
        if told is None:
            raise
        return told
    return GoTo(links_of(deps.site).team(team_id), FlashCode.TEAM_MEMBER_ADDED)


def _settings(visit: Visit, typed: Form | None = None, refused: Refused = _NOTHING) -> TeamSettingsPage:
    viewer, by = viewer_of(visit), visit.by
    with visit.deps.read() as db:
        team = teams.find_team(db, by, team_id_of(visit))
        wanted = preferences.find_team_preferences(db, by, team.id)
    return team_settings_page(viewer, by, team, wanted, typed=typed, refused=refused)


def _back(visit: Visit) -> str:
    """Return the list of members, but home for who may have taken away their own right to see it."""
    links = links_of(visit.deps.site)
    is_own = _user_id_of(visit) == visit.by.account_id
    if is_own and not visit.by.grants.allows(Action.TEAMS_READ, "teams:*"):
        return links.home()
    return links.team(team_id_of(visit))
