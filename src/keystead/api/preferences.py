"""Preferences of oneself, of a team, of an organization. Source: Grafana v9.3.2 HTTP API."""

from msgspec import UNSET, Struct, UnsetType, field

from keystead.api.shapes import NameOrEmpty
from keystead.api.teams import ONE, by_uid, team_id_of
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import UserNotFound
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.preferences.errors import HomeDashboardNotFound, ThemeInvalid
from keystead.core.preferences.model import Preferences
from keystead.core.teams.errors import TeamIdInvalid, TeamNotFound
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import SignedIn
from keystead.http.render import Message
from keystead.usecases import preferences
from keystead.usecases.preferences import ChangedPreferences

routes = Routes(by_uid)


class Navbar(Struct, rename="camel"):
    saved_items: None = None


class QueryHistory(Struct, rename="camel"):
    home_tab: str = ""


class PreferencesShape(Struct, rename="camel", kw_only=True):
    theme: str
    home_dashboard_id: int = 0
    home_dashboard_uid: str | UnsetType = field(default=UNSET, name="homeDashboardUID")  # absent: none
    timezone: str
    week_start: str
    locale: str
    navbar: Navbar
    query_history: QueryHistory


class AllPreferences(Struct, rename="camel", kw_only=True):
    """What is absent is taken back."""

    theme: NameOrEmpty = ""
    home_dashboard_id: int = 0
    home_dashboard_uid: NameOrEmpty = field(default="", name="homeDashboardUID")
    timezone: NameOrEmpty = ""
    week_start: NameOrEmpty = ""
    locale: NameOrEmpty = ""


class SomePreferences(Struct, rename="camel", kw_only=True):
    """What is absent stays as it is."""

    theme: NameOrEmpty | UnsetType = UNSET
    home_dashboard_id: int | UnsetType = UNSET
    home_dashboard_uid: NameOrEmpty | UnsetType = field(default=UNSET, name="homeDashboardUID")
    timezone: NameOrEmpty | UnsetType = UNSET
    week_start: NameOrEmpty | UnsetType = UNSET
    locale: NameOrEmpty | UnsetType = UNSET


_REFUSED = (ThemeInvalid, HomeDashboardNotFound)
_OWN = Told(answer=Message, errors=(*_REFUSED, UserNotFound))
_OF_ORG = Told(answer=Message, errors=(*_REFUSED, OrgNotFound))


@routes.route(
    "GET", "/api/user/preferences", needs=SignedIn.ABOUT_ONESELF, told=Told(answer=PreferencesShape)
)
def find_own_preferences(call: Call[Principal]) -> PreferencesShape:
    """Tell what oneself wants; an API key is told what its organization wants."""
    with call.deps.read() as db:
        return to_shape(preferences.find_own_preferences(db, call.by))


@routes.route_with_body(
    "PUT", "/api/user/preferences", needs=SignedIn.ABOUT_ONESELF, body=AllPreferences, told=_OWN
)
def set_own_preferences(call: Call[Principal], body: AllPreferences) -> Message:
    """Say all that oneself wants."""
    return change_own(call, everything(body))


@routes.route_with_body(
    "PATCH", "/api/user/preferences", needs=SignedIn.ABOUT_ONESELF, body=SomePreferences, told=_OWN
)
def change_own_preferences(call: Call[Principal], body: SomePreferences) -> Message:
    """Change some of what oneself wants."""
    return change_own(call, present(body))


@routes.route(
    "GET",
    "/api/org/preferences",
    needs=Action.ORGS_PREFERENCES_READ.anywhere(),
    told=Told(answer=PreferencesShape),
)
def find_org_preferences(call: Call[Principal]) -> PreferencesShape:
    """Tell what the organization wants for those who want nothing else."""
    with call.deps.read() as db:
        return to_shape(preferences.find_org_preferences(db, call.by))


@routes.route_with_body(
    "PUT",
    "/api/org/preferences",
    needs=Action.ORGS_PREFERENCES_WRITE.anywhere(),
    body=AllPreferences,
    told=_OF_ORG,
)
def set_org_preferences(call: Call[Principal], body: AllPreferences) -> Message:
    """Say all that the organization wants."""
    return change_org(call, everything(body))


@routes.route_with_body(
    "PATCH",
    "/api/org/preferences",
    needs=Action.ORGS_PREFERENCES_WRITE.anywhere(),
    body=SomePreferences,
    told=_OF_ORG,
)
def change_org_preferences(call: Call[Principal], body: SomePreferences) -> Message:
    """Change some of what the organization wants."""
    return change_org(call, present(body))


@routes.route(
    "GET",
    "/api/teams/{team_id}/preferences",
    needs=Action.TEAMS_READ.on(ONE),
    told=Told(answer=PreferencesShape, errors=(TeamIdInvalid,)),
)
def find_team_preferences(call: Call[Principal]) -> PreferencesShape:
    """Tell what a team wants for its members; a team that is not there wants nothing."""
    team = team_id_of(call)
    with call.deps.read() as db:
        return to_shape(preferences.find_team_preferences(db, call.by, team))


@routes.route_with_body(
    "PUT",
    "/api/teams/{team_id}/preferences",
    needs=Action.TEAMS_WRITE.on(ONE),
    body=AllPreferences,
    told=Told(answer=Message, errors=(*_REFUSED, TeamIdInvalid, TeamNotFound)),
)
def set_team_preferences(call: Call[Principal], body: AllPreferences) -> Message:
    """Say all that a team wants for its members."""
    team, wanted = team_id_of(call), everything(body)
    with call.deps.write() as db:
        preferences.change_team_preferences(db, call.by, team, wanted, clock=call.deps.clock)
    return Message("Preferences updated")


def change_own(call: Call[Principal], wanted: ChangedPreferences) -> Message:
    with call.deps.write() as db:
        preferences.change_own_preferences(db, call.by, wanted)
    return Message("Preferences updated")


def change_org(call: Call[Principal], wanted: ChangedPreferences) -> Message:
    with call.deps.write() as db:
        preferences.change_org_preferences(db, call.by, wanted, clock=call.deps.clock)
    return Message("Preferences updated")


def everything(body: AllPreferences) -> ChangedPreferences:
    return ChangedPreferences(
        theme=body.theme,
        timezone=body.timezone,
        week_start=body.week_start,
        locale=body.locale,
        home_dashboard_id=body.home_dashboard_id,
        home_dashboard_uid=body.home_dashboard_uid,
    )


def present(body: SomePreferences) -> ChangedPreferences:
    return ChangedPreferences(
        theme=None if body.theme is UNSET else body.theme,
        timezone=None if body.timezone is UNSET else body.timezone,
        week_start=None if body.week_start is UNSET else body.week_start,
        locale=None if body.locale is UNSET else body.locale,
        home_dashboard_id=body.home_dashboard_id or 0,
        home_dashboard_uid=body.home_dashboard_uid or "",
    )


def to_shape(wanted: Preferences) -> PreferencesShape:
    return PreferencesShape(
        theme=wanted.theme,
        timezone=wanted.timezone,
        week_start=wanted.week_start,
        locale=wanted.locale,
        navbar=Navbar(),
        query_history=QueryHistory(),
    )
