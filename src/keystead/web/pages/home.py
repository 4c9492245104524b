"""The files of the pages, and what is no page."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint
from keystead.http.needs import Open, SignedIn
from keystead.http.path import RouteUnknown
from keystead.web.responses import compressed
from keystead.web.routes import Answered, Pages
from keystead.web.visit import Visit, assets

pages = Pages()
_unknown = Pages()
_FOR_EVER = "public, max-age=31536000, immutable"


@pages.open("GET", "/public/{name}", needs=Open.STATIC_FILE)
def static_file(_deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
    """Return one of the files that pages link to."""
    found = assets().get_or_none(path["name"])
    if found is None:
        raise RouteUnknown
    is_current = path["name"] == found.hashed_name
    headers = {"Cache-Control": _FOR_EVER if is_current else "no-cache", "Content-Type": found.media_type}
    return compressed(request, Response(found.content, headers=headers), found.gzipped)


@_unknown.page("/*", needs=SignedIn.NO_SUCH_ROUTE)
def unknown_page(_visit: Visit) -> Answered:
    raise RouteUnknown


async def serve_unknown(deps: Deps, request: Request, path: Mapping[str, str]) -> Response:
    """Ask strangers to sign in first, except below the files of the pages: these are no secret.

    Raises RouteUnknown, and what makes a credential useless.
    """
    if request.scope["path"].startswith(f"{deps.site.served_sub_path}/public/"):
        raise RouteUnknown
    return await _unknown[0].serve(deps, request, path)


UNKNOWN_PAGE: Endpoint = replace(_unknown[0], serve=serve_unknown)
