"""`a_<noun>(...)`: rows with sensible defaults; name only what the test is about."""

from sqlalchemy import Connection

from keystead.core.clock import UnixSeconds
from keystead.storage import installation

NOON = UnixSeconds(1_700_000_000)


def an_installation(db: Connection, *, secrets_check: bytes = bytes(32)) -> None:
    installation.add_installation(db, secrets_check=secrets_check, at=NOON)
