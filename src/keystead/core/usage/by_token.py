"""Whose use is asked about, and the tokens of an account by how many requests came with them."""

from dataclasses import dataclass

from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId
from keystead.core.paging import Cursor, Order

BY_REQUESTS = Order("requests", is_descending=True)


@dataclass(frozen=True, slots=True)
class UsedBy:
    """One credential, or all tokens of an account, or one of these."""

    credential: CredentialId | None = None
    owner: AccountId | None = None


@dataclass(frozen=True, slots=True)
class TokenRequests:
    id: CredentialId
    name: str
    requests: int  # in the time that was asked about


def place_of_requests(token: TokenRequests) -> Cursor:
    return Cursor(BY_REQUESTS, token.requests, token.id)
