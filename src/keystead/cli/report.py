"""`keystead report`: the keys and tokens that somebody should look at."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer

from keystead.cli.output import AsJson, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, say, server_at
from keystead.client import Reason, Reported
from keystead.core.credentials.report import MOST_UNUSED_DAYS, UNUSED_DAYS
from keystead.core.paging import COUNTED_TO
from keystead.core.spreadsheet import csv_lines

_COLUMNS = ("kind", "id", "name", "serviceAccountId", "role", "expiration", "lastUsedAt", "reasons")
_PAGE_SIZE = 1000


def report(
    *,
    reason: Annotated[Reason | None, typer.Option(help="Only for this reason.")] = None,
    unused_days: Annotated[
        int, typer.Option(min=1, max=MOST_UNUSED_DAYS, help="For so many days unused is unused.")
    ] = UNUSED_DAYS,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV in place of a table.")] = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """List the keys and tokens to look at: that expire within a week, have expired, are unused or endless.

    How many there are for each reason is told on standard error.

    Example: keystead report --reason unused --unused-days 90 --csv
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv are two formats: choose one of them.")
    with server_at(url, token) as server:
        found = list(server.credentials.reported(reason, unused_days=unused_days, page_size=_PAGE_SIZE))
        counts = server.credentials.report(unused_days=unused_days, limit=1).counts
    say(", ".join(f"{counted(count)} {name}" for name, count in counts.items()))
    if as_csv:
        typer.echo(csv_lines([_COLUMNS, *(row.values() for row in rows_of(found))]), nl=False)
    elif as_json:
        show_rows(_COLUMNS, [msgspec.to_builtins(one) for one in found], as_json=True)
    else:
        show_rows(_COLUMNS, rows_of(found), as_json=False)


def rows_of(found: Iterable[Reported]) -> list[dict[str, object]]:
    """Return flat rows: the reasons are one text."""
    told = [msgspec.to_builtins(one) for one in found]
    return [{name: row[name] for name in _COLUMNS} | {"reasons": " ".join(row["reasons"])} for row in told]


def counted(count: int) -> str:
    return f"more than {COUNTED_TO:,}" if count > COUNTED_TO else f"{count}"
