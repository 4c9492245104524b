"""`keystead scan`: which code, configuration and prose still uses API keys."""

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from keystead.cli.output import cell
from keystead.cli.remote import fail, say
from keystead.cli.scan_files import Listed, Scanned, files_below
from keystead.cli.scan_workers import BATCH, scanned
from keystead.core.scan.finding import Finding
from keystead.core.scan.rules import MENTION
from keystead.core.scan.sarif import sarif_of

Placed: TypeAlias = tuple[str, Finding]

FOUND = 1
_NAMED_AT_MOST = 10  # files that were skipped


def scan(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Folders or files.", show_default=False)
    ],
    *,
    wants_all: Annotated[
        bool, typer.Option("--all", help="Also calls of the endpoints that the migration itself needs.")
    ] = False,
    no_mentions: Annotated[bool, typer.Option("--no-mentions", help="Leave out comments and prose.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of text.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code hosts.")] = False,
    max_kb: Annotated[int, typer.Option(min=1, help="Skip larger files. In kilobytes.")] = 2_000,
    workers: Annotated[int, typer.Option(min=0, help="How many processes read; 0: one for each core.")] = 0,
) -> None:
    """Find what still uses API keys, and tell what to write instead. Nothing is changed, no server is asked.

    It looks for calls of /api/auth/keys, by hand and by client libraries, and for the resource
    grafana_api_key of Terraform and its like in Pulumi. It ends with 0 when nothing was found, with 1 when
    something was, and with 2 when it could not run.

    Example: keystead scan . --sarif > keystead.sarif
    """
    if as_json and as_sarif:
        raise typer.BadParameter("--json and --sarif are two formats: choose one of them.")
    if missing := [path for path in paths if not path.exists()]:
        fail(f"there is no {missing[0]}")
    found, skipped, count = _scan_all(paths, wants_all=wants_all, most_bytes=max_kb * 1_000, workers=workers)
    kept = [(file, one) for file, one in found if not (no_mentions and one.rule.endswith(MENTION))]
    _show(kept, as_json=as_json, as_sarif=as_sarif)
    _tell(kept, skipped, count)
    if kept:
        raise typer.Exit(FOUND)


def _scan_all(
    paths: list[Path], *, wants_all: bool, most_bytes: int, workers: int
) -> tuple[list[Placed], list[Scanned], int]:
    """Return the findings, the files that were skipped, and how many files were looked at."""
    found: list[Placed] = []
    skipped: list[Scanned] = []
    seen = Counter[str]()

    def counted() -> Iterator[Listed]:
        for listed in _listed(paths):
            seen["files"] += 1
            yield listed

    console = Console(stderr=True)
    columns = (TextColumn("Files"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Files", total=None)
        batches = scanned(counted(), wants_all=wants_all, most_bytes=most_bytes, workers=workers)
        for batch in batches:
            found += [(one.shown, finding) for one in batch for finding in one.findings]
            skipped += [one for one in batch if one.skipped]
            progress.update(task, advance=BATCH, total=seen["files"])
    return found, skipped, seen["files"]


def _listed(paths: list[Path]) -> Iterator[Listed]:
    """Yield the files; with several paths, each is shown with the path that leads to it."""
    for path in paths:
        for listed in files_below(path):
            if len(paths) == 1:
                yield listed
            else:
                yield listed._replace(shown=(path / listed.shown if path.is_dir() else path).as_posix())


def _show(found: list[Placed], *, as_json: bool, as_sarif: bool) -> None:
    if as_sarif:
        typer.echo(msgspec.json.encode(sarif_of(found, version=version("keystead"))))
    elif as_json:
        typer.echo(msgspec.json.encode([{"file": file, **finding._asdict()} for file, finding in found]))
    else:
        for file, finding in found:
            typer.echo(cell(f"{file}:{finding.line}: {finding.rule}").plain)
            typer.echo(cell(f"    {finding.code}").plain)
            typer.echo(f"    instead: {finding.instead}")


def _tell(found: list[Placed], skipped: list[Scanned], count: int) -> None:
    """Say on standard error what was found and what was not read."""
    mentions = sum(finding.rule.endswith(MENTION) for _, finding in found)
    files = len({file for file, _ in found})
    say(f"Calls: {len(found) - mentions}. Mentions: {mentions}. Files with them: {files} of {count}.")
    for why in ("large", "unreadable"):
        names = [one.shown for one in skipped if one.skipped == why]
        if names:
            more = f", and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
            told = "larger than --max-kb" if why == "large" else "not readable"
            say(f"Skipped, {told}: {', '.join(names[:_NAMED_AT_MOST])}{more}")
    if binary := sum(one.skipped == "binary" for one in skipped):
        say(f"Skipped, binary: {binary}")
