import msgspec
import pytest
from starlette.responses import Response

from keystead.core.access.errors import PermissionMissing
from keystead.core.credentials.errors import ApiKeyNotFound, CredentialBudgetSpent
from keystead.core.errors import (
    Conflict,
    Denied,
    Invalid,
    KeysteadError,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.http.errors import BodyTooLarge, BodyTooSlow, NotNow, Retold, hints_of, render_error, status_of


def body_of(response: Response) -> dict[str, str]:
    return msgspec.json.decode(response.body, type=dict[str, str])


class Below(NotFound):
    message = "below"
    message_id = "tests.below"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Invalid, 400),
        (Unauthenticated, 401),
        (Denied, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooMany, 429),
        (Unavailable, 503),
        (BodyTooLarge, 413),
        (BodyTooSlow, 408),
        (Below, 404),
        (KeysteadError, 500),
    ],
)
def test_a_kind_has_a_status(kind: type[KeysteadError], status: int) -> None:
    assert status_of(kind) == status
    assert render_error(kind(), request_id="r").status_code == status


class TestAnAnswer:
    def test_says_the_constant_sentence_and_keeps_the_detail(self) -> None:
        response = render_error(ApiKeyNotFound("org=7 key=12"), request_id="r-1")
        assert body_of(response) == {
            "message": "API key not found",
            "messageId": "apikeys.not-found",
            "traceID": "r-1",
        }
        assert response.headers["content-type"] == "application/json"

    def test_is_what_the_route_has_for_it(self) -> None:
        retold: Retold = {ApiKeyNotFound: (400, "No such key")}
        response = render_error(ApiKeyNotFound(), request_id="r-1", retold=retold)
        assert (response.status_code, body_of(response)["message"]) == (400, "No such key")
        assert body_of(response)["messageId"] == "apikeys.not-found"
        assert render_error(Below(), request_id="r-1", retold=retold).status_code == 404

    def test_of_a_denial_names_what_was_needed(self) -> None:
        told = body_of(render_error(PermissionMissing("orgs:read"), request_id="r-1"))
        assert told["title"] == "Access denied"
        assert told["message"] == f"{PermissionMissing.message}. Permissions needed: orgs:read"
        assert told["accessErrorId"].startswith("ACE")


@pytest.mark.parametrize("error", [NotNow(), DatabaseUnavailable(), CredentialBudgetSpent()])
def test_whoever_may_come_again_is_told_when(error: KeysteadError) -> None:
    assert render_error(error, request_id="r").headers["retry-after"] == "1"


@pytest.mark.parametrize("error", [BodyTooLarge(), BodyTooSlow()])
def test_a_connection_with_half_a_body_in_it_is_closed(error: KeysteadError) -> None:
    assert render_error(error, request_id="r").headers["connection"] == "close"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 500])
def test_no_other_status_has_such_hints(status: int) -> None:
    assert hints_of(status) == {}
