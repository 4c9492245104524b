"""What a form says of roles beside the basic one: which are picked, and whether it is finished."""

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.role_errors import AssignmentInvalid, RoleNotFound, RoleOfServer
from keystead.core.errors import KeysteadError
from keystead.web.account_forms import WHOLE, role_refused_by
from keystead.web.forms import Form, Refused

PICK = "pick-"
HAS_CHOICES = "assigned"  # the field that says that the form tells of roles
FILTER, CLEAR, APPLY = "filter", "clear", "apply"  # values of buttons
_AGAIN = frozenset({FILTER, CLEAR, APPLY})


def picked(form: Form) -> frozenset[str]:
    """Return the uids of the roles that are picked."""
    return frozenset(
        name.removeprefix(PICK) for name, value in form.values.items() if name.startswith(PICK) and value
    )


def wanted_roles(form: Form) -> frozenset[str] | None:
    """Return the uids that somebody is to have; None: the form does not tell."""
    return picked(form) if form.typed(HAS_CHOICES) else None


def is_unfinished(form: Form) -> bool:
    """Say whether a button was pressed that only changes the form; Enter in the filter presses that one."""
    act = form.typed("act")
    return act in _AGAIN or (not act and form.text("filter") != form.text("filtered"))


def assigning_refused_by(error: KeysteadError) -> Refused | None:
    """Return the message at its field, or for the whole form; None: it belongs to neither."""
    if isinstance(error, PermissionMissing):
        return Refused({WHOLE: f"You need {error.needed} to do this. Nothing was changed."})
    if isinstance(error, RoleNotFound | RoleOfServer | AssignmentInvalid):
        return Refused({WHOLE: "One of these roles is gone or cannot be given. Look once more."})
    return role_refused_by(error)
