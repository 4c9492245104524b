"""A condition for as many ids as somebody may have been given."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def is_among(column: ColumnElement[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """Say whether a column holds one of these ids.

    They are sent as one value: an account may be given more than a statement has room for.
    """
    listed = bindparam("ids", json.dumps(sorted(ids)), String, unique=True)
    return column.op("IN", is_comparison=True)(_Ids(listed))


class _Ids(FunctionElement[int]):
    """The numbers of a JSON array, as a query that has a row for each."""

    inherit_cache = True
    type = Integer()


@compiles(_Ids, "sqlite")
def _on_sqlite(ids: _Ids, compiler: SQLCompiler, **options: object) -> str:
    listed = compiler.process(ids.clauses, **options)
    return f"(SELECT value FROM json_each({listed}))"  # noqa: S608 - a placeholder


@compiles(_Ids, "postgresql")
def _on_postgresql(ids: _Ids, compiler: SQLCompiler, **options: object) -> str:
    listed = compiler.process(ids.clauses, **options)
    return f"(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST({listed} AS json)))"  # noqa: S608 - likewise
