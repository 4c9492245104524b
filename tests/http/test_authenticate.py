import base64

import httpx2
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.errors import HashQueueFull
from keystead.core.secret import Secret
from keystead.http.authenticate import KeyOrToken, Password, is_ambient, presented_by
from keystead.usecases.password_hasher import Gate
from tests.doors import ADMIN, ADMIN_PASSWORD, House, Unchanged, told

WHO = "/api/user"
ORG = "/api/org"
MALFORMED = (401, "Invalid Basic Auth Header")
BAD_KEY = (401, "invalid API key")
NOBODY = (401, "Unauthorized")
WRONG_PASSWORD = (401, "invalid username or password")


def basic(pair: str | bytes) -> str:
    raw = pair.encode() if isinstance(pair, str) else pair
    return f"Basic {base64.b64encode(raw).decode()}"


def asked(client: TestClient, *values: str, path: str = ORG, cookie: str = "") -> httpx2.Response:
    """Ask with as many Authorization headers as there are values."""
    headers = [("Authorization", value) for value in values]
    return client.get(path, headers=[*headers, ("Cookie", cookie)] if cookie else headers)


@pytest.fixture
def key(house: House) -> str:
    """The text of an Admin's API key."""
    return house.as_key(Role.ADMIN).headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
def session(house: House) -> str:
    """The cookie of the admin's session."""
    client = house.client()
    client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
    return f"grafana_session={client.cookies['grafana_session']}"


class TestAnAuthorizationHeader:
    @pytest.mark.parametrize(
        "value",
        [
            "bearer {key}",
            "BEARER {key}",
            "Bearer",
            "Bearer\t{key}",
            "Token {key}",
            "Digest username=a",
            "ApiKey {key}",
            "{key}",
            "Basic",
            "Basic !!!",
            "Basic YWRtaW46YWRtaW4",  # not padded
            "Basic YWRtaW4=",  # no colon
            "Basic  YWRtaW46YWRtaW4=",
            "basic YWRtaW46YWRtaW4=",
        ],
    )
    def test_of_no_known_form_is_refused(
        self, house: House, unchanged: Unchanged, key: str, value: str
    ) -> None:
        with unchanged():
            answer = asked(house.client(), value.format(key=key))
        assert told(answer) == MALFORMED
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"

    def test_may_have_white_space_around_it(self, house: House, key: str) -> None:
        assert asked(house.client(), f"  \tBearer {key}\t ").status_code == 200

    def test_has_one_space_after_its_scheme(self, house: House, key: str) -> None:
        assert told(asked(house.client(), f"Bearer  {key}")) == BAD_KEY

    def test_may_hold_a_key_as_the_password_of_api_key(self, house: House, key: str) -> None:
        assert asked(house.client(), basic(f"api_key:{key}")).status_code == 200
        assert told(asked(house.client(), basic("api_key:canary"))) == BAD_KEY

    def test_with_an_empty_password_of_api_key_is_a_persons(self, house: House) -> None:
        assert told(asked(house.client(), basic("api_key:"))) == WRONG_PASSWORD

    @pytest.mark.parametrize("name", [ADMIN, "admin@localhost"])
    def test_holds_login_or_email_and_a_password(self, house: House, name: str) -> None:
        answer = asked(house.client(), basic(f"{name}:{ADMIN_PASSWORD}"), path=WHO)
        assert answer.json()["login"] == ADMIN

    def test_may_hold_colons_in_the_password(self, house: House) -> None:
        house.as_admin().post(
            "/api/admin/users", json={"login": "colon", "password": "canary:with:colons and more"}
        )
        answer = asked(house.client(), basic("colon:canary:with:colons and more"), path=WHO)
        assert answer.json()["login"] == "colon"

    @pytest.mark.parametrize("pair", ["admin:", f"Admin:{ADMIN_PASSWORD}", "nobody:x", ":", b"\xff\xfe:x"])
    def test_refuses_whatever_is_wrong_in_one_way(self, house: House, pair: str | bytes) -> None:
        answer = asked(house.client(), basic(pair))
        assert told(answer) == WRONG_PASSWORD
        assert answer.headers["www-authenticate"] == 'Basic realm="keystead"'

    @pytest.mark.goal("R22")
    def test_decides_alone(self, house: House, key: str, session: str) -> None:
        good, bad = house.client(), house.client()
        assert told(asked(bad, "Bearer nonsense", cookie=session)) == BAD_KEY
        assert told(asked(bad, "nonsense", cookie=session)) == MALFORMED
        answer = asked(good, f"Bearer {key}", cookie="grafana_session=nonsense")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("order", [("{key}", "nonsense"), ("nonsense", "{key}"), ("{key}", "{key}")])
    def test_comes_once(self, house: House, unchanged: Unchanged, key: str, order: tuple[str, str]) -> None:
        values = [f"Bearer {text.format(key=key)}" for text in order]
        with unchanged():
            answer = asked(house.client(), *values)
        assert told(answer) == (400, "More than one Authorization header")
        assert "www-authenticate" not in answer.headers

    def test_that_is_empty_is_none(self, house: House, session: str) -> None:
        assert told(asked(house.client(), "")) == NOBODY
        assert asked(house.client(), " ", cookie=session).status_code == 200


class TestACookie:
    @pytest.mark.parametrize("value", ["nonsense", "0" * 64, "f" * 63, "%00", '"'])
    def test_that_is_no_session_is_taken_away(self, house: House, value: str) -> None:
        answer = asked(house.client(), cookie=f"grafana_session={value}")
        assert told(answer) == NOBODY
        assert answer.headers["www-authenticate"] == 'Bearer realm="keystead"'
        assert answer.headers.get_list("set-cookie") == [
            "grafana_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        ]

    @pytest.mark.parametrize("cookie", ["grafana_session=", "other=1"])
    def test_without_a_value_is_none(self, house: House, cookie: str) -> None:
        answer = asked(house.client(), cookie=cookie)
        assert told(answer) == NOBODY
        assert "set-cookie" not in answer.headers

    def test_is_found_among_others(self, house: House, session: str) -> None:
        assert asked(house.client(), cookie=f"a=1; {session}; b=2").status_code == 200


class TestTheChallenge:
    @pytest.mark.parametrize(
        ("value", "challenge"),
        [
            ("", 'Bearer realm="keystead"'),
            (" ", 'Bearer realm="keystead"'),
            ("Bearer nonsense", 'Bearer realm="keystead", error="invalid_token"'),
            (basic("api_key:nonsense"), 'Bearer realm="keystead", error="invalid_token"'),
            (basic("admin:wrong"), 'Basic realm="keystead"'),
        ],
    )
    def test_tells_what_would_be_taken(self, house: House, value: str, challenge: str) -> None:
        answer = asked(house.client(), value)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, challenge)

    def test_is_not_made_by_the_sign_in(self, house: House) -> None:
        answer = house.client().post("/login", json={"user": ADMIN, "password": "wrong"})
        assert answer.status_code == 401
        assert "www-authenticate" not in answer.headers


def test_what_is_presented_shows_nothing(house: House) -> None:
    def presented(value: str) -> object:
        scope = {"type": "http", "headers": [(b"authorization", value.encode())], "method": "GET"}
        found = presented_by(Request(scope), house.deps)
        assert is_ambient(found) is isinstance(found, Password)
        return found

    assert presented("Bearer canary") == KeyOrToken(Secret("canary"))
    assert presented(basic("alice:canary")) == Password("alice", Secret("canary"))
    assert "canary" not in repr([presented("Bearer canary"), presented(basic("alice:canary"))])


def test_too_many_passwords_at_once_are_told_to_come_again(house: House, unchanged: Unchanged) -> None:
    gate = Gate(at_once=1, waiting=0)
    house.deps.passwords.hasher.gate = gate
    with unchanged(), gate.entered():
        answer = house.as_person(ADMIN, "wrong").get(ORG)
    assert told(answer) == (503, HashQueueFull.message)
    assert answer.headers["retry-after"] == "1"
    assert told(house.as_person(ADMIN, "wrong").get(ORG)) == WRONG_PASSWORD
