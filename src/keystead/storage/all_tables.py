"""All tables together, for whoever looks at the whole database: versions, reference, tests."""

from keystead.storage import schema_access
from keystead.storage.schema import metadata

__all__ = ["metadata", "schema_access"]  # importing the second is what adds its tables to the first
