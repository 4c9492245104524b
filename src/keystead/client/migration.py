"""The calls about the migration: API keys become tokens of service accounts of their own."""

from datetime import datetime
from typing import Literal, TypeAlias
from urllib.parse import quote

from msgspec import Struct, field

from keystead.client.calls import Call, as_json, no_more
from keystead.client.methods import Group, Method, Sender_co

KeyStatus: TypeAlias = Literal["planned", "migrated", "already-migrated", "failed"]
JobState: TypeAlias = Literal["running", "done", "failed"]
_ROUTE = "/api/serviceaccounts"
_SOME_FAILED = frozenset({409})


class MigratedKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """What becomes, or became, of one API key. Its secret stays the same."""

    key_id: int  # of the key before, and of the token after
    name: str
    role: str
    status: KeyStatus
    account_id: int | None = field(name="serviceAccountId")  # None, with the next two: there is none yet
    account_name: str | None = field(name="serviceAccountName")
    login: str | None
    error: str | None  # why it failed


class MigrationResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a migration did, or would do."""

    message: str
    is_dry_run: bool = field(name="dryRun")
    remaining: int  # API keys that are there still
    failed: int
    accounts: dict[int, int] = field(name="serviceAccounts")  # id of the service account, by id of the key
    results: list[MigratedKey]  # by name


class MigrationStarted(Struct, frozen=True, kw_only=True, rename="camel"):
    message: str
    job_id: str


class MigrationStatus(Struct, frozen=True, kw_only=True, rename="camel"):
    is_migrated: bool = field(name="migrated")  # nobody can create API keys any more
    is_hidden: bool = field(name="hidden")  # no page shows them
    remaining: int  # API keys that are there
    job_id: str | None = None  # of the last job; None: there was none


class MigrationJob(Struct, frozen=True, kw_only=True, rename="camel"):
    """A migration of all keys, which goes on whoever looks at it. Times are in UTC, to the second."""

    id: str
    state: JobState
    is_dry_run: bool = field(name="dryRun")
    total: int
    done: int
    failed: int
    started_at: datetime
    finished_at: datetime | None  # None: it is running
    results: list[MigratedKey]


class OldApiCaller(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who called a route of `/api/auth/keys` in the last 30 days."""

    kind: str  # "user", "serviceaccount" or "apikey"
    id: int
    name: str
    method: str
    route: str
    count: int
    last_at: datetime
    last_from: str  # an address
    last_user_agent: str


def plan_migration() -> Call[MigrationResult]:
    """Tell what would become of each API key, and change nothing. Raises CallFailed, with 403."""
    return _migrate({"dryRun": "true"})


def run_migration() -> Call[MigrationResult]:
    """Migrate all API keys and wait for it; that some keys failed is no error, and stands in the answer.

    Where none is left, nobody can create API keys any more. A second call does what is left. It takes as
    long as it takes: with many keys, `start` it and look at its `job`.
    Raises CallFailed, with 403 for a key above the caller's own role.
    """
    return _migrate({})


def start_migration() -> Call[MigrationStarted]:
    """Start migrating all API keys, or join the job that is running; `job` tells how far it is.

    Raises CallFailed, with 403 for a key above the caller's own role.
    """
    return Call("POST", f"{_ROUTE}/migrate", as_json(MigrationStarted), query={"async": "true"})


def migrate_key(key_id: int, *, dry_run: bool = False) -> Call[MigrationResult]:
    """Migrate one API key, or tell what would become of it; API keys can be created as before.

    Raises CallFailed, with 403 for a key above the caller's own role, and with 404.
    """
    query = {"dryRun": "true"} if dry_run else {}
    return Call("POST", f"{_ROUTE}/migrate/{key_id:d}", as_json(MigrationResult), query=query)


def migration_status() -> Call[MigrationStatus]:
    """Tell whether the organization has migrated, and how many API keys there are."""
    return Call("GET", f"{_ROUTE}/migrationstatus", as_json(MigrationStatus))


def get_job(job_id: str, *, with_results: bool = True) -> Call[MigrationJob]:
    """Tell how far a job is and, if wanted, what became of each key so far. Raises CallFailed, with 404."""
    query = {} if with_results else {"results": "false"}
    return Call("GET", f"{_ROUTE}/migrate/jobs/{quote(job_id, safe='')}", as_json(MigrationJob), query=query)


def undo_migration(account_id: int, key_id: int) -> Call[None]:
    """Turn the only token of a service account back into an API key; the account goes.

    Raises CallFailed, with 403 for an account above the caller's own role, with 404, and 409 for an account
    that is disabled or has more than this token.
    """
    return Call("POST", f"{_ROUTE}/{account_id:d}/revert/{key_id:d}", no_more)


def hide_keys() -> Call[None]:
    """Hide the pages of API keys for everyone in the organization. No call brings them back."""
    return Call("POST", f"{_ROUTE}/hideApiKeys", no_more)


def list_callers() -> Call[list[OldApiCaller]]:
    """Return who called `/api/auth/keys` in the last 30 days, by route, whoever called last first."""
    return Call("GET", f"{_ROUTE}/migrate/callers", as_json(list[OldApiCaller]))


def _migrate(query: dict[str, str]) -> Call[MigrationResult]:
    return Call("POST", f"{_ROUTE}/migrate", as_json(MigrationResult), query=query, answers=_SOME_FAILED)


class Migration(Group[Sender_co]):
    """From API keys to service accounts. What is refused raises CallFailed."""

    plan = Method(plan_migration)
    run = Method(run_migration)
    start = Method(start_migration)
    migrate_key = Method(migrate_key)
    status = Method(migration_status)
    job = Method(get_job)
    undo = Method(undo_migration)
    hide = Method(hide_keys)
    callers = Method(list_callers)
