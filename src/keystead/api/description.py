"""`/openapi.json`: what this server answers, for programs that write clients."""

from collections.abc import Sequence

from keystead.http.endpoint import Call, Endpoint, Routes
from keystead.http.needs import Open
from keystead.http.openapi import document


def routes_over(endpoints: Sequence[Endpoint]) -> Routes:
    """Return the route that describes these, and itself."""
    routes = Routes()

    @routes.open("GET", "/openapi.json", needs=Open.DESCRIPTION)
    def describe(call: Call[None]) -> object:
        """Return the OpenAPI 3.1 document of this server."""
        return document([*endpoints, *routes], call.deps.site.version)

    return routes
