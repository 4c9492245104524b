"""`/api/access-control/explain`: why somebody may do something, or may not."""

from msgspec import UNSET, Struct, UnsetType

from keystead.core.access.errors import ActionInvalid, PermissionMissing, ScopeInvalid, SubjectNotFound
from keystead.core.access.explanation import Way, parse_named
from keystead.core.access.given import Grant
from keystead.core.access.permission import parse_permission
from keystead.core.access.principal import Principal
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import SignedIn
from keystead.usecases import explain
from keystead.usecases.explain import Answer

routes = Routes()

_MOST_GRANTS = 1000


class GrantTold(Struct, rename="camel"):
    action: str
    scope: str
    source: str  # basic, fixed, custom, managed, server
    role_uid: str  # empty: a level, which no role stands for
    role_name: str
    via: str  # self, team:<id>, basic:<role>


class SuggestionTold(Struct, rename="camel"):
    kind: str  # level, role, basic
    text: str
    role_uid: str | UnsetType = UNSET
    level: str | UnsetType = UNSET
    resource: str | UnsetType = UNSET


class Explained(Struct, rename="camel"):
    allowed: bool
    subject: str
    action: str
    scope: str
    decided_by: GrantTold | None
    grants: list[GrantTold]  # of the action: those that cover the scope first
    nearest: GrantTold | None
    suggestion: SuggestionTold | None


@routes.route(
    "GET",
    "/api/access-control/explain",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(
        answer=Explained,
        errors=(ActionInvalid, ScopeInvalid, PermissionMissing, SubjectNotFound),
        answers={ScopeInvalid: (400, "invalid scope")},
        query={"subject": str, "action": str, "scope": str},
    ),
)
def explain_permission(call: Call[Principal]) -> Explained:
    """Tell why the caller, or somebody whose permissions they may read, may do something or may not."""
    query = call.query
    wanted = parse_permission(query.text("action"), query.text("scope"))
    named = parse_named(query.text("subject")) if query.text("subject") else None
    with call.deps.read() as db:
        return shaped(explain.explain_permission(db, call.by, named, wanted))


def shaped(answer: Answer) -> Explained:
    told = answer.explanation
    listed = (*told.covering, *told.others)[:_MOST_GRANTS]
    return Explained(
        allowed=told.is_allowed,
        subject=answer.of.named.text,
        action=told.wanted.action,
        scope=told.wanted.scope,
        decided_by=None if told.decided_by is None else grant_told(told.decided_by),
        grants=[grant_told(grant) for grant in listed],
        nearest=None if told.nearest is None else grant_told(told.nearest),
        suggestion=next(map(suggestion_told, answer.ways), None),
    )


def grant_told(grant: Grant) -> GrantTold:
    return GrantTold(*grant.permission, grant.source.value, grant.role_uid, grant.role_name, grant.via)


def suggestion_told(way: Way) -> SuggestionTold:
    return SuggestionTold(
        way.kind.value, way.text, way.role_uid or UNSET, way.level or UNSET, way.resource or UNSET
    )
