"""Bring a database to the newest schema version, one process at a time."""

from keystead.storage import postgresql, schema_versions
from keystead.storage.engine import Database


def upgrade_schema(database: Database) -> None:
    """Another process that starts meanwhile waits, and then finds it done."""
    with database.write() as db:  # on SQLite the write lock is the lock
        if db.dialect.name == "postgresql":
            postgresql.without_limits(db)
            postgresql.lock_schema(db)
        schema_versions.upgrade(db)
