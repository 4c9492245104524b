"""What somebody may do with one service account, and why not."""

from dataclasses import dataclass

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import reaches
from keystead.core.accounts.model import ServiceAccount
from keystead.core.credentials.ceiling import AboveRole, may_mint
from keystead.web.presenters.parts import needed

MORE_RIGHTS = "This account has more rights than you."
ENABLE_FIRST = "Enable the account first."


@dataclass(frozen=True, slots=True)
class AccountRights:
    """Each is the reason against it; "": it may be done."""

    write: str  # name, disable, enable, revoke, delete a token
    roles: str
    mint: str  # make a token, or a successor for one
    delete: str
    explains: bool = False  # its permissions may be looked at


def rights_on(by: Principal, account: ServiceAccount, rule: AboveRole) -> AccountRights:
    scope = f"serviceaccounts:id:{account.id}"
    write = _reason(by, Action.SERVICE_ACCOUNTS_WRITE, scope)
    is_within = account.role is None or reaches(by.role, account.role)
    mint = "" if may_mint(by.role, by.grants, account, rule) else MORE_RIGHTS
    return AccountRights(
        write=write,
        roles=write or ("" if is_within else MORE_RIGHTS),
        mint=write or (ENABLE_FIRST if account.is_disabled else mint),
        delete=_reason(by, Action.SERVICE_ACCOUNTS_DELETE, scope),
        explains=by.grants.allows(Action.USERS_PERMISSIONS_READ, f"users:id:{account.id}"),
    )


def _reason(by: Principal, action: Action, scope: str) -> str:
    return "" if by.grants.allows(action, scope) else needed(action)
