"""`/api/teams/{id}/members` and `/groups`: who is in a team. Source: Grafana v9.3.2 HTTP API."""

from typing import Annotated

from msgspec import Meta, Struct, field

from keystead.api.shapes import avatar_url
from keystead.api.teams import ONE, by_uid, team_id_of
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import UserIdInvalid
from keystead.core.accounts.model import AccountId
from keystead.core.teams.errors import (
    TeamGroupExists,
    TeamGroupNotFound,
    TeamIdInvalid,
    TeamLevelInvalid,
    TeamMemberExists,
    TeamMemberForeign,
    TeamMemberNotFound,
    TeamNotFound,
)
from keystead.core.teams.model import TeamId, TeamLevel, TeamMember
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import Message
from keystead.usecases import team_groups, team_members

routes = Routes(by_uid)

_READS = Action.TEAMS_PERMISSIONS_READ.on(ONE)
_WRITES = Action.TEAMS_PERMISSIONS_WRITE.on(ONE)
_NUMBERS = {TeamLevel.MEMBER: 0, TeamLevel.ADMIN: 4}
_LEVELS = {number: level for level, number in _NUMBERS.items()}
_MAX_GROUP_LENGTH = 1024  # the distinguished name of a directory


class NewTeamMember(Struct, rename="camel", kw_only=True):
    user_id: int

    def __post_init__(self) -> None:
        """Raises ValueError: 0 is nobody, as if it was not there."""
        if not self.user_id:
            raise ValueError("userId is 0")


class ChangedTeamMember(Struct, kw_only=True):
    permission: int = 0


class NewTeamGroup(Struct, rename="camel", kw_only=True):
    group_id: Annotated[str, Meta(min_length=1, max_length=_MAX_GROUP_LENGTH)]


class TeamMemberShape(Struct, rename="camel", kw_only=True):
    org_id: int
    team_id: int
    user_id: int
    auth_module: str = field(default="", name="auth_module")
    email: str
    name: str
    login: str
    avatar_url: str
    labels: list[str]
    permission: int  # 0 Member, 4 Admin


class TeamGroupShape(Struct, rename="camel"):
    org_id: int
    team_id: int
    group_id: str


@routes.route(
    "GET",
    "/api/teams/{team_id}/members",
    needs=_READS,
    told=Told(answer=list[TeamMemberShape], errors=(TeamIdInvalid,)),
)
def list_members(call: Call[Principal]) -> list[TeamMemberShape]:
    """List the people in a team whom the caller may read, by login."""
    team = team_id_of(call)
    with call.deps.read() as db:
        found = team_members.list_members(db, call.by, team)
    return [to_shape(call, team, member) for member in found]


@routes.route_with_body(
    "POST",
    "/api/teams/{team_id}/members",
    needs=_WRITES,
    body=NewTeamMember,
    told=Told(answer=Message, errors=(TeamIdInvalid, TeamMemberExists, TeamMemberForeign)),
)
def add_member(call: Call[Principal], body: NewTeamMember) -> Message:
    """Put a person or a service account of the organization into a team, as Member."""
    team = team_id_of(call)
    with call.deps.write() as db:
        team_members.add_member(db, call.by, team, AccountId(body.user_id), clock=call.deps.clock)
    return Message("Member added to Team")


@routes.route_with_body(
    "PUT",
    "/api/teams/{team_id}/members/{user_id}",
    needs=_WRITES,
    body=ChangedTeamMember,
    told=Told(
        answer=Message,
        errors=(TeamIdInvalid, UserIdInvalid, TeamLevelInvalid),
        answers={TeamMemberNotFound: (404, "Team member not found.")},
    ),
)
def change_member(call: Call[Principal], body: ChangedTeamMember) -> Message:
    """Make somebody in a team a Member (0) or an Admin (4) of it."""
    team, account = team_id_of(call), account_of(call)
    with call.deps.write() as db:
        if team_members.get_level_or_none(db, call.by, team, account) is None:
            raise TeamMemberNotFound
        level = level_of(body.permission)
        team_members.set_level(db, call.by, team, account, level=level, clock=call.deps.clock)
    return Message("Team member updated")


@routes.route(
    "DELETE",
    "/api/teams/{team_id}/members/{user_id}",
    needs=_WRITES,
    told=Told(
        answer=Message,
        errors=(TeamIdInvalid, UserIdInvalid, TeamNotFound, TeamMemberNotFound),
        answers={TeamMemberForeign: (404, "Failed to remove Member from Team")},
    ),
)
def remove_member(call: Call[Principal]) -> Message:
    """Take somebody out of a team."""
    team, account = team_id_of(call), account_of(call)
    with call.deps.write() as db:
        team_members.remove_member(db, call.by, team, account, clock=call.deps.clock)
    return Message("Team Member removed")


@routes.route(
    "GET",
    "/api/teams/{team_id}/groups",
    needs=_READS,
    told=Told(answer=list[TeamGroupShape], errors=(TeamIdInvalid, TeamNotFound)),
)
def list_groups(call: Call[Principal]) -> list[TeamGroupShape]:
    """List the groups of an outside directory that a team stands for."""
    team = team_id_of(call)
    with call.deps.read() as db:
        found = team_groups.list_groups(db, call.by, team)
    return [TeamGroupShape(call.by.org_here, team, group) for group in found]


@routes.route_with_body(
    "POST",
    "/api/teams/{team_id}/groups",
    needs=_WRITES,
    body=NewTeamGroup,
    told=Told(answer=Message, errors=(TeamIdInvalid, TeamNotFound, TeamGroupExists)),
)
def add_group(call: Call[Principal], body: NewTeamGroup) -> Message:
    """Let a team stand for one more group of an outside directory."""
    with call.deps.write() as db:
        team_groups.add_group(db, call.by, team_id_of(call), body.group_id, clock=call.deps.clock)
    return Message("Group added to Team")


_REMOVES_GROUP = Told(answer=Message, errors=(TeamIdInvalid, TeamNotFound, TeamGroupNotFound))


@routes.route("DELETE", "/api/teams/{team_id}/groups/{group_id}", needs=_WRITES, told=_REMOVES_GROUP)
def remove_group_in_path(call: Call[Principal]) -> Message:
    """Let a team no longer stand for a group."""
    return remove_group(call, call.path["group_id"])


@routes.route(
    "DELETE",
    "/api/teams/{team_id}/groups",
    needs=_WRITES,
    told=Told(
        answer=Message,
        errors=(TeamIdInvalid, TeamNotFound, TeamGroupNotFound),
        query={"groupId": str},
    ),
)
def remove_group_in_query(call: Call[Principal]) -> Message:
    """The same, with the group in the query: it may hold what no path should."""
    return remove_group(call, call.query.text("groupId"))


def remove_group(call: Call[Principal], group: str) -> Message:
    team = team_id_of(call)
    with call.deps.write() as db:
        team_groups.remove_group(db, call.by, team, group, clock=call.deps.clock)
    return Message("Team Group removed")


def account_of(call: Call[Principal]) -> AccountId:
    """Raises UserIdInvalid."""
    return AccountId(call.id("user_id", UserIdInvalid))


def level_of(number: int) -> TeamLevel:
    """Raises TeamLevelInvalid."""
    if number not in _LEVELS:
        raise TeamLevelInvalid
    return _LEVELS[number]


def to_shape(call: Call[Principal], team: TeamId, member: TeamMember) -> TeamMemberShape:
    return TeamMemberShape(
        org_id=call.by.org_here,
        team_id=team,
        user_id=member.id,
        email=member.email,
        name=member.name,
        login=member.login,
        avatar_url=avatar_url(call.deps.site, member.email),
        labels=[],
        permission=_NUMBERS[member.level],
    )
