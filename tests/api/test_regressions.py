"""Behaviours of Grafana 9.3.2 and public advisories that need no server of their own."""

import json

import pytest
from starlette.testclient import TestClient

from keystead.bootstrap import ENDPOINTS
from keystead.core.access.permission import Need, Several
from keystead.core.access.roles import Role
from keystead.http.endpoint import Routes
from keystead.http.needs import Open, SignedIn
from tests.doors import ADMIN, ADMIN_PASSWORD, HOME, House, MakeHouse, Unchanged

NEW_PASSWORD = "canary orchard pebble twelve"
ODD_LIFETIMES = ["2147483648", "4294967296", "1e10", "9007199254740992", "9223372036854775807"]
ODD_LIFETIMES += ["9223372036854775808", "1e400", "1.5", '"60"', "true", "-9223372036854775809"]
ODD_IDS = [":id", "{id}", "null", "NaN", "1.0", "1e0", "%EF%BC%91", "0x1", "1_0", "--1", "1%00", "%201"]


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    return make_house(auth__api_key_max_seconds_to_live=-1)


def signed_in(house: House, login: str, password: str) -> TestClient:
    client = house.client()
    assert client.post("/login", json={"user": login, "password": password}).status_code == 200
    return client


def known(client: TestClient) -> TestClient:
    """Let the first sign-in leave its traces: the address, and when the person was seen."""
    assert client.get("/api/user").status_code == 200
    return client


@pytest.mark.goal("F11")
class TestALifetime:
    @pytest.mark.parametrize("lifetime", ODD_LIFETIMES)
    def test_beyond_what_can_be_kept_is_refused(
        self, house: House, unchanged: Unchanged, lifetime: str
    ) -> None:
        client = house.as_key()
        body = f'{{"name": "ci", "role": "Viewer", "secondsToLive": {lifetime}}}'
        with unchanged():
            answer = client.post("/api/auth/keys", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400

    def test_at_the_limit_is_kept(self, house: House) -> None:
        body = {"name": "ci", "role": "Viewer", "secondsToLive": 2_147_483_647}
        assert house.as_key().post("/api/auth/keys", json=body).status_code == 200


@pytest.mark.goal("F22")
def test_a_long_list_of_keys_is_whole(house: House) -> None:
    client = house.as_key()
    for number in range(350):
        client.post("/api/auth/keys", json={"name": f"key {number:03}", "role": "Viewer"})
    assert len(client.get("/api/auth/keys").json()) == 351


@pytest.mark.goal("R26")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/auth/keys/{}"),
        ("DELETE", "/api/auth/keys/{}"),
        ("DELETE", "/api/org/users/{}"),
        ("GET", "/api/users/{}"),
        ("DELETE", "/api/admin/users/{}"),
        ("DELETE", "/api/orgs/{}"),
    ],
)
def test_an_id_is_a_decimal_integer_or_nothing(
    house: House, unchanged: Unchanged, method: str, path: str
) -> None:
    client = known(house.as_admin())
    with unchanged():
        for id_ in ODD_IDS:
            assert client.request(method, path.format(id_)).status_code in (400, 403, 404), id_


@pytest.mark.goal("F18", "R10")
class TestARouteOfAnOrganization:
    def test_removes_nobody_who_is_not_its_member(self, house: House, unchanged: Unchanged) -> None:
        elsewhere = house.an_org()
        admin = known(house.as_member(Role.ADMIN, org=elsewhere))
        with unchanged():
            assert admin.delete("/api/org/users/1").status_code == 404
            assert admin.delete(f"/api/orgs/{elsewhere}/users/1").status_code == 404

    def test_never_deletes_the_server_admin(self, house: House) -> None:
        admin = house.as_member(Role.ADMIN)
        assert admin.delete("/api/org/users/1").json()["message"] == "User removed from organization"
        assert house.as_admin().get("/api/user").json()["login"] == ADMIN


@pytest.mark.goal("R15", "R16")
class TestANameOfAPerson:
    @pytest.mark.parametrize("login", ["ADMIN", "Admin", "admin@localhost", "ADMIN@LOCALHOST"])
    def test_is_taken_as_login_and_as_address(self, house: House, unchanged: Unchanged, login: str) -> None:
        admin = known(house.as_admin())
        with unchanged():
            body = {"login": login, "password": NEW_PASSWORD}
            assert admin.post("/api/admin/users", json=body).status_code == 412

    @pytest.mark.parametrize("login", ["\u0430dmin", "adm\u200bin", "ad min"])
    def test_that_looks_alike_is_never_the_other(self, house: House, login: str) -> None:
        body = {"login": login, "password": NEW_PASSWORD}
        answer = house.as_admin().post("/api/admin/users", json=body)
        if answer.status_code == 200:
            assert answer.json()["id"] != 1
        assert house.as_person(ADMIN, NEW_PASSWORD).get("/api/user").status_code == 401
        assert house.as_admin().get("/api/user").json()["isGrafanaAdmin"]


@pytest.mark.goal("R32")
def test_no_changed_cookie_is_accepted(house: House) -> None:
    cookie = signed_in(house, ADMIN, ADMIN_PASSWORD).cookies["grafana_session"]
    client = house.client()
    accepted = []
    for place, digit in enumerate(cookie):
        for bit in range(7):
            other = chr(ord(digit) ^ 1 << bit)
            if other.isalnum():
                changed = cookie[:place] + other + cookie[place + 1 :]
                headers = {"Cookie": f"grafana_session={changed}"}
                if client.get("/api/user", headers=headers).status_code != 401:
                    accepted.append(json.dumps(other))
    assert not accepted


@pytest.mark.goal("F32")
def test_other_sessions_end_with_the_password(house: House) -> None:
    house.a_member(Role.VIEWER, org=HOME, login="somebody")
    here = signed_in(house, "somebody", "canary-somebody-password")
    there = signed_in(house, "somebody", "canary-somebody-password")
    body = {"oldPassword": "canary-somebody-password", "newPassword": NEW_PASSWORD}
    assert here.put("/api/user/password", json=body).status_code == 200
    assert here.get("/api/user").status_code == 200
    assert there.get("/api/user").status_code == 401


@pytest.mark.goal("R25")
class TestARoute:
    def test_without_needs_cannot_be_declared(self) -> None:
        with pytest.raises(TypeError, match="needs"):
            Routes().route("GET", "/api/forgotten")  # type: ignore[call-arg]  # the slip

    def test_states_what_it_needs(self) -> None:
        assert all(isinstance(endpoint.needs, Need | Several | SignedIn | Open) for endpoint in ENDPOINTS)
