"""What surrounds a page: document, rail, header, tabs, menus and messages."""

from dataclasses import dataclass
from enum import StrEnum


class ToastKind(StrEnum):
    SUCCESS = "success"  # goes away by itself
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail, a menu or the tabs."""

    label: str
    icon: str  # a macro of macros/icons.html
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Toast:
    kind: ToastKind
    text: str
    link: Link | None = None
    request_id: str = ""  # of errors


@dataclass(frozen=True, slots=True)
class Document:
    """The head of the HTML document."""

    title: str
    theme: str  # system, dark, light
    zone: str  # "" for the browser's
    styles_url: str
    module_url: str
    mark_url: str
    refresh_s: int = 0  # without the module the page is loaded anew after so long; 0: never


@dataclass(frozen=True, slots=True)
class GearMenu:
    subline: str  # Organization: Main Org.
    entries: tuple[Entry, ...]
    more_entries: tuple[Entry, ...]  # below the line
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button or one option of a select."""

    value: str
    label: str
    is_chosen: bool
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class AccountMenu:
    login: str
    name: str
    initials: str
    entries: tuple[Entry, ...]
    select_org_url: str  # "": one organization only
    themes: tuple[Choice, ...]
    theme_url: str
    here_url: str  # where the form of the themes leads back to
    sign_out_url: str


@dataclass(frozen=True, slots=True)
class Area:
    name: str  # the <h1>
    icon: str
    subline: str
    tabs: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class SwitchOffer:
    """A link came with the number of another organization of the same person."""

    org_name: str
    url: str


@dataclass(frozen=True, slots=True)
class Frame:
    csrf: str
    home_url: str
    places: tuple[Entry, ...]  # of the rail, above the gear
    gear: GearMenu | None
    admin: Entry | None
    help: Entry
    account: AccountMenu
    area: Area
    toasts: tuple[Toast, ...] = ()
    switch_offer: SwitchOffer | None = None
