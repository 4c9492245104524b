"""`/api/audit`: who changed what. Keystead's own."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.changes.errors import CursorUnknown, MomentInvalid
from keystead.core.changes.search import Recorded, Sought, parse_moment
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.query import Query
from keystead.http.render import rfc3339
from keystead.usecases import audit

routes = Routes()

JSON_LINES = "application/x-ndjson"
_FILTER = {
    "orgId": str,
    "from": str,
    "to": str,
    "actor": str,
    "action": str,
    "target": str,
    "result": str,
    "query": str,
}


class EventActor(Struct, rename="camel"):
    kind: str
    id: int
    login: str
    credential_id: int | None


class EventTarget(Struct):
    kind: str
    id: str
    name: str


class Event(Struct, rename="camel"):
    seq: int
    time: str
    request_id: str
    org_id: int | None  # null: the whole server
    actor: EventActor
    address: str
    action: str
    target: EventTarget
    result: str
    detail: dict[str, str | int | bool | None]
    hash: str


class Events(Struct):
    items: list[Event]
    next: str | None  # the `after` of what is older; null: there is nothing


@routes.route(
    "GET",
    "/api/audit",
    needs=Action.AUDIT_READ.anywhere(),
    told=Told(
        answer=Events,
        errors=(MomentInvalid, CursorUnknown),
        query={**_FILTER, "limit": int, "after": str},
    ),
)
def list_changes(call: Call[Principal]) -> Events:
    """List changes and sign-ins, newest first."""
    query = call.query
    with call.deps.read() as db:
        found, after = audit.list_changes(
            db,
            call.by,
            sought(query),
            after=query.text("after"),
            limit=query.number("limit"),
            is_everywhere=is_everywhere(query),
        )
    return Events([to_event(recorded) for recorded in found], after or None)


@routes.route(
    "GET",
    "/api/audit/export",
    needs=Action.AUDIT_READ.anywhere(),
    told=Told(errors=(MomentInvalid,), query=_FILTER),
)
def export_changes(call: Call[Principal]) -> Response:
    """Send all changes and sign-ins as JSON lines, oldest first."""
    pieces = audit.export_changes(
        call.deps.read, call.by, sought(call.query), is_everywhere=is_everywhere(call.query)
    )
    headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(json_lines(pieces), media_type=JSON_LINES, headers=headers)


def json_lines(pieces: Iterator[list[Recorded]]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode_lines
    return (encode([to_event(recorded) for recorded in piece]) for piece in pieces)


def is_everywhere(query: Query) -> bool:
    return query.text("orgId") == "all"


def sought(query: Query) -> Sought:
    """Raises MomentInvalid."""
    return Sought(
        since=parse_moment(query.text("from")),
        until=parse_moment(query.text("to")),
        actor=query.text("actor"),
        action=query.text("action"),
        target=query.text("target"),
        result=query.text("result"),
        text=query.text("query"),
    )


def to_event(recorded: Recorded) -> Event:
    change = recorded.change
    actor = change.actor
    return Event(
        seq=change.id,
        time=rfc3339(change.at),
        request_id=change.request_id,
        org_id=change.org,
        actor=EventActor(actor.kind, actor.id, actor.login, actor.credential_id),
        address=change.address,
        action=change.action,
        target=EventTarget(change.target_kind, change.target_id, change.target_name),
        result=change.result,
        detail=dict(change.detail),
        hash=recorded.hash.hex(),
    )
