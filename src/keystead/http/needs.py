"""What a route may ask of whoever calls it."""

from enum import Enum
from typing import TypeAlias

from keystead.core.access.permission import Need, Place, Several


class Open(Enum):
    """Why a route asks for no permission. Adding a member is a security review."""

    HEALTH_CHECK = "answers load balancers"
    SIGN_IN = "nobody is signed in yet"
    SIGN_OUT = "ends only the session of the cookie"
    DESCRIPTION = "tells nothing about this installation"
    STATIC_FILE = "the same for everybody"
    OWN_401 = "answers 401 by itself"


class SignedIn(Enum):
    """Why being somebody is enough."""

    ABOUT_ONESELF = "tells or changes only what concerns the caller"
    PASSWORD_CHANGE = "stays possible while a change of the password is due"  # noqa: S105 - a reason
    NO_SUCH_ROUTE = "nobody unknown learns which routes there are"


Guarded: TypeAlias = Need | Several | SignedIn
Needs: TypeAlias = Guarded | Open


def described(needs: Needs) -> str:
    """Say it in a line, for the printed reference and the OpenAPI document."""
    match needs:
        case Open():
            return f"open: {needs.value}"
        case SignedIn():
            return f"signed in: {needs.value}"
        case Several():
            return f"{needs.how} " + ", ".join(described(need) for need in needs.needs)
        case Need():
            return f"`{needs.action}`" + (f" on `{needs.scope}`" if needs.scope else "") + _place(needs)


def _place(need: Need) -> str:
    match need.place:
        case Place.HERE:
            return ""
        case Place.THERE:
            return f" in organization `{{{need.org_member}}}`"
        case Place.EVERYWHERE:
            return " for the whole server"
