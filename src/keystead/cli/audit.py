"""`keystead audit`: prove, on the host itself, that nobody has touched the log of changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keystead.cli.remote import say
from keystead.cli.serve import Config, DatabaseUrl, DataDir
from keystead.cli.tools import Tools
from keystead.core.changes.search import Head
from keystead.usecases.chain import Progress as Told
from keystead.usecases.chain import Verdict, verify_chain

audit = typer.Typer(no_args_is_help=True, help="Look after the log of changes, on the host itself.")

_NEXT = (
    "Somebody has written to the database past Keystead. Keep a copy of it as it is, before anything else. "
    "Then look for the last backup in which `keystead audit verify` finds nothing, and compare."
)


@audit.callback()
def on_the_host() -> None:
    """Look after the log of changes, as the user that runs the server."""


@audit.command("verify")
def verify(
    context: typer.Context,
    *,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Compute the chain of the log anew, and tell the first row that breaks it. A server may be running.

    Example: keystead audit verify --data-dir /var/lib/keystead
    """
    tools: Tools = context.obj
    flags = {"server.data_dir": data_dir, "server.database_url": database_url}
    with tools.open_database(config, flags) as read, bar() as told:
        verdict = verify_chain(read, progress=told)
    if not verdict.is_whole:
        complain(verdict)
    typer.echo(f"{verdict.checked:,} changes, and each follows from the one before.")
    typer.echo(f"The newest is row {worded(verdict.head)}.")
    say("Note the row and its hash elsewhere: whoever rewrites the whole log cannot keep them.")


def complain(verdict: Verdict) -> NoReturn:
    head = verdict.head
    if verdict.broken_at is not None:
        say(f"keystead: row {verdict.broken_at:,} does not follow from what stands before it.")
        say(f"The {verdict.checked:,} rows before are as they were written; from there on nothing is proven.")
    elif head.id < head.written:
        say(f"keystead: the log ends at row {worded(head)}, and {head.written:,} were written.")
        say(f"The {head.written - head.id:,} newest changes were cut off.")
    else:
        say(f"keystead: the log ends at row {worded(head)}, and only {head.written:,} were written.")
        say(f"The rows from {head.written + 1:,} on were put there by somebody else.")
    say(_NEXT)
    raise typer.Exit(1)


def worded(head: Head) -> str:
    return f"{head.id:,}, hash {head.hash.hex()}"


@contextmanager
def bar() -> Iterator[Told]:
    """Show how far it is on standard error, where a person is looking."""
    console = Console(stderr=True)
    columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("")
        yield lambda done, all_: progress.update(task, completed=done, total=all_)
