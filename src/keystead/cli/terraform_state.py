"""`keystead migrate terraform-state`: a state with API keys becomes one with service accounts and tokens."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from keystead.cli.remote import DEFAULT_URL, Token, Url, fail
from keystead.cli.terraform_files import check_writable, read_state, write_state
from keystead.cli.terraform_server import (
    Asked,
    Login,
    Password,
    PasswordFile,
    Providers,
    User,
    asked_at,
    owners_by_id,
    reverted_keys,
)
from keystead.core.terraform.errors import StateNotUnderstood
from keystead.core.terraform.letting_go import let_go
from keystead.core.terraform.state import State, state_of
from keystead.core.terraform.state_keys import Owner, adopted, asked_about
from keystead.core.terraform.state_undo import RevertedKey, orgs_of_tokens, reverted

Before: TypeAlias = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help="A state as `terraform state pull` prints it; else standard input.",
        show_default=False,
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write it there, for nobody else to read.", show_default=False),
]


WayB: TypeAlias = Annotated[
    bool,
    typer.Option("--way-b", help="Print removed and import blocks for a configuration, in place of a state."),
]
Undo: TypeAlias = Annotated[
    bool, typer.Option("--undo", help="Tokens that are API keys again on the server become such.")
]


def rewrite_state(
    before: Before = None,
    *,
    out: Out = None,
    way_b: WayB = False,
    undo: Undo = False,
    provider: Providers = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
    user: User = "",
    password: Password = "",
    password_file: PasswordFile = None,
) -> None:
    """Rewrite a Terraform state: each API key in it becomes the service account and the token that it is now.

    Secrets stay the same, and the next plan is empty. The state goes to standard output or a file, and
    nowhere else. It is refused when it is not understood, has no API key, or has one that is not migrated.

    Example: terraform state pull | keystead migrate terraform-state | terraform state push -
    """
    if way_b and undo:
        fail("--way-b and --undo do not go together.")
    if not way_b:
        check_writable(before, out)
    state = state_of(decoded(read_state(before)))
    wanted = provider or ()
    with asked_at(url, token, Login(user, password, password_file)) as server:
        if undo:
            text = reverted(state, keys_again(server, state))
        else:
            owners = owners_of(server, state, wanted)
            text = (let_go if way_b else adopted)(state, wanted, owners)
    write_state(out, text.encode())


def decoded(state: bytes) -> str:
    """Raises StateNotUnderstood."""
    try:
        return state.decode()
    except UnicodeDecodeError:
        raise StateNotUnderstood("it is not UTF-8") from None


def keys_again(server: Asked, state: State) -> dict[tuple[int, int], RevertedKey]:
    """Return the API keys of all organizations that have tokens in the state. Raises CallFailed."""
    return {ids: key for org in orgs_of_tokens(state) for ids, key in reverted_keys(server.of(org)).items()}


def owners_of(server: Asked, state: State, providers: Collection[str]) -> Mapping[tuple[int, int], Owner]:
    """Return the accounts of all keys, by organization and id as the state has them. Raises CallFailed."""
    keys = asked_about(state, providers)
    found: dict[tuple[int, int], Owner] = {}
    for org in sorted({key.org for key in keys}):
        found |= owners_by_id(server.of(org), [key for key in keys if key.org == org])
    return found
