"""What a server tells about keys that became tokens: Keystead or Grafana, by the routes that both have."""

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, TypeAlias, final

import typer
from msgspec import Struct

from keystead.cli.output import steps
from keystead.cli.remote import client_of, ending_with, fail
from keystead.client import Client, ServiceAccount, Token
from keystead.client.accounts import Accounts
from keystead.client.calls import Answer, Call, as_json, no_more
from keystead.client.methods import Blocking
from keystead.client.tokens import Tokens
from keystead.core.terraform.keys import PREFIX
from keystead.core.terraform.state_keys import Owner, StateKey
from keystead.core.terraform.state_undo import RevertedKey

User: TypeAlias = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEAD_USER",
        metavar="LOGIN",
        help="Ask as this person in place of a token, in all organizations that Terraform uses. "
        "The password comes from KEYSTEAD_PASSWORD or --password-file, or is asked for.",
        show_default=False,
    ),
]
PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A file whose first line is the password of --user.", show_default=False
    ),
]
Password: TypeAlias = Annotated[
    str,
    typer.Option(envvar="KEYSTEAD_PASSWORD", hidden=True, show_default=False),  # for the environment only
]
Providers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--provider",
        metavar="NAME",
        help="A provider that is this server, as the configuration names it: grafana, grafana.staging. "
        "Needed where API keys belong to several; may be given several times.",
        show_default=False,
    ),
]

_NUMBERED = re.compile(r"(.+)-[0-9]+", re.DOTALL)
_PAGE_SIZE = 1_000
_ADVICE = {
    401: "Set KEYSTEAD_TOKEN to a credential that is good, or KEYSTEAD_USER and KEYSTEAD_PASSWORD.",
    403: "Use an Admin's credential: it must read service accounts, and API keys that are not migrated.",
}


@dataclass(frozen=True, slots=True)
class Login:
    """A person in place of a token; "" for nobody."""

    user: str = ""
    password: str = field(default="", repr=False)
    password_file: Path | None = None


class Key(Struct):
    """An API key, as every version tells it."""

    id: int
    name: str
    role: str


class _Org(Struct):
    id: int


@final
class InOrg(Blocking):
    """One organization of a server."""

    def __init__(self, client: Client, headers: Mapping[str, str], org: int) -> None:
        self._client = client
        self._headers = headers
        self.org = org  # 0: that of the credential

    def send(self, call: Call[Answer]) -> Answer:
        """Raises CallFailed."""
        return self._client.send(replace(call, headers={**call.headers, **self._headers}))


@final
class Asked:
    """A server, and who asks it."""

    def __init__(self, client: Client, authorization: str) -> None:
        self._client = client
        self._authorization = authorization  # "": the client has a token, which knows its organization

    def of(self, org: int) -> InOrg:
        """Return an organization; 0: that of the credential. Raises CallFailed."""
        if self._authorization:
            chosen = {"X-Grafana-Org-Id": str(org)} if org else {}
            return InOrg(self._client, {"Authorization": self._authorization, **chosen}, org)
        if org and org != (own := self._client.send(Call("GET", "/api/org", as_json(_Org))).id):
            fail(f"the token is of organization {own}, and there are keys of {org}. Ask with --user.")
        return InOrg(self._client, {}, org)


@contextmanager
def asked_at(url: str, token: str, login: Login) -> Iterator[Asked]:
    """Yield the server; a call that fails ends the command."""
    if not login.user:
        with client_of(url, token) as client, ending_with(_ADVICE):
            yield Asked(client, "")
        return
    pair = f"{login.user}:{password_of(login)}".encode()
    try:
        client = Client(url, None)
    except ValueError as error:
        fail(f"{error}. Set KEYSTEAD_URL.")
    with client, ending_with(_ADVICE):
        yield Asked(client, f"Basic {base64.b64encode(pair).decode()}")


def password_of(login: Login) -> str:
    """Return the password: from a file, else from the environment, else from whoever sits there."""
    if login.password_file is None:
        return login.password or str(typer.prompt("Password", hide_input=True, err=True))
    try:
        return login.password_file.read_text().partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        fail(f"{login.password_file} cannot be read as text.")


def keys_of(at: InOrg) -> list[Key]:
    """Return the API keys that are not migrated, expired ones too. Raises CallFailed."""
    return at.send(Call("GET", "/api/auth/keys", as_json(list[Key]), query={"includeExpired": "true"}))


def migrate(at: InOrg, keys: Iterable[Key]) -> None:
    """Migrate keys, one by one. Raises CallFailed."""
    for key in steps(list(keys), told="Migrating"):
        at.send(Call("POST", f"/api/serviceaccounts/migrate/{key.id:d}", no_more))


def is_likely(account: ServiceAccount, names: Collection[str]) -> bool:
    """Say whether a migration gives an account of one of these keys such a name."""
    if not account.name.startswith(PREFIX):
        return False
    name = account.name.removeprefix(PREFIX)
    numbered = _NUMBERED.fullmatch(name)
    return name in names or (numbered is not None and numbered[1] in names)


def accounts_of(at: InOrg) -> list[ServiceAccount]:
    """Return the service accounts that have tokens. Raises CallFailed."""
    found = Accounts(at).search(page_size=_PAGE_SIZE)
    return [one for one in found if one.token_count != 0 and at.org in {0, one.org_id}]


def owners_by_name(at: InOrg, names: Collection[str]) -> dict[str, list[str]]:
    """Return the names of the accounts that have a token with such a name; others after those of a migration.

    Raises CallFailed.
    """
    accounts = accounts_of(at)
    likely = [one for one in accounts if is_likely(one, names)]
    found = named_tokens(at, likely, names)
    rest = set(names) - found.keys()
    others = (one for one in accounts if rest and not is_likely(one, names))
    return found | named_tokens(at, others, rest)


def named_tokens(
    at: InOrg, accounts: Iterable[ServiceAccount], names: Collection[str]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in steps(list(accounts), told="Asking"):
        for token in Tokens(at).list(account.id):
            if token.name in names:
                found.setdefault(token.name, []).append(account.name)
    return found


def owners_by_id(at: InOrg, keys: Collection[StateKey]) -> dict[tuple[int, int], Owner]:
    """Return the account of each key, by organization as Terraform has it, and id. Raises CallFailed."""
    names = {key.name for key in keys}
    accounts = sorted(accounts_of(at), key=lambda one: not is_likely(one, names))
    waiting = {key.id for key in keys}
    found = {}
    for account in steps(accounts, told="Asking"):
        for token in Tokens(at).list(account.id) if waiting else ():
            if token.id in waiting:
                waiting.remove(token.id)
                found[at.org, token.id] = owner(account, token)
    return found


def owner(account: ServiceAccount, token: Token) -> Owner:
    return Owner(
        account.org_id,
        account.id,
        account.name,
        account.role,
        account.is_disabled,
        token.name,
        token.has_expired,
    )


def reverted_keys(at: InOrg) -> dict[tuple[int, int], RevertedKey]:
    """Return the API keys by organization and id. Raises CallFailed."""
    return {(at.org, key.id): RevertedKey(key.name, key.role) for key in keys_of(at)}
