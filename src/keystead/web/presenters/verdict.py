"""Why somebody may do something, or may not, in words."""

from collections.abc import Iterator, Sequence

from keystead.core.access.given import Grant
from keystead.core.access.permission import Permission
from keystead.core.access.principal import PrincipalKind
from keystead.core.clock import UnixSeconds
from keystead.usecases.explain import Answer, Pasted, Standing
from keystead.web.audit_search import AuditSearch
from keystead.web.explain_search import Asking, View
from keystead.web.presenters.frame import Viewer
from keystead.web.views.frame import Link
from keystead.web.views.permissions import GrantLine, Step, Verdict
from keystead.web.wording import days_left, plural, thousands

MOST_LINES = 50
_KINDS = {
    PrincipalKind.USER: "User",
    PrincipalKind.SERVICE_ACCOUNT: "Service account",
    PrincipalKind.API_KEY: "API key",
}


def verdict_of(viewer: Viewer, answer: Answer, pasted: Pasted | None = None) -> Verdict:
    """`pasted` is a token of the one who is meant, where that was looked at."""
    told = answer.explanation
    steps = tuple(_steps(viewer, answer, pasted))
    is_allowed = all(step.is_good for step in steps)
    needs_way = not told.is_allowed and not answer.ways
    return Verdict(
        is_allowed=is_allowed,
        heading="Yes, allowed" if is_allowed else "No, not allowed",
        question=f"{who_of(answer.of)}: {on_scope(told.wanted)}",
        steps=steps,
        nearest=None if told.nearest is None else line_of(told.nearest),
        ways=tuple(way.text for way in answer.ways),
        no_way="Nothing that you may change allows it." if needs_way else "",
        more=links_about(viewer, answer.of),
    )


def links_about(viewer: Viewer, of: Standing) -> tuple[Link, ...]:
    """Return where else there is something about the same one."""
    name = of.named.text
    everything = Link("All permissions", viewer.links.permissions(Asking(View.ALL, name).pairs))
    if not viewer.reads_audit:
        return (everything,)
    return everything, Link("Audit log", viewer.links.audit(AuditSearch(actor=name).pairs))


def who_of(of: Standing) -> str:
    return f"{_KINDS[of.named.kind]} {of.login}"


def on_scope(permission: Permission) -> str:
    """Return `serviceaccounts:write on serviceaccounts:*`."""
    return f"{permission.action} on {permission.scope}" if permission.scope else permission.action


def line_of(grant: Grant) -> GrantLine:
    return GrantLine(
        permission=on_scope(grant.permission),
        role=grant.role_name,
        source=grant.source.value,
        way=_way_of(grant.via),
    )


def _steps(viewer: Viewer, answer: Answer, pasted: Pasted | None) -> Iterator[Step]:
    of, told = answer.of, answer.explanation
    if pasted is not None and pasted.named.kind is not PrincipalKind.API_KEY:
        yield _credential(viewer, f"Token {pasted.name}", pasted.expires_at, pasted.revoked_at)
    if of.named.kind is PrincipalKind.API_KEY:
        yield _credential(viewer, f"API key {of.login}", of.expires_at, of.revoked_at)
    else:
        state = "is disabled, and is let in nowhere" if of.is_disabled else "is enabled"
        yield Step(not of.is_disabled, f"{who_of(of)} {state}.")
    role = f"basic role {of.subject.role}" if of.subject.role else "no basic role"
    yield Step(is_good=True, text=f"{viewer.org_name or 'No organization'}, {role}.")
    if told.is_allowed:
        yield _grants("Grants that match", told.covering, is_folded=False)
    else:
        yield Step(is_good=False, text=f"No grant has {on_scope(told.wanted)}.")
    if told.others:
        yield _grants("Grants that do not match", told.others, is_folded=True)


def _grants(words: str, grants: Sequence[Grant], *, is_folded: bool) -> Step:
    left = len(grants) - MOST_LINES
    return Step(
        is_good=True,
        text=f"{words} ({thousands(len(grants))})",
        lines=tuple(line_of(grant) for grant in grants[:MOST_LINES]),
        more=f"and {thousands(left)} more" if left > 0 else "",
        is_folded=is_folded,
    )


def _credential(
    viewer: Viewer, noun: str, expires_at: UnixSeconds | None, revoked_at: UnixSeconds | None
) -> Step:
    if revoked_at is not None:
        return Step(is_good=False, text=f"{noun} is revoked.")
    if expires_at is None:
        return Step(is_good=True, text=f"{noun} is valid: not revoked, never expires.")
    if expires_at <= viewer.now:
        return Step(is_good=False, text=f"{noun} has expired.")
    days = plural(days_left(expires_at - viewer.now), "day")
    return Step(is_good=True, text=f"{noun} is valid: not revoked, expires in {days}.")


def _way_of(via: str) -> str:
    kind, _, what = via.partition(":")
    return {"self": "given directly", "team": f"through team {what}"}.get(kind, f"to everybody with {what}")
