"""What Keystead answers, as values."""

from datetime import datetime

from msgspec import Struct, field

from keystead.client.secret import Secret


class ApiKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """An API key of the organization. Times are in UTC, to the second."""

    id: int
    name: str
    role: str  # "Viewer", "Editor" or "Admin"
    created_at: datetime = field(name="created")
    expires_at: datetime | None = field(name="expiration", default=None)  # None: never
    last_used_at: datetime | None = None  # None: never
    is_revoked: bool = False


class Issued(Struct, frozen=True, kw_only=True):
    """A new API key or token: the only time that its secret is told."""

    id: int
    name: str
    secret: Secret = field(name="key")


class ServiceAccount(Struct, frozen=True, kw_only=True, rename="camel"):
    """A machine's account. Times are in UTC, to the second."""

    id: int
    name: str
    login: str  # made from the first name, and never changed
    org_id: int
    role: str  # "Viewer", "Editor" or "Admin"
    is_disabled: bool
    description: str = ""
    token_count: int | None = field(
        name="tokens", default=None
    )  # expired ones too; None: not told by `update`
    created_at: datetime | None = None  # None: not told by `search` and `create`, like the one below
    updated_at: datetime | None = None


class CreatedAccount(ServiceAccount, frozen=True, kw_only=True, rename="camel"):
    """A new service account, with the first token that was asked for."""

    token: Issued | None = None


class RolePermission(Struct, frozen=True, kw_only=True):
    action: str
    scope: str = ""  # "": none


class AccessRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """A set of permissions that is given to accounts and teams."""

    uid: str
    name: str
    display_name: str = ""
    description: str = ""
    group: str = ""
    version: int = 0
    is_hidden: bool = field(name="hidden", default=False)
    is_global: bool = field(name="global", default=False)
    permissions: list[RolePermission] = field(default_factory=list)  # lists do not tell them


class RoleHolders(Struct, frozen=True, kw_only=True):
    """Who has a role in the organization, by id."""

    role_uid: str
    users: list[int]
    teams: list[int]
    service_accounts: list[int]


class Token(Struct, frozen=True, kw_only=True, rename="camel"):
    """A token of a service account. Times are in UTC, to the second."""

    id: int
    name: str
    created_at: datetime = field(name="created")
    expires_at: datetime | None = field(name="expiration", default=None)  # None: never
    last_used_at: datetime | None = None  # None: never
    has_expired: bool
    is_revoked: bool
    created_by: str | None = None  # None: whoever it was is gone
    last_used_from: str | None = None  # an address
    replaced_by: int | None = None  # the token that a rotation made; None: not rotated
    grace_until: datetime | None = None  # until when a rotated token goes on working


class Rotated(Struct, frozen=True, kw_only=True, rename="camel"):
    """The successor of a token: the only time that its secret is told."""

    id: int
    name: str
    secret: Secret = field(name="key")
    expires_at: datetime | None = field(name="expiration")  # None: never
    replaces: int  # the id of the old token
    grace_until: datetime  # until when the old token goes on working


class Health(Struct, frozen=True, kw_only=True):
    database: str  # "ok" or "failing"
    version: str  # of Grafana's HTTP API, which is spoken
    keystead: str  # the version of Keystead
