"""The session's cookie: how it is set, and how it is taken away."""

from starlette.responses import Response

from keystead.core.secret import Secret
from keystead.http.site import Site


def set_cookie(response: Response, site: Site, value: Secret) -> None:
    response.set_cookie(
        site.cookie_name,
        value.reveal(),
        max_age=site.cookie_max_age_s,
        path=site.sub_path or "/",
        secure=site.is_https,
        httponly=True,
        samesite="lax",
    )


def has_cookie(response: Response, site: Site) -> bool:
    """Say whether the answer already sets the session's cookie, or takes it away."""
    return any(told.startswith(f"{site.cookie_name}=") for told in response.headers.getlist("set-cookie"))


def delete_cookie(response: Response, site: Site) -> None:
    """Take the session's cookie away."""
    delete_named(response, site, site.cookie_name, site.sub_path or "/")


def delete_named(response: Response, site: Site, name: str, path: str = "/") -> None:
    response.set_cookie(name, "", max_age=0, path=path, secure=site.is_https, httponly=True, samesite="lax")
