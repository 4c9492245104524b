"""Signing in with JSON, signing out, and what clients ask for right after either."""

from collections.abc import Mapping
from urllib.parse import unquote

from anyio import to_thread
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from keystead.api.shapes import Name, check_filled
from keystead.core.accounts.errors import HashQueueFull
from keystead.core.secret import Secret
from keystead.core.sessions.errors import SignInRefused
from keystead.http.authenticate import SIGN_INS
from keystead.http.body import BodyUnreadable, decode
from keystead.http.cookies import delete_cookie, delete_named, set_cookie
from keystead.http.deps import Deps
from keystead.http.endpoint import Call, Endpoint, Routes, Told, guarded, read_body
from keystead.http.gate import ENTERED, origin_of
from keystead.http.needs import Open, SignedIn
from keystead.http.origin import OriginNotAllowed, check_link, check_no_proxy
from keystead.http.render import JSON, found_at, to_response
from keystead.http.site import Site
from keystead.usecases import sessions

routes = Routes()

_REDIRECT = "redirect_to"


class Credentials(Struct, kw_only=True):
    user: Name
    password: Secret
    remember: bool = False  # read, and without effect: how long a session lasts is a setting

    def __post_init__(self) -> None:
        check_filled(self.password)


class LoggedIn(Struct, rename="camel"):
    message: str
    redirect_url: str | UnsetType = UNSET


async def sign_in(deps: Deps, request: Request, _variables: Mapping[str, str]) -> Response:
    """Start a session, and tell where the caller wanted to go."""
    request.scope[ENTERED] = True
    check_no_proxy(request, deps.site)
    body = decode(request, await read_body(request), Credentials)
    origin = origin_of(request, deps.site)
    signed_in = await to_thread.run_sync(
        deps.people.by_form, body.user, body.password, origin, limiter=SIGN_INS
    )
    response = to_response(LoggedIn("Logged in", wanted_by(request, deps.site)))
    set_cookie(response, deps.site, signed_in.cookie)
    if _REDIRECT in request.cookies:
        delete_named(response, deps.site, _REDIRECT)
    return response


SIGN_IN = Endpoint(  # with JSON; what a form sends belongs to the page
    "POST",
    "/login",
    Open.SIGN_IN,
    sign_in,
    Told(
        answer=LoggedIn,
        errors=(SignInRefused, HashQueueFull),
        answers={BodyUnreadable: (400, "bad login data")},
    ),
    Credentials,
    "Start a session",
)


@routes.open("GET", "/logout", needs=Open.SIGN_OUT, told=Told(errors=(OriginNotAllowed,), status=302))
def sign_out(call: Call[None]) -> Response:
    """End the session of the cookie, and lead to the sign-in page."""
    check_link(call.request)
    site = call.deps.site
    value = call.request.cookies.get(site.cookie_name, "")
    if value:
        with call.deps.write() as db:
            sessions.sign_out(db, Secret(value), call.deps.sessions)
    response = found_at(f"{site.sub_path}/login")
    delete_cookie(response, site)
    return response


@routes.open("GET", "/.well-known/change-password", needs=Open.DESCRIPTION, told=Told(status=302))
def change_password(call: Call[None]) -> Response:
    """Lead password managers to the page where a password is changed."""
    return found_at(f"{call.deps.site.sub_path}/profile/password")


_answer_ping = guarded(
    SignedIn.ABOUT_ONESELF, Told(), None, lambda _call, _body: Response(b"Logged in", media_type=JSON)
)


async def ping(deps: Deps, request: Request, variables: Mapping[str, str]) -> Response:
    """Say that the credential is good; what it is refused with has the media type of a handler's answer."""
    request.scope[ENTERED] = True
    return await _answer_ping(deps, request, variables)


routes.append(
    Endpoint("GET", "/api/login/ping", Open.OWN_401, ping, summary="Say that the credential is good")
)


def wanted_by(request: Request, site: Site) -> str | UnsetType:
    """Return where a page sent the caller away from, if that is a path of this server."""
    wanted = unquote(request.cookies.get(_REDIRECT, ""))
    is_printable = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    is_ours = wanted.startswith(f"{site.sub_path}/") and not wanted.startswith("//")
    return wanted if is_printable and is_ours else UNSET
