"""Keys as the migration tells them: which one is meant, whose token it became, what to note about it."""

from collections.abc import Iterable, Mapping

import msgspec
import typer

from keystead.cli.accounts import id_of, is_id
from keystead.cli.apikeys import get_id_or_none
from keystead.cli.output import show_rows
from keystead.cli.remote import refuse
from keystead.client import ApiKey, CallFailed, Client, MigratedKey, MigrationResult

_COLUMNS = ("keyId", "name", "role", "status", "serviceAccountId", "login", "note")
_PREFIX = "sa-autogen-"
_FORBIDDEN = 403
_LOOK = "keystead keys list --include-expired"
_PAGE_SIZE = 500


def show_results(told: MigrationResult, notes: Mapping[int, str], *, as_json: bool) -> None:
    """Print what becomes of each key; as JSON the whole answer, which has no notes."""
    if as_json:
        typer.echo(msgspec.json.encode(told))
        return
    rows = [msgspec.to_builtins(one) | {"note": one.error or notes.get(one.key_id)} for one in told.results]
    show_rows(_COLUMNS, rows, as_json=False)


def notes_of(server: Client, planned: Iterable[MigratedKey]) -> dict[int, str]:
    """Return what to know about a key before it is migrated, by its id. Raises CallFailed."""
    known = {key.id: key for key in keys_of(server)}
    notes = {one.key_id: ", ".join(noted(one, known.get(one.key_id))) for one in planned}
    return {key_id: note for key_id, note in notes.items() if note}


def noted(planned: MigratedKey, key: ApiKey | None) -> Iterable[str]:
    if planned.account_name not in {None, f"{_PREFIX}{planned.name}"}:
        yield "name taken, number added"
    if key is None:
        return
    if key.is_revoked:
        yield "revoked, stays revoked"
    elif key.expires_at is not None:
        yield f"expires {key.expires_at:%Y-%m-%d %H:%M:%S}, stays so"
    if key.last_used_at is None:
        yield "never used"


def keys_of(server: Client) -> list[ApiKey]:
    """Return the API keys; none for whoever may migrate them and not list them. Raises CallFailed."""
    try:
        return server.keys.list(include_expired=True)
    except CallFailed as error:
        if error.status != _FORBIDDEN:
            raise
        return []


def key_id_of(server: Client, key: str) -> int:
    """Return the id of a key that is named by id or name; ends the command when there is none.

    A key that was migrated keeps its id, and is found by its name too. Raises CallFailed.
    """
    if is_id(key):
        return int(key)
    found = get_id_or_none(server, key)
    return found if found is not None else token_named(server, key)[1]


def owner_of(server: Client, key: str, account: str) -> tuple[int, int]:
    """Return the ids of a token and of its account, named by the key that it was; ends the command if none.

    Raises CallFailed.
    """
    if account:
        owner = id_of(server, account)
        named = (token.id for token in server.tokens.list(owner) if token.name == key)
        return owner, int(key) if is_id(key) else next(named, 0)
    if not is_id(key):
        return token_named(server, key)
    [one] = server.migration.migrate_key(int(key), dry_run=True).results
    if one.account_id is None:
        refuse(f"{one.name} is an API key already: keystead keys list")
    return one.account_id, one.key_id


def token_named(server: Client, name: str) -> tuple[int, int]:
    """Return the ids of account and token; the account of a migrated key has the key's name in its login.

    Ends the command when there is none. Raises CallFailed.
    """
    for account in server.accounts.search(name, page_size=_PAGE_SIZE):
        tokens = server.tokens.list(account.id) if account.login.startswith(_PREFIX) else []
        found = next((token.id for token in tokens if token.name == name), None)
        if found is not None:
            return account.id, found
    return refuse(f"there is no API key with the name {name}, nor one that was migrated: {_LOOK}")
