"""`/openapi.json`: what this server answers, for programs that write clients."""

from collections.abc import Sequence
from functools import cache

import msgspec
from starlette.responses import Response

from keystead.http.endpoint import Call, Endpoint, Routes, Told
from keystead.http.needs import Open
from keystead.http.openapi import document
from keystead.http.render import JSON


def routes_over(endpoints: Sequence[Endpoint]) -> Routes:
    """Return the route that describes these, and itself."""
    routes = Routes()
    document_of = cache(lambda version: msgspec.json.encode(document([*endpoints, *routes], version)))

    @routes.open("GET", "/openapi.json", needs=Open.DESCRIPTION, told=Told(answer=dict[str, object]))
    def describe(call: Call[None]) -> Response:
        """Return the OpenAPI 3.1 document of this server."""
        return Response(document_of(call.deps.site.version), media_type=JSON)

    return routes
