"""A token that was an API key, and what tells whether its migration worked."""

from dataclasses import dataclass

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.revert import Candidate


@dataclass(frozen=True, slots=True)
class MigratedKey:
    key: CredentialId
    name: str
    candidate: Candidate  # to be an API key again
    migrated_at: UnixSeconds
    expires_at: UnixSeconds | None = None  # None: never
    last_used_at: UnixSeconds | None = None  # None: never
    is_revoked: bool = False

    @property
    def was_used_since(self) -> bool:
        return self.last_used_at is not None and self.last_used_at >= self.migrated_at

    @property
    def is_role_equal(self) -> bool:
        return self.candidate.account.role is self.candidate.stored_role


@dataclass(frozen=True, slots=True)
class MigratedCounts:
    """Each is exact to `paging.COUNTED_TO`; one more than that means: more."""

    all: int
    unseen: int  # not used since they were migrated
