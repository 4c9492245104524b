"""How a page is declared, and the one order in which it is served."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import PasswordChangeDue
from keystead.core.errors import KeysteadError, TooMany, Unauthenticated, Unavailable
from keystead.core.sessions.errors import NotSignedIn
from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint, read_body
from keystead.http.errors import status_of
from keystead.http.gate import ENTERED, PRINCIPAL, let_in
from keystead.http.needs import Guarded, Open
from keystead.http.query import Query
from keystead.usecases import messages
from keystead.web.form_token import is_form_token
from keystead.web.forms import Form, read_form
from keystead.web.presenters.errors import PageOutOfDate, error_line, error_page
from keystead.web.render import View, render
from keystead.web.visit import (
    GoTo,
    Shown,
    Visit,
    environment,
    here_of,
    links_of,
    packed,
    stranger,
    viewer_of,
)

MAX_FORM_BYTES = 64 * 1024
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types ks"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "Vary": "X-Fragment",
}
Answered: TypeAlias = Shown | GoTo | Response
OpenAnswer: TypeAlias = Callable[[Deps, Request, Mapping[str, str]], Response]
PageAnswer: TypeAlias = Callable[[Visit], Answered]
FormAnswer: TypeAlias = Callable[[Visit, Form], Answered]


class Pages(list[Endpoint]):
    """The pages of one family, in the order they are declared."""

    def page(self, path: str, *, needs: Guarded) -> Callable[[PageAnswer], PageAnswer]:
        def declare(answer: PageAnswer) -> PageAnswer:
            async def serve(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
                by = await let_in(deps, request, needs, path, reads_body=False)
                visit = visit_of(deps, request, path, by)
                return to_response(visit, await run_in_threadpool(answer, visit))

            self.append(Endpoint("GET", path, needs, serve, summary=_summary(answer), on_error=refuse))
            return answer

        return declare

    def form(self, path: str, *, needs: Guarded) -> Callable[[FormAnswer], FormAnswer]:
        """Declare what a form of a page is sent to; the form carries the token of its session."""

        def declare(answer: FormAnswer) -> FormAnswer:
            async def serve(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
                by = await let_in(deps, request, needs, path, reads_body=True)
                visit = visit_of(deps, request, path, by)
                form = await form_of(request)
                check_form_token(visit, form)
                return await run_in_threadpool(lambda: to_response(visit, answer(visit, form)))

            self.append(Endpoint("POST", path, needs, serve, summary=_summary(answer), on_error=refuse))
            return answer

        return declare

    def open(self, method: str, path: str, *, needs: Open) -> Callable[[OpenAnswer], OpenAnswer]:
        def declare(answer: OpenAnswer) -> OpenAnswer:
            async def serve(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
                request.scope[ENTERED] = True
                return await run_in_threadpool(answer, deps, request, path)

            self.append(Endpoint(method, path, needs, serve, summary=_summary(answer), on_error=refuse))
            return answer

        return declare


def visit_of(deps: Deps, request: Request, path: Mapping[str, str], by: Principal) -> Visit:
    """Raises NotSignedIn for whoever came without a session."""
    if by.session_id is None:
        raise NotSignedIn
    return Visit(deps, request, path, Query(request.scope["query_string"]), by)


async def form_of(request: Request) -> Form:
    """Raises FormUnreadable, BodyTooLarge, BodyTooSlow."""
    return read_form(request.headers.get("content-type", ""), await read_body(request, MAX_FORM_BYTES))


def check_form_token(visit: Visit, form: Form) -> None:
    """Raises PageOutOfDate."""
    if not is_form_token(visit.deps.sessions.mint.key, visit.session_id, form.typed("csrf")):
        raise PageOutOfDate


def to_response(visit: Visit, answered: Answered) -> Response:
    match answered:
        case Shown():
            asked = visit.request.headers.get("x-fragment", "")
            return html(answered.fragments.get(asked, answered.view), answered.status)
        case GoTo():
            if answered.flash is not None:
                with visit.deps.write() as db:
                    message = packed(answered)
                    messages.leave_message(db, visit.session_id, message, at=visit.deps.clock())
            return RedirectResponse(answered.url, 303)
        case _:
            return answered


def html(view: View, status: int = 200) -> Response:
    return HTMLResponse(render(environment(), view), status, headers=_HEADERS)


async def refuse(deps: Deps, request: Request, error: KeysteadError) -> Response:
    """Answer a failure as a page, or as one line where only a part of a page was asked for."""
    return await run_in_threadpool(_refuse, deps, request, error)


def _refuse(deps: Deps, request: Request, error: KeysteadError) -> Response:
    links = links_of(deps.site)
    is_fragment = "x-fragment" in request.headers
    if isinstance(error, PasswordChangeDue):
        return RedirectResponse(links.password(), 303)
    if isinstance(error, Unauthenticated):
        wanted = links.login(here_of(request, deps.site) if request.method == "GET" else "")
        if is_fragment:
            return Response(status_code=401, headers={**_HEADERS, "X-Login": wanted})
        return RedirectResponse(wanted, 303)
    status = status_of(type(error))
    request_id = request.scope["keystead.request_id"]
    if is_fragment:
        return html(error_line(error, request_id), status)
    by: Principal | None = request.scope.get(PRINCIPAL)
    has_frame = by is not None and by.session_id is not None and not isinstance(error, Unavailable)
    viewer = viewer_of(visit_of(deps, request, {}, by)) if has_frame and by else stranger(deps, request)
    wait_s = 1 if isinstance(error, TooMany | Unavailable) else 0
    page = error_page(viewer, error, request_id=request_id, is_signed_in=has_frame, retry_after_s=wait_s)
    response = html(page, status)
    if wait_s:
        response.headers["Retry-After"] = str(wait_s)
    return response


def _summary(answer: Callable[..., object]) -> str:
    told = (answer.__doc__ or "").strip().partition("\n")[0]
    return told or answer.__name__.replace("_", " ").capitalize()
