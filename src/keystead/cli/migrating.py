"""Following a migration until its end: it goes on without whoever looks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keystead.cli.remote import say
from keystead.client import CallFailed, Client, MigrationJob, MigrationResult

Tell: TypeAlias = Callable[[MigrationJob], None]
INTERRUPTED = 130  # as for any command that Ctrl+C ends
_LOOK_AFTER_S = (0.1, 0.2, 0.4)  # a small one ends at once; then every second
_LOOK_EVERY_S = 1.0
_PATIENCE_S = 30  # for a server that is away meanwhile: it is started anew, or another one takes over
_AWAY = {None, 429, 503}  # statuses; None: nobody answered as Keystead does


def run_job(server: Client) -> MigrationResult:
    """Start migrating, or join the job that runs, and wait for its end; Ctrl+C leaves it running.

    Raises CallFailed.
    """
    job_id = server.migration.start().job_id
    try:
        with telling() as tell:
            job = followed(server, job_id, tell)
    except KeyboardInterrupt:
        say("keystead: the migration goes on without this command. Look at it: keystead migrate status")
        raise typer.Exit(INTERRUPTED) from None
    status = server.migration.status()
    return MigrationResult(
        message="",
        is_dry_run=False,
        remaining=status.remaining,
        failed=job.failed,
        accounts={one.key_id: one.account_id for one in job.results if one.account_id is not None},
        results=job.results,
    )


def followed(server: Client, job_id: str, tell: Tell) -> MigrationJob:
    """Return the job with its results, once it has ended. Raises CallFailed."""
    for wait_s in waits():
        job = looked_at(server, job_id)
        tell(job)
        if job.state != "running":
            break
        time.sleep(wait_s)
    return server.migration.job(job_id)


def waits() -> Iterator[float]:
    yield from _LOOK_AFTER_S
    while True:
        yield _LOOK_EVERY_S


def looked_at(server: Client, job_id: str) -> MigrationJob:
    """Return the job without results; a server that is away is waited for. Raises CallFailed."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return server.migration.job(job_id, with_results=False)
        except CallFailed as error:
            if error.status not in _AWAY or time.monotonic() >= until:
                raise
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def telling() -> Iterator[Tell]:
    """Show how far it is on standard error: a bar where a person looks, else a line a second at most."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("Migrating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("")
        yield lambda job: progress.update(task, completed=job.done + job.failed, total=job.total)


class Lines:
    """Tells what is new, and not too often."""

    def __init__(self) -> None:
        self._said = ""
        self._next = 0.0

    def __call__(self, job: MigrationJob) -> None:
        failed = f", {job.failed} failed" if job.failed else ""
        told = f"{job.done + job.failed} of {job.total}{failed}"
        if told != self._said and time.monotonic() >= self._next:
            say(told)
            self._said, self._next = told, time.monotonic() + _LOOK_EVERY_S
