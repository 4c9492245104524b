"""The roles of one account, and of one team. Source: Grafana Enterprise HTTP API."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field

from keystead.api import teams
from keystead.api.roles import RoleShape, role_shape
from keystead.core.access.errors import PermissionMissing
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.permission import Action, AllOf
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import AssignmentInvalid, RoleNotFound, RoleOfServer
from keystead.core.accounts.errors import IdInvalid, UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.teams.errors import TeamIdInvalid, TeamNotFound
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import Message
from keystead.usecases import grants, holder_roles
from keystead.usecases.role_assignments import DELEGATE

routes = Routes(teams.by_uid)

_OF_USER = "/api/access-control/users/{user_id}/roles"
_OF_TEAM = "/api/access-control/teams/{team_id}/roles"
_USER, _TEAM = "users:id:{user_id}", teams.ONE
_ADDS_TO_USER, _REMOVES_FROM_USER, _ADDS_TO_TEAM, _REMOVES_FROM_TEAM = (
    action.on(DELEGATE)
    for action in (
        Action.USERS_ROLES_ADD,
        Action.USERS_ROLES_REMOVE,
        Action.TEAMS_ROLES_ADD,
        Action.TEAMS_ROLES_REMOVE,
    )
)
_CHANGING = (RoleNotFound, RoleOfServer, PermissionMissing, AssignmentInvalid, OrgNotFound)
_CHANGING_USER = Told(answer=Message, errors=(IdInvalid, UserNotFound, *_CHANGING))
_CHANGING_TEAM = Told(answer=Message, errors=(TeamIdInvalid, TeamNotFound, *_CHANGING))
Uids: TypeAlias = Annotated[list[str], Meta(max_length=1_000)]


class AddRole(Struct, rename="camel", kw_only=True):
    """Globally it counts in every organization, which is for server admins to say."""

    role_uid: str
    is_global: bool = field(name="global", default=False)


class SetRoles(Struct, rename="camel", kw_only=True):
    """Hidden roles that are not named stay, unless they are included."""

    role_uids: Uids
    is_global: bool = field(name="global", default=False)
    include_hidden: bool = False


class AddTeamRole(Struct, rename="camel", kw_only=True):
    role_uid: str


class SetTeamRoles(Struct, rename="camel", kw_only=True):
    role_uids: Uids
    include_hidden: bool = False


def user_of(call: Call[Principal]) -> AccountHolder:
    """Raises IdInvalid."""
    return AccountHolder(AccountId(call.id("user_id", IdInvalid)))


def team_of(call: Call[Principal]) -> TeamHolder:
    """Raises TeamIdInvalid."""
    return TeamHolder(teams.team_id_of(call))


@routes.route(
    "GET",
    _OF_USER,
    needs=Action.USERS_ROLES_READ.on(_USER),
    told=Told(answer=list[RoleShape], errors=(IdInvalid,), query={"includeHidden": bool}),
)
def list_roles_of_user(call: Call[Principal]) -> list[RoleShape]:
    """List the roles that a person or a service account was given: here, or everywhere."""
    include_hidden = call.query.flag("includeHidden")
    with call.deps.read() as db:
        found = holder_roles.list_roles_of_account(db, call.by, user_of(call), include_hidden=include_hidden)
    return [role_shape(role) for role in found]


@routes.route_with_body("POST", _OF_USER, needs=_ADDS_TO_USER, body=AddRole, told=_CHANGING_USER)
def add_role_to_user(call: Call[Principal], body: AddRole) -> Message:
    """Give a person or a service account a role."""
    with call.deps.write() as db:
        holder_roles.add_role(
            db, call.by, user_of(call), body.role_uid, everywhere=body.is_global, clock=call.deps.clock
        )
    return Message("Role added to the user.")


@routes.route_with_body(
    "PUT",
    _OF_USER,
    needs=AllOf((_ADDS_TO_USER, _REMOVES_FROM_USER)),
    body=SetRoles,
    told=_CHANGING_USER,
)
def set_roles_of_user(call: Call[Principal], body: SetRoles) -> Message:
    """Let a person or a service account have exactly these roles."""
    with call.deps.write() as db:
        holder_roles.set_roles(
            db,
            call.by,
            user_of(call),
            body.role_uids,
            everywhere=body.is_global,
            include_hidden=body.include_hidden,
            clock=call.deps.clock,
        )
    return Message("User roles have been updated.")


@routes.route(
    "DELETE",
    f"{_OF_USER}/{{role_uid}}",
    needs=_REMOVES_FROM_USER,
    told=replace(_CHANGING_USER, query={"global": bool}),
)
def remove_role_from_user(call: Call[Principal]) -> Message:
    """Take a role away from a person or a service account."""
    everywhere, uid = call.query.flag("global"), call.path["role_uid"]
    with call.deps.write() as db:
        holder_roles.remove_role(
            db, call.by, user_of(call), uid, everywhere=everywhere, clock=call.deps.clock
        )
    return Message("Role removed from user.")


@routes.route(
    "GET",
    "/api/access-control/users/{user_id}/permissions",
    needs=Action.USERS_PERMISSIONS_READ.on(_USER),
    told=Told(answer=dict[str, list[str]], errors=(IdInvalid, UserNotFound)),
)
def list_permissions_of_user(call: Call[Principal]) -> dict[str, list[str]]:
    """Tell what a member or a service account may do in the organization: the scopes of each action."""
    with call.deps.read() as db:
        return grants.grants_of_account(db, call.by, user_of(call).id).as_mapping()


@routes.route(
    "GET",
    _OF_TEAM,
    needs=Action.TEAMS_ROLES_READ.on(_TEAM),
    told=Told(answer=list[RoleShape], errors=(TeamIdInvalid, TeamNotFound), query={"includeHidden": bool}),
)
def list_roles_of_team(call: Call[Principal]) -> list[RoleShape]:
    """List the roles that a team was given."""
    include_hidden = call.query.flag("includeHidden")
    with call.deps.read() as db:
        found = holder_roles.list_roles_of_team(db, call.by, team_of(call), include_hidden=include_hidden)
    return [role_shape(role) for role in found]


@routes.route_with_body("POST", _OF_TEAM, needs=_ADDS_TO_TEAM, body=AddTeamRole, told=_CHANGING_TEAM)
def add_role_to_team(call: Call[Principal], body: AddTeamRole) -> Message:
    """Give a team a role, and so everybody in it."""
    with call.deps.write() as db:
        holder_roles.add_role(db, call.by, team_of(call), body.role_uid, clock=call.deps.clock)
    return Message("Role added to the team.")


@routes.route_with_body(
    "PUT",
    _OF_TEAM,
    needs=AllOf((_ADDS_TO_TEAM, _REMOVES_FROM_TEAM)),
    body=SetTeamRoles,
    told=_CHANGING_TEAM,
)
def set_roles_of_team(call: Call[Principal], body: SetTeamRoles) -> Message:
    """Let a team have exactly these roles."""
    with call.deps.write() as db:
        holder_roles.set_roles(
            db,
            call.by,
            team_of(call),
            body.role_uids,
            include_hidden=body.include_hidden,
            clock=call.deps.clock,
        )
    return Message("Team roles have been updated.")


@routes.route("DELETE", f"{_OF_TEAM}/{{role_uid}}", needs=_REMOVES_FROM_TEAM, told=_CHANGING_TEAM)
def remove_role_from_team(call: Call[Principal]) -> Message:
    """Take a role away from a team."""
    uid = call.path["role_uid"]
    with call.deps.write() as db:
        holder_roles.remove_role(db, call.by, team_of(call), uid, clock=call.deps.clock)
    return Message("Role removed from team.")
