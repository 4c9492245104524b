from keystead.core.credentials.model import CredentialId
from keystead.core.paging import Cursor
from keystead.core.usage.by_token import BY_REQUESTS, TokenRequests, place_of_requests


def test_a_token_stands_where_its_requests_put_it() -> None:
    assert place_of_requests(TokenRequests(CredentialId(7), "t", 12)) == Cursor(BY_REQUESTS, 12, 7)
    assert str(BY_REQUESTS) == "-requests"
