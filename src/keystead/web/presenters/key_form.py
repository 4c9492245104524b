"""The form `Add API Key`: open, filled in, refused."""

from keystead.core.access.roles import ROLES_ASCENDING, Role, reaches
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.time_to_live import UNITS_S, parse_time_to_live, worded_maximum
from keystead.core.errors import Invalid
from keystead.web.forms import Form, Refused, above_maximum
from keystead.web.presenters.frame import Viewer
from keystead.web.times import moment
from keystead.web.views.apikeys import KeyForm
from keystead.web.views.fields import DurationField, Field, SelectField
from keystead.web.views.frame import Choice
from keystead.web.wording import plural

_EMPTY = Form({})
_FINE = Refused({})
_PICKS = ("1h", "12h", "1d", "1w", "1M")
_UNIT_WORDS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "M": "month"}
_ROLE_HELP = (
    "Admin may use every API of this organization. Editor and Viewer may do only what those roles allow."
)
_ORDER = ("name", "role", "ttl")


def key_form(
    viewer: Viewer, own: Role | None, limit: LifetimeLimit, typed: Form = _EMPTY, refused: Refused = _FINE
) -> KeyForm:
    """Return the form; a refused one keeps what was typed, and its first marked field has the focus."""
    messages = refused.messages
    focused = next((name for name in _ORDER if name in messages), "name")
    return KeyForm(
        csrf=viewer.csrf,
        action_url=viewer.links.api_keys(),
        close_url=viewer.links.api_keys(),
        summary="The key was not created. Check the marked fields." if messages else "",
        name=_name_field(typed.typed("name"), messages.get("name", ""), is_focused=focused == "name"),
        role=_role_field(typed.typed("role"), messages.get("role", ""), own, is_focused=focused == "role"),
        time_to_live=_duration_field(viewer, limit, typed.typed("ttl"), messages.get("ttl", ""), focused),
    )


def _name_field(value: str, error: str, *, is_focused: bool) -> Field:
    return Field(
        id="name",
        name="name",
        label="Key name",
        value=value,
        error=error,
        help="Unique in this organization.",
        placeholder="Name",
        is_focused=is_focused,
    )


def _role_field(value: str, error: str, own: Role | None, *, is_focused: bool) -> SelectField:
    chosen = value or Role.VIEWER
    return SelectField(
        id="role",
        name="role",
        label="Role",
        choices=tuple(_role_choice(role, chosen, own) for role in reversed(ROLES_ASCENDING)),
        error=error,
        help=_ROLE_HELP,
        is_focused=is_focused,
    )


def _role_choice(role: Role, chosen: str, own: Role | None) -> Choice:
    is_within = reaches(own, role)
    label = role.value if is_within else f"{role.value} (above your role)"
    return Choice(role.value, label, is_chosen=role.value == chosen, is_disabled=not is_within)


def _duration_field(
    viewer: Viewer, limit: LifetimeLimit, value: str, error: str, focused: str
) -> DurationField:
    is_long_enough = {pick: limit.is_unlimited or _seconds(pick) <= limit.maximum_s for pick in _PICKS}
    return DurationField(
        value=value,
        error=error,
        preview="" if error else _preview(viewer, limit, value),
        help=_help(limit),
        picks=tuple(pick for pick, fits in is_long_enough.items() if fits),
        maximum_s=limit.maximum_s,
        above_maximum=above_maximum(limit),
        now=viewer.now,
        is_focused=focused == "ttl",
    )


def _seconds(pick: str) -> int:
    return int(pick[:-1]) * UNITS_S[pick[-1]]


def _help(limit: LifetimeLimit) -> str:
    if limit.is_unlimited:
        return "Leave empty for a key that does not expire. When unsure, choose a few hours."
    return f"At most {_short_maximum(limit.maximum_s)}. When unsure, choose a few hours."


def _short_maximum(maximum_s: int) -> str:
    """Return the maximum in words, and as one would type it: `30 days (1M)`."""
    words = worded_maximum(maximum_s).partition(" (")[0]
    unit = next(unit for unit in reversed(UNITS_S) if maximum_s % UNITS_S[unit] == 0)
    return f"{words} ({maximum_s // UNITS_S[unit]}{unit})"


def _preview(viewer: Viewer, limit: LifetimeLimit, value: str) -> str:
    text = value.strip()
    try:
        lifetime_s = parse_time_to_live(text, limit)
    except Invalid:
        return ""
    if not lifetime_s:
        return ""
    ends = moment(UnixSeconds(viewer.now + lifetime_s), viewer.now, viewer.zone)
    utc = " UTC" if ends.is_local else ""
    return f"Expires {ends.text}{utc} (in {plural(int(text[:-1]), _UNIT_WORDS[text[-1]])})"
