"""The permission explorer in its states."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.explanation import Comparison, Named, Way, WayKind, explain
from keystead.core.access.given import NO_ACCOUNT, Grant, Source, Subject, grants_of_basic_role
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.listing import ListedAccount
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.usecases.explain import Answer, Held, Pasted, Standing
from keystead.web.explain_search import Asking, View
from keystead.web.presenters import permissions, verdict
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View as Page
from keystead.web.views.frame import Link
from tests.web.account_states import an_account, rights
from tests.web.looks import DAY_S, HOSTILE, LONG, NOW

WRITER = "fixed:serviceaccounts:writer"
WRITE = Permission("serviceaccounts:write", "serviceaccounts:id:7")
DELETE = Permission("serviceaccounts:delete", "serviceaccounts:id:7")
MACHINE = Standing(
    Named(PrincipalKind.SERVICE_ACCOUNT, 14), Subject(AccountId(14), OrgId(1), Role.EDITOR), "sa-reports"
)
KEY = Standing(
    Named(PrincipalKind.API_KEY, 3),
    Subject(NO_ACCOUNT, OrgId(1), Role.VIEWER),
    "ci-deploy",
    expires_at=UnixSeconds(NOW + 3 * DAY_S),
)
NIGHTLY = Pasted(MACHINE.named, "nightly", UnixSeconds(NOW + 12 * DAY_S), None)
WAYS = (
    Way(WayKind.LEVEL, "Give the level Admin on serviceaccounts:id:7.", level="Admin", resource=DELETE.scope),
    Way(WayKind.ROLE, f"Give the role {WRITER}.", "fixed_x"),
    Way(WayKind.BASIC, "Change the basic role from Editor to Admin.", "basic_admin"),
)
LISTED = (
    Grant(Permission("serviceaccounts:write", "serviceaccounts:*"), Source.FIXED, "x", WRITER, "team:4"),
    Grant(Permission("serviceaccounts:write", "serviceaccounts:id:9"), Source.MANAGED, "", LONG, "self"),
    Grant(Permission("serviceaccounts:delete", "serviceaccounts:id:9"), Source.CUSTOM, "y", HOSTILE, "self"),
)


def an_answer(wanted: Permission, *ways: Way, of: Standing = MACHINE, count: int = 1) -> Answer:
    listed = LISTED * count
    held = Grants.of(grant.permission for grant in listed)
    return Answer(of, explain(listed, held, wanted, of.subject.role), ways)


def question(
    v: Viewer,
    asking: Asking,
    answer: Answer | None = None,
    pasted: Pasted | None = None,
    *,
    messages: Mapping[str, str] | None = None,
) -> Page:
    form = permissions.question_form(v, asking, messages or {}, takes_secret=v.reads_audit)
    page = permissions.permissions_page(v, asking, form)
    return page if answer is None else replace(page, verdict=verdict.verdict_of(v, answer, pasted))


def asked(wanted: Permission) -> Asking:
    return Asking(subject="serviceaccount:14", action=wanted.action, scope=wanted.scope)


def _allowed(v: Viewer) -> Page:
    return question(v, asked(WRITE), an_answer(WRITE), NIGHTLY)


def _many(v: Viewer) -> Page:
    return question(v, asked(WRITE), an_answer(WRITE, count=verdict.MOST_LINES + 7))


def _denied(v: Viewer) -> Page:
    return question(v, asked(DELETE), an_answer(DELETE, *WAYS))


def _refused_credential(v: Viewer) -> Page:
    revoked = replace(NIGHTLY, revoked_at=UnixSeconds(NOW))
    answer = an_answer(WRITE, of=replace(MACHINE, is_disabled=True, login=LONG))
    return question(v, asked(WRITE), answer, revoked)


def _key(v: Viewer) -> Page:
    viewer = replace(v, reads_audit=False)
    return question(viewer, asked(WRITE), an_answer(WRITE, of=replace(KEY, expires_at=UnixSeconds(NOW))))


def _nothing_near(v: Viewer) -> Page:
    wanted = Permission("shop:sell", "")
    return question(v, asked(wanted), an_answer(wanted, of=replace(KEY, login=HOSTILE, expires_at=None)))


def _good_key(v: Viewer) -> Page:
    return question(v, asked(WRITE), an_answer(WRITE, of=KEY))


def _wrong(v: Viewer) -> Page:
    messages = {"secret": "No credential with this secret.", "scope": "Like serviceaccounts:id:7"}
    return question(v, Asking(action="teams:read", scope="a:b:c:d"), messages=messages)


def _candidates(v: Viewer) -> Page:
    asking = Asking(View.ALL, "ci")
    links = (Link("sa-ci (serviceaccount:14)", v.links.home()), Link(f"{LONG} (user:2)", v.links.home()))
    form = replace(permissions.all_form(v, asking, {}), candidates=links, candidates_words="Who is meant?")
    return permissions.permissions_page(v, asking, form)


def _all(v: Viewer, query: str = "", *, is_all: bool = False) -> Page:
    asking = Asking(View.ALL, "serviceaccount:14", query=query)
    many = tuple(
        Grant(Permission("serviceaccounts:read", f"serviceaccounts:id:{n}"), Source.MANAGED, "", LONG, "self")
        for n in range(12)
    )
    listed = (*(grants_of_basic_role(MACHINE.subject) if is_all else ()), *LISTED, *many)
    held = Held(MACHINE, Grants.of(grant.permission for grant in listed), listed)
    page = permissions.permissions_page(v, asking, permissions.all_form(v, asking, {}))
    return replace(page, held=permissions.all_held(v, held, asking))


def _compared(v: Viewer, *, same: bool = False) -> Page:
    asking = Asking(View.COMPARE, "serviceaccount:14", "apikey:3")
    both = tuple(
        Permission(f"shop:sell-{n:03}", f"orders:id:{LONG}") for n in range(permissions.MOST_ROWS + 3)
    )
    told = Comparison((), (), both) if same else Comparison((WRITE, DELETE), (Permission("a:b", ""),), ())
    page = permissions.permissions_page(v, asking, permissions.compare_form(v, asking, {}))
    return replace(page, differences=permissions.differences(MACHINE, KEY, told))


def _compare_form(v: Viewer) -> Page:
    asking = Asking(View.COMPARE, "nobody")
    form = permissions.compare_form(v, asking, {"subject": "Nobody here is called that"})
    return permissions.permissions_page(v, asking, form)


def _account(v: Viewer, answer: Answer | None = None, **messages: str) -> Page:
    own = replace(rights(), explains=True)
    told = None if answer is None else verdict.verdict_of(v, answer)
    asking = Asking() if answer is None else asked(DELETE)
    return permissions.account_explain_page(
        v, ListedAccount(an_account(), 2, NOW), own, asking, told, messages=messages
    )


PAGES: Mapping[str, Callable[[Viewer], Page]] = {
    "explorer": lambda v: question(v, Asking()),
    "explorer-allowed": _allowed,
    "explorer-many-grants": _many,
    "explorer-denied": _denied,
    "explorer-dead-credential": _refused_credential,
    "explorer-key": _key,
    "explorer-good-key": _good_key,
    "explorer-nothing-near": _nothing_near,
    "explorer-refused": _wrong,
    "explorer-candidates": _candidates,
    "explorer-all": _all,
    "explorer-all-fifty": lambda v: _all(v, is_all=True),
    "explorer-all-no-hit": lambda v: _all(v, 'no "such" <permission>'),
    "explorer-compared": _compared,
    "explorer-same": lambda v: _compared(v, same=True),
    "explorer-compare-refused": _compare_form,
    "serviceaccount-explain": _account,
    "serviceaccount-explain-answer": lambda v: _account(v, an_answer(DELETE, *WAYS)),
    "serviceaccount-explain-refused": lambda v: _account(v, action="Like serviceaccounts:write"),
}
