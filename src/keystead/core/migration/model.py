"""A migration of all API keys of an organization, what became of each, and what the organization is after."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId

MigrationId = NewType("MigrationId", int)


class KeyStatus(StrEnum):
    """What became of a key; the texts stand in answers of the API."""

    PLANNED = "planned"
    MIGRATED = "migrated"
    ALREADY_MIGRATED = "already-migrated"
    FAILED = "failed"


class JobState(StrEnum):
    """The texts stand in answers of the API."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # it came to its end, and some keys could not be migrated


@dataclass(frozen=True, slots=True)
class KeyResult:
    """What became of a key, or what would. Its end and use are those of now, and None too if it is gone."""

    key: CredentialId
    name: str
    role: Role
    status: KeyStatus
    account: AccountId | None = None  # None: there is none
    account_name: str | None = None
    login: str | None = None
    error: str | None = None  # a sentence for people
    expires_at: UnixSeconds | None = None
    last_used_at: UnixSeconds | None = None
    is_revoked: bool = False
    was_name_taken: bool = False  # the account's name has a number therefore


@dataclass(frozen=True, slots=True)
class Migration:
    """The job. `done` and `failed` count up to `total`, which counts keys that come or go meanwhile too."""

    id: MigrationId
    org: OrgId
    state: JobState
    total: int
    done: int
    failed: int
    started_at: UnixSeconds
    started_by: str  # login or name
    finished_at: UnixSeconds | None = None  # None: it is running

    @property
    def is_running(self) -> bool:
        return self.state is JobState.RUNNING


@dataclass(frozen=True, slots=True)
class KeyFlags:
    """What a menu must know of the API keys of an organization."""

    is_migrated: bool  # for good: no key can be made any more
    is_hidden: bool
    has_keys: bool


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    is_migrated: bool
    is_hidden: bool
    remaining: int  # keys that are not migrated
    job: Migration | None  # the running one, else the last one; None: there never was one


@dataclass(frozen=True, slots=True)
class KeyTotals:
    """How many keys there are to migrate, dead ones apart."""

    active: int
    expired: int

    @property
    def all(self) -> int:
        return self.active + self.expired
