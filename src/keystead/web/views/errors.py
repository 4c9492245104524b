"""What a page or a fragment says when there is none."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.frame import Document, Frame, Link


@dataclass(frozen=True, slots=True)
class ErrorPage:
    template: ClassVar[str] = "error.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame | None  # None: nobody is signed in, or the database is away
    heading: str
    text: str
    link: Link | None
    request_id: str  # "": not worth telling


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """The answer to a fragment that failed: the module shows it as a toast."""

    template: ClassVar[str] = "_error.html"
    called: ClassVar[str] = "error"

    text: str
    request_id: str
