"""What is no route: 404 for whoever shows a good credential, 401 for all others."""

from keystead.core.access.principal import Principal
from keystead.http.endpoint import Call, Endpoint, Routes
from keystead.http.needs import SignedIn
from keystead.http.path import RouteUnknown

_routes = Routes()


@_routes.route("*", "/api", needs=SignedIn.NO_SUCH_ROUTE)
def unknown_route(_call: Call[Principal]) -> object:
    raise RouteUnknown


UNKNOWN_ROUTE: Endpoint = _routes[0]
