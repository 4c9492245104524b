import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.doors import HOME, House, MakeHouse, Unchanged, told
from tests.makers import a_machine

USERS = "/api/admin/users"
BOB, BOBS = "bob", "canary-bob-password"
NEW = "canary-another-password"
BAD_DATA = (400, "bad request data")
LAST_ADMIN = (400, "cannot remove last grafana admin")
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
ACTIONS = {
    ("PUT", "/password"): "users.password:write",
    ("PUT", "/permissions"): "users.permissions:write",
    ("DELETE", ""): "users:delete",
    ("POST", "/disable"): "users:disable",
    ("POST", "/enable"): "users:enable",
    ("POST", "/logout"): "users:logout",
    ("GET", "/auth-tokens"): "users.authtoken:read",
    ("POST", "/revoke-auth-token"): "users.authtoken:write",
}
BODIES: dict[str, dict[str, object]] = {"/password": {"password": NEW}}


@pytest.fixture
def bob(house: House) -> AccountId:
    return house.a_member(Role.VIEWER, login=BOB)


def asked(client: TestClient, method: str, who: object, rest: str) -> httpx2.Response:
    body = None if method in {"GET", "DELETE"} else BODIES.get(rest, {})
    return client.request(method, f"{USERS}/{who}{rest}", json=body)


def is_let_in(house: House, password: str, name: str = BOB) -> bool:
    return house.as_person(name, password).get("/api/user").status_code == 200


class TestCreatingAPerson:
    @pytest.mark.parametrize(
        ("names", "login", "email"),
        [
            ({"login": "ann"}, "ann", "ann"),
            ({"email": "ann@example.com"}, "ann@example.com", "ann@example.com"),
            ({"login": " ann ", "email": " ann@example.com "}, "ann", "ann@example.com"),
        ],
    )
    def test_lets_them_in(self, house: House, names: dict[str, str], login: str, email: str) -> None:
        client = house.as_admin()
        body = names | {"password": NEW, "name": "Ann", "isGrafanaAdmin": True, "role": "Admin"}
        created = client.post(USERS, json=body).json()
        assert created == {"id": created["id"], "message": "User created"}
        shown = house.as_person(login, NEW).get("/api/user").json()
        assert (shown["id"], shown["login"], shown["email"]) == (created["id"], login, email)
        assert not shown["isGrafanaAdmin"]
        assert client.get(f"/api/users/{created['id']}/orgs").json() == [
            {"orgId": HOME, "name": "Main Org.", "role": "Viewer"}
        ]

    def test_puts_them_where_they_are_to_be(self, house: House) -> None:
        elsewhere, client = house.an_org(), house.as_admin()
        body = {"login": "ann", "password": NEW, "orgId": elsewhere}
        created = client.post(USERS, json=body).json()
        (org,) = client.get(f"/api/users/{created['id']}/orgs").json()
        assert (org["orgId"], org["role"]) == (elsewhere, "Viewer")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"login": "ann"}, BAD_DATA),
            ({"login": "ann", "password": ""}, BAD_DATA),
            ({"login": "ann", "password": 1}, BAD_DATA),
            ({"login": 5, "password": NEW}, BAD_DATA),
            ({"login": "x" * 191, "password": NEW}, BAD_DATA),
            ({"login": "ann", "password": NEW, "orgId": "1"}, BAD_DATA),
            ({"login": "ann", "password": "short"}, (400, "Password is missing or too short")),
            ({"login": "ann", "password": "password12345678"}, (400, "Password is missing or too short")),
            ({"login": "ann", "password": "x" * 1025}, (400, "New password is too long")),
            ({"password": NEW}, (400, "Validation error, need specify either username or email")),
            (
                {"login": " ", "email": " ", "password": NEW},
                (400, "Validation error, need specify either username or email"),
            ),
            ({"login": "ann", "password": NEW, "orgId": 999}, (400, "organization not found")),
            ({"login": "ann", "password": NEW, "orgId": -1}, (400, "organization not found")),
            (
                {"login": "ADMIN", "password": NEW},
                (412, "User with email '' or username 'ADMIN' already exists"),
            ),
            (
                {"login": " ann ", "email": " admin@localhost ", "password": NEW},
                (412, "User with email 'admin@localhost' or username 'ann' already exists"),
            ),
        ],
    )
    def test_is_refused(
        self, house: House, unchanged: Unchanged, body: dict[str, object], expected: tuple[int, str]
    ) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            assert told(client.post(USERS, json=body)) == expected

    def test_is_for_server_admins(self, house: House, unchanged: Unchanged) -> None:
        client, body = house.as_member(Role.ADMIN), {"login": "ann", "password": NEW}
        client.get("/api/user")
        with unchanged():
            assert told(client.post(USERS, json=body)) == (403, f"{NEEDS}users:create")
            assert told(house.client().post(USERS, json=body)) == (401, "Unauthorized")
        assert told(house.as_admin().get(USERS)) == (404, "Not found")

    def test_takes_short_passwords_where_grafana_does(self, make_house: MakeHouse) -> None:
        client = make_house(server__compatibility="grafana-9.3").as_admin()
        answer = client.post(USERS, json={"login": "ann", "password": "123"})
        assert told(answer) == (400, "Password is missing or too short")
        assert told(client.post(USERS, json={"login": "ann", "password": "1234"}))[0] == 200


class TestEachRouteAboutOnePerson:
    @pytest.mark.parametrize(("method", "rest"), list(ACTIONS))
    @pytest.mark.parametrize("text", ["abc", "1.5", "99999999999999999999"])
    def test_is_refused_for_what_is_no_id(
        self, house: House, unchanged: Unchanged, method: str, rest: str, *, text: str
    ) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            assert told(asked(client, method, text, rest)) == (400, "id is invalid")

    @pytest.mark.parametrize(
        ("method", "rest", "message"),
        [
            ("PUT", "/password", "Could not read user from database"),
            ("PUT", "/permissions", "Failed to update user permissions"),
            ("DELETE", "", "user not found"),
            ("POST", "/disable", "user not found"),
            ("POST", "/enable", "user not found"),
            ("POST", "/logout", "User not found"),
            ("GET", "/auth-tokens", "User not found"),
            ("POST", "/revoke-auth-token", "User not found"),
        ],
    )
    def test_finds_people_only(
        self, house: House, unchanged: Unchanged, method: str, rest: str, *, message: str
    ) -> None:
        with house.database.write() as db:
            machine = a_machine(db)
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            for who in (0, -1, 999, machine):
                assert told(asked(client, method, who, rest)) == (404, message)

    @pytest.mark.parametrize(("method", "rest"), list(ACTIONS))
    def test_is_for_server_admins(
        self, house: House, bob: AccountId, unchanged: Unchanged, method: str, *, rest: str
    ) -> None:
        client = house.as_member(Role.ADMIN)
        client.get("/api/user")
        with unchanged():
            for who in (bob, 999, "abc"):
                assert told(asked(client, method, who, rest)) == (403, f"{NEEDS}{ACTIONS[method, rest]}")
                assert told(asked(house.client(), method, who, rest)) == (401, "Unauthorized")


class TestAPassword:
    def test_is_set_and_ends_all_sessions(self, house: House, bob: AccountId) -> None:
        session = signed_in(house)
        answer = house.as_admin().put(f"{USERS}/{bob}/password", json={"password": NEW})
        assert told(answer) == (200, "User password updated")
        assert is_let_in(house, NEW)
        assert not is_let_in(house, BOBS)
        assert told(session.get("/api/user")) == (401, "Unauthorized")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, BAD_DATA),
            ({"password": ""}, BAD_DATA),
            ({"password": "short"}, (400, "New password too short")),
            ({"password": "x" * 1025}, (400, "New password is too long")),
        ],
    )
    def test_is_not_set(
        self,
        house: House,
        bob: AccountId,
        unchanged: Unchanged,
        body: dict[str, object],
        *,
        expected: tuple[int, str],
    ) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            assert told(client.put(f"{USERS}/{bob}/password", json=body)) == expected


class TestTheRightsOfAServerAdmin:
    def test_are_given_and_taken_at_once(self, house: House, bob: AccountId) -> None:
        client, path = house.as_admin(), f"{USERS}/{bob}/permissions"
        bobs = house.as_person(BOB, BOBS)
        assert bobs.get("/api/users").status_code == 403
        answer = client.put(path, json={"isGrafanaAdmin": True})
        assert told(answer) == (200, "User permissions updated")
        assert bobs.get("/api/users").status_code == 200
        assert told(client.put(path, json={})) == (200, "User permissions updated")
        assert bobs.get("/api/users").status_code == 403

    @pytest.mark.parametrize("text", ["yes", "true", 1])
    def test_are_not_changed_by_what_is_no_answer(
        self, house: House, bob: AccountId, unchanged: Unchanged, text: object
    ) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            answer = client.put(f"{USERS}/{bob}/permissions", json={"isGrafanaAdmin": text})
        assert told(answer) == BAD_DATA

    def test_stay_with_the_last_one(self, house: House, unchanged: Unchanged) -> None:
        client, path = house.as_admin(), f"{USERS}/{house.admin.account_id}"
        client.get("/api/user")
        with unchanged():
            assert told(client.put(f"{path}/permissions", json={})) == LAST_ADMIN
            assert told(client.post(f"{path}/disable")) == LAST_ADMIN
            assert told(client.delete(path)) == LAST_ADMIN


class TestADisabledPerson:
    def test_comes_in_no_more_until_enabled(self, house: House, bob: AccountId) -> None:
        client, session = house.as_admin(), signed_in(house)
        for _ in range(2):
            assert told(client.post(f"{USERS}/{bob}/disable")) == (200, "User disabled")
        assert not is_let_in(house, BOBS)
        assert told(session.get("/api/user")) == (401, "Unauthorized")
        assert client.get(f"/api/users/{bob}").json()["isDisabled"]
        for _ in range(2):
            assert told(client.post(f"{USERS}/{bob}/enable")) == (200, "User enabled")
        assert is_let_in(house, BOBS)
        assert told(session.get("/api/user")) == (401, "Unauthorized")


class TestADeletedPerson:
    def test_is_gone_and_the_name_is_free(self, house: House, bob: AccountId) -> None:
        client = house.as_admin()
        assert told(client.delete(f"{USERS}/{bob}")) == (200, "User deleted")
        assert told(client.delete(f"{USERS}/{bob}")) == (404, "user not found")
        assert not is_let_in(house, BOBS)
        again = client.post(USERS, json={"login": BOB, "password": NEW}).json()
        assert again["id"] > bob


class TestTheSessionsOfAPerson:
    def test_are_listed_and_ended_one_by_one(self, house: House, bob: AccountId) -> None:
        client, one, other = house.as_admin(), signed_in(house), signed_in(house)
        first, second = client.get(f"{USERS}/{bob}/auth-tokens").json()
        assert not first["isActive"]
        answer = client.post(f"{USERS}/{bob}/revoke-auth-token", json={"authTokenId": first["id"]})
        assert told(answer) == (200, "User auth token revoked")
        assert told(one.get("/api/user")) == (401, "Unauthorized")
        assert other.get("/api/user").status_code == 200
        assert [shown["id"] for shown in client.get(f"{USERS}/{bob}/auth-tokens").json()] == [second["id"]]

    def test_are_not_ended_by_way_of_somebody_else(
        self, house: House, bob: AccountId, unchanged: Unchanged
    ) -> None:
        signed_in(house)
        client = house.as_admin()
        (shown,) = client.get(f"{USERS}/{bob}/auth-tokens").json()
        path = f"{USERS}/{house.admin.account_id}/revoke-auth-token"
        with unchanged():
            for token in (shown["id"], 999, None):
                answer = client.post(path, json={"authTokenId": token})
                assert told(answer) == (404, "User auth token not found")
            assert told(client.post(path, json={"authTokenId": "1"})) == BAD_DATA

    def test_are_all_ended(self, house: House, bob: AccountId) -> None:
        client, session = house.as_admin(), signed_in(house)
        for _ in range(2):
            assert told(client.post(f"{USERS}/{bob}/logout")) == (200, "User logged out")
        assert told(session.get("/api/user")) == (401, "Unauthorized")

    def test_are_ones_own_to_end_elsewhere(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            answer = client.post(f"{USERS}/{house.admin.account_id}/logout")
        assert told(answer) == (400, "You cannot logout yourself")


def signed_in(house: House) -> TestClient:
    """Return the client of Bob's browser."""
    client = house.client(sec_fetch_site="same-origin")
    assert client.post("/login", json={"user": BOB, "password": BOBS}).status_code == 200
    return client
