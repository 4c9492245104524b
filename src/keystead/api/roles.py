"""`/api/access-control/roles`: sets of permissions that are assigned. Source: Grafana Enterprise HTTP API."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, field

from keystead.api.shapes import Name, NameOrEmpty
from keystead.core.access.errors import ActionInvalid, PermissionMissing, ScopeInvalid
from keystead.core.access.named_roles import NamedRole, WantedRole, uid_of
from keystead.core.access.permission import Action, Permission, parse_permission
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import (
    RoleAssigned,
    RoleNameReserved,
    RoleNotFound,
    RoleOfServer,
    RoleTaken,
    RoleVersionNotGreater,
)
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.errors import OrgNotFound
from keystead.http.deps import Deps
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import Message, rfc3339
from keystead.usecases import roles
from keystead.usecases.role_assignments import DELEGATE

ONE = "roles:uid:{role_uid}"
Description: TypeAlias = Annotated[str, Meta(max_length=1024)]
Uid: TypeAlias = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{0,40}$")]
Version: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_NEVER = "0001-01-01T00:00:00Z"  # when what comes with the server was made, as Grafana tells it


class PermissionShape(Struct):
    action: str
    scope: str = ""  # empty: none


class DatedPermission(Struct):
    action: str
    scope: str
    created: str
    updated: str


class RoleShape(Struct, rename="camel", kw_only=True):
    uid: str
    name: str
    display_name: str
    description: str
    group: str
    version: int
    hidden: bool
    global_: bool = field(name="global")
    permissions: list[DatedPermission] | UnsetType = UNSET  # absent: not told in this list
    created: str
    updated: str


class RoleBody(Struct, rename="camel", kw_only=True):
    name: Name
    uid: Uid = ""  # empty: one is made up
    version: Version | UnsetType = UNSET
    display_name: NameOrEmpty = ""
    description: Description = ""
    group: NameOrEmpty = ""
    hidden: bool = False
    global_: bool | UnsetType = field(name="global", default=UNSET)
    permissions: list[PermissionShape] = field(default_factory=list)


def by_name(_deps: Deps, _by: Principal, path: dict[str, str]) -> None:
    """Put the uid of a role in the place of its name, where it comes with the server."""
    if "role_uid" in path:
        path["role_uid"] = uid_of(path["role_uid"])


routes = Routes(by_name)


@routes.route(
    "GET",
    "/api/access-control/roles",
    needs=Action.ROLES_READ.anywhere(),
    told=Told(answer=list[RoleShape], query={"includeHidden": bool, "delegatable": bool}),
)
def list_roles(call: Call[Principal]) -> list[RoleShape]:
    """List the roles that the caller may read or, if asked so, give: by name, without permissions."""
    include_hidden, delegatable = call.query.flag("includeHidden"), call.query.flag("delegatable")
    with call.deps.read() as db:
        found = roles.list_roles(db, call.by, include_hidden=include_hidden, delegatable=delegatable)
    return [role_shape(role, is_short=True) for role in found]


@routes.route(
    "GET",
    "/api/access-control/roles/{role_uid}",
    needs=Action.ROLES_READ.on(ONE),
    told=Told(answer=RoleShape, errors=(RoleNotFound,)),
)
def find_role(call: Call[Principal]) -> RoleShape:
    """Tell one role, by its uid or, if it is a fixed one, by its name."""
    with call.deps.read() as db:
        return role_shape(roles.find_role(db, call.by, call.path["role_uid"]))


@routes.route_with_body(
    "POST",
    "/api/access-control/roles",
    needs=Action.ROLES_WRITE.on(DELEGATE),
    body=RoleBody,
    told=Told(
        answer=RoleShape,
        status=201,
        errors=(RoleNameReserved, ActionInvalid, ScopeInvalid, PermissionMissing, RoleTaken, OrgNotFound),
    ),
)
def create_role(call: Call[Principal], body: RoleBody) -> RoleShape:
    """Create a role of permissions that the caller holds."""
    deps, wanted = call.deps, wanted_role(body)
    with deps.write() as db:
        return role_shape(roles.create_role(db, call.by, wanted, new_uid=deps.new_uid, clock=deps.clock))


@routes.route_with_body(
    "PUT",
    "/api/access-control/roles/{role_uid}",
    needs=Action.ROLES_WRITE.on(DELEGATE),
    body=RoleBody,
    told=Told(
        answer=RoleShape,
        errors=(
            *(RoleNameReserved, ActionInvalid, ScopeInvalid, RoleNotFound, RoleOfServer),
            *(RoleVersionNotGreater, PermissionMissing, RoleTaken, OrgNotFound),
        ),
    ),
)
def change_role(call: Call[Principal], body: RoleBody) -> RoleShape:
    """Replace all of a role but its uid; the caller holds what it permits, before and after."""
    uid, wanted = call.path["role_uid"], wanted_role(body)
    with call.deps.write() as db:
        return role_shape(roles.change_role(db, call.by, uid, wanted, clock=call.deps.clock))


@routes.route(
    "DELETE",
    "/api/access-control/roles/{role_uid}",
    needs=Action.ROLES_DELETE.on(DELEGATE),
    told=Told(
        answer=Message,
        errors=(RoleNotFound, RoleOfServer, PermissionMissing, RoleAssigned, OrgNotFound),
        query={"force": bool, "global": bool},
    ),
)
def delete_role(call: Call[Principal]) -> Message:
    """Delete a role; one that somebody has, only by force."""
    uid, query = call.path["role_uid"], call.query
    with call.deps.write() as db:
        roles.delete_role(
            db,
            call.by,
            uid,
            force=query.flag("force"),
            is_global=query.flag("global"),
            clock=call.deps.clock,
        )
    return Message("Role deleted")


def permissions_in(shapes: list[PermissionShape]) -> frozenset[Permission]:
    """Raises ActionInvalid, ScopeInvalid."""
    return frozenset(parse_permission(shape.action, shape.scope) for shape in shapes)


def wanted_role(body: RoleBody) -> WantedRole:
    """Raises ActionInvalid, ScopeInvalid."""
    return WantedRole(
        name=body.name,
        uid=body.uid,
        version=None if body.version is UNSET else body.version,
        display_name=body.display_name,
        description=body.description,
        group=body.group,
        is_hidden=body.hidden,
        is_global=None if body.global_ is UNSET else body.global_,
        permissions=permissions_in(body.permissions),
    )


def role_shape(role: NamedRole, *, is_short: bool = False) -> RoleShape:
    permissions = [
        DatedPermission(action, scope, moment(added_at), moment(added_at))
        for (action, scope), added_at in role.permissions
    ]
    return RoleShape(
        uid=role.uid,
        name=role.name,
        display_name=role.display_name,
        description=role.description,
        group=role.group,
        version=role.version,
        hidden=role.is_hidden,
        global_=role.is_global,
        permissions=UNSET if is_short else permissions,
        created=moment(role.created_at),
        updated=moment(role.updated_at),
    )


def moment(at: UnixSeconds | None) -> str:
    return _NEVER if at is None else rfc3339(at)
