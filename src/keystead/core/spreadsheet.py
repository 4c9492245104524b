"""Tables as text that spreadsheets read."""

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """Return a line for each row. Source: RFC 4180.

    None is empty, and a text that a spreadsheet would compute is quoted against that.
    """
    written = io.StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
