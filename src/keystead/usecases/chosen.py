"""The end of credentials that were chosen from a list, of keys and tokens alike."""

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.principal import Principal
from keystead.core.clock import Clock
from keystead.core.credentials.ending import may_end, right_for
from keystead.core.credentials.errors import KeyNotRevocable
from keystead.core.credentials.report import Reported
from keystead.usecases import credentials, tokens


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
