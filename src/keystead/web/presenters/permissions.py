"""The permission explorer in words: its forms, all permissions of one, and two compared."""

from collections.abc import Iterable, Iterator, Mapping

from keystead.core.access.explanation import Comparison
from keystead.core.access.given import Grant
from keystead.core.access.permission import MAX_SCOPE_LENGTH, Permission
from keystead.core.accounts.listing import ListedAccount
from keystead.usecases.explain import Held, Standing
from keystead.web.explain_search import Asking, View
from keystead.web.presenters.account_rights import AccountRights
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.serviceaccount import EXPLAIN, account_head
from keystead.web.presenters.serviceaccounts import TAB
from keystead.web.presenters.verdict import who_of
from keystead.web.views.fields import Field
from keystead.web.views.frame import Entry, Link
from keystead.web.views.permissions import (
    AccountExplainPage,
    AllHeld,
    Difference,
    ExplainForm,
    HeldRow,
    PermissionsPage,
    Verdict,
)
from keystead.web.wording import plural, thousands

MOST_ROWS, MOST_SCOPES = 500, 10
_WHO = "yourself, or sa-ci, user:1, apikey:3"
_TABS = ((View.QUESTION, "Question"), (View.ALL, "All permissions"), (View.COMPARE, "Compare"))


def permissions_page(viewer: Viewer, asking: Asking, form: ExplainForm) -> PermissionsPage:
    """Return the page without an answer yet."""
    links = viewer.links
    name = next(label for view, label in _TABS if view is asking.view)
    return PermissionsPage(
        document=document_of(viewer, name, Place.PERMISSIONS, has_errors=_has_errors(form)),
        frame=frame_of(viewer, Place.PERMISSIONS),
        tabs=tuple(
            Entry(label, "", links.permissions(Asking(view, asking.subject).pairs), view is asking.view)
            for view, label in _TABS
        ),
        heading=name,
        form=form,
    )


def question_form(
    viewer: Viewer, asking: Asking, messages: Mapping[str, str], *, takes_secret: bool
) -> ExplainForm:
    secret = Field(
        "secret",
        "secret",
        "or paste a token or key",
        error=messages.get("secret", ""),
        help="It is not stored.",
        kind="password",
        max_length=4096,
        is_required=False,
    )
    return ExplainForm(
        action_url=viewer.links.permissions(),
        csrf=viewer.csrf if takes_secret else "",
        fields=(
            _who("subject", "Who", asking.subject, messages),
            *((secret,) if takes_secret else ()),
            *_question(asking, messages),
        ),
        button="Explain",
    )


def all_form(viewer: Viewer, asking: Asking, messages: Mapping[str, str]) -> ExplainForm:
    query = Field("query", "query", "Filter", asking.query, kind="search", is_required=False)
    who = _who("subject", "Who", asking.subject, messages)
    return ExplainForm(viewer.links.permissions(), "", (who, query), "Apply", View.ALL)


def compare_form(viewer: Viewer, asking: Asking, messages: Mapping[str, str]) -> ExplainForm:
    first = _who("subject", "First", asking.subject, messages)
    second = _who("other", "Second", asking.other, messages)
    return ExplainForm(viewer.links.permissions(), "", (first, second), "Compare", View.COMPARE)


def account_explain_page(
    viewer: Viewer,
    listed: ListedAccount,
    rights: AccountRights,
    asking: Asking,
    verdict: Verdict | None,
    *,
    messages: Mapping[str, str],
) -> AccountExplainPage:
    links, account = viewer.links, listed.account
    named = f"serviceaccount:{account.id}"
    everything: tuple[Link, ...] = ()
    if verdict is None:  # else that leads there too
        everything = (Link("All permissions", links.permissions(Asking(View.ALL, named).pairs)),)
    form = ExplainForm(
        links.service_account(account.id, "explain"), "", _question(asking, messages), "Explain"
    )
    return AccountExplainPage(
        document=document_of(
            viewer, EXPLAIN, account.name, TAB, Place.CONFIGURATION, has_errors=_has_errors(form)
        ),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=account_head(viewer, listed, rights, EXPLAIN),
        form=form,
        verdict=verdict,
        more=(*everything, Link("Compare with others", links.permissions(Asking(View.COMPARE, named).pairs))),
    )


def all_held(viewer: Viewer, held: Held, asking: Asking) -> AllHeld:
    rows = tuple(_rows(held.listed, asking.query.lower()))
    more = f", the first {MOST_ROWS} of them are shown" if len(rows) > MOST_ROWS else ""
    return AllHeld(
        who=who_of(held.of),
        rows=rows[:MOST_ROWS],
        count=plural(len(rows), "action") + more,
        nothing=f'No permissions match "{asking.query}".' if asking.query else "No permissions.",
        csv_url=viewer.links.permissions_csv((("subject", asking.subject),)),
    )


def differences(first: Standing, second: Standing, told: Comparison) -> tuple[Difference, ...]:
    """Return the differences, then what both may."""
    one, other = who_of(first), who_of(second)
    return (
        _difference(f"Only {one}", told.only_first, is_folded=False),
        _difference(f"Only {other}", told.only_second, is_folded=False),
        _difference("Both", told.both, is_folded=True),
    )


def _difference(words: str, permissions: tuple[Permission, ...], *, is_folded: bool) -> Difference:
    left = len(permissions) - MOST_ROWS
    return Difference(
        heading=f"{words} ({thousands(len(permissions))})",
        rows=permissions[:MOST_ROWS],
        more=f"and {thousands(left)} more" if left > 0 else "",
        nothing="Nothing.",
        is_folded=is_folded,
    )


def _rows(listed: Iterable[Grant], query: str) -> Iterator[HeldRow]:
    by_action: dict[str, list[Grant]] = {}
    for grant in listed:
        told = f"{grant.permission.action} {grant.permission.scope} {grant.role_name}"
        if query in told.lower():
            by_action.setdefault(grant.permission.action, []).append(grant)
    for action, grants in sorted(by_action.items()):
        scopes = sorted({grant.permission.scope for grant in grants} - {""})
        left = len(scopes) - MOST_SCOPES
        roles = tuple(sorted({grant.role_name for grant in grants}))
        more = f"and {plural(left, 'more scope')}" if left > 0 else ""
        yield HeldRow(action, tuple(scopes[:MOST_SCOPES]), more, roles)


def _who(name: str, label: str, value: str, messages: Mapping[str, str]) -> Field:
    return Field(
        name,
        name,
        label,
        value,
        error=messages.get(name, ""),
        help="Empty: yourself." if name == "subject" else "",
        placeholder=_WHO,
        is_required=False,
    )


def _question(asking: Asking, messages: Mapping[str, str]) -> tuple[Field, Field]:
    action = Field(
        "action",
        "action",
        "Action",
        asking.action,
        error=messages.get("action", ""),
        placeholder="serviceaccounts:write",
    )
    scope = Field(
        "scope",
        "scope",
        "Scope",
        asking.scope,
        error=messages.get("scope", ""),
        help="Empty: on anything.",
        placeholder="serviceaccounts:id:7",
        max_length=MAX_SCOPE_LENGTH,
        is_required=False,
    )
    return action, scope


def _has_errors(form: ExplainForm) -> bool:
    return any(field.error for field in form.fields)
