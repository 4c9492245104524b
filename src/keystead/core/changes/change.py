"""What the append-only log records."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypeAlias

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId

ChangeId = NewType("ChangeId", int)
Detail: TypeAlias = Mapping[str, str | int | bool | None]


class ActorKind(StrEnum):
    """A principal's kinds, and whoever sits at the machine itself."""

    USER = "user"
    SERVICE_ACCOUNT = "serviceaccount"
    API_KEY = "apikey"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as they were then: names may change later, the log does not."""

    kind: ActorKind
    id: int  # of the account; 0: an API key, or the host
    login: str
    credential_id: CredentialId | None = None


@dataclass(frozen=True, slots=True)
class Change:
    id: ChangeId
    at: UnixSeconds
    org: OrgId | None  # None: the whole server
    actor: Actor
    address: str
    request_id: str
    action: str  # <noun>.<verb>, as "token.issue"
    target_kind: str
    target_id: str
    target_name: str
    detail: Detail  # small, flat, and never a secret
    result: str = "success"
