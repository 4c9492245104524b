"""`/api/serviceaccounts/migrate/callers`: who still calls `/api/auth/keys`."""

from msgspec import Struct

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.usage.old_api import Caller, Calls
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import rfc3339
from keystead.usecases import old_api

routes = Routes()


class CallerTold(Struct, rename="camel"):
    kind: str
    id: int
    name: str
    method: str
    route: str
    count: int
    last_at: str
    last_from: str
    last_user_agent: str


@routes.route(
    "GET",
    "/api/serviceaccounts/migrate/callers",
    needs=Action.API_KEYS_READ.anywhere(),
    told=Told(answer=list[CallerTold]),
)
def list_callers(call: Call[Principal]) -> list[CallerTold]:
    """List who called the API of API keys in the last 30 days, by route."""
    call.deps.old_api.flush()  # so that a first call shows
    with call.deps.read() as db:
        found = old_api.list_callers(db, call.by, now=call.deps.clock())
    return [shaped(caller, calls) for caller, calls in found]


def shaped(caller: Caller, calls: Calls) -> CallerTold:
    return CallerTold(
        kind=caller.kind.value,
        id=caller.id,
        name=calls.name,
        method=caller.method,
        route=caller.route,
        count=calls.count,
        last_at=rfc3339(calls.last_at),
        last_from=calls.last_from,
        last_user_agent=calls.last_agent,
    )
