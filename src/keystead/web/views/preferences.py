"""What an organization is called, and how it wants pages to look."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import Field, SelectField
from keystead.web.views.frame import Document, Frame


@dataclass(frozen=True, slots=True)
class PreferencesConfirmation:
    """The window that asks once more, as what is chosen in it counts for everybody. The fragment `dialog`."""

    template: ClassVar[str] = "_confirm_preferences.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    org_name: str
    action_url: str
    cancel_url: str
    chosen: tuple[tuple[str, str], ...]  # names and values of the form
    words: tuple[tuple[str, str], ...]  # the same as people read them
    is_open: bool = False  # as a part of the page, which works without the module


@dataclass(frozen=True, slots=True)
class OrgPage:
    template: ClassVar[str] = "org.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    csrf: str
    summary: str  # "": not refused
    name_url: str
    name: Field | None  # None: the reader may not see it
    name_reason: str  # why it cannot be changed; "": it can
    confirm_url: str
    preferences: tuple[SelectField, ...]  # empty: the reader may not see them
    preferences_reason: str
    dialog: PreferencesConfirmation | None = None
