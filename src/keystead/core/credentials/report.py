"""Credentials to look at: why, and in which order each reason lists them."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ReportReasonUnknown
from keystead.core.credentials.model import SOON_S, CredentialId
from keystead.core.paging import Cursor, Order

DAY_S = 24 * 3600
UNUSED_DAYS = 30  # unless somebody asks for another number
MOST_UNUSED_DAYS = 3_660


class Reason(StrEnum):
    """What a revoked credential never is; unused and Admin is only what still works."""

    EXPIRING = "expiring"  # within a week
    EXPIRED = "expired"
    UNUSED = "unused"  # was used, but not for so many days
    NEVER_USED = "never-used"
    NO_EXPIRATION = "no-expiration"
    ADMIN_ROLE = "admin-role"  # may do everything in the organization


ON_THE_WIRE = tuple(reason for reason in Reason if reason is not Reason.ADMIN_ROLE)
_ORDERS = {
    Reason.EXPIRING: Order("expires"),
    Reason.EXPIRED: Order("expires"),
    Reason.UNUSED: Order("lastUsed"),
    Reason.NEVER_USED: Order("created"),
    Reason.NO_EXPIRATION: Order("created"),
}
BY_EXPIRY = Order("expires")
BY_NAME = Order("name")


@dataclass(frozen=True, slots=True)
class Measure:
    """The moment of the question, and since when a credential must not have been used to be unused."""

    now: UnixSeconds
    unused_days: int = UNUSED_DAYS

    @property
    def unused_since(self) -> UnixSeconds:
        return UnixSeconds(self.now - self.unused_days * DAY_S)

    @property
    def soon(self) -> UnixSeconds:
        return UnixSeconds(self.now + SOON_S)


@dataclass(frozen=True, slots=True)
class Reported:
    """An API key or a token that is not revoked, as a report tells it."""

    id: CredentialId
    owner: AccountId | None  # None: an API key
    name: str
    owner_name: str  # of the account; "" for an API key
    role: Role | None  # None: the account has none
    created_at: UnixSeconds
    expires_at: UnixSeconds | None  # None: never
    last_used_at: UnixSeconds | None  # None: never
    maker: str | None  # login or name of who made it; None: gone
    team: str | None  # one that has a permission on the account

    @property
    def is_key(self) -> bool:
        return self.owner is None


def reasons_for(credential: Reported, measure: Measure) -> tuple[Reason, ...]:
    """Return every reason to look at it; the statements of the report ask the same."""
    expires_at, used_at = credential.expires_at, credential.last_used_at
    is_alive = expires_at is None or expires_at > measure.now
    holds = {
        Reason.EXPIRING: is_alive and expires_at is not None and expires_at <= measure.soon,
        Reason.EXPIRED: not is_alive,
        Reason.UNUSED: is_alive and used_at is not None and used_at < measure.unused_since,
        Reason.NEVER_USED: is_alive and used_at is None,
        Reason.NO_EXPIRATION: expires_at is None,
        Reason.ADMIN_ROLE: is_alive and credential.role is Role.ADMIN,
    }
    return tuple(reason for reason in Reason if holds[reason])


def order_of(reason: Reason | None) -> Order:
    """Return the order that an index has for the reason; None: for whatever reason."""
    return BY_NAME if reason is None else _ORDERS.get(reason, BY_NAME)


def kind_of(order: Order) -> type[str] | type[int]:
    return str if order == BY_NAME else int


def place_in(credential: Reported, order: Order) -> Cursor:
    """Return its place; whatever has no such moment is not in the list that is ordered by it."""
    values: dict[str, str | int | None] = {
        "name": credential.name,
        "expires": credential.expires_at,
        "lastUsed": credential.last_used_at,
        "created": credential.id,  # which tells the same, and needs no index of its own
    }
    return Cursor(order, values[order.by] or 0, credential.id)


def parse_reason(text: str) -> Reason | None:
    """Return the reason that a program names; None for "". Raises ReportReasonUnknown."""
    if not text:
        return None
    if text not in ON_THE_WIRE:
        raise ReportReasonUnknown
    return Reason(text)
