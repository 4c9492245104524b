"""`keystead migrate`: API keys become tokens of service accounts of their own."""

from typing import Annotated, TypeAlias

import msgspec
import typer

from keystead.cli.migrated import key_id_of, notes_of, owner_of, show_results
from keystead.cli.migrating import run_job
from keystead.cli.output import AsJson, show_one, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, say, server_at
from keystead.cli.serve import Config, DatabaseUrl, DataDir
from keystead.cli.terraform import rewrite_configuration
from keystead.cli.terraform_state import rewrite_state
from keystead.cli.tools import Tools
from keystead.client import MigrationResult
from keystead.core.clock import system_clock
from keystead.usecases import migration

migrate = typer.Typer(
    no_args_is_help=True,
    help="API keys become tokens of service accounts of their own, and go on working: "
    "plan it, run it, undo it. See docs/migrate.md.",
)
migrate.command("terraform")(rewrite_configuration)
migrate.command("terraform-state")(rewrite_state)

Key: TypeAlias = Annotated[
    str, typer.Option(metavar="KEY", help="Only this one: id or name of an API key.", show_default=False)
]
SOME_FAILED = 3
_STATUS = ("migrated", "hidden", "remaining", "jobId")
_JOB = ("state", "total", "done", "failed", "startedAt", "finishedAt")
_CALLERS = ("kind", "id", "name", "method", "route", "count", "lastAt", "lastFrom", "lastUserAgent")
_ABOVE_OWN = "Use a credential whose role reaches that of every key that is migrated."
_OF_MIGRATING = {403: _ABOVE_OWN, 404: "There is no such API key: keystead keys list --include-expired"}
_OF_UNDOING = {
    403: "Use a credential that may delete the account, and whose role reaches the account's.",
    404: "Look at the account and its tokens: keystead accounts list, keystead tokens list ACCOUNT",
    409: "Only an enabled account with this one token can be undone: keystead tokens list ACCOUNT",
}


@migrate.command("plan")
def plan(*, key: Key = "", as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Tell what would become of each API key, and change nothing.

    Example: keystead migrate plan --json
    """
    with server_at(url, token, advice=_OF_MIGRATING) as server:
        if key:
            planned = server.migration.migrate_key(key_id_of(server, key), dry_run=True)
        else:
            planned = server.migration.plan()
        notes = notes_of(server, planned.results)
    show_results(planned, notes, as_json=as_json)
    say(f"{len(planned.results)} API keys. Nothing has been changed: keystead migrate run")


@migrate.command("run")
def run(*, key: Key = "", as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Migrate all API keys, or one. Once all are, nobody can create API keys in the organization any more.

    The server goes on with it whatever happens to this command; run it again to see the end, or to do what
    is left. It ends with 0 when all keys are migrated, with 1 when the server refused, with 2 when it could
    not be asked, with 3 when some keys failed, and with 130 when Ctrl+C left it running.

    Example: keystead migrate run --key ci-deploy
    """
    with server_at(url, token, advice=_OF_MIGRATING) as server:
        done = server.migration.migrate_key(key_id_of(server, key)) if key else run_job(server)
    show_results(done, {}, as_json=as_json)
    tell_end(done, is_all=not key)


def tell_end(done: MigrationResult, *, is_all: bool) -> None:
    """Say what came of it; ends the command when some keys failed."""
    migrated = sum(result.status != "failed" for result in done.results)
    if done.failed:
        say(f"{migrated} migrated, {done.failed} failed. Try those again: keystead migrate run")
        raise typer.Exit(SOME_FAILED)
    say(f"{migrated} migrated. Each key works as before, as the token of its service account.")
    if is_all:
        say("API keys can no longer be created in this organization. Hide them: keystead migrate hide")


@migrate.command("status")
def status(*, as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Tell whether the organization has migrated, how many API keys there are, and how far the last job is.

    Example: keystead migrate status
    """
    with server_at(url, token) as server:
        found = server.migration.status()
        job = None if found.job_id is None else server.migration.job(found.job_id, with_results=False)
    told = msgspec.to_builtins(found)
    of_job = dict.fromkeys(_JOB) if job is None else msgspec.to_builtins(job)
    show_one((*_STATUS, *_JOB), told | {name: of_job[name] for name in _JOB}, as_json=as_json)


@migrate.command("callers")
def list_callers(*, as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """List who called /api/auth/keys in the last 30 days: code that a migrated organization has no use for.

    Example: keystead migrate callers --json
    """
    with server_at(url, token) as server:
        found = server.migration.callers()
    show_rows(_CALLERS, [msgspec.to_builtins(caller) for caller in found], as_json=as_json)


@migrate.command("undo")
def undo(
    *,
    key: Annotated[str, typer.Option(metavar="KEY", help="Id or name that the key had, and its token has.")],
    account: Annotated[
        str,
        typer.Option(
            metavar="ACCOUNT", help="Its service account; without this, it is looked for.", show_default=False
        ),
    ] = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Turn a token back into an API key, which works as before. The service account is deleted.

    The key gets the lower of its old role and the role that the account has now.

    Example: keystead migrate undo --key ci-deploy
    """
    with server_at(url, token, advice=_OF_UNDOING) as server:
        owner, key_id = owner_of(server, key, account)
        server.migration.undo(owner, key_id)
    say(f"{key} is an API key again: keystead keys list")


@migrate.command("hide")
def hide(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Hide the pages of API keys for everyone in the organization. Keys and tokens are not touched.

    Only `keystead migrate unhide` brings them back, on the host of the server.

    Example: keystead migrate hide --yes
    """
    if not yes:
        typer.confirm("Hide the API keys page for everyone in the organization?", abort=True, err=True)
    with server_at(url, token) as server:
        server.migration.hide()
    say("API keys hidden")


@migrate.command("unhide")
def unhide(
    context: typer.Context,
    *,
    org: Annotated[str, typer.Option(metavar="ORG", help="Name of the organization.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Show the pages of API keys again. On the host of the server, as the user that runs it.

    Example: keystead migrate unhide --org "Main Org." --data-dir /var/lib/keystead
    """
    tools: Tools = context.obj
    flags = {"server.data_dir": data_dir, "server.database_url": database_url}
    with tools.open_for_writing(config, flags) as write, write() as db:
        was_hidden = migration.unhide_keys(db, org, clock=system_clock)
    say(f"API keys are shown again in {org}" if was_hidden else f"API keys were not hidden in {org}")
