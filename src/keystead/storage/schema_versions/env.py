"""Alembic's entry: always on the connection that `schema_versions` was given."""

from alembic import context
from sqlalchemy import ForeignKeyConstraint

from keystead.storage.all_tables import metadata

ADDED_WITH_THEIR_COLUMN = {"home_org_id", "replaced_by_id"}
connection = context.config.attributes["connection"]


def is_compared(found: object, *_rest: object) -> bool:
    """Leave out references whose ON DELETE SQLAlchemy does not read from SQLite: those beside a column."""
    if connection.dialect.name != "sqlite" or not isinstance(found, ForeignKeyConstraint):
        return True
    return not ADDED_WITH_THEIR_COLUMN.issuperset(found.column_keys)


context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
    include_object=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
