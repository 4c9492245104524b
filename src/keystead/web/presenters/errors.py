"""Failures as pages: never a stack, a query, or what was sent."""

from keystead.core.access.errors import PermissionMissing
from keystead.core.errors import (
    Conflict,
    Denied,
    Invalid,
    KeysteadError,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.views.errors import ErrorLine, ErrorPage
from keystead.web.views.frame import Link
from keystead.web.wording import plural

_FAULT = ("Something went wrong.", "")
_WORDS = {
    NotFound: ("Page not found", ""),
    Unauthenticated: ("You are not signed in.", ""),
    TooMany: ("Too many requests.", ""),
    DatabaseUnavailable: ("Keystead cannot reach its database.", ""),
    Unavailable: ("Keystead has too much to do.", ""),
}


class PageOutOfDate(Denied):
    """A form came with the token of an earlier session."""

    message = "This page is out of date."
    message_id = "web.page-out-of-date"


def words_of(error: KeysteadError | None) -> tuple[str, str]:
    """Return heading and text; None is a fault of our own."""
    if isinstance(error, PermissionMissing):
        return "You cannot open this page.", f"You need {error.needed}." if error.needed else ""
    if isinstance(error, PageOutOfDate):
        return error.message, ""
    if isinstance(error, Denied | Conflict | Invalid):
        return "This cannot be done.", _sentence(error.message)
    return next((words for kind, words in _WORDS.items() if isinstance(error, kind)), _FAULT)


def error_page(
    viewer: Viewer,
    error: KeysteadError | None,
    *,
    request_id: str,
    is_signed_in: bool,
    retry_after_s: int = 0,
) -> ErrorPage:
    heading, text = words_of(error)
    is_fault = error is None or isinstance(error, Unavailable)
    return ErrorPage(
        document=document_of(viewer, heading.rstrip(".")),
        frame=frame_of(viewer, Place.NOWHERE) if is_signed_in else None,
        heading=heading,
        text=f"Try again in {plural(retry_after_s, 'second')}." if retry_after_s else text,
        link=_link(viewer, error, is_signed_in=is_signed_in),
        request_id=request_id if is_fault else "",
    )


def error_line(error: KeysteadError | None, request_id: str) -> ErrorLine:
    heading, text = words_of(error)
    is_fault = error is None or isinstance(error, Unavailable)
    return ErrorLine(text or heading, request_id if is_fault else "")


def _link(viewer: Viewer, error: KeysteadError | None, *, is_signed_in: bool) -> Link:
    if error is None or isinstance(error, Unavailable | TooMany):
        return Link("Reload", viewer.here_url)
    if isinstance(error, PageOutOfDate):
        return Link("Load it again", viewer.here_url)
    if isinstance(error, PermissionMissing) and is_signed_in and error.asked[0]:
        action, scope = error.asked
        return Link("Explain why", viewer.links.permissions((("action", action), ("scope", scope))))
    return Link("Home", viewer.links.home()) if is_signed_in else Link("Sign in", viewer.links.login())


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}".rstrip(".") + "."
