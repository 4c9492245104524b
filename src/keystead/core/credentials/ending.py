"""Who may end a key or a token: the rule behind every way of choosing some."""

from typing import Protocol

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId


class Held(Protocol):
    @property
    def id(self) -> CredentialId: ...

    @property
    def owner(self) -> AccountId | None: ...  # None: an API key


def may_end(by: Principal, one: Held) -> bool:
    """Say whether the caller may delete the key, or delete and revoke the token."""
    if one.owner is None:
        return by.grants.allows(Action.API_KEYS_DELETE, f"apikeys:id:{one.id}")
    return by.grants.allows(Action.SERVICE_ACCOUNTS_WRITE, f"serviceaccounts:id:{one.owner}")


def right_for(one: Held) -> str:
    """Return the action that it takes."""
    return (Action.API_KEYS_DELETE if one.owner is None else Action.SERVICE_ACCOUNTS_WRITE).value
