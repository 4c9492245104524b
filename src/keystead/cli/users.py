"""`keystead admin`: what is done on the host itself, by whoever may open the data folder."""

import secrets
import string
from typing import Annotated

import typer

from keystead.cli.output import secret_text
from keystead.cli.remote import say
from keystead.cli.serve import Config, DatabaseUrl, DataDir
from keystead.cli.tools import Tools
from keystead.core.secret import Secret

admin = typer.Typer(no_args_is_help=True, help="Repair an installation on its own host.")

_LETTERS = string.ascii_letters + string.digits
_GENERATED_LENGTH = 24


@admin.callback()
def on_the_host() -> None:
    """Repair an installation on its own host, as the user that runs the server."""


@admin.command("reset-password")
def reset_password(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="Login or e-mail address of the person.")] = "admin",
    *,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password up, and print it this once.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Give a person a new password. Their sessions end, and wrong attempts are forgotten.

    Example: keystead admin reset-password alice --data-dir /var/lib/keystead
    """
    tools: Tools = context.obj
    flags = {"server.data_dir": data_dir, "server.database_url": database_url}
    with tools.open_passwords(config, flags) as passwords:
        new = made_up(passwords.rules.minimum_length) if generate else asked_for()
        user = passwords.reset(login, new)
    say(f"{user.login} has a new password, and no session any more.")
    if user.is_disabled:
        say(f"{user.login} is disabled, and cannot sign in before an administrator enables them.")
    if generate:
        typer.echo(secret_text(new, show=True))


def made_up(minimum_length: int) -> Secret:
    length = max(_GENERATED_LENGTH, minimum_length)
    return Secret("".join(secrets.choice(_LETTERS) for _ in range(length)))


def asked_for() -> Secret:
    return Secret(typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True))
