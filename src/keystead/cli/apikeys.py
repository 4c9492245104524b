"""`keystead keys`: the API keys of the organization that the credential belongs to."""

from typing import Annotated

import msgspec
import typer

from keystead.cli.lifetimes import SPAN, seconds_of
from keystead.cli.output import AsJson, show_issued, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, say, server_at
from keystead.client import Role

keys = typer.Typer(no_args_is_help=True, help="List, create and delete API keys.")

_COLUMNS = ("id", "name", "role", "created", "expiration", "lastUsedAt", "isRevoked")


@keys.command("list")
def list_keys(
    *,
    include_expired: Annotated[bool, typer.Option("--include-expired", help="Expired ones too.")] = False,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """List the API keys, by name.

    Example: keystead keys list --include-expired --json
    """
    with server_at(url, token) as server:
        found = server.keys.list(include_expired=include_expired)
    show_rows(_COLUMNS, [msgspec.to_builtins(key) for key in found], as_json=as_json)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Unique in the organization.")],
    *,
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What the key may do.")] = "Viewer",
    ttl: Annotated[str, typer.Option(help=f"How long it lives. {SPAN}")] = "",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Create an API key. Its secret is printed to standard output, this once; everything else is not.

    Example: keystead keys create ci-deploy --role Editor --ttl 12h
    """
    lifetime_s = seconds_of(ttl)
    advice = {
        400: "" if ttl else "It may need a lifetime: --ttl 12h",
        409: "Choose another name, or look for the other one: keystead keys list --include-expired",
    }
    with server_at(url, token, advice=advice) as server:
        issued = server.keys.create(name, role=role, lifetime_s=lifetime_s)
    say(f"Created API key {issued.name} with id {issued.id}. It cannot be shown again.")
    show_issued(issued, as_json=as_json)


@keys.command("delete")
def delete_key(
    key_id: Annotated[int, typer.Argument(metavar="ID", help="As `keystead keys list` tells it.")],
    *,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Delete an API key: from now on it opens nothing.

    Example: keystead keys delete 7
    """
    advice = {404: "There is no such API key: keystead keys list --include-expired"}
    with server_at(url, token, advice=advice) as server:
        server.keys.delete(key_id)
    say("API key deleted")
