"""`/api/admin/users`: what only those do who administer the server's people."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from keystead.api.sessions import RevokeSession, SessionShape, revoke, sessions_of
from keystead.api.shapes import NameOrEmpty, check_filled
from keystead.api.users import ONE, account_of
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import (
    HashQueueFull,
    IdInvalid,
    LastServerAdmin,
    LoginMissing,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    UserExists,
    UserNotFound,
)
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import MAX_INT64
from keystead.core.secret import Secret
from keystead.core.sessions.errors import OwnSessionKept, OwnSignOutRefused, SessionNotFound
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.render import Message, to_response
from keystead.usecases import accounts, sessions
from keystead.usecases.accounts import NewUser

routes = Routes()

_USER_NOT_FOUND: Retold = {UserNotFound: (404, "User not found")}

_TOO_SHORT = (400, "Password is missing or too short")


class NewUserBody(Struct, rename="camel", kw_only=True):
    """Login and e-mail stand in for each other."""

    password: Secret
    login: NameOrEmpty = ""
    email: NameOrEmpty = ""
    name: NameOrEmpty = ""
    org_id: Annotated[int, Meta(ge=-MAX_INT64 - 1, le=MAX_INT64)] = 0  # 0: where new people belong

    def __post_init__(self) -> None:
        check_filled(self.password)


class UserCreated(Struct):
    id: int
    message: str


class NewPassword(Struct, kw_only=True):
    password: Secret

    def __post_init__(self) -> None:
        check_filled(self.password)


class ServerRights(Struct, rename="camel", kw_only=True):
    is_grafana_admin: bool = False


@routes.route_with_body(
    "POST",
    "/api/admin/users",
    needs=Action.USERS_CREATE.anywhere(),
    body=NewUserBody,
    told=Told(
        answer=UserCreated,
        errors=(PasswordTooLong, HashQueueFull),
        answers={
            LoginMissing: (400, "Validation error, need specify either username or email"),
            PasswordTooShort: _TOO_SHORT,
            PasswordTooCommon: _TOO_SHORT,
            OrgNotFound: (400, "organization not found"),
            UserExists: (412, "User with email '<email>' or username '<login>' already exists"),
        },
    ),
)
def create_user(call: Call[Principal], body: NewUserBody) -> Response:
    """Create a person, who can sign in with the password."""
    deps = call.deps
    password = deps.passwords.hash_for_new_user(body.login, body.email, body.password)
    new = NewUser(body.login, body.email, body.name, password)
    org = OrgId(body.org_id) if body.org_id else None
    try:
        with deps.write() as db:
            account = accounts.create_user(db, call.by, new, org=org, rules=deps.join, clock=deps.clock)
    except UserExists:
        login, email = body.login.strip(), body.email.strip()
        return to_response(Message(f"User with email '{email}' or username '{login}' already exists"), 412)
    return to_response(UserCreated(account, "User created"))


@routes.route_with_body(
    "PUT",
    "/api/admin/users/{user_id}/password",
    needs=Action.USERS_PASSWORD_WRITE.on(ONE),
    body=NewPassword,
    told=Told(
        answer=Message,
        errors=(IdInvalid, PasswordTooLong, HashQueueFull),
        answers={
            PasswordTooShort: (400, "New password too short"),
            PasswordTooCommon: (400, "New password too short"),
            UserNotFound: (404, "Could not read user from database"),
        },
    ),
)
def set_password(call: Call[Principal], body: NewPassword) -> Message:
    """Set a person's password; their sessions end."""
    call.deps.passwords.set_for(call.by, account_of(call), body.password)
    return Message("User password updated")


@routes.route_with_body(
    "PUT",
    "/api/admin/users/{user_id}/permissions",
    needs=Action.USERS_PERMISSIONS_WRITE.on(ONE),
    body=ServerRights,
    told=Told(
        answer=Message,
        errors=(IdInvalid, LastServerAdmin),
        answers={UserNotFound: (404, "Failed to update user permissions")},
    ),
)
def set_server_admin(call: Call[Principal], body: ServerRights) -> Message:
    """Make a person a server admin, or no longer one."""
    account = account_of(call)
    with call.deps.write() as db:
        accounts.set_server_admin(
            db, call.by, account, is_server_admin=body.is_grafana_admin, clock=call.deps.clock
        )
    return Message("User permissions updated")


@routes.route(
    "DELETE",
    "/api/admin/users/{user_id}",
    needs=Action.USERS_DELETE.on(ONE),
    told=Told(answer=Message, errors=(IdInvalid, UserNotFound, LastServerAdmin)),
)
def delete_user(call: Call[Principal]) -> Message:
    """Delete a person; what they made stays."""
    account = account_of(call)
    with call.deps.write() as db:
        accounts.delete_user(db, call.by, account, clock=call.deps.clock)
    return Message("User deleted")


@routes.route(
    "POST",
    "/api/admin/users/{user_id}/disable",
    needs=Action.USERS_DISABLE.on(ONE),
    told=Told(answer=Message, errors=(IdInvalid, UserNotFound, LastServerAdmin)),
)
def disable_user(call: Call[Principal]) -> Message:
    """Let a person in no more, and end their sessions."""
    account = account_of(call)
    with call.deps.write() as db:
        accounts.disable_user(db, call.by, account, clock=call.deps.clock)
    return Message("User disabled")


@routes.route(
    "POST",
    "/api/admin/users/{user_id}/enable",
    needs=Action.USERS_ENABLE.on(ONE),
    told=Told(answer=Message, errors=(IdInvalid, UserNotFound)),
)
def enable_user(call: Call[Principal]) -> Message:
    """Let a person in again."""
    account = account_of(call)
    with call.deps.write() as db:
        accounts.enable_user(db, call.by, account, clock=call.deps.clock)
    return Message("User enabled")


@routes.route(
    "POST",
    "/api/admin/users/{user_id}/logout",
    needs=Action.USERS_LOGOUT.on(ONE),
    told=Told(answer=Message, errors=(IdInvalid, OwnSignOutRefused), answers=_USER_NOT_FOUND),
)
def sign_user_out(call: Call[Principal]) -> Message:
    """End all sessions of somebody else."""
    account = account_of(call)
    with call.deps.write() as db:
        sessions.sign_out_user(db, call.by, account, clock=call.deps.clock)
    return Message("User logged out")


@routes.route(
    "GET",
    "/api/admin/users/{user_id}/auth-tokens",
    needs=Action.USERS_AUTH_TOKEN_READ.on(ONE),
    told=Told(answer=list[SessionShape], errors=(IdInvalid,), answers=_USER_NOT_FOUND),
)
def list_sessions(call: Call[Principal]) -> list[SessionShape]:
    """List a person's sessions, oldest first."""
    return sessions_of(call, account_of(call))


@routes.route_with_body(
    "POST",
    "/api/admin/users/{user_id}/revoke-auth-token",
    needs=Action.USERS_AUTH_TOKEN_WRITE.on(ONE),
    body=RevokeSession,
    told=Told(answer=Message, errors=(IdInvalid, SessionNotFound, OwnSessionKept), answers=_USER_NOT_FOUND),
)
def revoke_session(call: Call[Principal], body: RevokeSession) -> Message:
    """End one session of a person."""
    return revoke(call, account_of(call), body)
