"""`/api/user`: the person who calls."""

from functools import partial

from msgspec import Struct, field
from starlette.responses import Response

from keystead.api.sessions import RevokeSession, SessionShape, revoke, sessions_of
from keystead.api.shapes import access_control
from keystead.api.users import ChangedUser, OrgOfUserShape, UserShape, orgs_of, to_shape, update
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import (
    HashQueueFull,
    IdInvalid,
    LoginMissing,
    LoginTaken,
    OldPasswordWrong,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    UserNotFound,
)
from keystead.core.errors import Unauthenticated
from keystead.core.orgs.errors import OrgNotOwn
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import OwnSessionKept, SessionNotFound
from keystead.http.cookies import set_cookie
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.needs import Open, SignedIn
from keystead.http.render import Message, to_response
from keystead.usecases import accounts
from keystead.usecases.accounts import own_id

routes = Routes()

_nothing = partial(Secret, "")
_USER_NOT_FOUND: Retold = {UserNotFound: (404, "User not found")}


class ChangedPassword(Struct, rename="camel", kw_only=True):
    old_password: Secret = field(default_factory=_nothing)
    new_password: Secret = field(default_factory=_nothing)


class SignUpOptions(Struct, rename="camel"):
    verify_email_enabled: bool
    auto_assign_org: bool


class SignUpDisabled(Unauthenticated):
    message = "User signup is disabled"
    message_id = "users.sign-up-disabled"


@routes.route(
    "GET",
    "/api/user",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=UserShape, errors=(UserNotFound,), query={"accesscontrol": bool}),
)
def find_oneself(call: Call[Principal]) -> UserShape:
    """Show the person who calls."""
    with call.deps.read() as db:
        user = accounts.find_user(db, own_id(call.by))
    return to_shape(call, user, access_control(call, f"global.users:id:{user.id}"))


@routes.route_with_body(
    "PUT",
    "/api/user",
    needs=SignedIn.ABOUT_ONESELF,
    body=ChangedUser,
    told=Told(answer=Message, errors=(UserNotFound, LoginMissing, LoginTaken)),
)
def update_oneself(call: Call[Principal], body: ChangedUser) -> Message:
    """Change one's own names and theme."""
    return update(call, own_id(call.by), body)


@routes.route("GET", "/api/user/orgs", needs=SignedIn.ABOUT_ONESELF, told=Told(answer=list[OrgOfUserShape]))
def list_own_orgs(call: Call[Principal]) -> list[OrgOfUserShape]:
    """List one's own organizations, by name; keys and tokens have none."""
    return orgs_of(call, call.by.account_id)


@routes.route(
    "POST",
    "/api/user/using/{org_id}",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=Message, errors=(IdInvalid, OrgNotOwn)),
)
def change_active_org(call: Call[Principal]) -> Message:
    """Act in another one of one's own organizations."""
    org = OrgId(call.id("org_id", IdInvalid))
    with call.deps.write() as db:
        accounts.set_active_org(db, call.by, call.by.account_id, org, clock=call.deps.clock)
    return Message("Active organization changed")


@routes.open("GET", "/api/user/signup/options", needs=Open.SIGN_IN, told=Told(answer=SignUpOptions))
def sign_up_options(call: Call[None]) -> SignUpOptions:
    """Tell how people would sign up."""
    return SignUpOptions(verify_email_enabled=False, auto_assign_org=call.deps.join.auto_assign_org)


_CLOSED = Told(errors=(SignUpDisabled,), status=401)


@routes.open("POST", "/api/user/signup", needs=Open.SIGN_IN, told=_CLOSED)
def sign_up(_call: Call[None]) -> Message:
    """Refuse: people are added by those who administer the server."""
    raise SignUpDisabled


@routes.route_with_body(
    "PUT",
    "/api/user/password",
    needs=SignedIn.PASSWORD_CHANGE,
    body=ChangedPassword,
    told=Told(
        answer=Message,
        errors=(OldPasswordWrong, PasswordTooShort, PasswordTooCommon, PasswordTooLong, HashQueueFull),
        answers={UserNotFound: (404, "Could not read user from database")},
    ),
)
def change_password(call: Call[Principal], body: ChangedPassword) -> Response:
    """Change one's own password; one's other sessions end, and this one gets a new value."""
    value = call.deps.passwords.change_own(call.by, body.old_password, body.new_password)
    response = to_response(Message("User password changed"))
    if value is not None:
        set_cookie(response, call.deps.site, value)
    return response


@routes.route(
    "GET",
    "/api/user/auth-tokens",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=list[SessionShape], answers=_USER_NOT_FOUND),
)
def list_own_sessions(call: Call[Principal]) -> list[SessionShape]:
    """List one's own sessions, oldest first."""
    return sessions_of(call, own_id(call.by))


@routes.route_with_body(
    "POST",
    "/api/user/revoke-auth-token",
    needs=SignedIn.ABOUT_ONESELF,
    body=RevokeSession,
    told=Told(answer=Message, errors=(OwnSessionKept, SessionNotFound), answers=_USER_NOT_FOUND),
)
def revoke_own_session(call: Call[Principal], body: RevokeSession) -> Message:
    """End one of one's own sessions, but for the one of this request."""
    return revoke(call, own_id(call.by), body)
