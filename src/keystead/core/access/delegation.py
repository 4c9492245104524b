"""Who may make, change and give roles: nobody passes on what they do not hold."""

from keystead.core.access.denial import permission_missing
from keystead.core.access.errors import PermissionMissing
from keystead.core.access.named_roles import NamedRole
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.role_errors import RoleNameReserved, RoleVersionNotGreater

_RESERVED = ("fixed:", "basic:", "managed:", "plugins:", "serviceaccounts:")


def check_role_name(name: str) -> None:
    """Raises RoleNameReserved for the names of roles that nobody makes."""
    if name.startswith(_RESERVED):
        raise RoleNameReserved


def next_version(stored: int, wanted: int | None) -> int:
    """Return the version that a change makes; None asks for the next. Raises RoleVersionNotGreater."""
    if wanted is None:
        return stored + 1
    if wanted <= stored:
        raise RoleVersionNotGreater(f"{stored=} {wanted=}")
    return wanted


def check_may_delegate(by: Principal, role: NamedRole, action: Action, *, everywhere: bool = False) -> None:
    """Ask whether somebody may make, change, give or take away this role.

    Raises PermissionMissing: with the action, when that is for server admins alone, as are roles of the whole
    server and whatever counts everywhere; else with the first action in the role that they do not hold.
    """
    is_of_all = everywhere or (role.is_global and not role.is_of_server)
    if is_of_all and not by.is_server_admin:
        raise PermissionMissing(action, f"needed {action} as a server admin")
    missing = by.grants.first_missing(role.held)
    if missing is not None:
        raise permission_missing(missing.action, [missing], by.grants)


def is_delegatable(by: Principal, role: NamedRole) -> bool:
    """Say whether somebody may give this role to others."""
    if role.is_basic or role.account is not None:
        return False
    try:
        check_may_delegate(by, role, Action.USERS_ROLES_ADD)
    except PermissionMissing:
        return False
    return True
