"""`keystead accounts`: the service accounts of the organization that the credential belongs to."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
import typer

from keystead.cli.lifetimes import SPAN, seconds_of
from keystead.cli.output import AsJson, show_issued, show_one, show_rows
from keystead.cli.permissions import Permissions, permissions_of
from keystead.cli.remote import DEFAULT_URL, Token, Url, refuse, say, server_at
from keystead.client import Client, CreatedAccount, Role, ServiceAccount

accounts = typer.Typer(
    no_args_is_help=True, help="List, create, change and delete service accounts: those of programs."
)

Account: TypeAlias = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="Its id, or its login, such as sa-ci.")
]
Name: TypeAlias = Annotated[str, typer.Argument(help="What people call it; the login stays as it is.")]
_COLUMNS = ("id", "login", "name", "role", "isDisabled", "tokens")
_TOLD = ("id", "login", "name", "description", "role", "isDisabled", "tokens", "createdAt", "updatedAt")
_PAGE_SIZE = 500
_LONGEST_ID = 19  # digits
_LOOK = "keystead accounts list"
NO_ACCOUNT = f"There is no such service account: {_LOOK}"
_ABOVE_OWN = "Choose a role that is not above the credential's own, or use a credential that may do this."
_OF_CREATING = {
    400: f"Choose another name, or look for the other one: {_LOOK}; a token may need a lifetime: --ttl 30d",
    403: _ABOVE_OWN,
    409: "Choose another --token-name: no other key or token of the organization may have it.",
}


class Only(StrEnum):
    DISABLED = "disabled"
    EXPIRED_TOKENS = "expired-tokens"


@accounts.command("list")
def list_accounts(
    *,
    query: Annotated[str, typer.Option(help="A part of name or login, in any case.")] = "",
    only: Annotated[
        Only | None, typer.Option(help="Those that are disabled, or that have an expired token.")
    ] = None,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """List the service accounts, by login: all of them, however many there are.

    Example: keystead accounts list --query deploy --only disabled --json
    """
    with server_at(url, token) as server:
        found = list(
            server.accounts.search(
                query,
                only_disabled=only is Only.DISABLED,
                only_expired_tokens=only is Only.EXPIRED_TOKENS,
                page_size=_PAGE_SIZE,
            )
        )
    show_rows(_COLUMNS, [msgspec.to_builtins(account) for account in found], as_json=as_json)


@accounts.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="Its login follows from it: sa-ci for ci.")],
    *,
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What its tokens may do.")] = "Viewer",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    disabled: Annotated[bool, typer.Option("--disabled", help="Its tokens open nothing yet.")] = False,
    permission: Permissions = None,
    token_name: Annotated[str, typer.Option(help="Of a first token; without this, it has none.")] = "",
    ttl: Annotated[str, typer.Option(help=f"How long that token lives; without this, for ever. {SPAN}")] = "",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Create a service account, if wanted with permissions of its own and a first token: all, or nothing.

    Its login is printed to standard output, alone; with a token the secret is, this once.

    Example: keystead accounts create ci --permission 'teams:read@teams:*' --token-name first --ttl 30d
    """
    if ttl and not token_name:
        raise typer.BadParameter(
            "It is the lifetime of a first token: give --token-name too", param_hint="--ttl"
        )
    lifetime_s, permissions = seconds_of(ttl), permissions_of(permission)
    with server_at(url, token, advice=_OF_CREATING) as server:
        made = server.accounts.create_with(
            name,
            role=role,
            is_disabled=disabled,
            description=description,
            permissions=permissions,
            token_name=token_name,
            lifetime_s=lifetime_s,
        )
    tell_made(made, as_json=as_json)


def tell_made(made: CreatedAccount, *, as_json: bool) -> None:
    say(f"Created service account {made.login} with id {made.id}, role {made.role}.")
    if made.token is not None:
        say(f"Its token {made.token.name} has the id {made.token.id}. It cannot be shown again.")
        show_issued(made.token, as_json=as_json)
        return
    say(f"It has no token yet: keystead tokens create {made.id} --name NAME --ttl 30d")
    if as_json:
        show_one(_COLUMNS, msgspec.to_builtins(made), as_json=True)
    else:
        typer.echo(made.login)


@accounts.command("show")
def show_account(
    account: Account, *, as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = ""
) -> None:
    """Tell one service account.

    Example: keystead accounts show sa-ci
    """
    with server_at(url, token, advice={404: NO_ACCOUNT}) as server:
        found = server.accounts.get(id_of(server, account))
    show_one(_TOLD, msgspec.to_builtins(found), as_json=as_json)


@accounts.command("rename")
def rename_account(account: Account, name: Name, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Give a service account another name. Its login stays, and so do its tokens.

    Example: keystead accounts rename sa-ci "Continuous integration"
    """
    changed = changed_account(url, token, account, name=name)
    say(f"{changed.login} is now called {changed.name}.")


@accounts.command("role")
def set_role(
    account: Account,
    role: Annotated[Role, typer.Argument(case_sensitive=False, help="What its tokens may do.")],
    *,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Give a service account another role, with which its tokens act from the next request on.

    Example: keystead accounts role sa-ci Viewer
    """
    changed = changed_account(url, token, account, role=role)
    say(f"{changed.login} has the role {changed.role}.")


@accounts.command("enable")
def enable_account(account: Account, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Let the tokens of a disabled service account work again.

    Example: keystead accounts enable sa-ci
    """
    say(f"{changed_account(url, token, account, is_disabled=False).login} is enabled.")


@accounts.command("disable")
def disable_account(account: Account, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Disable a service account: from now on none of its tokens opens anything, until it is enabled.

    Example: keystead accounts disable sa-ci
    """
    say(f"{changed_account(url, token, account, is_disabled=True).login} is disabled.")


@accounts.command("delete")
def delete_account(account: Account, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Delete a service account with all its tokens: from now on they open nothing.

    Example: keystead accounts delete sa-ci
    """
    with server_at(url, token, advice={404: NO_ACCOUNT}) as server:
        server.accounts.delete(id_of(server, account))
    say("Service account deleted")


def changed_account(
    url: str,
    token: str,
    account: str,
    *,
    name: str | None = None,
    role: Role | None = None,
    is_disabled: bool | None = None,
) -> ServiceAccount:
    advice = {404: NO_ACCOUNT} if role is None else {403: _ABOVE_OWN, 404: NO_ACCOUNT}
    with server_at(url, token, advice=advice) as server:
        return server.accounts.update(id_of(server, account), name=name, role=role, is_disabled=is_disabled)


def id_of(server: Client, account: str) -> int:
    """Return the id of an account that is named by id or login; ends the command when there is none.

    A login never changes, and an id is never used again.
    """
    if is_id(account):
        return int(account)
    searched = server.accounts.search(account, page_size=_PAGE_SIZE)
    found = next((one.id for one in searched if one.login == account), None)
    if found is None:
        refuse(f"there is no service account with the login {account}. Look at the column login: {_LOOK}")
    return found


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
