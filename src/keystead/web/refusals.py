"""Failures as pages, or as one line where only a part of a page was asked for."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import PasswordChangeDue
from keystead.core.errors import KeysteadError, Unauthenticated
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.http.deps import Deps
from keystead.http.errors import hints_of, status_of
from keystead.http.gate import PRINCIPAL
from keystead.http.log import log_failure
from keystead.http.query import Query
from keystead.web.presenters.errors import error_line, error_page
from keystead.web.presenters.frame import Viewer
from keystead.web.responses import headers_for, html
from keystead.web.visit import Visit, here_of, links_of, stranger, viewer_of

_FAULT = 500


async def refuse(deps: Deps, request: Request, error: Exception) -> Response:
    """Answer a failure; one that nobody expected is a fault of our own, and told as no more than that."""
    return await run_in_threadpool(_refuse, deps, request, error)


def _refuse(deps: Deps, request: Request, error: Exception) -> Response:
    if isinstance(error, PasswordChangeDue):
        return RedirectResponse(links_of(deps.site).password(), 303)
    if isinstance(error, Unauthenticated):
        return _sign_in_first(deps, request)
    expected = error if isinstance(error, KeysteadError) else None
    status = _FAULT if expected is None else status_of(type(expected))
    hints = hints_of(status)
    request_id = request.scope["keystead.request_id"]
    if "x-fragment" in request.headers:
        response = html(deps, request, error_line(expected, request_id), status)
    else:
        viewer = _viewer_or_none(deps, request, error)
        page = error_page(
            viewer or stranger(deps, request),
            expected,
            request_id=request_id,
            is_signed_in=viewer is not None,
            retry_after_s=int(hints.get("Retry-After", 0)),
        )
        response = html(deps, request, page, status)
    response.headers.update(hints)
    return response


def _sign_in_first(deps: Deps, request: Request) -> Response:
    """Lead to the sign-in page, and from there back to a page that was only looked at."""
    is_look = request.method in {"GET", "HEAD"}
    url = links_of(deps.site).login(here_of(request, deps.site) if is_look else "")
    if "x-fragment" in request.headers:
        return Response(status_code=401, headers={**headers_for(deps, request), "X-Login": url})
    return RedirectResponse(url, 303)


def _viewer_or_none(deps: Deps, request: Request, error: Exception) -> Viewer | None:
    """Return who looks, if that is known and can be asked of the database."""
    by: Principal | None = request.scope.get(PRINCIPAL)
    if by is None or by.session_id is None or isinstance(error, DatabaseUnavailable):
        return None
    try:
        return viewer_of(Visit(deps, request, {}, Query(request.scope["query_string"]), by))
    except Exception as failure:  # noqa: BLE001 - the page for a failure is shown all the same, without a menu
        log_failure(request, failure)
        return None
