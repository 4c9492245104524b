"""`keystead migrate terraform`: API keys in a configuration become service accounts and tokens."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from keystead.cli.output import cell
from keystead.cli.remote import DEFAULT_URL, Token, Url, fail, say
from keystead.cli.terraform_files import modules_below, write_files
from keystead.cli.terraform_server import (
    InOrg,
    Key,
    Login,
    Password,
    PasswordFile,
    Providers,
    User,
    asked_at,
    keys_of,
    migrate,
    owners_by_name,
)
from keystead.core.terraform.errors import SeveralProviders
from keystead.core.terraform.keys import DEFAULT_PROVIDER, KeyBlock
from keystead.core.terraform.module import Module, Rewriting, module_of, rewriting

TO_DO = 1
SOME_LEFT = 3


@dataclass(slots=True)
class Known:
    """What the server told, by organization (None: that of the credential) and name of the key."""

    accounts: dict[tuple[int | None, str], str] = field(default_factory=dict)
    reasons: dict[tuple[int | None, str], str] = field(default_factory=dict)  # why one has no account


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants it done."""

    is_check: bool
    is_write: bool
    is_migrating: bool

    @property
    def may_ask(self) -> bool:
        return not (self.is_check or self.is_write)


Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="A configuration; modules below it are rewritten too.")
]
Write: TypeAlias = Annotated[bool, typer.Option("--write", help="Write without asking.")]
Check: TypeAlias = Annotated[
    bool, typer.Option("--check", help="Write nothing; end with 1 if something is to be done.")
]
Migrate: TypeAlias = Annotated[
    bool, typer.Option("--migrate", help="Migrate keys that are not migrated yet, without asking.")
]
Org: TypeAlias = Annotated[
    int, typer.Option(min=0, help="Id of the organization of keys that name none.", show_default=False)
]


def rewrite_configuration(
    folder: Folder,
    *,
    write: Write = False,
    check: Check = False,
    migrate_keys: Migrate = False,
    org: Org = 0,
    provider: Providers = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
    user: User = "",
    password: Password = "",
    password_file: PasswordFile = None,
) -> None:
    """Rewrite a Terraform configuration: each grafana_api_key becomes a service account and its token.

    The server tells which accounts the keys became. The difference is shown, and written after a yes. What
    cannot be rewritten with certainty is left, and told with file and line. It ends with 0 when nothing is
    left, with 1 when --check found something to do or the server refused, and with 3 when something is left
    for a person. docs/terraform.md has all steps.

    Example: keystead migrate terraform infra
    """
    wish = Wish(check, write, migrate_keys)
    modules = [module_of(files, frozenset(provider or ())) for files in modules_below(folder)]
    check_providers([one for module in modules for one in module.keys], provider or ())
    blocks = [one for module in modules for one in module.keys if not one.obstacle]
    known = Known()
    if blocks:
        with asked_at(url, token, Login(user, password, password_file)) as server:
            for number in {one.org for one in blocks}:
                learn(known, server.of(number or org), number, blocks, wish)
    told = [rewriting(module, known.accounts, known.reasons) for module in modules]
    end(modules, told, folder, wish)


def check_providers(blocks: Iterable[KeyBlock], chosen: Collection[str]) -> None:
    """Two servers may have keys of equal names: a person tells which one is asked."""
    found = sorted({one.provider or DEFAULT_PROVIDER for one in blocks})
    if len(found) > 1 and not chosen:
        fail(f"{SeveralProviders.message}: {', '.join(found)}.")


def learn(known: Known, at: InOrg, org: int | None, blocks: Iterable[KeyBlock], wish: Wish) -> None:
    """Add what the server tells about the keys of an organization; migrates them if that is wished."""
    names = {name for one in blocks if one.org == org for name in one.names}
    keys = [key for key in keys_of(at) if key.name in names]
    if keys and is_wanted(keys, wish):
        migrate(at, keys)
        keys = []
    found = owners_by_name(at, names - {key.name for key in keys})
    for name, accounts in found.items():
        if len(accounts) == 1:
            known.accounts[org, name] = accounts[0]
        else:
            known.reasons[org, name] = f"several accounts have a token {name}: {', '.join(accounts)}"
    for key in keys:
        known.reasons[org, key.name] = f"the API key {key.name} is not migrated: --migrate"


def is_wanted(keys: Collection[Key], wish: Wish) -> bool:
    if wish.is_migrating or not wish.may_ask:
        return wish.is_migrating and not wish.is_check
    say("Not migrated yet: " + ", ".join(sorted(key.name for key in keys)))
    return typer.confirm(f"Migrate these {len(keys)} API keys now?", err=True)


def end(modules: Iterable[Module], told: Iterable[Rewriting], folder: Path, wish: Wish) -> None:
    """Show what becomes of the files, write them if that is wished, and end the command."""
    before = {file.path: file.source for module in modules for file in module.files}
    after = {path: text for one in told for path, text in one.files.items() if text != before[path]}
    remarks = [remark for one in told for remark in one.remarks]
    for path in sorted(after):
        for line in difference(path, before[path], after[path]):
            typer.echo(line)
    for remark in remarks:
        say(f"{remark.path}:{remark.line}: {remark.text}")
    if not after and not remarks:
        say(f"No API key is below {folder}: there is nothing to do.")
    elif wish.is_check:
        raise typer.Exit(TO_DO)
    elif after:
        written(folder, before, after, is_sure=wish.is_write)
    if remarks:
        raise typer.Exit(SOME_LEFT)


def written(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes], *, is_sure: bool) -> None:
    if not is_sure:
        typer.confirm(f"Write {len(after)} files?", abort=True, err=True)
    write_files(folder, before, after)
    say(f"{len(after)} files written. Rewrite the state before anybody applies: docs/terraform.md")


def difference(path: str, before: bytes, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified difference, as people see them."""
    old, new = (text.decode().split("\n") for text in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""):
        yield cell(line.removesuffix("\r").replace("\t", "    ")).plain
