"""The forms of service accounts and their tokens: to typed bodies, or to a message for each field."""

from collections.abc import Mapping
from dataclasses import dataclass

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountLoginTaken
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import LifetimeAboveLimit, LifetimeMissing, TokenNameTaken
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.rotation import DEFAULT_GRACE_S
from keystead.core.credentials.time_to_live import worded_maximum
from keystead.core.errors import KeysteadError
from keystead.web.dates import days_of, get_day_or_none, lifetime_until
from keystead.web.forms import Form, Refused, text_message
from keystead.web.times import Zone, parse_zone

NEVER, ON_A_DATE = "never", "date"
GRACES_S: Mapping[int, str] = {
    0: "Now",
    3600: "In 1 hour",
    DEFAULT_GRACE_S: "In 24 hours",
    7 * 86_400: "In 7 days",
    30 * 86_400: "In 30 days",
}
WHOLE = ""  # a message of this name belongs to no field: the summary tells it


@dataclass(frozen=True, slots=True)
class Calendar:
    """What an expiration date depends on, beside what was chosen."""

    now: UnixSeconds
    zone: Zone  # the reader's
    limit: LifetimeLimit


@dataclass(frozen=True, slots=True)
class TokenAsked:
    name: str
    lifetime_s: int  # 0: never expires


@dataclass(frozen=True, slots=True)
class AccountAsked:
    name: str
    role: Role
    token: TokenAsked | None
    permissions: frozenset[Permission] = frozenset()  # beside those of its roles


@dataclass(frozen=True, slots=True)
class RotationWanted:
    name: str
    grace_s: int


def read_new_account(form: Form, calendar: Calendar) -> AccountAsked | Refused:
    """Read the account, and its first token if that has a name."""
    token = read_token(form, calendar, "token", "Token name") if form.text("token") else None
    messages = {"name": text_message("Display name", form.typed("name")), "role": role_message(form)}
    if isinstance(token, Refused):
        messages |= token.messages
    if any(messages.values()) or isinstance(token, Refused):
        return told(messages)
    return AccountAsked(form.text("name"), Role(form.typed("role")), token)


def read_token(
    form: Form, calendar: Calendar, name: str = "name", label: str = "Display name"
) -> TokenAsked | Refused:
    """Read name and end. That the name is free, and its maker within rights, is the use case's to tell."""
    lifetime_s = read_expiry(form, calendar)
    message = text_message(label, form.typed(name))
    if message or isinstance(lifetime_s, str):
        return told({name: message, "date": lifetime_s if isinstance(lifetime_s, str) else ""})
    return TokenAsked(form.text(name), lifetime_s)


def read_expiry(form: Form, calendar: Calendar) -> int | str:
    """Return the seconds until the token ends, 0 for never; or what is wrong."""
    if form.typed("expiry") != ON_A_DATE and calendar.limit.is_unlimited:
        return 0
    if not form.text("date"):
        return "Expiration date is required"
    day = get_day_or_none(form.text("date"))
    if day is None:
        return "Not a valid date"
    zone = zone_of(form, calendar)
    days = days_of(calendar.now, zone.clock, calendar.limit)
    earliest = min(days.earliest, days_of(calendar.now, calendar.zone.clock, calendar.limit).earliest)
    if day > days.latest:
        return f"The latest possible date is {days.latest}."
    lifetime_s = lifetime_until(day, calendar.now, zone.clock, calendar.limit)
    if day < earliest or lifetime_s <= 0:
        return f"The earliest possible date is {days.earliest}."
    return lifetime_s


def zone_of(form: Form, calendar: Calendar) -> Zone:
    """Return the person's zone; the browser's own is told by the module, and is UTC without it."""
    return parse_zone(form.text("zone")) if calendar.zone.is_browser else calendar.zone


def read_rotation(form: Form) -> RotationWanted | Refused:
    grace = form.typed("grace")
    is_known = grace in {str(grace_s) for grace_s in GRACES_S}
    messages = {
        "name": text_message("New name", form.typed("name")),
        "grace": "" if is_known else "Choose when the old token ends",
    }
    return told(messages) if any(messages.values()) else RotationWanted(form.text("name"), int(grace))


def read_name(form: Form) -> str | Refused:
    message = text_message("Name", form.typed("name"))
    return told({"name": message}) if message else form.text("name")


def read_role(form: Form) -> Role | Refused:
    message = role_message(form)
    return told({"role": message}) if message else Role(form.typed("role"))


def role_message(form: Form) -> str:
    return "" if form.typed("role") in set(Role) else "Invalid role specified"


def account_refused_by(error: KeysteadError, login: str) -> Refused | None:
    """Return the message at its field of the page `Create service account`; None: it belongs to none."""
    if isinstance(error, ServiceAccountLoginTaken):
        return Refused({"name": f"An account with the ID {login} exists already."})
    if isinstance(error, TokenNameTaken):
        return Refused({"token": error.message})
    return role_refused_by(error)


def role_refused_by(error: KeysteadError) -> Refused | None:
    is_above = isinstance(error, RoleAboveOwn)
    return Refused({"role": "can not assign a role higher than user's role"}) if is_above else None


def token_refused_by(error: KeysteadError) -> Refused | None:
    """Return the message at its field of a window for a token; None: it belongs to none."""
    return Refused({"name": error.message}) if isinstance(error, TokenNameTaken) else None


def rotation_refused_by(error: KeysteadError, limit: LifetimeLimit) -> Refused | None:
    """The same where the successor lives as long as the old one did, which a maximum may forbid by now."""
    if isinstance(error, LifetimeMissing | LifetimeAboveLimit):
        longest = worded_maximum(limit.maximum_s)
        return Refused({WHOLE: f"A new token can live at most {longest}. Add one, and revoke this one."})
    return token_refused_by(error)


def told(messages: Mapping[str, str]) -> Refused:
    return Refused({name: message for name, message in messages.items() if message})
