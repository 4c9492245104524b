"""`keystead keys`: the API keys of the organization that the credential belongs to."""

from typing import Annotated

import msgspec
import typer

from keystead.cli.output import AsJson, show_rows
from keystead.cli.remote import DEFAULT_URL, Remote, Token, Url, say
from keystead.core.access.roles import Role
from keystead.core.credentials.lifetime import UNLIMITED_S, LifetimeLimit
from keystead.core.credentials.time_to_live import parse_time_to_live
from keystead.core.errors import Invalid

keys = typer.Typer(no_args_is_help=True, help="List, create and delete API keys.")

_COLUMNS = ("id", "name", "role", "created", "expiration", "lastUsedAt", "isRevoked")
_TTL = "A number and one of s, m, h, d, w, M (30 days), such as 12h."


class Key(msgspec.Struct, rename="camel"):
    id: int
    name: str
    role: str
    created: str
    last_used_at: str | None = None
    is_revoked: bool = False
    expiration: str | None = None


class Created(msgspec.Struct):
    id: int
    name: str
    key: str


class Told(msgspec.Struct):
    message: str


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
    query = "?includeExpired=true" if include_expired else ""
    found = Remote(url, token).ask("GET", f"/api/auth/keys{query}", list[Key])
    show_rows(_COLUMNS, [msgspec.to_builtins(key) for key in found], as_json=as_json)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Unique in the organization.")],
    *,
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What the key may do.")] = Role.VIEWER,
    ttl: Annotated[str, typer.Option(help=f"How long it lives. {_TTL}")] = "",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Create an API key. Its secret is printed to standard output, this once; everything else is not.

    Example: keystead keys create ci-deploy --role Editor --ttl 12h
    """
    body: dict[str, object] = {"name": name, "role": role.value, "secondsToLive": seconds_of(ttl)}
    advice = {
        400: "" if ttl else "It may need a lifetime: --ttl 12h",
        409: "Choose another name, or look for the other one: keystead keys list --include-expired",
    }
    created = Remote(url, token).ask("POST", "/api/auth/keys", Created, body=body, advice=advice)
    say(f"Created API key {created.name} with id {created.id}. It cannot be shown again.")
    typer.echo(msgspec.json.encode(created) if as_json else created.key)


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
    told = Remote(url, token).ask("DELETE", f"/api/auth/keys/{key_id}", Told, advice=advice)
    say(told.message)


def seconds_of(ttl: str) -> int:
    """Raises BadParameter."""
    try:
        return parse_time_to_live(ttl, LifetimeLimit(UNLIMITED_S))
    except Invalid as error:
        raise typer.BadParameter(f"{error.message}. {_TTL}", param_hint="--ttl") from None
