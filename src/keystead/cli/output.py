"""What commands print: a table for people, JSON for programs, progress, and a secret only when asked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, TypeAlias, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from keystead.client import Issued, Rotated
from keystead.core.secret import Secret

_WIDEST = 100_000  # characters: names have a limit far below

Step = TypeVar("Step")
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")]
Cascade: TypeAlias = Annotated[
    bool,
    typer.Option("--cascade", help="With the keys and tokens that it made, those that they made, and so on."),
]
ShowSecret: TypeAlias = Annotated[bool, typer.Option("--show-secret", help="Print the secret, this once.")]


def ended(what: str, made: int | None) -> str:
    """Tell what has ended; `made` counts what ended with it, None: nobody asked for that."""
    if made is None:
        return what
    return f"{what}, and {made} {'credential' if made == 1 else 'credentials'} that it made"


def show_rows(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Print one row for each mapping; columns are its keys, in this order. None is an empty cell."""
    if as_json:
        typer.echo(msgspec.json.encode([{name: row[name] for name in columns} for row in rows]))
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(cell(row[name]) for name in columns))
    show_table(table)


def show_one(columns: Sequence[str], row: Mapping[str, object], *, as_json: bool) -> None:
    """Print one thing, a line for each column; as JSON an object."""
    if as_json:
        typer.echo(msgspec.json.encode({name: row[name] for name in columns}))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name in columns:
        table.add_row(Text(name, style="bold"), cell(row[name]))
    show_table(table)


def show_table(table: Table) -> None:
    """A line is broken where a person looks, and never where a program reads."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDEST
    console.print(table)


def cell(value: object) -> Text:
    """Text as it is: names may hold what Rich would take for markup, or control characters."""
    text = "" if value is None else str(value)
    return Text(
        "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    )


def steps(total: Sequence[Step], *, told: str) -> Iterable[Step]:
    """Go through the steps with a bar on standard error, where a person is looking."""
    console = Console(stderr=True)
    return track(total, description=told, console=console, disable=not console.is_terminal)


def secret_text(secret: Secret, *, show: bool) -> str:
    """Return the secret when it was asked for, else a mask."""
    return secret.reveal() if show else "<not shown; ask with --show-secret>"


def show_issued(issued: Issued | Rotated, *, as_json: bool) -> None:
    """Print a new credential to standard output, this once; alone, so that it can be piped."""
    secret = issued.secret.reveal()
    told: dict[str, object] = {"id": issued.id, "name": issued.name, "key": secret}
    if isinstance(issued, Rotated):
        told |= {"replaces": issued.replaces, "graceUntil": issued.grace_until}
    typer.echo(msgspec.json.encode(told) if as_json else secret)
