"""Who has a role. Source: Grafana Enterprise HTTP API."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field

from keystead.api.roles import ONE, by_name
from keystead.core.access.errors import PermissionMissing
from keystead.core.access.named_roles import RoleHolders
from keystead.core.access.permission import Action, AnyOf
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import AssignmentInvalid, RoleNotFound, RoleOfServer
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.teams.model import TeamId
from keystead.http.endpoint import Call, Routes, Told
from keystead.usecases import role_assignments
from keystead.usecases.role_assignments import DELEGATE, WantedHolders

routes = Routes(by_name)

_CHANGES_SOME = AnyOf(
    tuple(
        action.on(DELEGATE)
        for action in (
            Action.USERS_ROLES_ADD,
            Action.USERS_ROLES_REMOVE,
            Action.TEAMS_ROLES_ADD,
            Action.TEAMS_ROLES_REMOVE,
        )
    )
)
Ids: TypeAlias = Annotated[list[int], Meta(max_length=10_000)]


class Assignments(Struct):
    """A service account may also stand among the users."""

    users: Ids = field(default_factory=list)
    teams: Ids = field(default_factory=list)
    service_accounts: Ids = field(default_factory=list)


class RoleAssignments(Struct):
    """Ids, ascending."""

    role_uid: str
    users: list[int]
    teams: list[int]
    service_accounts: list[int]


@routes.route(
    "GET",
    "/api/access-control/roles/{role_uid}/assignments",
    needs=Action.ROLES_READ.on(ONE),
    told=Told(answer=RoleAssignments, errors=(RoleNotFound,)),
)
def list_assignments(call: Call[Principal]) -> RoleAssignments:
    """List who has a role in the organization."""
    uid = call.path["role_uid"]
    with call.deps.read() as db:
        return assignments_shape(uid, role_assignments.list_holders(db, call.by, uid))


@routes.route_with_body(
    "PUT",
    "/api/access-control/roles/{role_uid}/assignments",
    needs=_CHANGES_SOME,
    body=Assignments,
    told=Told(
        answer=RoleAssignments,
        errors=(AssignmentInvalid, PermissionMissing, RoleOfServer, RoleNotFound, OrgNotFound),
    ),
)
def set_assignments(call: Call[Principal], body: Assignments) -> RoleAssignments:
    """Let exactly these have a role in the organization; of the actions, those that the change needs."""
    uid = call.path["role_uid"]
    wanted = WantedHolders(
        accounts=frozenset(map(AccountId, (*body.users, *body.service_accounts))),
        teams=frozenset(map(TeamId, body.teams)),
    )
    with call.deps.write() as db:
        holders = role_assignments.set_holders(db, call.by, uid, wanted, clock=call.deps.clock)
    return assignments_shape(uid, holders)


def assignments_shape(uid: str, holders: RoleHolders) -> RoleAssignments:
    return RoleAssignments(
        uid,
        users=sorted(holders.people),
        teams=sorted(holders.teams),
        service_accounts=sorted(holders.machines),
    )
