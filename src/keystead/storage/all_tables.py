"""All tables together, for whoever looks at the whole database: versions, reference, tests."""

from keystead.storage import schema_access, schema_migration
from keystead.storage.schema import metadata

__all__ = [  # importing the others is what adds their tables to the first
    "metadata",
    "schema_access",
    "schema_migration",
]
