import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from tests.doors import House, MakeHouse, Unchanged, told

BOB, BOBS = "bob", "canary-bob-password"
NAME = "grafana_session"
DELETED = f"{NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
REFUSED = (401, "Invalid username or password")
BAD = (400, "bad login data")


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    house = make_house()
    house.a_member(Role.VIEWER, login=BOB)
    return house


@pytest.fixture
def browser(house: House) -> TestClient:
    """Somebody who has signed in."""
    client = house.client()
    assert client.post("/login", json={"user": BOB, "password": BOBS}).status_code == 200
    return client


class TestSigningIn:
    @pytest.mark.parametrize("name", [BOB, "bob@example.com"])
    def test_gives_a_cookie_that_opens_the_door(self, house: House, name: str) -> None:
        client = house.client()
        answer = client.post("/login", json={"user": name, "password": BOBS, "remember": True})
        assert answer.json() == {"message": "Logged in"}
        assert answer.headers["content-type"] == "application/json"
        (cookie,) = answer.headers.get_list("set-cookie")
        value, _, rest = cookie.removeprefix(f"{NAME}=").partition("; ")
        assert len(value) == 64
        assert int(value, 16) >= 0
        assert rest == f"Path=/; Max-Age={7 * 86_400}; HttpOnly; SameSite=Lax"
        assert client.get("/api/user").json()["login"] == BOB

    def test_gives_a_new_value_each_time(self, house: House) -> None:
        client, values = house.client(cookie=f"{NAME}={'0' * 64}"), set()
        for _ in range(3):
            answer = client.post("/login", json={"user": BOB, "password": BOBS})
            values.add(answer.headers["set-cookie"])
        assert len(values) == 3
        assert "0" * 64 not in str(values)

    @pytest.mark.parametrize(
        ("user", "password"), [(BOB, "wrong"), ("nobody", BOBS), ("BOB", BOBS), ("sa-ci", "x")]
    )
    def test_is_refused_with_one_sentence(
        self, house: House, unchanged: Unchanged, user: str, password: str
    ) -> None:
        with unchanged():
            answer = house.client().post("/login", json={"user": user, "password": password})
        assert told(answer) == REFUSED
        assert "www-authenticate" not in answer.headers
        assert "set-cookie" not in answer.headers

    def test_is_refused_to_a_disabled_person(self, house: House, unchanged: Unchanged) -> None:
        admin = house.as_admin()
        bob = admin.get("/api/users/lookup?loginOrEmail=bob").json()["id"]
        admin.post(f"/api/admin/users/{bob}/disable")
        with unchanged():
            assert told(house.client().post("/login", json={"user": BOB, "password": BOBS})) == REFUSED

    @pytest.mark.parametrize(
        ("body", "media"),
        [
            (b"{", "application/json"),
            (b"", "application/json"),
            (b"{}", "application/json"),
            (b'{"user":"bob"}', "application/json"),
            (b'{"user":"bob","password":""}', "application/json"),
            (b'{"user":"","password":"x"}', "application/json"),
            (b'{"user":"bob","password":1}', "application/json"),
            (b'{"user":"bob","password":{"a":"canary"}}', "application/json"),
            (b'{"user":"bob","password":"canary-bob-password"}', "text/plain"),
            (b'{"user":"bob","password":"canary-bob-password"}', ""),
        ],
    )
    def test_is_refused_for_what_says_nothing_sensible(
        self, house: House, unchanged: Unchanged, body: bytes, media: str
    ) -> None:
        with unchanged():
            answer = house.client().post("/login", content=body, headers={"content-type": media})
        assert told(answer) == BAD
        assert "canary" not in answer.text

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ("%2Fdashboards%3Fx%3D1", "/dashboards?x=1"),
            ("%2F", "/"),
            ("https%3A%2F%2Fevil.example%2F", None),
            ("%2F%2Fevil.example", None),
            ("%2F%5Cevil.example", None),
            ("%2F%09%2Fevil.example", None),
            ("%2F%0D%0ASet-Cookie%3A%20a%3Db", None),
            ("javascript%3Aalert(1)", None),
            ("", None),
        ],
    )
    def test_tells_where_one_wanted_to_go_if_that_is_here(
        self, house: House, wanted: str, expected: str | None
    ) -> None:
        client = house.client(cookie=f"redirect_to={wanted}")
        answer = client.post("/login", json={"user": BOB, "password": BOBS})
        assert answer.json().get("redirectUrl") == expected
        _session, deleted = answer.headers.get_list("set-cookie")
        assert deleted == "redirect_to=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"

    def test_sends_the_cookie_over_https_only_where_that_is_served(self, make_house: MakeHouse) -> None:
        house = make_house(server__root_url="https://keys.example", server__behind_proxy=True)
        house.a_member(Role.VIEWER, login=BOB)
        answer = house.client().post("/login", json={"user": BOB, "password": BOBS})
        assert answer.headers["set-cookie"].startswith("__Host-grafana_session=")
        assert "; Secure;" in answer.headers["set-cookie"]


class TestSigningOut:
    def test_ends_this_session_and_no_other(self, house: House, browser: TestClient) -> None:
        other = house.client()
        other.post("/login", json={"user": BOB, "password": BOBS})
        value = browser.cookies[NAME]
        answer = browser.get("/logout")
        assert (answer.status_code, answer.headers["location"]) == (302, "/login")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == '<a href="/login">Found</a>.\n\n'
        assert answer.headers.get_list("set-cookie") == [DELETED]
        ended = house.client(cookie=f"{NAME}={value}")
        assert told(ended.get("/api/user")) == (401, "Unauthorized")
        assert other.get("/api/user").status_code == 200

    def test_is_harmless_where_nobody_is_signed_in(self, house: House, unchanged: Unchanged) -> None:
        for client in (house.client(), house.client(cookie=f"{NAME}={'0' * 64}")):
            with unchanged():
                answer = client.get("/logout")
            assert (answer.status_code, answer.headers.get_list("set-cookie")) == (302, [DELETED])

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_is_not_done_from_another_origin(
        self, browser: TestClient, unchanged: Unchanged, site: str
    ) -> None:
        with unchanged():
            answer = browser.get("/logout", headers={"sec-fetch-site": site})
        assert told(answer) == (403, "origin not allowed")
        assert browser.get("/api/user").status_code == 200


class TestAPing:
    def test_says_that_the_credential_is_good(self, house: House, browser: TestClient) -> None:
        for client in (browser, house.as_key(), house.as_admin()):
            answer = client.get("/api/login/ping/")
            assert (answer.status_code, answer.content) == (200, b"Logged in")
            assert answer.headers["content-type"] == "application/json"

    def test_says_what_is_wrong_with_it(self, house: House) -> None:
        for client, message in (
            (house.client(), "Unauthorized"),
            (house.client(authorization="Bearer nonsense"), "invalid API key"),
            (house.as_person(BOB, "wrong"), "invalid username or password"),
        ):
            answer = client.get("/api/login/ping")
            assert told(answer) == (401, message)
            assert answer.headers["content-type"] == "application/json"

    def test_takes_a_dead_cookie_away(self, house: House) -> None:
        answer = house.client(cookie=f"{NAME}={'0' * 64}").get("/api/login/ping")
        assert told(answer) == (401, "Unauthorized")
        assert answer.headers["set-cookie"] == DELETED


class TestTheAddressForPasswordManagers:
    def test_leads_to_the_page(self, house: House) -> None:
        answer = house.client().get("/.well-known/change-password")
        assert (answer.status_code, answer.headers["location"]) == (302, "/profile/password")

    def test_leads_below_the_sub_path(self, make_house: MakeHouse) -> None:
        house = make_house(server__root_url="http://127.0.0.1:3000/keys", server__serve_from_sub_path=True)
        answer = house.client().get("/keys/.well-known/change-password")
        assert answer.headers["location"] == "/keys/profile/password"
        assert house.client().get("/logout").headers["location"] == "/keys/login"
        refused = house.client().post("/keys/login", json={"user": "nobody", "password": "x"})
        assert told(refused) == REFUSED
        assert "www-authenticate" not in refused.headers
