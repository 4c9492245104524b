"""Statements about the installation: one row that says what this database belongs to."""

from sqlalchemy import Connection, insert, select

from keystead.core.clock import UnixSeconds
from keystead.storage.schema import installation


def get_secrets_check_or_none(db: Connection) -> bytes | None:
    """Return the check value of the keyring that this database was made with; None before the first start."""
    return db.execute(select(installation.c.secrets_check).where(installation.c.id == 1)).scalar_one_or_none()


def add_installation(db: Connection, *, secrets_check: bytes, at: UnixSeconds) -> None:
    db.execute(insert(installation).values(id=1, access_epoch=0, secrets_check=secrets_check, created_at=at))
