"""How lists of API keys and tokens are ordered, where each page begins, and how many there are."""

from dataclasses import dataclass

from keystead.core.credentials.model import ApiKey, Token
from keystead.core.paging import Cursor, Order

NO_EXPIRY = 2**62  # stands for it in an order: the farthest moment
NEVER_USED = -1  # stands for it in an order: the earliest moment
KEY_COLUMNS: dict[str, type[str] | type[int]] = {
    "name": str,
    "role": str,
    "expires": int,
    "lastUsed": int,
    "created": int,
}
BY_NAME = Order("name")


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """Each is exact to `paging.COUNTED_TO`; one more than that means: more."""

    alive: int
    expired: int


def place_of(key: ApiKey, order: Order) -> Cursor:
    values: dict[str, str | int] = {
        "name": key.name,
        "role": key.role.value,
        "expires": NO_EXPIRY if key.expires_at is None else key.expires_at,
        "lastUsed": NEVER_USED if key.last_use is None else key.last_use.at,
        "created": key.created_at,
    }
    return Cursor(order, values[order.by], key.id)


def place_of_token(token: Token) -> Cursor:
    return Cursor(BY_NAME, token.name, token.id)
