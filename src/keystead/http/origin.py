"""Which requests that a browser sends by itself are refused: another site may have made it do so."""

from starlette.requests import Request

from keystead.core.errors import Denied, Invalid
from keystead.http.site import Site

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_OWN = frozenset({"same-origin", "none"})


class OriginNotAllowed(Denied):
    message = "origin not allowed"
    message_id = "http.origin-not-allowed"


class HostNotAllowed(Invalid):
    message = "host not allowed"
    message_id = "http.host-not-allowed"


class PasswordThroughProxy(Denied):
    """A proxy on this machine makes the whole world look local."""

    message = "`keystead dev` takes no passwords through a proxy; use `keystead serve`"
    message_id = "http.password-through-proxy"


def check_no_proxy(request: Request, site: Site) -> None:
    """Raises PasswordThroughProxy: the password that `dev` begins with is known to everybody."""
    if site.is_dev and any(name in request.headers for name in _FORWARDED):
        raise PasswordThroughProxy


def check_host(request: Request, site: Site) -> None:
    """Raises HostNotAllowed: a name that points here is not enough, it must be one of ours."""
    if host_of(request.headers.get("host", "")) not in site.allowed_hosts:
        raise HostNotAllowed


def host_of(header: str) -> str:
    """Return the name without its port; of an IPv6 address without its brackets."""
    name = header.lower()
    return name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]


def check_origin(request: Request, site: Site, *, reads_body: bool) -> None:
    """Judge a request with an ambient credential.

    Neither of the two headers means a program such as curl, unless it could be a form.
    Raises OriginNotAllowed.
    """
    if request.method in SAFE_METHODS:
        return
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site in _OWN:
        return
    origin = request.headers.get("origin")
    if origin is not None:
        is_allowed = origin in site.origins
    elif fetch_site is not None:
        is_allowed = False
    else:
        is_allowed = not could_be_a_form(request, reads_body=reads_body)
    if not is_allowed:
        raise OriginNotAllowed


def check_link(request: Request) -> None:
    """Judge a GET that changes something. Raises OriginNotAllowed when a page of another origin led here."""
    if request.headers.get("sec-fetch-site", "none") not in _OWN:
        raise OriginNotAllowed


def could_be_a_form(request: Request, *, reads_body: bool) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method == "POST" and not reads_body and media not in ("", "application/json")
