import pytest
from starlette.requests import Request

from keystead.core.access.roles import Role
from keystead.http.origin import HostNotAllowed, OriginNotAllowed, check_host, check_origin, host_of
from keystead.http.site import Site
from tests.doors import ADMIN, ADMIN_PASSWORD, House, MakeHouse, Unchanged, told

HOME, FRIEND, FOE = "http://127.0.0.1:3000", "https://console.example.com", "https://evil.example"
JSON, FORM, TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain"
SITE, ORIGIN, MEDIA = "sec-fetch-site", "origin", "content-type"
NOT_ALLOWED = (403, "origin not allowed")


@pytest.fixture
def site(make_house: MakeHouse) -> Site:
    return make_house(security__trusted_origins=[FRIEND]).deps.site


def a_request(method: str = "POST", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": raw, "path": "/"})


def is_allowed(site: Site, headers: dict[str, str], method: str = "POST", *, reads_body: bool = True) -> bool:
    try:
        check_origin(a_request(method, **headers), site, reads_body=reads_body)
    except OriginNotAllowed:
        return False
    return True


class TestAChange:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {SITE: "same-origin"},
            {SITE: "none"},
            {SITE: "same-origin", ORIGIN: FOE},  # only a browser of ours says so, and no script can
            {ORIGIN: HOME},
            {ORIGIN: FRIEND},
            {SITE: "cross-site", ORIGIN: FRIEND},
            {SITE: "same-site", ORIGIN: HOME},
            {MEDIA: FORM},
        ],
    )
    def test_comes_from_a_page_of_ours_or_from_a_program(self, site: Site, headers: dict[str, str]) -> None:
        assert is_allowed(site, headers)

    @pytest.mark.parametrize(
        "headers",
        [
            {SITE: "cross-site"},
            {SITE: "same-site"},
            {SITE: "same-site", MEDIA: JSON},
            {SITE: ""},
            {SITE: "Same-Origin"},
            {SITE: "cross-site", ORIGIN: FOE},
            {ORIGIN: FOE},
            {ORIGIN: ""},
            {ORIGIN: "null"},
            {ORIGIN: "http://127.0.0.1:3001"},
            {ORIGIN: "https://127.0.0.1:3000"},
            {ORIGIN: "http://127.0.0.1"},
            {ORIGIN: f"{HOME}/"},
            {ORIGIN: "https://console.example.com.evil.example"},
        ],
    )
    def test_comes_from_no_other_page(self, site: Site, headers: dict[str, str]) -> None:
        assert not is_allowed(site, headers)

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ({}, True),
            ({MEDIA: ""}, True),
            ({MEDIA: JSON}, True),
            ({MEDIA: "Application/JSON; charset=utf-8"}, True),
            ({MEDIA: FORM}, False),
            ({MEDIA: TEXT}, False),
            ({MEDIA: "multipart/form-data; boundary=x"}, False),
            ({MEDIA: FORM, SITE: "same-origin"}, True),
            ({MEDIA: FORM, ORIGIN: HOME}, True),
        ],
    )
    def test_without_a_body_to_read_is_no_form_that_any_page_could_send(
        self, site: Site, headers: dict[str, str], *, expected: bool
    ) -> None:
        assert is_allowed(site, headers, reads_body=False) is expected

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
    def test_by_a_method_that_no_form_has_needs_no_media_type(self, site: Site, method: str) -> None:
        assert is_allowed(site, {MEDIA: FORM}, method, reads_body=False)
        assert not is_allowed(site, {ORIGIN: FOE}, method, reads_body=False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_changes_nothing_may_come_from_anywhere(site: Site, method: str) -> None:
    assert is_allowed(site, {SITE: "cross-site", ORIGIN: FOE}, method)


class TestAtTheDoor:
    """The rule is for what a browser sends by itself: a cookie, or a person's password."""

    BODY = {"name": "ci", "role": "Viewer", "secondsToLive": 60}  # noqa: RUF012 - read only

    def test_a_password_from_another_page_changes_nothing(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            answer = client.post("/api/auth/keys", json=self.BODY, headers={ORIGIN: FOE})
        assert told(answer) == NOT_ALLOWED
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"

    def test_a_session_from_another_page_changes_nothing(self, house: House, unchanged: Unchanged) -> None:
        client = house.client()
        client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        with unchanged():
            assert told(client.post("/api/auth/keys", json=self.BODY, headers={ORIGIN: FOE})) == NOT_ALLOWED
        assert client.post("/api/auth/keys", json=self.BODY, headers={ORIGIN: HOME}).status_code == 200

    def test_a_form_to_a_route_without_a_body_changes_nothing(
        self, house: House, unchanged: Unchanged
    ) -> None:
        client = house.as_admin()
        client.get("/api/user")
        with unchanged():
            answer = client.post("/api/user/using/1", content=b"a=b", headers={MEDIA: FORM})
        assert told(answer) == NOT_ALLOWED
        assert client.post("/api/user/using/1").status_code == 200

    def test_a_form_to_a_route_with_a_body_is_no_json(self, house: House) -> None:
        answer = house.as_admin().post("/api/auth/keys", content=b"a=b", headers={MEDIA: FORM})
        assert told(answer) == (400, "bad request data")

    def test_a_key_may_come_from_anywhere(self, house: House) -> None:
        client = house.as_key(Role.ADMIN, origin=FOE, sec_fetch_site="cross-site", host="evil.example")
        assert client.post("/api/auth/keys", json=self.BODY).status_code == 200

    def test_a_key_in_basic_may_too(self, house: House) -> None:
        key = house.as_key(Role.ADMIN).headers["authorization"].removeprefix("Bearer ")
        client = house.as_person("api_key", key, origin=FOE, host="evil.example")
        assert client.post("/api/auth/keys", json=self.BODY).status_code == 200


class TestTheHost:
    @pytest.mark.parametrize(
        ("header", "name"),
        [
            ("a.example", "a.example"),
            ("A.Example:3000", "a.example"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:3000", "::1"),
            ("[::1]", "::1"),
            ("[::1", "::1"),
            ("", ""),
        ],
    )
    def test_is_read_without_port_and_brackets(self, header: str, name: str) -> None:
        assert host_of(header) == name

    @pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost", "LOCALHOST:1", "[::1]:3000"])
    def test_is_one_of_ours(self, site: Site, host: str) -> None:
        check_host(a_request(host=host), site)

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
    def test_is_no_other(self, site: Site, host: str) -> None:
        with pytest.raises(HostNotAllowed):
            check_host(a_request(host=host), site)

    def test_is_what_the_settings_say(self, make_house: MakeHouse) -> None:
        site = make_house(server__allowed_hosts=["Keys.example"]).deps.site
        check_host(a_request(host="keys.example:443"), site)
        with pytest.raises(HostNotAllowed):
            check_host(a_request(host="localhost"), site)

    @pytest.mark.parametrize("path", ["/api/user", "/", "/org/apikeys"])
    def test_counts_for_people_even_before_their_password(
        self, house: House, unchanged: Unchanged, path: str
    ) -> None:
        with unchanged():
            answer = house.as_person(ADMIN, "wrong", host="evil.example").get(path)
        assert answer.status_code == 400
        if path.startswith("/api"):
            assert told(answer) == (400, "host not allowed")

    def test_counts_for_a_session(self, house: House) -> None:
        client = house.client()
        client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        cookie = f"grafana_session={client.cookies['grafana_session']}"
        assert told(house.client(cookie=cookie, host="evil.example").get("/api/user"))[0] == 400

    def test_counts_for_the_page_where_people_sign_in(self, house: House) -> None:
        assert house.client(host="evil.example").get("/login").status_code == 400
        assert house.client(host="localhost").get("/login").status_code == 200


def test_dev_takes_no_password_that_came_through_a_proxy(house: House, unchanged: Unchanged) -> None:
    with unchanged():
        status, message = told(house.as_admin(x_forwarded_for="203.0.113.7").get("/api/user"))
    assert status == 403
    assert "keystead serve" in message
    assert house.as_key(Role.ADMIN, x_forwarded_for="203.0.113.7").get("/api/org").status_code == 200
