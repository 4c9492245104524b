"""Conditions in the query of /auth/verify: on the short way of keys and the long way of people alike."""

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from tests.doors import House

VERIFY = "/auth/verify"
ANY_KEY = "action=apikeys:read&scope=apikeys:*"


@pytest.fixture(params=["key", "person"])
def admin(request: pytest.FixtureRequest, house: House) -> TestClient:
    return house.as_key(Role.ADMIN) if request.param == "key" else house.as_member(Role.ADMIN)


@pytest.fixture(params=["key", "person"])
def viewer(request: pytest.FixtureRequest, house: House) -> TestClient:
    return house.as_key(Role.VIEWER) if request.param == "key" else house.as_member(Role.VIEWER)


def ask(client: TestClient, query: str) -> Response:
    return client.get(f"{VERIFY}?{query}")


def refusal(answer: Response) -> tuple[int, str, str]:
    assert "x-keystead-user" not in answer.headers
    return answer.status_code, answer.headers["x-keystead-reason"], answer.json()["messageId"]


class TestAConditionThatIsMet:
    @pytest.mark.parametrize("query", ["role=Viewer", "role=Admin", "org=1", "role=Admin&org=1", ANY_KEY])
    def test_lets_the_request_pass(self, admin: TestClient, query: str) -> None:
        answer = ask(admin, query)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["x-keystead-role"] == "Admin"

    def test_tells_the_permissions_that_were_asked_for(self, admin: TestClient) -> None:
        answer = ask(admin, f"{ANY_KEY}&action=apikeys:read&scope=apikeys:id:7")
        told = answer.headers["x-keystead-scopes"]
        assert told == "apikeys:read@apikeys:* apikeys:read@apikeys:id:7"
        assert ask(admin, "action=org.users:add").headers["x-keystead-scopes"] == "org.users:add@"

    def test_tells_them_percent_encoded(self, admin: TestClient) -> None:
        told = ask(admin, "action=apikeys:read&scope=apikeys:id:a%20b%C3%A4").headers["x-keystead-scopes"]
        assert told == "apikeys:read@apikeys:id:a%20b%C3%A4"

    def test_tells_none_where_none_was_asked_for(self, admin: TestClient) -> None:
        ask(admin, ANY_KEY)
        assert admin.get(VERIFY).headers["x-keystead-scopes"] == ""
        assert ask(admin, "role=Viewer").headers["x-keystead-scopes"] == ""


class TestAConditionThatIsNotMet:
    def test_says_that_the_role_is_too_low(self, viewer: TestClient) -> None:
        assert refusal(ask(viewer, "role=Editor")) == (403, "role", "forwardauth.role-too-low")

    def test_says_that_it_is_another_organization(self, viewer: TestClient) -> None:
        assert refusal(ask(viewer, "org=2")) == (403, "permission", "forwardauth.org-other")

    def test_says_that_a_permission_is_missing(self, viewer: TestClient) -> None:
        assert refusal(ask(viewer, ANY_KEY)) == (403, "permission", "forwardauth.permission-not-held")

    def test_is_enough_to_refuse_though_others_are_met(self, admin: TestClient) -> None:
        query = f"role=Admin&{ANY_KEY}&action=server.stats:read&scope=*"
        assert refusal(ask(admin, query)) == (403, "permission", "forwardauth.permission-not-held")

    def test_holds_for_a_credential_that_passed_before(self, viewer: TestClient) -> None:
        assert viewer.get(VERIFY).status_code == 200
        assert ask(viewer, "role=Editor").status_code == 403
        assert viewer.get(VERIFY).status_code == 200

    def test_is_counted_as_a_use(self, house: House) -> None:
        client = house.as_key(Role.VIEWER)
        ask(client, "role=Editor")
        house.deps.uses.flush()
        told = house.as_admin().get("/api/auth/keys").json()
        assert [key["lastUsedAt"] for key in told] == ["2023-11-14T22:13:20Z"]


class TestAConditionThatIsNotUnderstood:
    @pytest.mark.parametrize(
        "query",
        [
            "x",
            "x=1",
            "role",
            "role=",
            "role=%5A%5",
            "role=Viewer&",
            "role=Viewer&x=1",
            "role=Viewer;role=Admin",
            "role=%FF",
            "role=\u00e4",
            "targetOrgId=1",
            "action=apikeys:read&scope=",
            "scope=apikeys:*",
        ],
    )
    def test_lets_nothing_pass(self, admin: TestClient, query: str) -> None:
        assert refusal(ask(admin, query)) == (403, "permission", "forwardauth.condition-unknown")

    def test_is_none_on_an_address_below(self, admin: TestClient) -> None:
        answer = admin.get(f"{VERIFY}/some/path?role=Viewer")
        assert refusal(answer) == (403, "path", "forwardauth.path-unknown")

    def test_does_not_hide_that_the_credential_is_bad(self, house: House) -> None:
        answer = ask(house.client(authorization="Bearer nonsense"), "x=1")
        assert refusal(answer) == (401, "credential", "credentials.unknown")

    def test_names_no_credential_in_the_address(self, house: House) -> None:
        answer = ask(house.client(), "api_key=x")
        assert answer.status_code == 401
