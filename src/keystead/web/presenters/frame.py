"""Who looks, and the frame their pages stand in. A later page adds its entry here, in one tuple."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.clock import UnixSeconds
from keystead.web.assets import Assets
from keystead.web.links import Links
from keystead.web.times import BROWSER_ZONE, Zone
from keystead.web.views.frame import (
    AccountMenu,
    Area,
    Choice,
    Document,
    Entry,
    Frame,
    GearMenu,
    SwitchOffer,
    Toast,
)
from keystead.web.wording import initials

THEMES = (("system", "", "System"), ("dark", "dark", "Dark"), ("light", "light", "Light"))


class Place(StrEnum):
    """The areas of the pages; the value is the area's name, as its heading says it."""

    OVERVIEW = "Overview"
    AUDIT = "Audit log"
    PERMISSIONS = "Permission explorer"
    CONFIGURATION = "Configuration"
    PROFILE = "Profile"
    HELP = "Help"
    NOWHERE = "Keystead"


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a handler knows of the request, and every page needs."""

    links: Links
    assets: Assets
    csrf: str  # masked anew for each page
    now: UnixSeconds
    here_url: str
    login: str = ""
    name: str = ""
    org_name: str = ""
    has_other_orgs: bool = False
    reads_api_keys: bool = False
    hides_api_keys: bool = False  # the organization has hidden their page
    opens_migration: bool = False
    reads_audit: bool = False
    reads_credentials: bool = False  # any API key or service account
    opens_service_accounts: bool = False
    opens_teams: bool = False
    opens_org: bool = False
    opens_roles: bool = False
    theme: str = ""  # "": the default
    default_theme: str = ""  # of teams and organization; "" is system
    week_start: str = ""  # "saturday", "sunday"; anything else is Monday
    zone: Zone = BROWSER_ZONE
    toasts: tuple[Toast, ...] = ()
    switch_offer: SwitchOffer | None = None


def document_of(viewer: Viewer, *names: str, has_errors: bool = False, refresh_s: int = 0) -> Document:
    """Return the head; `names` go from the page outwards: `API Keys`, `Configuration`."""
    title = " - ".join((*names, "Keystead"))
    return Document(
        title=f"Error: {title}" if has_errors else title,
        theme=_theme(viewer),
        zone=viewer.zone.name,
        styles_url=viewer.links.asset(viewer.assets.name("keystead.css")),
        module_url=viewer.links.asset(viewer.assets.name("keystead.js")),
        mark_url=viewer.links.asset(viewer.assets.name("mark.svg")),
        refresh_s=refresh_s,
    )


def frame_of(viewer: Viewer, place: Place, tab: str = "") -> Frame:
    """Return the frame; `tab` is the label of the present entry of the gear menu."""
    entries, more = _configuration(viewer, tab), _looking_after(viewer, tab)
    gear = GearMenu(_subline(viewer), entries, more, is_current=place is Place.CONFIGURATION)
    return Frame(
        csrf=viewer.csrf,
        home_url=viewer.links.home(),
        places=_places(viewer, place),
        gear=gear if entries or more else None,
        admin=None,
        help=Entry("Help", "help", viewer.links.help(), is_current=place is Place.HELP),
        account=_account_menu(viewer),
        area=_area(viewer, place, (*entries, *more)),
        toasts=viewer.toasts,
        switch_offer=viewer.switch_offer,
    )


def _places(viewer: Viewer, place: Place) -> tuple[Entry, ...]:
    """Return what the rail has above the gear."""
    entries = (
        (True, Place.OVERVIEW, "grid", viewer.links.home()),
        (viewer.reads_audit, Place.AUDIT, "list", viewer.links.audit()),
        (True, Place.PERMISSIONS, "search", viewer.links.permissions()),
    )
    return tuple(Entry(at.value, icon, url, at is place) for is_shown, at, icon, url in entries if is_shown)


def _configuration(viewer: Viewer, tab: str) -> tuple[Entry, ...]:
    links = viewer.links
    entries = (
        (viewer.opens_teams, "Teams", "users", links.teams()),
        (viewer.opens_roles, "Roles", "shield", links.roles()),
        (viewer.opens_org, "Preferences", "sliders", links.org()),
        (viewer.reads_api_keys and not viewer.hides_api_keys, "API Keys", "key", links.api_keys()),
        (viewer.opens_service_accounts, "Service accounts", "robot", links.service_accounts()),
    )
    return tuple(Entry(label, icon, url, label == tab) for is_shown, label, icon, url in entries if is_shown)


def _looking_after(viewer: Viewer, tab: str) -> tuple[Entry, ...]:
    """Return what the gear menu has below its line."""
    links = viewer.links
    entries = (
        (viewer.opens_migration, "Migration", "move", links.migration()),
        (viewer.reads_credentials, "Expiry", "calendar", links.expiry()),
        (viewer.reads_credentials, "Health", "pulse", links.health()),
    )
    return tuple(Entry(label, icon, url, label == tab) for is_shown, label, icon, url in entries if is_shown)


def _area(viewer: Viewer, place: Place, entries: tuple[Entry, ...]) -> Area:
    icons = {
        Place.OVERVIEW: "grid",
        Place.AUDIT: "list",
        Place.PERMISSIONS: "search",
        Place.CONFIGURATION: "cog",
        Place.PROFILE: "user",
        Place.HELP: "help",
        Place.NOWHERE: "mark",
    }
    tabs = entries if place is Place.CONFIGURATION else ()
    return Area(place.value, icons[place], _subline(viewer), tabs)


def _subline(viewer: Viewer) -> str:
    return f"Organization: {viewer.org_name}" if viewer.org_name else "No organization"


def _theme(viewer: Viewer) -> str:
    return viewer.theme or viewer.default_theme or "system"


def _account_menu(viewer: Viewer) -> AccountMenu:
    links = viewer.links
    chosen = viewer.theme or "system"
    return AccountMenu(
        login=viewer.login,
        name=viewer.name,
        initials=initials(viewer.name, viewer.login),
        entries=(
            Entry("Preferences", "sliders", links.profile()),
            Entry("Change password", "key", links.password()),
        ),
        select_org_url=links.select_org() if viewer.has_other_orgs else "",
        themes=tuple(
            Choice(value, "Default" if viewer.default_theme and not theme else label, value == chosen)
            for value, theme, label in THEMES
        ),
        theme_url=links.theme(),
        here_url=viewer.here_url,
        sign_out_url=links.logout(),
    )
