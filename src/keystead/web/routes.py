"""How a page is declared, and the one order in which it is served."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keystead.core.access.principal import Principal
from keystead.core.sessions.errors import NotSignedIn
from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint, read_body
from keystead.http.gate import ENTERED, let_in
from keystead.http.needs import Guarded, Open
from keystead.http.query import Query
from keystead.usecases import messages
from keystead.web.form_token import is_form_token
from keystead.web.forms import Form, read_form
from keystead.web.presenters.errors import PageOutOfDate
from keystead.web.refusals import refuse
from keystead.web.responses import html
from keystead.web.visit import GoTo, Shown, Visit, packed

MAX_FORM_BYTES = 64 * 1024
Answered: TypeAlias = Shown | GoTo | Response
OpenAnswer: TypeAlias = Callable[[Deps, Request, Mapping[str, str]], Response]
PageAnswer: TypeAlias = Callable[[Visit], Answered]
FormAnswer: TypeAlias = Callable[[Visit, Form], Answered]


class Pages(list[Endpoint]):
    """The pages of one family, in the order they are declared."""

    def page(self, path: str, *, needs: Guarded) -> Callable[[PageAnswer], PageAnswer]:
        def declare(answer: PageAnswer) -> PageAnswer:
            async def serve(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
                by = await let_in(deps, request, needs, dict(path), reads_body=False)
                visit = visit_of(deps, request, path, by)
                return await run_in_threadpool(lambda: to_response(visit, answer(visit)))

            self.append(Endpoint("GET", path, needs, serve, summary=_summary(answer), on_error=refuse))
            return answer

        return declare

    def form(self, path: str, *, needs: Guarded) -> Callable[[FormAnswer], FormAnswer]:
        """Declare what a form of a page is sent to; the form carries the token of its session."""

        def declare(answer: FormAnswer) -> FormAnswer:
            async def serve(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
                by = await let_in(deps, request, needs, dict(path), reads_body=True)
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
            view = answered.fragments.get(asked, answered.view)
            return html(visit.deps, visit.request, view, answered.status, has_secret=answered.has_secret)
        case GoTo():
            if answered.flash is not None:
                with visit.deps.write() as db:
                    message = packed(answered)
                    messages.leave_message(db, visit.session_id, message, at=visit.deps.clock())
            return RedirectResponse(answered.url, 303)
        case _:
            return answered


def _summary(answer: Callable[..., object]) -> str:
    told = (answer.__doc__ or "").strip().partition("\n")[0]
    return told or answer.__name__.replace("_", " ").capitalize()
