"""Credentials, as the rest of Keystead sees them: never the secret, nor its digest."""

from dataclasses import dataclass
from typing import NewType, TypeAlias

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.usage.model import LastUse

CredentialId = NewType("CredentialId", int)
SOON_S = 7 * 24 * 3600  # what ends within that is worth a word


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A legacy key: it belongs to no account and acts with a basic role."""

    id: CredentialId
    org: OrgId
    name: str
    role: Role
    created_at: UnixSeconds
    expires_at: UnixSeconds | None = None  # None: never
    last_use: LastUse | None = None  # None: never
    revoked_at: UnixSeconds | None = None  # None: not revoked


@dataclass(frozen=True, slots=True)
class Token:
    """What a service account presents; a migrated API key is one too."""

    id: CredentialId
    org: OrgId
    owner: AccountId
    name: str
    created_at: UnixSeconds
    expires_at: UnixSeconds | None = None  # None: never
    last_use: LastUse | None = None  # None: never
    revoked_at: UnixSeconds | None = None  # None: not revoked
    lifetime_s: int | None = None  # as it was asked for, 0 for ever; None: it began as an API key
    replaced_by: CredentialId | None = None  # the token that rotation put in its place
    grace_until: UnixSeconds | None = None  # how long it lives on beside that
    maker: str | None = None  # login or name of who made it; None: gone
    was_key: bool = False  # it is a migrated API key


Credential: TypeAlias = ApiKey | Token


def has_expired(credential: Credential, now: UnixSeconds) -> bool:
    """A credential is dead from its expiry second onward."""
    return credential.expires_at is not None and credential.expires_at <= now


def is_usable(credential: Credential, now: UnixSeconds) -> bool:
    return credential.revoked_at is None and not has_expired(credential, now)


def seconds_until_expiry(credential: Credential, now: UnixSeconds) -> int:
    """Return how long it has yet, if that is less than a week; else 0. Source: Grafana v9.3.2."""
    if credential.expires_at is None:
        return 0
    left_s = credential.expires_at - now
    return left_s if 0 < left_s < SOON_S else 0
