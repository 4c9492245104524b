"""Statements about what is kept of people's passwords."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.secret import Secret
from keystead.storage.schema import account

_c = account.c
_PERSON = _c.kind == "user"


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is kept of a password."""

    hash: Secret
    pepper_id: int  # the pepper that went into it
    dies_at: UnixSeconds | None = None  # of a first password, which must be changed before; None: never


def get_password_or_none(db: Connection, account_id: AccountId) -> StoredPassword | None:
    """Return what is kept of a person's password; None: they cannot sign in with one."""
    query = select(_c.password_hash, _c.password_pepper_id, _c.password_dies_at)
    row = db.execute(query.where(_c.id == account_id, _PERSON)).one_or_none()
    if row is None:
        return None
    hash_, pepper_id, dies_at = row
    if hash_ is None or pepper_id is None:
        return None
    return StoredPassword(Secret(hash_), pepper_id, None if dies_at is None else UnixSeconds(dies_at))


def set_password(
    db: Connection,
    account_id: AccountId,
    password: StoredPassword,
    *,
    at: UnixSeconds,
    before: Secret | None = None,
) -> bool:
    """Return whether it was set; with `before`, only where that hash is still the one that is kept."""
    statement = update(account).where(_c.id == account_id, _PERSON)
    if before is not None:
        statement = statement.where(_c.password_hash == before.reveal())
    values = statement.values(
        password_hash=password.hash.reveal(),
        password_pepper_id=password.pepper_id,
        password_dies_at=password.dies_at,
        updated_at=at,
    )
    return db.execute(values).rowcount == 1
