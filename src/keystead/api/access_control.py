"""`/api/access-control`: what the caller may do."""

from msgspec import Struct

from keystead.core.access.principal import Principal
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import SignedIn

routes = Routes()

_SCOPES_BY_ACTION = Told(answer=dict[str, list[str]], query={"reloadcache": bool})


class Status(Struct):
    enabled: bool


@routes.route(
    "GET", "/api/access-control/user/permissions", needs=SignedIn.ABOUT_ONESELF, told=_SCOPES_BY_ACTION
)
@routes.route(
    "GET", "/api/access-control/users/permissions", needs=SignedIn.ABOUT_ONESELF, told=_SCOPES_BY_ACTION
)
def own_permissions(call: Call[Principal]) -> dict[str, list[str]]:
    """Tell the caller's permissions: the scopes of each action."""
    return call.by.grants.as_mapping()


@routes.route(
    "GET",
    "/api/access-control/user/actions",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=dict[str, bool], query={"reloadcache": bool}),
)
def own_actions(call: Call[Principal]) -> dict[str, bool]:
    """Tell the actions that the caller may do somewhere."""
    return dict.fromkeys(call.by.grants.as_mapping(), True)


@routes.route("GET", "/api/access-control/status", needs=SignedIn.ABOUT_ONESELF, told=Told(answer=Status))
def status(_call: Call[Principal]) -> Status:
    """Tell that access is decided by permissions."""
    return Status(enabled=True)
