"""What holds for every request: ids, headers, limits, sub-path, and what happens when something is broken."""

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from keystead.api.unknown import UNKNOWN_ROUTE
from keystead.bootstrap import DECLARED, ENDPOINTS, make_app
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import Outcome
from keystead.http.deps import Deps
from keystead.http.endpoint import MAX_BODY_BYTES, Endpoint, read_body
from keystead.http.errors import BodyTooSlow
from keystead.http.front import MAX_AT_WORK, Front
from keystead.http.log import Lines, as_text
from keystead.http.needs import Open
from keystead.http.router import Router
from tests.coroutines import awaited
from tests.doors import ADMIN, ADMIN_PASSWORD, BASE_URL, House, MakeHouse, Unchanged, told

JSON = {"content-type": "application/json"}
ROUTES = [one for one in DECLARED if one.on_error is None and one.method != "*"]
GUARDED = [one for one in ROUTES if not isinstance(one.needs, Open)]
AWAY = (503, "Database is unavailable")


def named(one: Endpoint) -> str:
    return f"{one.method} {one.path}"


def path_of(one: Endpoint) -> str:
    return re.sub(r"\{\w+\}", "1", one.path)


def front_of(deps: Deps, endpoints: tuple[Endpoint, ...] = ENDPOINTS) -> Front:
    return Front(deps, Router(endpoints), UNKNOWN_ROUTE, UNKNOWN_ROUTE)


class TestTheIdOfARequest:
    @pytest.mark.parametrize("told_id", ["a", "A.b_c-9", "x" * 64])
    def test_is_the_callers_own(self, house: House, told_id: str) -> None:
        answer = house.client(x_request_id=told_id).get("/api/org")
        assert answer.headers["x-request-id"] == told_id == answer.json()["traceID"]

    @pytest.mark.parametrize("told_id", ["", "a b", "x" * 65, "a\tb", "<b>", "a\u00e9"])
    def test_is_a_new_one_where_that_could_do_harm(self, house: House, told_id: str) -> None:
        headers = [(b"x-request-id", told_id.encode("latin-1"))]
        made = [house.client().get("/healthz", headers=headers).headers["x-request-id"] for _ in "12"]
        assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in made)
        assert made[0] != made[1]


class TestTheHeadersOfAnAnswer:
    def test_keep_it_out_of_caches_and_frames(self, house: House) -> None:
        for answer in (house.client().get("/healthz"), house.client().get("/api/org")):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["pragma"] == "no-cache"
            assert answer.headers["expires"] == "-1"
            assert answer.headers["x-frame-options"] == "deny"
            assert not any(name.startswith("access-control-") for name in answer.headers)

    def test_tell_that_it_is_dev(self, house: House) -> None:
        assert house.client().get("/healthz").headers["x-keystead-dev"] == "1"
        site = replace(house.deps.site, is_dev=False)
        answer = TestClient(front_of(replace(house.deps, site=site)), base_url=BASE_URL).get("/healthz")
        assert "x-keystead-dev" not in answer.headers

    def test_keep_browsers_to_https_where_that_is_served(self, house: House) -> None:
        assert "strict-transport-security" not in house.client().get("/healthz").headers
        site = replace(house.deps.site, is_https=True)
        answer = TestClient(front_of(replace(house.deps, site=site)), base_url=BASE_URL).get("/healthz")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_head_is_answered_where_get_is_with_the_same_headers(house: House) -> None:
    client = house.as_admin(x_request_id="same")
    for one in ROUTES:
        if one.method == "GET":
            got, headed = client.get(path_of(one)), client.head(path_of(one))
            assert headed.content == b"", named(one)
            for answer in (got, headed):
                answer.headers.pop("set-cookie", None)
            as_told = (got.status_code, dict(got.headers))
            assert (headed.status_code, dict(headed.headers)) == as_told, named(one)


class TestTheHostHeader:
    @pytest.mark.parametrize("hosts", [[], [""], ["a.example", "b.example"], ["127.0.0.1", "127.0.0.1"]])
    def test_comes_once(self, house: House, hosts: list[str]) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/health",
            "raw_path": b"/api/health",
            "query_string": b"",
            "headers": [(b"host", host.encode()) for host in hosts],
            "client": None,
        }
        sent: list[Message] = []

        async def ask() -> list[Message]:
            async def send(message: Message) -> None:
                sent.append(message)

            async def receive() -> Message:
                return {"type": "http.request", "body": b"", "more_body": False}

            await front_of(house.deps)(scope, receive, send)
            return sent

        start, body = awaited(ask())
        assert start["status"] == 400
        assert b"Exactly one Host header is needed" in body["body"]


class TestABody:
    @pytest.mark.parametrize(
        ("size", "status", "message"),
        [(MAX_BODY_BYTES, 400, "bad request data"), (MAX_BODY_BYTES + 1, 413, "Request body is too large")],
    )
    def test_is_read_up_to_a_quarter_of_a_mebibyte(
        self, house: House, unchanged: Unchanged, size: int, status: int, message: str
    ) -> None:
        client = house.as_key()
        with unchanged():
            answer = client.post("/api/auth/keys", content=b" " * (size - 1) + b"[", headers=JSON)
        assert told(answer) == (status, message)
        assert (answer.headers.get("connection") == "close") is (status == 413)

    def test_in_pieces_is_counted_too(self, house: House) -> None:
        def pieces() -> Iterator[bytes]:
            yield from [b" " * 65_536] * 5

        answer = house.as_key().post("/api/auth/keys", content=pieces(), headers=JSON)
        assert told(answer) == (413, "Request body is too large")

    def test_is_ignored_by_a_route_that_reads_none(self, house: House) -> None:
        answer = house.as_admin().request("GET", "/api/org", content=b"{" * 300_000, headers=JSON)
        assert answer.status_code == 200

    def test_in_a_coding_is_not_read(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            answer = client.post("/api/auth/keys", content=b"{}", headers=JSON | {"content-encoding": "gzip"})
        assert told(answer) == (400, "bad request data")

    def test_that_never_ends_is_waited_for_only_so_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("keystead.http.endpoint._BODY_WITHIN_S", 0.01)
        messages = iter([{"type": "http.request", "body": b"{", "more_body": True}])

        async def receive() -> Message:
            for message in messages:
                return message
            await never()
            raise AssertionError

        with pytest.raises(BodyTooSlow):
            awaited(read_body(Request({"type": "http"}, receive)))

    def test_whose_sender_went_away_is_no_body(self) -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        with pytest.raises(BodyTooSlow):
            awaited(read_body(Request({"type": "http"}, receive)))


async def never() -> None:
    await asyncio.Event().wait()


def test_more_requests_than_there_is_room_for_are_told_to_come_again(house: House) -> None:
    front = front_of(house.deps)
    client = TestClient(front, base_url=BASE_URL)
    front.at_work = MAX_AT_WORK
    answer = client.get("/healthz")
    assert told(answer) == (503, "Too many requests at once; try again in a second")
    assert answer.headers["retry-after"] == "1"
    assert front.at_work == MAX_AT_WORK
    front.at_work -= 1
    assert client.get("/healthz").status_code == 200


class TestBelowASubPath:
    @pytest.fixture
    def house(self, make_house: MakeHouse) -> House:
        return make_house(server__root_url=f"{BASE_URL}/keystead", server__serve_from_sub_path=True)

    @pytest.mark.parametrize("path", ["/api/org", "/keystead/api/org", "/keystead/api/org/"])
    def test_every_route_is_served_with_it_and_without(self, house: House, path: str) -> None:
        assert house.as_admin().get(path).json()["name"] == "Main Org."

    @pytest.mark.parametrize("path", ["/keystead/api/health", "/api/health"])
    def test_so_is_health_but_with_no_slash_at_its_end(self, house: House, path: str) -> None:
        assert house.client().get(path).status_code == 200
        assert told(house.client().get(f"{path}/")) == (401, "Unauthorized")

    @pytest.mark.parametrize("path", ["/keystead/auth/verify", "/auth/verify"])
    def test_so_is_forward_auth(self, house: House, path: str) -> None:
        assert house.as_key().get(path).status_code == 200

    @pytest.mark.parametrize("path", ["/keystead/keystead/api/org", "/keysteadapi/org", "/Keystead/api/org"])
    def test_no_other_path_is_it(self, house: House, path: str) -> None:
        assert house.as_key().get(path).status_code in {303, 404}

    @pytest.mark.parametrize("path", ["/keystead", "/keystead/", "/", "/keystead/logout"])
    def test_pages_lead_to_pages_below_it(self, house: House, path: str) -> None:
        answer = house.client().get(path)
        assert answer.status_code in {302, 303}
        assert answer.headers["location"].startswith("/keystead/login")

    def test_the_cookie_is_for_it_alone(self, house: House) -> None:
        answer = house.client().post("/keystead/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        assert "; Path=/keystead;" in answer.headers["set-cookie"]
        assert "www-authenticate" not in house.client().post("/keystead/login", json={}).headers

    def test_links_begin_with_it(self, house: House) -> None:
        client = house.as_admin()
        assert client.get("/api/user").json()["avatarUrl"].startswith("/keystead/avatar/")
        assert client.get("/api/frontend/settings").json()["appSubUrl"] == "/keystead"


def test_a_sub_path_that_the_proxy_takes_off_is_not_served(make_house: MakeHouse) -> None:
    house = make_house(server__root_url=f"{BASE_URL}/keystead")
    assert house.as_key().get("/keystead/api/org").status_code in {303, 404}
    assert house.as_admin().get("/api/user").json()["avatarUrl"].startswith("/keystead/")


class TestWhileTheDatabaseIsAway:
    """The answer is 503 and never 401, 403 or 404, which would tell something that is not known."""

    def test_no_credential_is_judged(self, house: House) -> None:
        browser = house.client()
        browser.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        callers = [browser, house.as_admin(), house.as_person(ADMIN, "wrong"), house.as_key()]
        take_away(house)
        for one in GUARDED:
            for client in callers:
                answer = client.request(one.method, path_of(one), json={})
                assert told(answer) == AWAY, named(one)
                assert answer.headers["retry-after"] == "1", named(one)
                assert "set-cookie" not in answer.headers, named(one)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/org"),
            ("GET", "/api/auth/keys"),
            ("GET", "/api/auth/keys/1"),
            ("DELETE", "/api/auth/keys/1"),
            ("POST", "/api/auth/keys"),
            ("GET", "/api/org/users"),
        ],
    )
    def test_a_key_that_was_just_known_learns_nothing(self, house: House, method: str, path: str) -> None:
        client = house.as_key()
        client.get("/api/org")
        take_away(house)
        answer = client.request(method, path, json={"name": "ci", "role": "Viewer", "secondsToLive": 60})
        assert told(answer) == AWAY

    def test_health_tells_it(self, house: House) -> None:
        take_away(house)
        answer = house.client().get("/api/health")
        assert (answer.status_code, answer.json()["database"]) == (503, "failing")
        assert house.client().get("/readyz").status_code == 503
        assert house.client().get("/healthz").status_code == 200

    def test_nobody_signs_in(self, house: House) -> None:
        take_away(house)
        assert told(house.client().post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})) == AWAY

    def test_the_log_tells_why(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        take_away(house)
        house.as_admin().get("/api/org")
        lines = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert lines == ["installation.database-unavailable: OperationalError"]


def take_away(house: House) -> None:
    """Let every statement fail from now on, as for a disk that does not answer."""
    house.raw.set_progress_handler(lambda: 1, 1)


class TestAnUnexpectedFailure:
    @pytest.fixture
    def secret(self, house: House) -> str:
        return house.as_key().headers["authorization"]

    @pytest.fixture
    def broken(self, house: House, secret: str) -> TestClient:
        """Return a client of a server whose clock fails, with an error that repeats a credential."""

        def fail() -> UnixSeconds:
            raise ZeroDivisionError(f"headers: Authorization: {secret}")

        app = make_app(replace(house.deps, clock=fail))
        return TestClient(app, base_url=BASE_URL, headers={"authorization": secret})

    def test_is_a_plain_500(self, broken: TestClient) -> None:
        answer = broken.put("/api/org", json={"name": "New"}, headers={"x-request-id": "r-9"})
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
        assert answer.headers["x-request-id"] == "r-9"
        assert answer.headers["cache-control"] == "no-store"

    def test_leaves_nothing_behind(self, broken: TestClient, unchanged: Unchanged) -> None:
        with unchanged():
            broken.put("/api/org", json={"name": "New"})

    def test_is_told_in_the_log_without_the_secret(
        self, broken: TestClient, secret: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken.put("/api/org", json={"name": "New"}, headers={"x-request-id": "r-9"})
        (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        line = Lines(as_text).format(record)
        assert "request failed" in line
        assert "request_id=r-9" in line
        assert "route=/api/org" in line
        assert "ZeroDivisionError" in line
        assert secret.removeprefix("Bearer ") not in line


class TestTheUseOfAKey:
    def test_is_counted_by_what_came_of_it(self, house: House) -> None:
        client = house.as_key(Role.VIEWER, user_agent="deploy/1.0")
        client.get("/api/org")
        house.clock.advance(1)
        client.get("/api/auth/keys/7")
        (uses,) = house.deps.uses.buffer.take(10).values()
        assert uses.last is not None
        assert (uses.last.agent, uses.last.route) == ("deploy/1.0", "GET /api/auth/keys/{id}")
        assert {outcome: count for (_hour, outcome), count in uses.hours.items()} == {
            Outcome.ALLOWED: 1,
            Outcome.DENIED: 1,
        }
