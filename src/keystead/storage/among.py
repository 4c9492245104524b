"""A condition for as many ids as somebody may have been given."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam


def is_among(column: ColumnElement[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """Say whether a column holds one of these ids.

    They stand in the statement as numbers: an account may be given more than there may be parameters.
    """
    return column.in_(
        bindparam("ids", sorted(ids), Integer, unique=True, expanding=True, literal_execute=True)
    )
