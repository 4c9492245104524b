"""Which service accounts a list shows, and what it tells of each."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.accounts.model import ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.paging import Cursor, Order

BY_LOGIN = Order("login")
UNUSED_S = 30 * 24 * 3600  # who did nothing for so long is called unused


class Shown(StrEnum):
    """Which of them; the names stand in addresses of pages."""

    ALL = "all"
    WITH_EXPIRED_TOKENS = "expired"
    DISABLED = "disabled"
    UNUSED = "unused"  # has tokens, none of which was used of late
    WITHOUT_TOKENS = "tokenless"


@dataclass(frozen=True, slots=True)
class ListedAccount:
    account: ServiceAccount
    tokens: int  # dead ones too
    last_used_at: UnixSeconds | None  # None: never


def place_of_account(listed: ListedAccount) -> Cursor:
    return Cursor(BY_LOGIN, listed.account.login, listed.account.id)
