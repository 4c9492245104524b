"""A session: a person signed in with a browser."""

from dataclasses import dataclass
from typing import NewType

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds

SessionId = NewType("SessionId", int)


@dataclass(frozen=True, slots=True)
class Session:
    """The cookie's value is not here: the database keeps its digest."""

    id: SessionId
    account_id: AccountId
    created_at: UnixSeconds
    seen_at: UnixSeconds
    rotated_at: UnixSeconds
    address: str = ""
    user_agent: str = ""
    revoked_at: UnixSeconds | None = None  # None: not revoked
