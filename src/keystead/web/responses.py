"""A view as an answer: its headers, and whether it is compressed."""

import gzip

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from keystead.http.deps import Deps
from keystead.http.origin import host_of
from keystead.web.render import View, render
from keystead.web.visit import environment

_WORTH_COMPRESSING = 1024  # bytes
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types ks"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "Vary": "X-Fragment",
}


def html(
    deps: Deps, request: Request, view: View, status: int = 200, *, has_secret: bool = False
) -> Response:
    """Answer with a page or a part of one; what holds a secret is never compressed."""
    response = HTMLResponse(render(environment(), view), status, headers=headers_for(deps, request))
    return response if has_secret else compressed(request, response)


def headers_for(deps: Deps, request: Request) -> dict[str, str]:
    """Browsers complain about an opener policy where they do not trust the connection."""
    is_trusted = deps.site.is_https or host_of(request.headers.get("host", "")) in _LOOPBACK
    return _HEADERS | ({"Cross-Origin-Opener-Policy": "same-origin"} if is_trusted else {})


def compressed(request: Request, response: Response, known: bytes | None = None) -> Response:
    """Return the answer, made smaller where that is worth it; `known` is what comes out of it."""
    body = bytes(response.body)
    if len(body) < _WORTH_COMPRESSING:
        return response
    response.headers.add_vary_header("Accept-Encoding")
    if takes_gzip(request.headers.get("accept-encoding", "")):
        response.body = gzip.compress(body, 6, mtime=0) if known is None else known
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


def takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, quality = part.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" or not quality
    return False
