"""The session's cookie: how it is set, and how it is taken away."""

from starlette.responses import Response

from keystead.core.secret import Secret
from keystead.http.site import Site


def set_cookie(response: Response, site: Site, value: Secret) -> None:
    _set(response, site, f"{site.cookie_name}={value.reveal()}", site.sub_path or "/", site.cookie_max_age_s)


def has_cookie(response: Response, site: Site) -> bool:
    """Say whether the answer already sets the session's cookie, or takes it away."""
    return any(told.startswith(f"{site.cookie_name}=") for told in response.headers.getlist("set-cookie"))


def delete_cookie(response: Response, site: Site) -> None:
    """Take the session's cookie away."""
    delete_named(response, site, site.cookie_name, site.sub_path or "/")


def delete_named(response: Response, site: Site, name: str, path: str = "/") -> None:
    _set(response, site, f"{name}=", path, 0)


def _set(response: Response, site: Site, pair: str, path: str, max_age_s: int) -> None:
    """Spell it as Grafana 9.3 does: nothing is quoted, `Lax` has its capital."""
    secure = "; Secure" if site.is_https else ""
    told = f"{pair}; Path={path}; Max-Age={max_age_s}; HttpOnly{secure}; SameSite=Lax"
    response.headers.append("set-cookie", told)
