"""`/org/permissions`: why somebody may do something or may not, all that one may do, and two compared."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from anyio import from_thread

from keystead.core.access.errors import ActionInvalid, ScopeInvalid, SubjectNotFound
from keystead.core.access.explanation import Named, parse_named
from keystead.core.access.permission import Action, Permission, parse_permission
from keystead.core.credentials.errors import CredentialUnknown
from keystead.http.needs import SignedIn
from keystead.usecases import explain
from keystead.usecases.explain import Pasted
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.explain_search import Asking, View, read_asking, read_question
from keystead.web.forms import Form
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.permissions import (
    all_form,
    all_held,
    compare_form,
    differences,
    permissions_page,
    question_form,
)
from keystead.web.presenters.verdict import verdict_of
from keystead.web.routes import Answered, Pages
from keystead.web.views.frame import Link
from keystead.web.views.permissions import ExplainForm
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_UNPROCESSABLE = 422
_HEAD = ("action", "scope", "source", "roleUid", "roleName", "via")
Messages = dict[str, str]


@pages.page("/org/permissions", needs=SignedIn.ABOUT_ONESELF)
def show_explorer(visit: Visit) -> Answered:
    """Show the explorer: the answer to a question, all permissions of one, or two compared."""
    asking = read_asking(visit.query)
    match asking.view:
        case View.QUESTION:
            return show_question(visit, asking)
        case View.ALL:
            return show_all(visit, asking)
        case View.COMPARE:
            return show_comparison(visit, asking)


@pages.form("/org/permissions", needs=Action.CREDENTIALS_INTROSPECT.anywhere())
def explain_pasted(visit: Visit, form: Form) -> Answered:
    """Answer the question about a pasted token or key, which is not kept; else about who is named."""
    asking = read_question(form)
    if not form.text("secret"):
        return GoTo(links_of(visit.deps.site).permissions(asking.pairs))
    wanted, messages = read_wanted(asking)
    pasted = None
    try:
        pasted = find_pasted(visit, form)
    except CredentialUnknown:
        messages["secret"] = "No credential with this secret."  # noqa: S105 - says that there is none
    viewer = viewer_of(visit)
    page = permissions_page(viewer, asking, form_for(visit, viewer, asking, messages))
    if wanted is None or pasted is None:
        return Shown(page, status=_UNPROCESSABLE)
    with visit.deps.read() as db:
        answer = explain.explain_pasted(db, visit.by, pasted.named, wanted)
    return Shown(replace(page, verdict=verdict_of(viewer, answer, pasted)))


@pages.page("/org/permissions/csv", needs=SignedIn.ABOUT_ONESELF)
def download_permissions(visit: Visit) -> Answered:
    """Send all permissions of one, with where each comes from, as a table for spreadsheets."""
    subject = visit.query.text("subject")
    with visit.deps.read() as db:
        held = explain.find_held(db, visit.by, parse_named(subject) if subject else None)
    rows = (
        (*grant.permission, grant.source.value, grant.role_uid, grant.role_name, grant.via)
        for grant in held.listed
    )
    return download(csv_parts(_HEAD, [rows]), name="permissions.csv", media_type=CSV)


def show_question(visit: Visit, asking: Asking) -> Answered:
    viewer = viewer_of(visit)
    wanted, messages = read_wanted(asking) if asking.action or asking.scope else (None, {})
    with visit.deps.read() as db:
        found, candidates = explain.find_named(db, visit.by, asking.subject)
        answer = None
        try:
            if wanted is not None and candidates is None:
                answer = explain.explain_permission(db, visit.by, found, wanted)
        except SubjectNotFound:
            candidates = ()
    form = form_for(visit, viewer, asking, {**messages, **unknown("subject", candidates)})
    page = permissions_page(viewer, asking, with_candidates(viewer, form, asking, candidates))
    verdict = None if answer is None else verdict_of(viewer, answer)
    return Shown(replace(page, verdict=verdict), status=_UNPROCESSABLE if messages else 200)


def show_all(visit: Visit, asking: Asking) -> Answered:
    viewer = viewer_of(visit)
    with visit.deps.read() as db:
        found, candidates = explain.find_named(db, visit.by, asking.subject)
        held = None
        try:
            held = explain.find_held(db, visit.by, found) if candidates is None else None
        except SubjectNotFound:
            candidates = ()
    form = all_form(viewer, asking, unknown("subject", candidates))
    page = permissions_page(viewer, asking, with_candidates(viewer, form, asking, candidates))
    if held is None:
        return Shown(page)
    named = replace(asking, subject=held.of.named.text if asking.subject else "")
    return Shown(replace(page, held=all_held(viewer, held, named)))


def show_comparison(visit: Visit, asking: Asking) -> Answered:
    viewer, messages, told = viewer_of(visit), Messages(), None
    with visit.deps.read() as db:
        first, candidates = explain.find_named(db, visit.by, asking.subject)
        second, others = explain.find_named(db, visit.by, asking.other)
        if asking.other and candidates is None and others is None:
            try:
                told = explain.compare_two(db, visit.by, first, second)
            except SubjectNotFound:
                messages["other"] = "One of them is not here."
    messages |= unknown("subject", candidates) | unknown("other", others)
    form = compare_form(viewer, asking, messages)
    if candidates is not None or others is None:
        form = with_candidates(viewer, form, asking, candidates)
    else:
        form = with_candidates(viewer, form, asking, others, place="other")
    page = permissions_page(viewer, asking, form)
    return Shown(page if told is None else replace(page, differences=differences(*told)))


def read_wanted(asking: Asking) -> tuple[Permission | None, Messages]:
    """Return what is asked for, or a message at its field."""
    try:
        return parse_permission(asking.action, asking.scope), {}
    except ActionInvalid:
        return None, {"action": "Like serviceaccounts:write"}
    except ScopeInvalid:
        return None, {"scope": "Like serviceaccounts:id:7"}


def find_pasted(visit: Visit, form: Form) -> Pasted:
    """Raises CredentialUnknown, CredentialBudgetSpent, DatabaseUnavailable."""
    secret = form.secret("secret")
    return from_thread.run(explain.find_pasted, visit.deps.verifier, visit.by, secret)


def form_for(visit: Visit, viewer: Viewer, asking: Asking, messages: Mapping[str, str]) -> ExplainForm:
    takes_secret = visit.by.org is not None and visit.by.grants.holds(Action.CREDENTIALS_INTROSPECT)
    return question_form(viewer, asking, messages, takes_secret=takes_secret)


def unknown(name: str, candidates: tuple[tuple[Named, str], ...] | None) -> Messages:
    return {name: "Nobody here is called that"} if candidates == () else {}


def with_candidates(
    viewer: Viewer,
    form: ExplainForm,
    asking: Asking,
    candidates: Iterable[tuple[Named, str]] | None,
    *,
    place: str = "subject",
) -> ExplainForm:
    """Return the form with links to those whom a name may have meant."""
    links = tuple(
        Link(f"{login} ({named.text})", viewer.links.permissions(at(asking, place, named).pairs))
        for named, login in candidates or ()
    )
    return replace(form, candidates=links, candidates_words="Who is meant?" if links else "")


def at(asking: Asking, place: str, named: Named) -> Asking:
    return replace(asking, other=named.text) if place == "other" else replace(asking, subject=named.text)
