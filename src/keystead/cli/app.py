"""The `keystead` command."""

import typer
from typer.core import TyperGroup

from keystead.cli import accounts, apikeys, audit, explain, migrate, report, roles, scan, serve, tokens, users
from keystead.cli.tools import Tools
from keystead.core.errors import Denied, Invalid, KeysteadError

__all__ = ["Tools", "cli"]

WRONGLY_ASKED = 2  # as for a flag that does not exist: another try will end the same way
FAILED = 1


class Commands(TyperGroup):
    """An expected failure ends a command with a sentence, not with a traceback."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override] # Typer's own type of context
        try:
            return super().invoke(ctx)
        except KeysteadError as error:
            typer.echo(f"keystead: {told(error)}", err=True)
            raise typer.Exit(WRONGLY_ASKED if isinstance(error, Invalid | Denied) else FAILED) from None


def told(error: KeysteadError) -> str:
    return f"{error.message}: {error.detail}" if error.detail else error.message


cli = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_show_locals=False)
cli.command()(serve.dev)
cli.command()(serve.serve)
cli.add_typer(apikeys.keys, name="keys")
cli.add_typer(accounts.accounts, name="accounts")
cli.add_typer(tokens.tokens, name="tokens")
cli.add_typer(roles.roles, name="roles")
cli.add_typer(migrate.migrate, name="migrate")
cli.command()(report.report)
cli.command()(scan.scan)
cli.command()(explain.explain)
cli.add_typer(users.admin, name="admin")
cli.add_typer(audit.audit, name="audit")


@cli.callback()
def keystead() -> None:
    """Keystead: the home for machine identities. Example: keystead dev."""
