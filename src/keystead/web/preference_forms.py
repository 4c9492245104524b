"""The form of preferences: to what is to be different, or to a message for each field."""

from keystead.usecases.preferences import ChangedPreferences
from keystead.web.forms import Form, Refused
from keystead.web.times import parse_zone

THEMES = {"system": "", "dark": "dark", "light": "light"}  # as forms spell them -> as they are stored
ZONES = {"": "Default", "browser": "Browser Time", "utc": "UTC"}  # beside those with names
WEEK_STARTS = {"": "Default", "saturday": "Saturday", "sunday": "Sunday", "monday": "Monday"}


def read_theme(form: Form) -> str | Refused:
    """Return the theme as it is stored."""
    theme = THEMES.get(form.typed("theme"))
    return Refused({"theme": "Invalid theme"}) if theme is None else theme


def read_preferences(form: Form) -> ChangedPreferences | Refused:
    theme, zone, week_start = (form.typed(name) for name in ("theme", "timezone", "weekStart"))
    is_zone = zone in ZONES or parse_zone(zone).name == zone
    messages = {
        "theme": "" if theme in THEMES else "Invalid theme",
        "timezone": "" if is_zone else "Invalid timezone",
        "weekStart": "" if week_start in WEEK_STARTS else "Invalid week start",
    }
    told = {name: message for name, message in messages.items() if message}
    if told:
        return Refused(told)
    return ChangedPreferences(theme=THEMES[theme], timezone=zone, week_start=week_start)
