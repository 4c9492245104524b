"""The end of credentials that were chosen from a list, of keys and tokens alike."""

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.clock import Clock
from keystead.core.credentials.errors import KeyNotRevocable
from keystead.core.credentials.report import Reported
from keystead.usecases import credentials, tokens


def may_end(by: Principal, one: Reported) -> bool:
    """Say whether the caller may delete the key, or delete and revoke the token."""
    if one.owner is None:
        return by.grants.allows(Action.API_KEYS_DELETE, f"apikeys:id:{one.id}")
    return by.grants.allows(Action.SERVICE_ACCOUNTS_WRITE, f"serviceaccounts:id:{one.owner}")


def delete_credential(db: Connection, by: Principal, one: Reported, *, clock: Clock) -> None:
    """Delete a key or a token.

    Raises PermissionMissing, ApiKeyNotFound, ServiceAccountNotFound, TokenNotFound.
    """
    if not may_end(by, one):
        raise PermissionMissing(right_for(one))
    if one.owner is None:
        credentials.delete_key(db, by, one.id, clock=clock)
    else:
        tokens.delete_token(db, by, one.owner, one.id, clock=clock)


def revoke_credential(db: Connection, by: Principal, one: Reported, *, clock: Clock) -> None:
    """Revoke a token; a key can only be deleted.

    Raises PermissionMissing, KeyNotRevocable, ServiceAccountNotFound, TokenNotFound.
    """
    if not may_end(by, one):
        raise PermissionMissing(right_for(one))
    if one.owner is None:
        raise KeyNotRevocable
    tokens.revoke_token(db, by, one.owner, one.id, clock=clock)


def right_for(one: Reported) -> str:
    """Return the action that it takes."""
    return (Action.API_KEYS_DELETE if one.is_key else Action.SERVICE_ACCOUNTS_WRITE).value
