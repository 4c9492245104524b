"""Health and readiness: open by declaration."""

from msgspec import Struct
from starlette.responses import PlainTextResponse, Response

from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import Open
from keystead.http.render import JSON_UTF8, to_response
from keystead.usecases import readiness

routes = Routes()

API_LEVEL = "9.3.2"  # what clients ask for before they use a route


class Health(Struct):
    commit: str  # of what is built: Keystead's own version
    database: str  # "ok" or "failing"
    version: str
    keystead: str


_HEALTH = Told(answer=Health, otherwise={503: Health})


@routes.open("GET", "/api/health", needs=Open.HEALTH_CHECK, told=_HEALTH)
def health(call: Call[None]) -> Response:
    """Tell whether the database answers."""
    is_up = readiness.is_database_up(call.deps.read)
    body = Health(call.deps.site.version, "ok" if is_up else "failing", API_LEVEL, call.deps.site.version)
    return to_response(body, 200 if is_up else 503, JSON_UTF8)


@routes.open("GET", "/healthz", needs=Open.HEALTH_CHECK)
def healthz(_call: Call[None]) -> Response:
    """Tell that the process runs."""
    return PlainTextResponse("Ok")


@routes.open("GET", "/readyz", needs=Open.HEALTH_CHECK, told=Told(errors=(DatabaseUnavailable,)))
def readyz(call: Call[None]) -> Response:
    """Tell whether requests may be sent here."""
    if not readiness.is_database_up(call.deps.read):
        return PlainTextResponse("Not ready", 503)
    return PlainTextResponse("Ok")
