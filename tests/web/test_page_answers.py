"""What holds for every page and every form: who may, from where, with which headers, and failures."""

import gzip
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Connection
from starlette.testclient import TestClient

from keystead.bootstrap import make_app
from keystead.bootstrap.routes import ENDPOINTS
from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import HashQueueFull
from keystead.core.clock import UnixSeconds
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.http.endpoint import Endpoint
from keystead.http.needs import Open
from keystead.usecases import messages
from keystead.usecases.doorkeeper import Doorkeeper, SignedIn
from keystead.usecases.transaction import Transaction
from keystead.usecases.usage import UseWriter
from keystead.web.refusals import refuse
from tests.doors import ADMIN, ADMIN_PASSWORD, BASE_URL, HOME, House, MakeHouse, Unchanged
from tests.makers import an_api_key
from tests.web.visits import FORM, csrf_of, send, sign_in, sign_in_member

OURS = [endpoint for endpoint in ENDPOINTS if endpoint.on_error is refuse]
LOOKS = [one for one in OURS if one.method == "GET" and not isinstance(one.needs, Open)]
FORMS = [one for one in OURS if one.method == "POST"]
PLACES = {"{key_id}": "1", "{org_id}": "1", "{session_id}": "1", "{topic}": "roles"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types ks"
)


def path_of(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


def named(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


class TestAPage:
    def test_asks_strangers_to_sign_in_and_leads_back(self, house: House) -> None:
        for look in LOOKS:
            answer = house.client().get(path_of(look))
            assert answer.status_code == 303, named(look)
            assert answer.headers["location"].startswith("/login?redirectTo=%2F"), named(look)

    def test_is_not_for_keys_and_passwords_of_programs(self, house: House) -> None:
        for client in (house.as_key(Role.ADMIN), house.as_admin()):
            for look in LOOKS:
                assert client.get(path_of(look)).status_code == 303, named(look)

    def test_changes_nothing_by_being_looked_at(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        with unchanged():
            for look in LOOKS:
                for method in ("GET", "HEAD"):
                    status = client.request(method, path_of(look)).status_code
                    assert status in {200, 302, 303, 404}, named(look)


FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://evil.example"},
    {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:3001"},
    {"origin": "http://evil.example"},
    {"origin": "https://127.0.0.1:3000"},
    {"origin": "null"},
)


class TestAForm:
    def test_without_the_token_of_its_session_is_out_of_date(
        self, house: House, unchanged: Unchanged
    ) -> None:
        foreign = [csrf_of(sign_in(house).get("/profile")), csrf_of(house.client().get("/login"))]
        client = sign_in(house)
        with unchanged():
            for form in FORMS:
                for token in ("", "zz", "00", "f" * 128, *foreign):
                    answer = client.post(path_of(form), data={"csrf": token})
                    is_told = "This page is out of date." in answer.text
                    assert (answer.status_code, is_told) == (403, True), named(form)

    def test_of_another_origin_is_refused(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        token = csrf_of(client.get("/profile"))
        with unchanged():
            for form in FORMS:
                for headers in FOREIGN:
                    answer = client.post(path_of(form), data={"csrf": token}, headers=headers)
                    is_told = "Origin not allowed." in answer.text
                    assert (answer.status_code, is_told) == (403, True), (named(form), headers)

    def test_of_a_stranger_leads_to_the_sign_in(self, house: House, unchanged: Unchanged) -> None:
        with unchanged():
            for form in FORMS:
                answer = house.client().post(path_of(form), data={"csrf": ""})
                assert (answer.status_code, answer.headers["location"]) == (303, "/login"), named(form)

    def test_that_is_no_form_is_refused(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        with unchanged():
            for form in FORMS:
                answer = client.post(path_of(form), json={"csrf": ""})
                assert (answer.status_code, "Bad request data." in answer.text) == (400, True), named(form)

    def test_that_is_too_large_is_refused_and_hung_up_on(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        with unchanged():
            for form in FORMS:
                answer = client.post(path_of(form), content=b"csrf=" + b"x" * 70_000, headers=FORM)
                assert (answer.status_code, answer.headers["connection"]) == (413, "close"), named(form)
                assert "Request body is too large." in answer.text, named(form)


def test_a_form_of_the_own_page_is_taken_however_the_browser_says_so(house: House) -> None:
    client = sign_in(house)
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": BASE_URL}, {}):
        token = csrf_of(client.get("/profile"))
        answer = client.post("/profile/theme", data={"csrf": token, "theme": "dark"}, headers=headers)
        assert answer.status_code == 303


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_who_may_not_read_keys_sees_no_way_to_make_one(
    house: House, unchanged: Unchanged, role: Role
) -> None:
    with house.database.write() as db:
        an_api_key(db, HOME)
    client = sign_in_member(house, role)
    page = client.get("/profile")
    assert ("/org/apikeys" in page.text, 'href="/org"' in page.text) == (False, True)
    for path in ("/org/apikeys", "/org/apikeys?adding=1", "/org/apikeys/1"):
        answer = client.get(path)
        assert (answer.status_code, "You need apikeys:read" in answer.text) == (403, True)
        assert "New API key" not in answer.text
        line = client.get(path, headers={"x-fragment": "keys"})
        assert (line.status_code, line.text.count("<")) == (403, 2)
    token = csrf_of(page)
    with unchanged():
        for path, action in (("/org/apikeys", "apikeys:create"), ("/org/apikeys/1/delete", "apikeys:delete")):
            answer = client.post(path, data={"csrf": token, "name": "a", "role": "Viewer", "ttl": "1h"})
            assert (answer.status_code, f"You need {action}" in answer.text) == (403, True)


class TestTheHeaders:
    @pytest.mark.parametrize(
        "path", ["/login", "/org/apikeys", "/org/apikeys?adding=1", "/profile", "/profile/password", "/help"]
    )
    def test_are_strict_on_each_page(self, house: House, path: str) -> None:
        headers = sign_in(house).get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["permissions-policy"] == "camera=(), microphone=(), geolocation=()"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "deny"
        assert headers["cache-control"] == "no-store"
        assert headers["content-type"] == "text/html; charset=utf-8"

    def test_of_failures_are_as_strict(self, house: House) -> None:
        answer = sign_in(house).get("/nope")
        assert answer.status_code == 404
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        ("root_url", "has_policy"),
        [("http://keys.example", False), ("https://keys.example", True), ("http://localhost:3000", True)],
    )
    def test_keep_openers_apart_only_where_browsers_heed_that(
        self, make_house: MakeHouse, root_url: str, *, has_policy: bool
    ) -> None:
        house = make_house(server__root_url=root_url, server__behind_proxy=root_url.startswith("https"))
        answer = house.client(host=root_url.partition("//")[2]).get("/login")
        assert ("cross-origin-opener-policy" in answer.headers) is has_policy

    def test_tell_of_compression(self, house: House) -> None:
        client = sign_in(house)
        for accepted, is_smaller in (("gzip", True), ("identity", False), ("gzip;q=0", False), ("", False)):
            answer = client.get("/org/apikeys", headers={"accept-encoding": accepted})
            assert ("content-encoding" in answer.headers) is is_smaller
            assert answer.headers["vary"] == "X-Fragment, Accept-Encoding"
        with client.stream("GET", "/org/apikeys", headers={"accept-encoding": "gzip"}) as raw:
            assert b"</html>" in gzip.decompress(b"".join(raw.iter_raw()))

    def test_of_the_answer_with_a_secret_tell_of_none(self, house: House) -> None:
        client = sign_in(house)
        form = {"name": "ci", "role": "Viewer", "ttl": "1h"}
        token = csrf_of(client.get("/org/apikeys"))
        answer = client.post(
            "/org/apikeys", data={"csrf": token, **form}, headers={"accept-encoding": "gzip"}
        )
        assert ("API Key Created" in answer.text, answer.status_code) == (True, 200)
        assert "content-encoding" not in answer.headers
        assert answer.headers["vary"] == "X-Fragment"
        assert answer.headers["cache-control"] == "no-store"

    def test_to_head_are_those_of_get_and_a_waiting_message_waits_on(self, house: House) -> None:
        client = sign_in(house)
        send(client, "/profile/theme", page="/profile", theme="dark")
        answer = client.head("/org/apikeys")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-security-policy"] == POLICY
        client.get("/org/apikeys", headers={"x-fragment": "keys"})
        assert "Preferences updated" in client.get("/org/apikeys").text

    def test_of_a_page_opened_by_another_name_are_those_of_a_refusal(self, house: House) -> None:
        answer = sign_in(house).get("/org/apikeys", headers={"host": "evil.example"})
        assert (answer.status_code, "Host not allowed." in answer.text) == (400, True)
        assert ADMIN not in answer.text


class Broken(UseWriter):
    """A part with a fault that nobody expects."""

    def flush(self) -> bool:
        raise ZeroDivisionError("SELECT 1 FROM inner_parts")


class Crowded(Doorkeeper):
    def by_form(self, name: str, password: Secret, origin: Origin) -> SignedIn:
        raise HashQueueFull(f"{name}{len(password.reveal())}{origin.address}")


def with_broken_part(house: House) -> TestClient:
    """Return a browser signed in before the fault began."""
    client = sign_in(house)
    uses = Broken(house.deps.uses.buffer, house.deps.uses.write, house.clock)
    broken = make_app(replace(house.deps, uses=uses))
    return TestClient(broken, base_url=BASE_URL, cookies=client.cookies, follow_redirects=False)


@dataclass(slots=True)
class Failing:
    """Transactions that go well so many times, and never again."""

    inner: Transaction
    left: int

    def __call__(self) -> AbstractContextManager[Connection]:
        self.left -= 1
        return self.inner() if self.left >= 0 else self.fail()

    @contextmanager
    def fail(self) -> Iterator[Connection]:
        raise DatabaseUnavailable("gone")
        yield  # type: ignore[unreachable] # a context manager has to


class TestAFault:
    def test_is_a_page_with_the_number_of_the_request_and_nothing_else(self, house: House) -> None:
        answer = with_broken_part(house).get("/org/apikeys", headers={"x-request-id": "r-77"})
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"] == POLICY
        assert "Something went wrong." in answer.text
        assert "r-77" in answer.text
        assert 'href="/org/apikeys">Reload</a>' in answer.text
        assert "Main Org." in answer.text  # the menus stay
        for inside in ("ZeroDivisionError", "SELECT", "Traceback", "inner_parts"):
            assert inside not in answer.text

    def test_of_a_fragment_is_one_line(self, house: House) -> None:
        headers = {"x-fragment": "keys", "x-request-id": "r-78"}
        answer = with_broken_part(house).get("/org/apikeys", headers=headers)
        assert answer.status_code == 500
        assert answer.text.strip() == '<p role="alert">Something went wrong. Request r-78</p>'

    def test_of_the_page_for_faults_leaves_a_plain_answer(self, house: House) -> None:
        def stopped() -> UnixSeconds:
            raise ZeroDivisionError

        broken = make_app(replace(house.deps, clock=stopped))
        answer = TestClient(broken, base_url=BASE_URL).get("/login")
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})

    def test_while_the_menus_are_read_leaves_a_page_without_them(self, house: House) -> None:
        client = sign_in(house)
        app = make_app(replace(house.deps, read=Failing(house.deps.read, 0)))
        again = TestClient(app, base_url=BASE_URL, cookies=client.cookies, follow_redirects=False)
        answer = again.get("/nope")
        assert (answer.status_code, "Page not found" in answer.text) == (404, True)
        assert ADMIN not in answer.text

    def test_of_the_database_is_told_without_menus_and_names(self, house: House) -> None:
        client = sign_in(house)
        app = make_app(replace(house.deps, read=Failing(house.deps.read, 1)))
        again = TestClient(app, base_url=BASE_URL, cookies=client.cookies, follow_redirects=False)
        answer = again.get("/org/apikeys?query=a")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "Keystead cannot reach its database." in answer.text
        assert 'href="/org/apikeys?query=a">Reload</a>' in answer.text
        for name in (ADMIN, "Main Org.", "account menu"):
            assert name not in answer.text
        line = again.get("/org/apikeys", headers={"x-fragment": "keys"})
        assert (line.status_code, line.headers["retry-after"]) == (503, "1")


class TestSigningIn:
    def test_with_the_token_of_an_old_page_is_out_of_date(self, house: House, unchanged: Unchanged) -> None:
        form = {"csrf": "00" * 64, "user": ADMIN, "password": ADMIN_PASSWORD}
        with unchanged():
            answer = house.client(referer=f"{BASE_URL}/login").post("/login", data=form)
        assert answer.status_code == 403
        assert 'href="/login">Load it again</a>' in answer.text

    def test_of_too_many_at_once_is_told_and_keeps_the_name(self, house: House) -> None:
        people = house.deps.people
        crowded = Crowded(people.read, people.write, people.passwords, people.sessions)
        app = make_app(replace(house.deps, people=crowded))
        client = TestClient(app, base_url=BASE_URL, follow_redirects=False)
        answer = send(client, "/login", user=ADMIN, password=ADMIN_PASSWORD)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "Too many sign-ins at once" in answer.text
        assert f'value="{ADMIN}"' in answer.text
        assert ADMIN_PASSWORD not in answer.text

    def test_from_another_site_or_through_a_proxy_is_a_page_too(self, house: House) -> None:
        told = {
            "Origin not allowed.": {"sec-fetch-site": "cross-site"},
            "takes no passwords through a proxy": {"x-forwarded-for": "192.0.2.1"},
            "Host not allowed.": {"host": "evil.example"},
        }
        for sentence, headers in told.items():
            client = house.client()
            form = {"csrf": csrf_of(client.get("/login")), "user": ADMIN, "password": ADMIN_PASSWORD}
            answer = client.post("/login", data=form, headers=headers)
            assert answer.status_code in {400, 403}
            assert sentence in answer.text
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert "set-cookie" not in answer.headers


class TestAWaitingMessage:
    def test_that_a_newer_release_left_is_not_shown(self, house: House) -> None:
        client = sign_in(house)
        session = house.raw.execute("SELECT id FROM session").fetchone()[0]
        with house.database.write() as db:
            messages.leave_message(db, session, '{"code": "from-tomorrow", "org": ""}', at=house.clock())
        answer = client.get("/profile")
        assert (answer.status_code, "data-toast" in answer.text) == (200, False)

    def test_is_forgotten_after_a_while(self, house: House) -> None:
        client = sign_in(house)
        send(client, "/profile/theme", page="/profile", theme="dark")
        house.clock.advance(31)
        assert "Preferences updated" not in client.get("/profile").text
