"""Who belongs to which organization, and as what."""

from dataclasses import dataclass

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId


@dataclass(frozen=True, slots=True)
class Member:
    """A person, seen from one of their organizations."""

    org: OrgId
    id: AccountId
    login: str
    email: str
    name: str
    role: Role
    is_server_admin: bool
    is_disabled: bool
    created_at: UnixSeconds  # of the person, not of the membership
    last_seen_at: UnixSeconds | None  # None: never


@dataclass(frozen=True, slots=True)
class OrgOfUser:
    """An organization, seen from one of its members."""

    id: OrgId
    name: str
    role: Role
    hides_api_keys: bool = False  # no page leads to them
