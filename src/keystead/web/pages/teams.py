"""`/org/teams`: the list of teams, and the page that makes one."""

from keystead.core.access.permission import Action, AnyOf
from keystead.core.errors import KeysteadError
from keystead.usecases import teams
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.presenters.teams import new_team_page, teams_page
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_team_search
from keystead.web.team_forms import read_team, team_refused_by
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_PATH = "/org/teams"
_CREATE = Action.TEAMS_CREATE.anywhere()
_UNPROCESSABLE = 422


@pages.page(_PATH, needs=AnyOf((Action.TEAMS_READ.anywhere(), _CREATE)))
def list_teams(visit: Visit) -> Answered:
    """Show the teams that one may read."""
    search = read_team_search(visit.query)
    with visit.deps.read() as db:
        found = teams.list_team_page(db, visit.by, search.asked)
    page = teams_page(viewer_of(visit), visit.by, found, search)
    return Shown(page, {} if page.table is None else {"teams": page.table})


@pages.page(_PATH + "/new", needs=_CREATE)
def show_form(visit: Visit) -> Answered:
    """Show the form that makes a team."""
    return Shown(new_team_page(viewer_of(visit)))


@pages.form(_PATH + "/new", needs=_CREATE)
def create_team(visit: Visit, form: Form) -> Answered:
    """Make a team, and go to its members, of whom oneself is the first."""
    deps = visit.deps
    read = read_team(form)
    if isinstance(read, Refused):
        return Shown(new_team_page(viewer_of(visit), form, read), status=_UNPROCESSABLE)
    try:
        with deps.write() as db:
            team = teams.create_team(
                db, visit.by, name=read.name, email=read.email, new_uid=deps.new_uid, clock=deps.clock
            )
    except KeysteadError as error:
        told = team_refused_by(error)
        if told is None:
            raise
        return Shown(new_team_page(viewer_of(visit), form, told), status=_UNPROCESSABLE)
    return GoTo(links_of(deps.site).team(team.id), FlashCode.TEAM_CREATED)
