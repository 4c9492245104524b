"""Preferences, in words: the fields that everybody's form has, and the page of an organization."""

from dataclasses import dataclass, replace

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.preferences.model import Preferences
from keystead.usecases.preferences import ChangedPreferences
from keystead.web.forms import Form, Refused
from keystead.web.preference_forms import THEMES, WEEK_STARTS, ZONES
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import needed
from keystead.web.times import zone_names
from keystead.web.views.fields import Field, SelectField
from keystead.web.views.frame import Choice
from keystead.web.views.preferences import OrgPage, PreferencesConfirmation

TAB = "Preferences"
_THEME_LABELS = {"system": "Default", "dark": "Dark", "light": "Light"}
_FINE = Refused({})


@dataclass(frozen=True, slots=True)
class OrgRights:
    reads_name: bool
    reads_preferences: bool
    write_name: str  # the reason against it; "": it may be done
    write_preferences: str


@dataclass(frozen=True, slots=True)
class KnownOrg:
    """What the page tells, as the database has it; "" and nothing where the reader may not see it."""

    name: str
    preferences: Preferences


def org_rights_of(by: Principal) -> OrgRights:
    def reason(action: Action) -> str:
        return "" if by.grants.holds(action) else needed(action)

    return OrgRights(
        reads_name=by.grants.holds(Action.ORGS_READ),
        reads_preferences=by.grants.holds(Action.ORGS_PREFERENCES_READ),
        write_name=reason(Action.ORGS_WRITE),
        write_preferences=reason(Action.ORGS_PREFERENCES_WRITE),
    )


def org_page(
    viewer: Viewer,
    known: KnownOrg,
    rights: OrgRights,
    *,
    typed: Form | None = None,
    refused: Refused = _FINE,
    dialog: PreferencesConfirmation | None = None,
) -> OrgPage:
    messages, links = refused.messages, viewer.links
    name = known.name if typed is None or "name" not in typed.values else typed.typed("name")
    return OrgPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION, has_errors=bool(messages)),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        csrf=viewer.csrf,
        summary="Your changes were not saved. Check the marked fields." if messages else "",
        name_url=links.org(),
        name=_name_field(name, messages.get("name", "")) if rights.reads_name else None,
        name_reason=rights.write_name,
        confirm_url=links.org("confirm/preferences"),
        preferences=preference_fields(known.preferences, refused) if rights.reads_preferences else (),
        preferences_reason=rights.write_preferences,
        dialog=None if dialog is None else replace(dialog, is_open=True),
    )


def preferences_confirmation(viewer: Viewer, wanted: ChangedPreferences) -> PreferencesConfirmation:
    theme = next(spelled for spelled, stored in THEMES.items() if stored == wanted.theme)
    zone, week_start = wanted.timezone or "", wanted.week_start or ""
    return PreferencesConfirmation(
        csrf=viewer.csrf,
        org_name=viewer.org_name,
        action_url=viewer.links.org("preferences"),
        cancel_url=viewer.links.org(),
        chosen=(("theme", theme), ("timezone", zone), ("weekStart", week_start)),
        words=(
            ("UI Theme", _THEME_LABELS[theme]),
            ("Timezone", ZONES.get(zone, zone)),
            ("Week start", WEEK_STARTS[week_start]),
        ),
    )


def preference_fields(stored: Preferences, refused: Refused = _FINE) -> tuple[SelectField, ...]:
    """Return the fields as they are stored."""
    messages = refused.messages
    zones = {**ZONES, **{name: name for name in zone_names()}}
    if stored.timezone not in zones:
        zones[stored.timezone] = stored.timezone
    return (
        _select("theme", "UI Theme", _THEME_LABELS, stored.theme or "system", messages.get("theme", "")),
        _select("timezone", "Timezone", zones, stored.timezone, messages.get("timezone", "")),
        _select("weekStart", "Week start", WEEK_STARTS, stored.week_start, messages.get("weekStart", "")),
    )


def _select(name: str, label: str, labels: dict[str, str], chosen: str, error: str) -> SelectField:
    choices = (Choice(value, words, is_chosen=value == chosen) for value, words in labels.items())
    return SelectField(
        id=name, name=name, label=label, choices=tuple(choices), error=error, is_focused=bool(error)
    )


def _name_field(value: str, error: str) -> Field:
    return Field(
        id="name", name="name", label="Organization name", value=value, error=error, is_focused=bool(error)
    )
