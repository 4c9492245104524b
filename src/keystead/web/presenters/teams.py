"""The list of teams and the form that makes one, in words."""

from keystead.core.access.permission import Action as Permitted
from keystead.core.access.principal import Principal
from keystead.core.teams.model import Team
from keystead.usecases.teams import FoundTeams
from keystead.web.forms import Form, Refused
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import needed, pager_of
from keystead.web.searches import TeamSearch
from keystead.web.views.fields import Field
from keystead.web.views.frame import Link
from keystead.web.views.parts import Action, Deletion
from keystead.web.views.teams import NewTeamPage, TeamRow, TeamsBar, TeamsPage, TeamsTable
from keystead.web.wording import counted, initials, thousands

TAB = "Teams"
_EMPTY = Form({})
_FINE = Refused({})


def teams_page(viewer: Viewer, by: Principal, found: FoundTeams, search: TeamSearch) -> TeamsPage:
    links = viewer.links
    may_add = by.grants.holds(Permitted.TEAMS_CREATE)
    url = links.new_team()
    bar = TeamsBar(
        action_url=links.teams(),
        query=search.query,
        add=Link("New Team", url) if may_add else None,
    )
    first = Action("New team", url, "" if may_add else needed(Permitted.TEAMS_CREATE))
    return TeamsPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        bar=bar if found.has_any else None,
        table=teams_table(viewer, by, found, search) if found.has_any else None,
        first=None if found.has_any else first,
    )


def teams_table(viewer: Viewer, by: Principal, found: FoundTeams, search: TeamSearch) -> TeamsTable:
    links = viewer.links
    rows = tuple(_row(viewer, by, team, search) for team in found.teams)
    return TeamsTable(
        csrf=viewer.csrf,
        rows=rows,
        count=counted(found.count, "team"),
        nothing=f'No teams match "{search.query}".',
        clear_url=links.teams() if search.query else "",
        delete_reason=next((row.deletion.reason for row in rows if row.deletion.reason), ""),
        pager=pager_of(
            lambda after, before: links.teams(TeamSearch(search.query, after, before).pairs),
            found.before,
            found.after,
        ),
    )


def new_team_page(viewer: Viewer, typed: Form = _EMPTY, refused: Refused = _FINE) -> NewTeamPage:
    """Return the form; a refused one keeps what was typed, and its first marked field has the focus."""
    messages = refused.messages
    return NewTeamPage(
        document=document_of(viewer, "New team", TAB, Place.CONFIGURATION, has_errors=bool(messages)),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        csrf=viewer.csrf,
        back=Link(TAB, viewer.links.teams()),
        action_url=viewer.links.new_team(),
        summary="The team was not created. Check the marked fields." if messages else "",
        fields=team_fields(typed.typed("name"), typed.typed("email"), refused, focused="name"),
    )


def team_fields(name: str, email: str, refused: Refused, *, focused: str = "") -> tuple[Field, ...]:
    messages = refused.messages
    at = next((field for field in ("name", "email") if field in messages), focused)
    return (
        Field(
            id="name",
            name="name",
            label="Name",
            value=name,
            error=messages.get("name", ""),
            help="Unique in this organization.",
            is_focused=at == "name",
        ),
        Field(
            id="email",
            name="email",
            label="Email",
            value=email,
            error=messages.get("email", ""),
            help="Only for the team's picture.",
            is_required=False,
            is_focused=at == "email",
        ),
    )


def deletion_of(viewer: Viewer, by: Principal, team: Team, search: TeamSearch) -> Deletion:
    may = by.grants.allows(Permitted.TEAMS_DELETE, f"teams:id:{team.id}")
    return Deletion(
        label=f"Delete team {team.name}",
        url=viewer.links.team(team.id, "delete", search.pairs),
        reason="" if may else needed(Permitted.TEAMS_DELETE),
    )


def _row(viewer: Viewer, by: Principal, team: Team, search: TeamSearch) -> TeamRow:
    return TeamRow(
        initials=initials(team.name, team.name),
        name=team.name,
        url=viewer.links.team(team.id),
        email=team.email,
        members=thousands(team.members),
        deletion=deletion_of(viewer, by, team, TeamSearch(search.query)),
    )
