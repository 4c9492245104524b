"""An account: a user or a service account; one id space."""

from dataclasses import dataclass
from typing import NewType

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.model import NO_PREFERENCES, Preferences

AccountId = NewType("AccountId", int)


@dataclass(frozen=True, slots=True)
class User:
    """A person, in no organization of its own."""

    id: AccountId
    login: str
    email: str
    name: str
    is_server_admin: bool
    is_disabled: bool
    active_org: OrgId | None  # None: left or deleted, and no other to go to
    created_at: UnixSeconds
    updated_at: UnixSeconds
    last_seen_at: UnixSeconds | None = None  # None: never
    preferences: Preferences = NO_PREFERENCES
    must_change_password: bool = False  # until then every other request is refused


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A machine, in exactly one organization."""

    id: AccountId
    org: OrgId
    name: str
    login: str
    role: Role | None  # None: damaged import without a membership
    is_disabled: bool
    created_at: UnixSeconds
    updated_at: UnixSeconds
    description: str = ""
    from_key: str | None = None  # the API key that it was made for, when it was made; None: for none
