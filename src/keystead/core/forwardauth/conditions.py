"""What a proxy asks of a principal, beside a good credential."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from keystead.core.access.permission import Permission, parse_permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, parse_role, reaches
from keystead.core.errors import Invalid
from keystead.core.forwardauth.errors import ConditionUnknown, OrgOther, PermissionNotHeld, RoleTooLow
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import parse_path_id


@dataclass(frozen=True, slots=True)
class Conditions:
    role: Role | None = None  # at least this one; None: any or none
    org: OrgId | None = None  # None: any
    permissions: tuple[Permission, ...] = ()  # all of them

    def check(self, by: Principal) -> None:
        """Raises OrgOther, RoleTooLow, PermissionNotHeld."""
        if self.org is not None and by.org != self.org:
            raise OrgOther
        if self.role is not None and not reaches(by.role, self.role):
            raise RoleTooLow
        if by.grants.first_missing(self.permissions) is not None:
            raise PermissionNotHeld


def parse_conditions(pairs: Iterable[tuple[str, str]]) -> Conditions:
    """Read names and values: `role` and `org` at most once, `action` alone or with its `scope` after it.

    An empty value is refused, as it comes from a variable that was not filled: an empty scope would mean any.
    Either all actions have a scope or none has: a program that writes all actions before all scopes would ask
    for something else than it means. Raises ConditionUnknown.
    """
    told, previous = Conditions(), ""
    for name, value in pairs:
        try:
            told = _with(told, name, value, previous)
        except Invalid:
            raise ConditionUnknown from None
        previous = name
    if len({bool(permission.scope) for permission in told.permissions}) > 1:
        raise ConditionUnknown
    return told


def _with(told: Conditions, name: str, value: str, previous: str) -> Conditions:
    match name:
        case "role" if told.role is None and value:
            return replace(told, role=parse_role(value))
        case "org" if told.org is None:
            return replace(told, org=_parse_org(value))
        case "action":
            return replace(told, permissions=(*told.permissions, parse_permission(value, "")))
        case "scope" if previous == "action" and value:
            *before, last = told.permissions
            return replace(told, permissions=(*before, parse_permission(last.action, value)))
    raise ConditionUnknown


def _parse_org(text: str) -> OrgId:
    number = parse_path_id(text)
    if number is None or number < 1:
        raise ConditionUnknown
    return OrgId(number)
