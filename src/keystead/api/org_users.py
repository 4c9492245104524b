"""`/api/org/users` and `/api/orgs/{id}/users`: who belongs to an organization, and as what. People only."""

from msgspec import UNSET, Struct
from starlette.responses import Response

from keystead.api.orgs import here, there
from keystead.api.shapes import (
    AccessControl,
    Name,
    RoleText,
    access_control,
    avatar_url,
    limit_of,
    page_of,
    seen,
)
from keystead.core.access.errors import RoleAboveOwn, RoleInvalid
from keystead.core.access.permission import Action, AnyOf
from keystead.core.access.principal import Principal
from keystead.core.access.roles import parse_role
from keystead.core.accounts.errors import UserIdInvalid, UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.errors import LastOrgAdmin, MemberExists, MemberNotFound, OrgNotFound
from keystead.core.orgs.member import Member
from keystead.core.orgs.model import OrgId
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.render import Message, to_response
from keystead.usecases import memberships

routes = Routes()

_ONE = "users:id:{user_id}"
_USER_NOT_FOUND: Retold = {UserNotFound: (404, "User not found")}
_NO_ADMIN_LEFT: Retold = {
    LastOrgAdmin: (400, "Cannot change role so that there is no organization admin left")
}
_NOT_REMOVED: Retold = {MemberNotFound: (404, "Failed to remove user from organization")}


class NewMember(Struct, rename="camel", kw_only=True):
    login_or_email: Name
    role: RoleText


class NewRole(Struct, kw_only=True):
    role: RoleText


class OrgUser(Struct, rename="camel"):
    org_id: int
    user_id: int
    email: str
    name: str
    avatar_url: str
    login: str
    role: str
    last_seen_at: str
    last_seen_at_age: str
    is_disabled: bool
    access_control: AccessControl = UNSET


class FoundOrgUsers(Struct, rename={"total_count": "totalCount", "rows": "OrgUsers", "per_page": "perPage"}):
    total_count: int
    rows: list[OrgUser]
    page: int
    per_page: int


class OrgUserInLookup(Struct, rename="camel"):
    user_id: int
    login: str
    avatar_url: str


class MemberTold(Struct, rename="camel"):
    message: str
    user_id: int


_MEMBER_ALREADY = {409: MemberTold}
_LOOKS_PEOPLE_UP = AnyOf(
    (
        Action.ORG_USERS_READ.anywhere(),
        Action.TEAMS_PERMISSIONS_WRITE.anywhere(),
        Action.FOLDERS_PERMISSIONS_WRITE.anywhere(),
        Action.DASHBOARDS_PERMISSIONS_WRITE.anywhere(),
    )
)
_CHANGES_ROLE = Told(
    answer=Message,
    errors=(UserIdInvalid, RoleInvalid, RoleAboveOwn, MemberNotFound),
    answers=_NO_ADMIN_LEFT,
)
_REMOVES = Told(answer=Message, errors=(UserIdInvalid, LastOrgAdmin), answers=_NOT_REMOVED)


@routes.route(
    "GET",
    "/api/org/users",
    needs=Action.ORG_USERS_READ.anywhere(),
    told=Told(answer=list[OrgUser], query={"query": str, "limit": int, "accesscontrol": bool}),
)
def list_current_users(call: Call[Principal]) -> list[OrgUser]:
    """List the people of the organization that the caller may see."""
    with call.deps.read() as db:
        found = memberships.list_members(
            db, here(call), call.by.grants, query=call.query.text("query"), page=limit_of(call.query)
        )
    return [to_shape(call, member) for member in found.rows]


@routes.route(
    "GET",
    "/api/org/users/lookup",
    needs=_LOOKS_PEOPLE_UP,
    told=Told(answer=list[OrgUserInLookup], query={"query": str, "limit": int}),
)
def look_up_users(call: Call[Principal]) -> list[OrgUserInLookup]:
    """List people of the organization to choose from."""
    with call.deps.read() as db:
        found = memberships.list_all_members(
            db, here(call), query=call.query.text("query"), page=limit_of(call.query)
        )
    site = call.deps.site
    return [OrgUserInLookup(member.id, member.login, avatar_url(site, member.email)) for member in found]


@routes.route(
    "GET",
    "/api/org/users/search",
    needs=Action.ORG_USERS_READ.anywhere(),
    told=Told(answer=FoundOrgUsers, query={"query": str, "perpage": int, "page": int, "accesscontrol": bool}),
)
def search_current_users(call: Call[Principal]) -> FoundOrgUsers:
    """Search the people of the organization that the caller may see, page by page."""
    page = page_of(call.query)
    with call.deps.read() as db:
        found = memberships.list_members(
            db, here(call), call.by.grants, query=call.query.text("query"), page=page
        )
    rows = [to_shape(call, member) for member in found.rows]
    return FoundOrgUsers(found.total, rows, page.index + 1, page.size)


@routes.route_with_body(
    "POST",
    "/api/org/users",
    needs=Action.ORG_USERS_ADD.on("users:*"),
    body=NewMember,
    told=Told(
        answer=MemberTold,
        errors=(RoleInvalid, RoleAboveOwn, MemberExists),
        otherwise=_MEMBER_ALREADY,
        answers=_USER_NOT_FOUND,
    ),
)
def add_current_user(call: Call[Principal], body: NewMember) -> Response:
    """Add a person to the organization."""
    return add_member(call, here(call), body)


@routes.route_with_body(
    "PATCH",
    "/api/org/users/{user_id}",
    needs=Action.ORG_USERS_WRITE.on(_ONE),
    body=NewRole,
    told=_CHANGES_ROLE,
)
def change_current_role(call: Call[Principal], body: NewRole) -> Message:
    """Change what a person is in the organization."""
    return change_role(call, here(call), body)


@routes.route("DELETE", "/api/org/users/{user_id}", needs=Action.ORG_USERS_REMOVE.on(_ONE), told=_REMOVES)
def remove_current_user(call: Call[Principal]) -> Message:
    """Remove a person from the organization; one who is in no other is deleted."""
    account = AccountId(call.id("user_id", UserIdInvalid))
    with call.deps.write() as db:
        is_deleted = memberships.remove_or_delete_member(
            db, call.by, here(call), account, clock=call.deps.clock
        )
    return Message("User deleted" if is_deleted else "User removed from organization")


@routes.route(
    "GET",
    "/api/orgs/{org_id}/users",
    needs=Action.ORG_USERS_READ.anywhere().there("org_id"),
    told=Told(answer=list[OrgUser], query={"accesscontrol": bool}),
)
def list_users(call: Call[Principal]) -> list[OrgUser]:
    """List the people of an organization, as far as the caller may see people where they act."""
    with call.deps.read() as db:
        found = memberships.list_members(db, there(call), call.by.grants)
    return [to_shape(call, member) for member in found.rows]


@routes.route_with_body(
    "POST",
    "/api/orgs/{org_id}/users",
    needs=Action.ORG_USERS_ADD.on("users:*").there("org_id"),
    body=NewMember,
    told=Told(
        answer=MemberTold,
        errors=(RoleInvalid, RoleAboveOwn, MemberExists),
        otherwise=_MEMBER_ALREADY,
        answers={**_USER_NOT_FOUND, OrgNotFound: (404, "Could not add user to organization")},
    ),
)
def add_user(call: Call[Principal], body: NewMember) -> Response:
    """Add a person to an organization."""
    return add_member(call, there(call), body)


@routes.route_with_body(
    "PATCH",
    "/api/orgs/{org_id}/users/{user_id}",
    needs=Action.ORG_USERS_WRITE.on(_ONE).there("org_id"),
    body=NewRole,
    told=_CHANGES_ROLE,
)
def change_user_role(call: Call[Principal], body: NewRole) -> Message:
    """Change what a person is in an organization."""
    return change_role(call, there(call), body)


@routes.route(
    "DELETE",
    "/api/orgs/{org_id}/users/{user_id}",
    needs=Action.ORG_USERS_REMOVE.on(_ONE).there("org_id"),
    told=_REMOVES,
)
def remove_user(call: Call[Principal]) -> Message:
    """Remove a person from an organization; nobody is deleted."""
    account = AccountId(call.id("user_id", UserIdInvalid))
    with call.deps.write() as db:
        memberships.remove_member(db, call.by, there(call), account, clock=call.deps.clock)
    return Message("User removed from organization")


def add_member(call: Call[Principal], org: OrgId, body: NewMember) -> Response:
    role = parse_role(body.role)
    try:
        with call.deps.write() as db:
            account = memberships.add_member(
                db, call.by, org, login_or_email=body.login_or_email, role=role, clock=call.deps.clock
            )
    except MemberExists as error:
        return to_response(MemberTold(error.message, error.account_id), 409)
    return to_response(MemberTold("User added to organization", account))


def change_role(call: Call[Principal], org: OrgId, body: NewRole) -> Message:
    role = parse_role(body.role)
    account = AccountId(call.id("user_id", UserIdInvalid))
    with call.deps.write() as db:
        memberships.set_member_role(db, call.by, org, account, role=role, clock=call.deps.clock)
    return Message("Organization user updated")


def to_shape(call: Call[Principal], member: Member) -> OrgUser:
    last_seen_at, last_seen_at_age = seen(member.last_seen_at, member.created_at, call.deps.clock())
    return OrgUser(
        org_id=member.org,
        user_id=member.id,
        email=member.email,
        name=member.name,
        avatar_url=avatar_url(call.deps.site, member.email),
        login=member.login,
        role=member.role,
        last_seen_at=last_seen_at,
        last_seen_at_age=last_seen_at_age,
        is_disabled=member.is_disabled,
        access_control=access_control(call, f"users:id:{member.id}"),
    )
