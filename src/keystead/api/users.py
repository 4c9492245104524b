"""`/api/users`: all people of the server, for those who administer it."""

from msgspec import UNSET, Struct, UnsetType, structs

from keystead.api.shapes import (
    AccessControl,
    NameOrEmpty,
    access_control,
    avatar_url,
    page_of,
    seen,
)
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import IdInvalid, LoginMissing, LoginTaken, UserNotFound
from keystead.core.accounts.model import AccountId, User
from keystead.core.orgs.errors import OrgIdInvalid, OrgNotOwn
from keystead.core.orgs.model import OrgId
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import Message, rfc3339
from keystead.usecases import accounts, memberships
from keystead.usecases.accounts import Profile

routes = Routes()

ONE = "global.users:id:{user_id}"


class UserShape(Struct, rename="camel", kw_only=True):
    id: int
    email: str
    name: str
    login: str
    theme: str
    org_id: int | UnsetType = UNSET
    is_grafana_admin: bool
    is_disabled: bool
    is_external: bool = False
    auth_labels: list[str] | None
    updated_at: str
    created_at: str
    avatar_url: str
    access_control: AccessControl = UNSET


class UserInList(Struct, rename="camel"):
    id: int
    name: str
    login: str
    email: str
    avatar_url: str
    is_admin: bool
    is_disabled: bool
    last_seen_at: str
    last_seen_at_age: str
    auth_labels: list[str]


class FoundUsers(Struct, rename="camel"):
    total_count: int
    users: list[UserInList]
    page: int
    per_page: int


class OrgOfUserShape(Struct, rename="camel"):
    org_id: int
    name: str
    role: str


class ChangedUser(Struct, kw_only=True):
    """What is empty stays; an empty login becomes the e-mail address."""

    name: NameOrEmpty = ""
    email: NameOrEmpty = ""
    login: NameOrEmpty = ""
    theme: NameOrEmpty = ""


_USERS_QUERY = {"query": str, "perpage": int, "page": int, "activeLast30Days": bool}


@routes.route(
    "GET",
    "/api/users",
    needs=Action.USERS_READ.anywhere(),
    told=Told(answer=list[UserInList], query=_USERS_QUERY),
)
def list_users(call: Call[Principal]) -> list[UserInList]:
    """List people by login, page by page."""
    return found(call).users


@routes.route(
    "GET",
    "/api/users/search",
    needs=Action.USERS_READ.anywhere(),
    told=Told(answer=FoundUsers, query=_USERS_QUERY),
)
def search_users(call: Call[Principal]) -> FoundUsers:
    """Search people by login, e-mail address or name, page by page."""
    return found(call)


@routes.route(
    "GET",
    "/api/users/lookup",
    needs=Action.USERS_READ.on("global.users:*"),
    told=Told(answer=UserShape, errors=(UserNotFound,), query={"loginOrEmail": str}),
)
def look_up_user(call: Call[Principal]) -> UserShape:
    """Show the person of exactly this login or e-mail address."""
    with call.deps.read() as db:
        user = accounts.find_user_by_login_or_email(db, call.query.text("loginOrEmail"))
    return structs.replace(to_shape(call, user), is_disabled=False, auth_labels=None, avatar_url="")


@routes.route(
    "GET",
    "/api/users/{user_id}",
    needs=Action.USERS_READ.on(ONE),
    told=Told(answer=UserShape, errors=(IdInvalid, UserNotFound), query={"accesscontrol": bool}),
)
def find_user(call: Call[Principal]) -> UserShape:
    """Show a person."""
    account = account_of(call)
    with call.deps.read() as db:
        user = accounts.find_user(db, account)
    return to_shape(call, user, access_control(call, f"global.users:id:{user.id}"))


@routes.route_with_body(
    "PUT",
    "/api/users/{user_id}",
    needs=Action.USERS_WRITE.on(ONE),
    body=ChangedUser,
    told=Told(answer=Message, errors=(IdInvalid, UserNotFound, LoginMissing, LoginTaken)),
)
def update_user(call: Call[Principal], body: ChangedUser) -> Message:
    """Change a person's names and theme."""
    return update(call, account_of(call), body)


@routes.route(
    "GET",
    "/api/users/{user_id}/orgs",
    needs=Action.USERS_READ.on(ONE),
    told=Told(answer=list[OrgOfUserShape], errors=(IdInvalid,)),
)
def list_orgs_of_user(call: Call[Principal]) -> list[OrgOfUserShape]:
    """List the organizations of a person, by name."""
    return orgs_of(call, account_of(call))


@routes.route(
    "POST",
    "/api/users/{user_id}/using/{org_id}",
    needs=Action.USERS_WRITE.on(ONE),
    told=Told(answer=Message, errors=(IdInvalid, OrgIdInvalid, OrgNotOwn)),
)
def change_active_org(call: Call[Principal]) -> Message:
    """Change the organization in which a person acts."""
    account = account_of(call)
    org = OrgId(call.id("org_id", OrgIdInvalid))
    with call.deps.write() as db:
        accounts.set_active_org(db, call.by, account, org, clock=call.deps.clock)
    return Message("Active organization changed")


def account_of(call: Call[Principal]) -> AccountId:
    """Return whom the path names."""
    return AccountId(call.id("user_id", IdInvalid))


def found(call: Call[Principal]) -> FoundUsers:
    page = page_of(call.query)
    active_at = call.deps.clock() if call.query.flag("activeLast30Days") else None
    with call.deps.read() as db:
        listed = accounts.list_users(
            db, call.by.grants, page, query=call.query.text("query"), active_at=active_at
        )
    rows = [to_row(call, user) for user in listed.rows]
    return FoundUsers(listed.total, rows, page.index + 1, page.size)


def update(call: Call[Principal], account: AccountId, body: ChangedUser) -> Message:
    profile = Profile(body.login, body.email, body.name, body.theme)
    with call.deps.write() as db:
        accounts.update_user(db, call.by, account, profile, clock=call.deps.clock)
    return Message("User updated")


def orgs_of(call: Call[Principal], account: AccountId) -> list[OrgOfUserShape]:
    with call.deps.read() as db:
        orgs = memberships.list_orgs_of(db, account)
    return [OrgOfUserShape(org.id, org.name, org.role) for org in orgs]


def to_shape(call: Call[Principal], user: User, held: AccessControl = UNSET) -> UserShape:
    return UserShape(
        id=user.id,
        email=user.email,
        name=user.name,
        login=user.login,
        theme=user.preferences.theme,
        org_id=UNSET if user.active_org is None else user.active_org,
        is_grafana_admin=user.is_server_admin,
        is_disabled=user.is_disabled,
        auth_labels=[],
        updated_at=rfc3339(user.updated_at),
        created_at=rfc3339(user.created_at),
        avatar_url=avatar_url(call.deps.site, user.email),
        access_control=held,
    )


def to_row(call: Call[Principal], user: User) -> UserInList:
    last_seen_at, last_seen_at_age = seen(user.last_seen_at, user.created_at, call.deps.clock())
    return UserInList(
        id=user.id,
        name=user.name,
        login=user.login,
        email=user.email,
        avatar_url=avatar_url(call.deps.site, user.email),
        is_admin=user.is_server_admin,
        is_disabled=user.is_disabled,
        last_seen_at=last_seen_at,
        last_seen_at_age=last_seen_at_age,
        auth_labels=[],
    )
