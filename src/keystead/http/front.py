"""The front door: every request passes here, gets an id and limits, and leaves with its headers."""

import re
import secrets
import time
from dataclasses import dataclass

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.principal import Principal
from keystead.core.errors import Invalid, KeysteadError, Unauthenticated
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.core.sessions.errors import SessionUnknown
from keystead.core.usage.model import Outcome
from keystead.http.authenticate import Password, presented_by
from keystead.http.cookies import delete_cookie, has_cookie, set_cookie
from keystead.http.deps import Deps
from keystead.http.endpoint import ON_ERROR, Endpoint, OnError
from keystead.http.errors import NotNow, new_access_id, render_error
from keystead.http.gate import ENTERED, NEW_COOKIE, PRINCIPAL
from keystead.http.log import log_denial, log_failure, log_request
from keystead.http.path import RouteUnknown, members_of
from keystead.http.render import JSON, JSON_UTF8, to_response
from keystead.http.router import Router
from keystead.http.site import Site

MAX_AT_WORK = 512
FORBIDDEN = 403
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache", "Expires": "-1"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "Referrer-Policy": "no-referrer",
}


class HostMissing(Invalid):
    message = "Exactly one Host header is needed"
    message_id = "http.host-missing"


@dataclass(slots=True)
class Front:
    """The ASGI app for all but forward-auth."""

    deps: Deps
    router: Router
    unknown_route: Endpoint  # below /api
    unknown_page: Endpoint
    at_work: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        scope["keystead.request_id"] = request_id_of(request)
        scope["keystead.route"] = ""
        self.at_work += 1
        try:
            response = await self.answer(request)
        finally:
            self.at_work -= 1
        finish(request, response, self.deps.site)
        count_use(request, response.status_code, self.deps)
        if request.method == "HEAD":
            take_body(response)
        took_s = time.perf_counter() - started
        log_request(request, response.status_code, took_s)
        self.deps.metrics.count_request(
            request.scope["keystead.route"], request.method, response.status_code, took_s
        )
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        endpoint: Endpoint | None = None
        try:
            self.check_room()
            check_host_header(request)
            endpoint, variables = self.endpoint_of(request)
            request.scope["keystead.route"] = endpoint.path
            return await endpoint.serve(self.deps, request, variables)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a plain 500 and the log the rest
            if isinstance(error, DatabaseUnavailable) or not isinstance(error, KeysteadError):
                log_failure(request, error)
            response = await refused_as_page(self.deps, request, endpoint, error)
            if response is None:
                response = refused_as_json(self.deps, request, endpoint, error)
            if isinstance(error, SessionUnknown):
                delete_cookie(response, self.deps.site)
            return response

    def check_room(self) -> None:
        """Raises NotNow."""
        if self.at_work > MAX_AT_WORK:
            raise NotNow

    def endpoint_of(self, request: Request) -> tuple[Endpoint, dict[str, str]]:
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        sub_path = self.deps.site.served_sub_path.encode()
        if sub_path and (raw == sub_path or raw.startswith(sub_path + b"/")):
            raw = raw[len(sub_path) :]
        members = members_of(raw)
        found = None if members is None else self.router.find(request.method, members)
        if found is not None and not (found[0].path == "/api/health" and raw != b"/api/health"):
            return found
        is_no_page = members is None or raw.startswith(b"/api")  # no page's path is odd, as `//api/org` is
        return (self.unknown_route if is_no_page else self.unknown_page), {}


async def refused_as_page(
    deps: Deps, request: Request, endpoint: Endpoint | None, error: Exception
) -> Response | None:
    """Return None where JSON is wanted, and where the page for failures fails too."""
    on_error: OnError | None = request.scope.get(ON_ERROR, endpoint.on_error if endpoint else None)
    try:
        return None if on_error is None else await on_error(deps, request, error)
    except Exception as failure:  # noqa: BLE001 - as in `answer`
        log_failure(request, failure)
        return None


def refused_as_json(deps: Deps, request: Request, endpoint: Endpoint | None, error: Exception) -> Response:
    if not isinstance(error, KeysteadError):
        return to_response({"message": "Internal server error"}, 500)
    access_id = new_access_id()
    if isinstance(error, PermissionMissing):
        log_denial(request, error, access_id)
    response = render_error(
        error,
        request_id=request.scope["keystead.request_id"],
        retold=endpoint.told.answers if endpoint else None,
        media_type=media_type_of(request, error),
        access_id=access_id,
    )
    if isinstance(error, Unauthenticated) and request.scope["keystead.route"] != "/login":
        response.headers["WWW-Authenticate"] = challenge(request, deps)
    return response


def count_use(request: Request, status: int, deps: Deps) -> None:
    """Note what a credential was used for; it is written later, never while a request waits."""
    by: Principal | None = request.scope.get(PRINCIPAL)
    if by is not None:
        deps.old_api.count(by, request.method, request.scope["keystead.route"])
    if by is not None and by.credential_id is not None:
        outcome = Outcome.DENIED if status == FORBIDDEN else Outcome.ALLOWED
        deps.uses.count(by.credential_id, outcome, by.origin)


def media_type_of(request: Request, error: KeysteadError) -> str:
    """What answers before a handler is reached tells its charset, as Grafana 9.3 does."""
    is_from_handler = ENTERED in request.scope and not isinstance(error, RouteUnknown)
    return JSON if is_from_handler else JSON_UTF8


def take_body(response: Response) -> None:
    """Leave the headers of an answer alone; what would be streamed is not made."""
    if isinstance(response, StreamingResponse):
        response.body_iterator = iterate_in_threadpool(())
    else:
        response.body = b""


def request_id_of(request: Request) -> str:
    """Return the caller's own id if it is harmless, else a new one."""
    told = request.headers.get("x-request-id", "")
    return told if _REQUEST_ID.fullmatch(told) else secrets.token_hex(16)


def check_host_header(request: Request) -> None:
    """Raises HostMissing."""
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or not hosts[0]:
        raise HostMissing


def challenge(request: Request, deps: Deps) -> str:
    """Say what would be accepted, and whether a key or token was refused."""
    try:
        presented = presented_by(request, deps)
    except KeysteadError:
        presented = None
    if isinstance(presented, Password):
        return 'Basic realm="keystead"'
    has_token = bool(request.headers.get("authorization", "").strip())
    return 'Bearer realm="keystead"' + (', error="invalid_token"' if has_token else "")


def finish(request: Request, response: Response, site: Site) -> None:
    is_cached = "cache-control" in response.headers
    for name, value in (_HEADERS if is_cached else _HEADERS | _NO_STORE).items():
        response.headers.setdefault(name, value)
    new_value: Secret | None = request.scope.get(NEW_COOKIE)
    if new_value is not None and not has_cookie(response, site):
        set_cookie(response, site, new_value)
    response.headers["X-Request-Id"] = request.scope["keystead.request_id"]
    if site.is_dev:
        response.headers["X-Keystead-Dev"] = "1"
    if site.is_https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
