"""The fields of service accounts and tokens, and the page `Create service account`."""

from datetime import timedelta

from keystead.core.access.roles import ROLES_ASCENDING, Role, reaches
from keystead.core.accounts.names import service_account_login
from keystead.core.credentials.time_to_live import worded_maximum
from keystead.web.account_forms import NEVER, ON_A_DATE, WHOLE, Calendar
from keystead.web.dates import day_of, days_of
from keystead.web.forms import Form, Refused
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.permission_rows import permission_rows
from keystead.web.presenters.serviceaccounts import TAB
from keystead.web.views.fields import ExpiryField, Field, Pick, SelectField
from keystead.web.views.frame import Choice, Link
from keystead.web.views.role_choices import RoleChoices
from keystead.web.views.serviceaccounts import NewAccountPage

EMPTY = Form({})
FINE = Refused({})
UNIQUE = "Unique in this organization."
_PICKS = (7, 30, 90)  # days
_NOT_CREATED = "The service account was not created. Check the marked fields."
_HEADING = "Create service account"
_ROLE_HELP = "A service account may do what its role may do, and each of its tokens may do the same."


def new_account_page(
    viewer: Viewer,
    own: Role | None,
    calendar: Calendar,
    typed: Form = EMPTY,
    refused: Refused = FINE,
    *,
    choices: RoleChoices | None = None,
) -> NewAccountPage:
    """Return the page; a refused form keeps what was typed, and its first marked field has the focus."""
    messages = refused.messages
    focused = first_of(("name", "role", "token", "date"), refused)
    name = typed.text("name")
    return NewAccountPage(
        document=document_of(viewer, _HEADING, TAB, Place.CONFIGURATION, has_errors=bool(messages)),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        back=Link(TAB, viewer.links.service_accounts()),
        csrf=viewer.csrf,
        action_url=viewer.links.new_service_account(),
        summary=messages.get(WHOLE, _NOT_CREATED) if messages else "",
        name=text_field("name", "Display name", typed, refused, is_focused=focused == "name"),
        login=service_account_login(name) if name else "",
        role=role_field(own, typed.typed("role") or Role.VIEWER, refused, is_focused=focused == "role"),
        choices=choices,
        scopes=permission_rows(typed, refused),
        token=text_field(
            "token",
            "Token name",
            typed,
            refused,
            is_focused=focused == "token",
            is_required=False,
            help_="Leave empty to make no token yet.",
        ),
        expiry=expiry_field(calendar, typed, refused, is_focused=focused == "date"),
    )


def first_of(names: tuple[str, ...], refused: Refused) -> str:
    """Return the field that has the focus: the first marked one, else the first."""
    return next((name for name in names if name in refused.messages), names[0])


def text_field(
    name: str,
    label: str,
    typed: Form,
    refused: Refused,
    *,
    value: str | None = None,
    is_focused: bool = True,
    is_required: bool = True,
    help_: str = "",
) -> Field:
    """Return a field with what was typed; `value` is what it holds before that."""
    shown = typed.values.get(name, value or "")
    return Field(
        id=name,
        name=name,
        label=label,
        value=shown,
        error=refused.messages.get(name, ""),
        help=help_,
        is_required=is_required,
        is_focused=is_focused,
    )


def role_field(own: Role | None, chosen: str, refused: Refused, *, is_focused: bool = True) -> SelectField:
    """Offer the roles, the highest first; those above one's own are out of reach."""
    return SelectField(
        id="role",
        name="role",
        label="Basic role",
        choices=tuple(_role_choice(role, chosen, own) for role in reversed(ROLES_ASCENDING)),
        error=refused.messages.get("role", ""),
        help=_ROLE_HELP,
        is_focused=is_focused,
    )


def _role_choice(role: Role, chosen: str, own: Role | None) -> Choice:
    is_within = reaches(own, role)
    label = role.value if is_within else f"{role.value} (above your role)"
    return Choice(role.value, label, is_chosen=role.value == chosen, is_disabled=not is_within)


def expiry_field(
    calendar: Calendar, typed: Form = EMPTY, refused: Refused = FINE, *, is_focused: bool = False
) -> ExpiryField:
    clock, limit = calendar.zone.clock, calendar.limit
    days = days_of(calendar.now, clock, limit)
    today = day_of(calendar.now, clock)
    is_date = typed.typed("expiry") == ON_A_DATE or not limit.is_unlimited
    picks = ((f"{days_} days", today + timedelta(days=days_)) for days_ in _PICKS)
    longest = "" if limit.is_unlimited else f", at most {worded_maximum(limit.maximum_s)} from now"
    return ExpiryField(
        never=Choice(NEVER, "No expiration", is_chosen=not is_date) if limit.is_unlimited else None,
        on_a_date=Choice(ON_A_DATE, "Set expiration date", is_chosen=is_date),
        value=typed.values.get("date", str(days.earliest)),
        error=refused.messages.get("date", ""),
        help=f"The token ends at the end of that day{longest}.",
        earliest=str(days.earliest),
        latest="" if limit.is_unlimited else str(days.latest),
        picks=tuple(Pick(label, str(day)) for label, day in picks if day <= days.latest),
        is_browser_zone=calendar.zone.is_browser,
        is_focused=is_focused,
    )
