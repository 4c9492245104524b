"""`keystead tokens`: what programs present, which act as their service account."""

from typing import Annotated, TypeAlias

import msgspec
import typer

from keystead.cli.accounts import Account, id_of, is_id
from keystead.cli.lifetimes import SPAN, grace_seconds_of, seconds_of
from keystead.cli.output import AsJson, Cascade, ended, show_issued, show_one, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, refuse, say, server_at
from keystead.client import Client
from keystead.client import Token as Told

tokens = typer.Typer(
    no_args_is_help=True, help="List, create, rotate, revoke and delete the tokens of a service account."
)

Which: TypeAlias = Annotated[str, typer.Argument(metavar="WHICH", help="Id or name of the token.")]
_COLUMNS = (
    "id",
    "name",
    "created",
    "expiration",
    "lastUsedAt",
    "hasExpired",
    "isRevoked",
    "replacedBy",
    "graceUntil",
)
_TOLD = (*_COLUMNS, "createdBy", "lastUsedFrom")
_NOT_THERE = "Look whether account and token are there: keystead accounts list, keystead tokens list ACCOUNT"
_NAME_TAKEN = "Choose another name: no other key or token of the organization may have it."


@tokens.command("list")
def list_tokens(
    account: Account,
    *,
    usable: Annotated[
        bool, typer.Option("--usable", help="Without those that have expired or are revoked.")
    ] = False,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """List the tokens of a service account, by name; those that are over too.

    Example: keystead tokens list sa-ci --usable --json
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        owner = id_of(server, account)
        found = server.tokens.list(owner)
        if not found:
            server.accounts.get(owner)  # of an unknown account the server tells no tokens, too
    rows = [told for told in found if not (usable and (told.has_expired or told.is_revoked))]
    show_rows(_COLUMNS, [msgspec.to_builtins(told) for told in rows], as_json=as_json)


@tokens.command("create")
def create_token(
    account: Account,
    *,
    name: Annotated[str, typer.Option(help="Unique among the keys and tokens of the organization.")],
    ttl: Annotated[str, typer.Option(help=f"How long it lives; without this, for ever. {SPAN}")] = "",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Create a token. Its secret is printed to standard output, this once; everything else is not.

    Example: TOKEN=$(keystead tokens create sa-ci --name nightly --ttl 30d)
    """
    lifetime_s = seconds_of(ttl)
    advice = {
        400: "" if ttl else "It may need a lifetime: --ttl 30d",
        404: _NOT_THERE,
        409: _NAME_TAKEN,
    }
    with server_at(url, token, advice=advice) as server:
        issued = server.tokens.create(id_of(server, account), name, lifetime_s=lifetime_s)
    say(f"Created token {issued.name} with id {issued.id}. It cannot be shown again.")
    show_issued(issued, as_json=as_json)


@tokens.command("show")
def show_token(
    account: Account, which: Which, *, as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = ""
) -> None:
    """Tell one token, without its secret: when it ends, and when and from where it was used last.

    Example: keystead tokens show sa-ci nightly
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        found = token_of(server, id_of(server, account), which)
    show_one(_TOLD, msgspec.to_builtins(found), as_json=as_json)


@tokens.command("rotate")
def rotate_token(
    account: Account,
    which: Which,
    *,
    name: Annotated[
        str, typer.Option(help="Of the successor; without this, the old one's with its number raised.")
    ] = "",
    ttl: Annotated[
        str, typer.Option(help=f"How long the successor lives; without this, as long as the old one. {SPAN}")
    ] = "",
    grace: Annotated[
        str, typer.Option(help="How long the old one works beside it, 30d at most; 0s: no longer.")
    ] = "1d",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Put a successor in a token's place. Its secret is printed to standard output, this once.

    The old token goes on working until the grace is over: hand the new one out, then finish.

    Example: TOKEN=$(keystead tokens rotate sa-ci nightly --grace 2h)
    """
    lifetime_s, grace_s = seconds_of(ttl) if ttl else None, grace_seconds_of(grace)
    advice = {
        400: "A grace is 30d at most, and the lifetime may have a limit: --grace 1d --ttl 30d",
        404: _NOT_THERE,
        409: "Look at the token and its name: keystead tokens list ACCOUNT. What is over needs no successor.",
    }
    with server_at(url, token, advice=advice) as server:
        owner = id_of(server, account)
        old = token_of(server, owner, which)
        new = server.tokens.rotate(owner, old.id, name=name or None, lifetime_s=lifetime_s, grace_s=grace_s)
    say(f"Created token {new.name} with id {new.id}. It cannot be shown again.")
    if grace_s:
        say(f"{old.name} works until {new.grace_until}. End it: keystead tokens finish {owner} {old.id}")
    else:
        say(f"{old.name} has ended.")
    show_issued(new, as_json=as_json)


@tokens.command("finish")
def finish_rotation(account: Account, which: Which, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """End a rotated token now, before its grace is over. WHICH is the old one.

    Example: keystead tokens finish sa-ci nightly
    """
    advice = {404: _NOT_THERE, 409: "Rotate it first, or revoke it: keystead tokens revoke ACCOUNT WHICH"}
    with server_at(url, token, advice=advice) as server:
        owner, token_id = both_of(server, account, which)
        server.tokens.finish(owner, token_id)
    say("Rotation finished: the old token opens nothing any more")


@tokens.command("revoke")
def revoke_token(
    account: Account,
    which: Which,
    *,
    cascade: Cascade = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Revoke a token: from now on it opens nothing. It stays in the list, and keeps its name.

    Example: keystead tokens revoke sa-ci nightly
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        owner, token_id = both_of(server, account, which)
        made = server.tokens.revoke(owner, token_id, cascade=cascade)
    say(ended("Token revoked", made if cascade else None))


@tokens.command("delete")
def delete_token(account: Account, which: Which, *, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Delete a token: from now on it opens nothing, and its name is free.

    Example: keystead tokens delete sa-ci nightly
    """
    with server_at(url, token, advice={404: _NOT_THERE}) as server:
        owner, token_id = both_of(server, account, which)
        server.tokens.delete(owner, token_id)
    say("Token deleted")


def both_of(server: Client, account: str, which: str) -> tuple[int, int]:
    """Return the ids of account and token; ends the command when a login or name is unknown."""
    owner = id_of(server, account)
    return owner, int(which) if is_id(which) else token_of(server, owner, which).id


def token_of(server: Client, owner: int, which: str) -> Told:
    """Return a token by id or name; ends the command when there is none."""
    if is_id(which):
        return server.tokens.get(owner, int(which))
    found = next((told for told in server.tokens.list(owner) if told.name == which), None)
    if found is None:
        refuse(f"the account has no token with the name {which}. {_NOT_THERE}")
    return found
