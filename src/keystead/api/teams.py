"""`/api/teams`: teams, by id or uid. Source: Grafana v9.3.2 HTTP API; the uid is Keystead's."""

from msgspec import Struct

from keystead.api.shapes import (
    Name,
    NameOrEmpty,
    access_control,
    avatar_url,
    avatar_url_of_name,
    page_of,
)
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import IdInvalid
from keystead.core.accounts.model import AccountId
from keystead.core.path_id import parse_path_id
from keystead.core.teams.errors import TeamIdInvalid, TeamNameTaken, TeamNotFound
from keystead.core.teams.model import Team, TeamId
from keystead.http.deps import Deps
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import SignedIn
from keystead.http.render import Message
from keystead.usecases import teams
from keystead.usecases.paging import ALL

ONE = "teams:id:{team_id}"


class NewTeam(Struct, kw_only=True):
    name: Name
    email: NameOrEmpty = ""


class ChangedTeam(Struct, kw_only=True):
    """An empty name stays; the e-mail address is always written."""

    name: NameOrEmpty = ""
    email: NameOrEmpty = ""


class TeamMade(Struct, rename="camel"):
    message: str
    team_id: int
    uid: str


class TeamShape(Struct, rename="camel", kw_only=True):
    id: int
    uid: str
    org_id: int
    name: str
    email: str
    avatar_url: str
    member_count: int
    permission: int = 0
    access_control: dict[str, bool] | None  # null: not asked for


class FoundTeams(Struct, rename="camel"):
    total_count: int
    teams: list[TeamShape]
    page: int
    per_page: int


def by_uid(deps: Deps, by: Principal, path: dict[str, str]) -> None:
    """Put the id of a team in the place of its uid; what is no uid stays."""
    text = path.get("team_id", "0")
    if parse_path_id(text) is not None:
        return
    with deps.read() as db:
        found = teams.get_team_id_or_none(db, by, text)
    if found is not None:
        path["team_id"] = str(found)


routes = Routes(by_uid)


@routes.route_with_body(
    "POST",
    "/api/teams",
    needs=Action.TEAMS_CREATE.anywhere(),
    body=NewTeam,
    told=Told(answer=TeamMade, errors=(TeamNameTaken,)),
)
def create_team(call: Call[Principal], body: NewTeam) -> TeamMade:
    """Create a team; a person who does so becomes its Admin."""
    deps = call.deps
    with deps.write() as db:
        team = teams.create_team(
            db, call.by, name=body.name, email=body.email, new_uid=deps.new_uid, clock=deps.clock
        )
    return TeamMade("Team created", team.id, team.uid)


@routes.route(
    "GET",
    "/api/teams/search",
    needs=Action.TEAMS_READ.anywhere(),
    told=Told(
        answer=FoundTeams,
        query={"query": str, "name": str, "perpage": int, "page": int, "accesscontrol": bool},
    ),
)
def search_teams(call: Call[Principal]) -> FoundTeams:
    """Search the teams that the caller may read, by name, page by page."""
    page, query = page_of(call.query), call.query
    with call.deps.read() as db:
        found = teams.search_teams(db, call.by, query=query.text("query"), name=query.text("name"), page=page)
    rows = [to_shape(call, team) for team in found.rows]
    return FoundTeams(found.total, rows, page.index + 1, page.size)


@routes.route(
    "GET",
    "/api/teams/{team_id}",
    needs=Action.TEAMS_READ.on(ONE),
    told=Told(answer=TeamShape, errors=(TeamIdInvalid, TeamNotFound), query={"accesscontrol": bool}),
)
def find_team(call: Call[Principal]) -> TeamShape:
    """Tell one team."""
    with call.deps.read() as db:
        return to_shape(call, teams.find_team(db, call.by, team_id_of(call)))


@routes.route_with_body(
    "PUT",
    "/api/teams/{team_id}",
    needs=Action.TEAMS_WRITE.on(ONE),
    body=ChangedTeam,
    told=Told(
        answer=Message,
        errors=(TeamIdInvalid,),
        answers={
            TeamNameTaken: (400, "Team name taken"),
            TeamNotFound: (404, "Failed to update Team"),
        },
    ),
)
def change_team(call: Call[Principal], body: ChangedTeam) -> Message:
    """Change a team's name and e-mail address."""
    deps = call.deps
    with deps.write() as db:
        teams.change_team(db, call.by, team_id_of(call), name=body.name, email=body.email, clock=deps.clock)
    return Message("Team updated")


@routes.route(
    "DELETE",
    "/api/teams/{team_id}",
    needs=Action.TEAMS_DELETE.on(ONE),
    told=Told(
        answer=Message,
        errors=(TeamIdInvalid,),
        answers={TeamNotFound: (404, "Failed to delete Team. ID not found")},
    ),
)
def delete_team(call: Call[Principal]) -> Message:
    """Delete a team; its members lose what it gave them."""
    with call.deps.write() as db:
        teams.delete_team(db, call.by, team_id_of(call), clock=call.deps.clock)
    return Message("Team deleted")


@routes.route(
    "GET",
    "/api/user/teams",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=list[TeamShape], query={"accesscontrol": bool}),
)
def list_own_teams(call: Call[Principal]) -> list[TeamShape]:
    """List one's own teams in the organization, by name; a token's are those of its account."""
    if call.by.org is None:
        return []
    with call.deps.read() as db:
        return [to_shape(call, team) for team in teams.list_own_teams(db, call.by, ALL)]


@routes.route(
    "GET",
    "/api/users/{user_id}/teams",
    needs=Action.USERS_READ.on("global.users:id:{user_id}"),
    told=Told(answer=list[TeamShape], errors=(IdInvalid,), query={"accesscontrol": bool}),
)
def list_teams_of_person(call: Call[Principal]) -> list[TeamShape]:
    """List a person's teams in the organization of the request, by name."""
    account = AccountId(call.id("user_id", IdInvalid))
    if call.by.org is None:
        return []
    with call.deps.read() as db:
        return [to_shape(call, team) for team in teams.list_teams_of_person(db, call.by, account, ALL)]


def team_id_of(call: Call[Principal]) -> TeamId:
    """Raises TeamIdInvalid."""
    return TeamId(call.id("team_id", TeamIdInvalid))


def to_shape(call: Call[Principal], team: Team) -> TeamShape:
    site = call.deps.site
    held = access_control(call, f"teams:id:{team.id}")
    return TeamShape(
        id=team.id,
        uid=team.uid,
        org_id=team.org,
        name=team.name,
        email=team.email,
        avatar_url=avatar_url(site, team.email) if team.email else avatar_url_of_name(site, team.name),
        member_count=team.members,
        access_control=held if isinstance(held, dict) else None,
    )
