"""`/api/serviceaccounts/migrate` and what belongs to it: API keys become tokens of service accounts.

Source: Grafana v9.3.2 HTTP API; results, dry runs and jobs are Keystead's own.
"""

from itertools import chain

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from keystead.api.migration_shapes import (
    Job,
    MigrationAnswer,
    MigrationHead,
    MigrationResults,
    job_head,
    key_shape,
    sent,
)
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import ServiceAccountIdInvalid
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.errors import ApiKeysClosed
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.errors import (
    KeyAboveOwn,
    KeyIdInvalid,
    KeyNotMigratable,
    KeysNotMigrated,
    MigrationNotFound,
    RevertAboveOwn,
    TokenNotFoundToRevert,
    TokenNotRevertable,
    TooManyWait,
)
from keystead.core.migration.model import JobState, Migration, MigrationId
from keystead.core.path_id import parse_path_id
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import Message
from keystead.usecases import migration, migration_jobs, migration_plan, revert

routes = Routes()

_MIGRATE = "/api/serviceaccounts/migrate"
_ALL_DONE = "API keys migrated to service accounts"


class MigrationStatus(Struct, rename="camel", kw_only=True):
    migrated: bool
    hidden: bool
    remaining: int
    job_id: str | UnsetType = UNSET  # of the running job or the last one; absent: there was none


@routes.route(
    "GET",
    "/api/serviceaccounts/migrationstatus",
    needs=Action.SERVICE_ACCOUNTS_READ.anywhere(),
    told=Told(answer=MigrationStatus),
)
def find_status(call: Call[Principal]) -> MigrationStatus:
    """Tell whether the organization has migrated its API keys, and how many there are."""
    with call.deps.read() as db:
        found = migration.status(db, call.by)
    return MigrationStatus(
        migrated=found.is_migrated,
        hidden=found.is_hidden,
        remaining=found.remaining,
        job_id=UNSET if found.job is None else str(found.job.id),
    )


@routes.route(
    "POST",
    _MIGRATE,
    needs=Action.SERVICE_ACCOUNTS_CREATE.anywhere(),
    told=Told(
        answer=MigrationAnswer,
        otherwise={409: MigrationResults},
        errors=(KeyAboveOwn, KeysNotMigrated, TooManyWait),
        query={"dryRun": bool, "async": bool},
    ),
)
def migrate_all(call: Call[Principal]) -> Response | MigrationAnswer:
    """Migrate all API keys of the organization, and wait for it; a second caller gets the same result."""
    if call.query.flag("dryRun"):
        return planned(call)
    job = call.deps.migrations.start(call.by)
    if call.query.flag("async"):
        return MigrationAnswer(message="Migration started", job_id=str(job.id))
    return ended(call, call.deps.migrations.wait(call.by, job.id))


def planned(call: Call[Principal]) -> Response:
    """Raises KeyAboveOwn."""
    with call.deps.read() as db:
        remaining = migration.status(db, call.by).remaining
    parts = migration_plan.plan(call.deps.read, call.by)
    head = MigrationHead(message=_ALL_DONE, dry_run=True, remaining=remaining, failed=0)
    first = next(parts)  # is refused before anything is sent
    return sent(head, chain([first], parts), has_map=True)


def ended(call: Call[Principal], job: Migration) -> Response:
    """Tell what became of the keys: 409 when some are left because they failed."""
    with call.deps.read() as db:
        remaining = migration.status(db, call.by).remaining
    is_done = job.state is JobState.DONE
    head = MigrationHead(
        message=_ALL_DONE if is_done else KeysNotMigrated.message,
        dry_run=False,
        remaining=remaining,
        failed=job.failed,
        job_id=str(job.id),
    )
    results = migration_jobs.list_results(call.deps.read, call.by, job.id)
    return sent(head, results, has_map=True, status=200 if is_done else 409)


@routes.route(
    "POST",
    f"{_MIGRATE}/{{key_id}}",
    needs=Action.SERVICE_ACCOUNTS_CREATE.anywhere(),
    told=Told(
        answer=MigrationResults, errors=(KeyIdInvalid, KeyNotMigratable, KeyAboveOwn), query={"dryRun": bool}
    ),
)
def migrate_key(call: Call[Principal]) -> MigrationResults:
    """Migrate one API key; what is migrated already stays so."""
    key_id, is_dry = CredentialId(call.id("key_id", KeyIdInvalid)), call.query.flag("dryRun")
    with call.deps.write() as db:
        result = migration.migrate_key(db, call.by, key_id, dry_run=is_dry, clock=call.deps.clock)
        remaining = migration.status(db, call.by).remaining
    return MigrationResults(
        message="Service accounts migrated",
        dry_run=is_dry,
        remaining=remaining,
        failed=0,
        results=[key_shape(result)],
        service_accounts={} if result.account is None else {str(result.key): result.account},
    )


@routes.route(
    "GET",
    f"{_MIGRATE}/jobs/{{job_id}}",
    needs=Action.SERVICE_ACCOUNTS_READ.anywhere(),
    told=Told(answer=Job, errors=(MigrationNotFound,), query={"results": str}),
)
def find_job(call: Call[Principal]) -> Response:
    """Tell how far a migration is and what became of each key so far; `results=false` leaves those out."""
    number = parse_path_id(call.path["job_id"])
    if number is None:
        raise MigrationNotFound
    with call.deps.read() as db:
        job = migration_jobs.find_job(db, call.by, MigrationId(number))
    is_short = call.query.text("results") == "false"
    results = () if is_short else migration_jobs.list_results(call.deps.read, call.by, job.id)
    return sent(job_head(job), results, has_map=False)


@routes.route(
    "POST",
    "/api/serviceaccounts/{service_account_id}/revert/{key_id}",
    needs=Action.SERVICE_ACCOUNTS_DELETE.on("serviceaccounts:id:{service_account_id}"),
    told=Told(
        answer=Message,
        errors=(TokenNotFoundToRevert, TokenNotRevertable, RevertAboveOwn, ApiKeysClosed),
        answers={
            KeyIdInvalid: (400, "key ID is invalid"),
            ServiceAccountIdInvalid: (400, "service account ID is invalid"),
        },
    ),
)
def revert_key(call: Call[Principal]) -> Message:
    """Make the only token of a service account an API key, and delete the account."""
    key_id = CredentialId(call.id("key_id", KeyIdInvalid))
    account_id = AccountId(call.id("service_account_id", ServiceAccountIdInvalid))
    with call.deps.write() as db:
        revert.revert_key(db, call.by, account_id, key_id, clock=call.deps.clock)
    return Message("reverted service account to API key")


@routes.route(
    "POST",
    "/api/serviceaccounts/hideApiKeys",
    needs=Action.SERVICE_ACCOUNTS_CREATE.anywhere(),
    told=Told(answer=Message),
)
def hide_keys(call: Call[Principal]) -> Message:
    """Hide the pages of API keys for everyone in the organization; the API goes on answering."""
    with call.deps.write() as db:
        migration.hide_keys(db, call.by, clock=call.deps.clock)
    return Message("API keys hidden")
