"""Who may make a token for an account: the token can do all that the account may."""

from collections.abc import Iterable
from enum import StrEnum

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action, Permission
from keystead.core.access.roles import Role, reaches
from keystead.core.accounts.model import ServiceAccount

_LEVEL_ADMIN = (
    Action.SERVICE_ACCOUNTS_READ,
    Action.SERVICE_ACCOUNTS_WRITE,
    Action.SERVICE_ACCOUNTS_DELETE,
    Action.SERVICE_ACCOUNTS_PERMISSIONS_READ,
    Action.SERVICE_ACCOUNTS_PERMISSIONS_WRITE,
)


class AboveRole(StrEnum):
    """What is done about an account that may do something which the caller may not."""

    DENY = "deny"
    MANAGED_ADMIN = "managed-admin"  # whoever administers the account may all the same
    ALLOW = "allow"  # as Grafana 9.3


def may_mint(
    role: Role | None,
    grants: Grants,
    owner: ServiceAccount,
    rule: AboveRole,
    *,
    given: Iterable[Permission] = (),
) -> bool:
    """Say whether somebody with this role and these grants may make a token for the account.

    `given` is what the account holds beside the permissions of its role; whoever only wants to know
    whether to offer it may leave that out.
    """
    has_role = owner.role is None or reaches(role, owner.role)
    if rule is AboveRole.ALLOW or (has_role and grants.first_missing(given) is None):
        return True
    scope = f"serviceaccounts:id:{owner.id}"
    return rule is AboveRole.MANAGED_ADMIN and all(grants.allows(action, scope) for action in _LEVEL_ADMIN)
