"""`keystead keys`: the API keys of the organization that the credential belongs to."""

from typing import Annotated

import msgspec
import typer

from keystead.cli.accounts import is_id
from keystead.cli.lifetimes import SPAN, seconds_of
from keystead.cli.output import AsJson, Cascade, ended, show_issued, show_one, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, refuse, say, server_at
from keystead.client import Client, Role

keys = typer.Typer(no_args_is_help=True, help="List, show, create and delete API keys.")

_COLUMNS = ("id", "name", "role", "created", "expiration", "lastUsedAt", "isRevoked")
_USE = ("lastUsedFrom", "lastUserAgent", "lastRoute", "requests")
_LOOK = "keystead keys list --include-expired"
_NOT_THERE = f"There is no such API key: {_LOOK}"


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


@keys.command("show")
def show_key(
    which: Annotated[str, typer.Argument(metavar="WHICH", help="Id or name of the API key.")],
    *,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Tell one API key: when it ends, and when, from where, by whom and for what it was used last.

    `requests` are those of the last 30 days.

    Example: keystead keys show ci-deploy
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        key_id = int(which) if is_id(which) else get_id_or_none(server, which)
        if key_id is None:
            refuse(f"there is no API key with the name {which}. Look at the column name: {_LOOK}")
        key, usage = server.keys.get(key_id), server.credentials.key_usage(key_id)
    requests = sum(bucket.allowed + bucket.denied + bucket.refused for bucket in usage.buckets)
    told = msgspec.to_builtins(usage) | msgspec.to_builtins(key) | {"requests": requests}
    show_one((*_COLUMNS, *_USE), told, as_json=as_json)


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
        409: f"Choose another name, or look for the other one: {_LOOK}",
    }
    with server_at(url, token, advice=advice) as server:
        issued = server.keys.create(name, role=role, lifetime_s=lifetime_s)
    say(f"Created API key {issued.name} with id {issued.id}. It cannot be shown again.")
    show_issued(issued, as_json=as_json)


@keys.command("delete")
def delete_key(
    key_id: Annotated[int, typer.Argument(metavar="ID", help="As `keystead keys list` tells it.")],
    *,
    cascade: Cascade = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Delete an API key: from now on it opens nothing.

    Example: keystead keys delete 7
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        made = server.keys.delete(key_id, cascade=cascade)
    say(ended("API key deleted", made if cascade else None))


def get_id_or_none(server: Client, name: str) -> int | None:
    """Return the id of the API key with exactly this name. Raises CallFailed."""
    return next((key.id for key in server.keys.list(include_expired=True) if key.name == name), None)
