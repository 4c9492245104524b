"""The help pages: an index, and one short text for each topic."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.frame import Document, Frame, Link


@dataclass(frozen=True, slots=True)
class HelpIndexPage:
    template: ClassVar[str] = "help.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    topics: tuple[Link, ...]
    version: str


@dataclass(frozen=True, slots=True)
class HelpTopicPage:
    template: ClassVar[str] = "help_topic.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    title: str
    body: str  # the template with the text
    index_url: str
    api_keys_url: str  # "": not for the reader
    migration_url: str  # "": not for the reader
    api_url: str  # of the HTTP API
    version: str
    longest_life: str  # "30 days (one month)"; "" without a limit
    example: str  # a request to copy
    token_example: str
