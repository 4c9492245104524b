"""What the routes of the migration answer; long lists of results are sent while they are read."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response, StreamingResponse

from keystead.core.migration.model import KeyResult, Migration
from keystead.http.render import JSON, rfc3339, rfc3339_or_none

_encode = msgspec.json.encode


class MigratedKey(Struct, rename="camel"):
    key_id: int
    name: str
    role: str
    status: str
    service_account_id: int | None
    service_account_name: str | None
    login: str | None
    error: str | None


class MigrationHead(Struct, rename="camel", kw_only=True):
    """What stands before the results."""

    message: str
    dry_run: bool
    remaining: int
    failed: int
    job_id: str | UnsetType = UNSET  # absent: no job was needed


class MigrationResults(MigrationHead, rename="camel", kw_only=True):
    results: list[MigratedKey]
    service_accounts: dict[str, int]  # by the id of the key


class MigrationAnswer(Struct, rename="camel", kw_only=True):
    """As `MigrationResults`; beside the message, a job that was not waited for has only its id."""

    message: str
    job_id: str | UnsetType = UNSET
    dry_run: bool | UnsetType = UNSET
    remaining: int | UnsetType = UNSET
    failed: int | UnsetType = UNSET
    results: list[MigratedKey] | UnsetType = UNSET
    service_accounts: dict[str, int] | UnsetType = UNSET


class JobHead(Struct, rename="camel", kw_only=True):
    """What stands before the results."""

    id: str
    state: str
    dry_run: bool
    total: int
    done: int
    failed: int
    started_at: str
    finished_at: str | None


class Job(JobHead, rename="camel", kw_only=True):
    results: list[MigratedKey]


def key_shape(result: KeyResult) -> MigratedKey:
    return MigratedKey(
        result.key,
        result.name,
        result.role.value,
        result.status.value,
        result.account,
        result.account_name,
        result.login,
        result.error,
    )


def job_head(job: Migration) -> JobHead:
    return JobHead(
        id=str(job.id),
        state=job.state.value,
        dry_run=False,
        total=job.total,
        done=job.done,
        failed=job.failed,
        started_at=rfc3339(job.started_at),
        finished_at=rfc3339_or_none(job.finished_at),
    )


def sent(head: Struct, parts: Iterable[list[KeyResult]], *, has_map: bool, status: int = 200) -> Response:
    """Answer with the head and all results, some at a time; `has_map` adds the accounts by key."""
    return StreamingResponse(pieces(head, parts, has_map=has_map), status, headers={"content-type": JSON})


def pieces(head: Struct, parts: Iterable[list[KeyResult]], *, has_map: bool) -> Iterator[bytes]:
    accounts: list[tuple[int, int]] = []
    yield _encode(head)[:-1] + b',"results":['
    is_first = True
    for part in parts:
        told = b",".join(_encode(key_shape(result)) for result in part)
        yield told if is_first or not told else b"," + told
        is_first = is_first and not told
        accounts += [(result.key, result.account) for result in part if result.account is not None]
    yield b"]"
    if has_map:
        yield b',"serviceAccounts":' + _encode(dict(accounts))
    yield b"}"
