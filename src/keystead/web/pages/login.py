"""Signing in with the form, and signing out."""

from collections.abc import Mapping

from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keystead.core.accounts.errors import HashQueueFull
from keystead.core.secret import Secret
from keystead.core.sessions.errors import SignInRefused
from keystead.http.authenticate import SIGN_INS
from keystead.http.body import BodyUnreadable
from keystead.http.cookies import delete_cookie, set_cookie
from keystead.http.deps import Deps
from keystead.http.endpoint import ON_ERROR
from keystead.http.errors import hints_of, status_of
from keystead.http.gate import ENTERED, origin_of
from keystead.http.needs import Open, SignedIn
from keystead.http.origin import check_host, check_no_proxy, check_origin
from keystead.http.query import Query
from keystead.usecases import sessions
from keystead.web.form_token import is_form_token
from keystead.web.forms import Form, Refused, SignIn, read_sign_in
from keystead.web.presenters.errors import PageOutOfDate
from keystead.web.presenters.people import login_page
from keystead.web.refusals import refuse
from keystead.web.responses import html
from keystead.web.routes import Answered, Pages, form_of
from keystead.web.visit import Visit, links_of, stranger

pages = Pages()


@pages.open("GET", "/login", needs=Open.SIGN_IN)
def show_login(deps: Deps, request: Request, _path: Mapping[str, str]) -> Response:
    """Show the sign-in page.

    Raises HostNotAllowed.
    """
    check_host(request, deps.site)
    query = Query(request.scope["query_string"])
    page = login_page(stranger(deps, request), query.text("redirectTo"), message=query.text("m"))
    return html(deps, request, page)


async def sign_in_by_form(deps: Deps, request: Request, _path: Mapping[str, str]) -> Response:
    """Start a session, or show the page again with what is wrong.

    Raises BodyUnreadable, PageOutOfDate for a form that is not the page's, OriginNotAllowed,
    HostNotAllowed, FormUnreadable, PasswordThroughProxy, BodyTooLarge, BodyTooSlow.
    """
    request.scope[ENTERED] = True
    request.scope[ON_ERROR] = refuse
    check_host(request, deps.site)
    check_origin(request, deps.site, reads_body=True)
    check_no_proxy(request, deps.site)
    form = await form_of(request)
    if not form.typed("csrf"):  # no form of ours: a program, which is answered as one
        del request.scope[ON_ERROR]
        raise BodyUnreadable("form token")
    if not is_form_token(deps.sessions.mint.key, None, form.typed("csrf")):
        raise PageOutOfDate
    read = read_sign_in(form)
    if isinstance(read, Refused):
        return await run_in_threadpool(_again, deps, request, form, refused=read)
    try:
        signed_in = await to_thread.run_sync(
            deps.people.by_form, read.user, read.password, origin_of(request, deps.site), limiter=SIGN_INS
        )
    except (SignInRefused, HashQueueFull) as error:
        return await run_in_threadpool(_again, deps, request, form, error=error)
    response = RedirectResponse(target_of(read, deps), 303)
    set_cookie(response, deps.site, signed_in.cookie)
    return response


def target_of(read: SignIn, deps: Deps) -> str:
    return links_of(deps.site).own(read.redirect_to)


def _again(
    deps: Deps,
    request: Request,
    form: Form,
    *,
    refused: Refused | None = None,
    error: SignInRefused | HashQueueFull | None = None,
) -> Response:
    page = login_page(
        stranger(deps, request),
        form.typed("redirectTo"),
        typed=form,
        refused=refused or Refused({}),
        alert="" if error is None else error.message,
    )
    status = 422 if error is None else status_of(type(error))
    response = html(deps, request, page, status)
    response.headers.update(hints_of(status))
    return response


@pages.form("/logout", needs=SignedIn.PASSWORD_CHANGE)
def sign_out(visit: Visit, _form: Form) -> Answered:
    """End the session of this browser."""
    deps = visit.deps
    with deps.write() as db:
        sessions.sign_out(db, Secret(visit.request.cookies.get(deps.site.cookie_name, "")), deps.sessions)
    response = RedirectResponse(links_of(deps.site).login(message="signed-out"), 303)
    delete_cookie(response, deps.site)
    return response
