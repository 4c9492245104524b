"""Alembic's entry: always on the connection that `schema_versions` was given."""

from alembic import context

from keystead.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
