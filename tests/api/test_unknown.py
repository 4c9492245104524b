"""Paths that no route has, and methods that a route does not have."""

import pytest

from keystead.core.access.roles import Role
from tests.doors import BASE_URL, House

NO_ROUTES = [
    "/api",
    "/api/",
    "/apix",
    "/api/nope",
    "/api//org",
    "/api/org//",
    "/api/%2e%2e/org",
    "/api/%00",
    "/api/%ff",
    f"{BASE_URL}//api/org",
    f"{BASE_URL}//",
    "/a//b",
    "/%2e%2e/api/org",
    "/%00",
]


class TestAnUnknownRoute:
    @pytest.mark.parametrize("path", NO_ROUTES)
    def test_is_not_found_by_whoever_shows_a_good_credential(self, house: House, path: str) -> None:
        answer = house.as_key(Role.VIEWER).get(path)
        assert (answer.status_code, answer.json()["message"]) == (404, "Not found")
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"

    @pytest.mark.parametrize("path", NO_ROUTES)
    def test_tells_nothing_to_a_stranger(self, house: House, path: str) -> None:
        answer = house.client().get(path)
        assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="keystead"'

    def test_names_a_bad_credential_first(self, house: House) -> None:
        answer = house.client(authorization="Bearer nonsense").get("/api/nope")
        assert (answer.status_code, answer.json()["message"]) == (401, "invalid API key")
        assert answer.headers["www-authenticate"].endswith('error="invalid_token"')

    @pytest.mark.parametrize("method", ["PATCH", "PUT", "OPTIONS", "TRACE", "PROPFIND"])
    def test_is_a_known_path_with_another_method_too(self, house: House, method: str) -> None:
        answer = house.as_admin().request(method, "/api/auth/keys")
        assert answer.status_code == 404
        assert "allow" not in answer.headers

    @pytest.mark.parametrize("path", ["/api/%", "/api/org%4", "/api/%zz"])
    def test_with_a_bad_escape_is_refused_before_anything_else(self, house: House, path: str) -> None:
        answer = house.client().get(path)
        assert (answer.status_code, answer.json()["message"]) == (400, "bad request data")


class TestEveryAnswer:
    def test_carries_the_headers_and_the_callers_request_id(self, house: House) -> None:
        answer = house.as_admin(x_request_id="mine-1").get("/api/org")
        assert answer.headers["x-request-id"] == "mine-1"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "deny"
        assert answer.headers["referrer-policy"] == "no-referrer"

    def test_has_an_id_of_its_own_where_the_callers_is_no_such_word(self, house: House) -> None:
        assert house.as_admin(x_request_id="a b").get("/api/org").headers["x-request-id"] != "a b"

    def test_to_head_has_the_headers_of_get_and_no_body(self, house: House) -> None:
        answer = house.as_admin().head("/api/org")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/json"
