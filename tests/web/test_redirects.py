"""After signing in, and after a form, one is led to a page of this server or home: never elsewhere."""

from urllib.parse import quote, urljoin, urlsplit

import pytest

from keystead.web.links import Links
from tests.doors import ADMIN, ADMIN_PASSWORD, BASE_URL, House, MakeHouse
from tests.web.visits import csrf_of, send, sign_in

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example//",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "//evil.example/..",
    "//evil.example/%2e%2e",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "HTTPS://evil.example",
    "http://127.0.0.1:3000@evil.example/",
    "http://127.0.0.1:3000.evil.example/",
    "//127.0.0.1:3000@evil.example/",
    "//127.0.0.1:3000/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript://127.0.0.1/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "mailto:a@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/\x00/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u00a0//evil.example",
    "/\u2028/evil.example",
    "/\u3002/evil.example",
    "\uff0f\uff0fevil.example",
    "/\u2215evil.example\u0000",
    "/a\r\nSet-Cookie: a=b",
    "/a\r\n\r\n<script>",
    "evil.example",
    "evil.example/org/apikeys",
    ".evil.example",
    "@evil.example",
    ":80",
    "?next=//evil.example",
    "#//evil.example",
    "org/apikeys",
    "./org/apikeys",
    "../evil",
    "/../evil",
    "/./org",
    "/org/../logout",
    "/%2e%2e/evil",
    "/org//apikeys",
    "/%00",
    "/%",
    "/%zz",
    "/logout",
    "/logout/",
    "/log%6Fut?x=1",
    "/logout#top",
    "/profile/switch-org/2",
    "/profile/%73witch-org/2?a=b",
]
HERE = ["/", "/org/apikeys", "/org/apikeys?query=a%20b&sort=-name", "/help/time-to-live", "/profile#orgs"]


@pytest.mark.goal("R23")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_target_elsewhere_or_one_that_changes_something_is_home(target: str) -> None:
    assert Links().own(target) == "/"
    assert Links("/keystead").own(f"/keystead{target}") in {"/keystead/", f"/keystead{target}"}
    url = urljoin("https://keystead.example/keystead/", Links("/keystead").own(f"/keystead{target}"))
    assert urlsplit(url).netloc == "keystead.example"
    assert Links("/keystead").own(target) == "/keystead/"


@pytest.mark.parametrize("target", HERE)
def test_a_target_here_is_kept(target: str) -> None:
    assert Links().own(target) == target
    assert Links("/keystead").own(f"/keystead{target}") == f"/keystead{target}"


@pytest.mark.goal("R23")
def test_signing_in_leads_to_no_target_elsewhere(house: House) -> None:
    client = house.client()
    for target in ELSEWHERE:
        page = client.get(f"/login?redirectTo={quote(target)}")
        form = {
            "csrf": csrf_of(page),
            "user": ADMIN,
            "password": ADMIN_PASSWORD,
            "redirectTo": target,
        }
        answer = client.post(f"/login?redirectTo={quote(target)}", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), target


@pytest.mark.goal("R23")
def test_a_cookie_leads_a_program_to_no_target_elsewhere(house: House) -> None:
    for target in ELSEWHERE:
        if target.startswith(("/%", "/logout", "/log%", "/profile", "/org", "/./", "/../")):
            continue  # paths of this server, which a program does not follow by itself
        client = house.client(cookie=f"redirect_to={quote(target, safe='')}")
        answer = client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        assert answer.status_code == 200
        told = urljoin(BASE_URL, answer.json().get("redirectUrl", "/"))
        assert told.startswith(f"{BASE_URL}/"), target


@pytest.mark.goal("R23")
def test_saving_the_theme_leads_to_no_target_elsewhere(house: House) -> None:
    client = sign_in(house)
    token = csrf_of(client.get("/profile"))
    for target in ELSEWHERE:
        answer = client.post("/profile/theme", data={"csrf": token, "theme": "dark", "back": target})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), target


def test_a_page_asked_for_oddly_does_not_lead_elsewhere(house: House) -> None:
    for path in ("//evil.example", "/%2F%2Fevil.example", "/%5Cevil.example"):
        answer = house.client().get(f"{BASE_URL}{path}")
        if answer.status_code == 303:
            assert urlsplit(answer.headers["location"]).netloc == ""
            assert "evil.example" not in urljoin(BASE_URL, answer.headers["location"]).partition("?")[0]


class TestLeadingBackFromAForm:
    @pytest.mark.parametrize(
        ("referer", "expected"),
        [
            (f"{BASE_URL}/org/apikeys?query=a", "/org/apikeys?query=a"),
            (f"{BASE_URL}/", "/"),
            ("", "/"),
            ("http://evil.example/org/apikeys", "/"),
            (f"{BASE_URL}.evil.example/org/apikeys", "/"),
            (f"{BASE_URL}//evil.example/", "/"),
            ("about:blank", "/"),
        ],
    )
    def test_that_is_out_of_date_offers_its_own_page(self, house: House, referer: str, expected: str) -> None:
        client = sign_in(house)
        answer = client.post("/org/apikeys", data={"csrf": ""}, headers={"referer": referer})
        assert answer.status_code == 403
        assert f'href="{expected}">Load it again</a>' in answer.text

    @pytest.mark.parametrize(
        ("place", "expected"),
        [
            ("/org/apikeys?query=a&after=x", "/org/apikeys"),
            ("/org/serviceaccounts?query=a", "/org/serviceaccounts"),
            ("/org/serviceaccounts/1", "/"),
            ("/help/roles", "/help/roles"),
            ("/profile", "/profile"),
            ("/org/apikeys/1", "/"),
            ("/profile/select-org", "/"),
        ],
    )
    def test_that_switches_stays_on_a_page_that_is_there_too(
        self, house: House, place: str, expected: str
    ) -> None:
        elsewhere = house.as_admin().post("/api/orgs", json={"name": "Elsewhere"}).json()["orgId"]
        client = sign_in(house)
        client.headers["referer"] = f"{BASE_URL}{place}"
        answer = send(client, f"/profile/switch-org/{elsewhere}", page="/profile")
        assert answer.headers["location"] == expected
        assert "Active organization changed to Elsewhere" in client.get("/profile").text

    def test_that_switches_goes_home_where_the_page_may_not_be_opened(self, house: House) -> None:
        admin = house.as_admin()
        elsewhere = admin.post("/api/orgs", json={"name": "Elsewhere"}).json()["orgId"]
        house.a_member(None, login="bob")
        for org, role in ((1, "Admin"), (elsewhere, "Viewer")):
            member = {"loginOrEmail": "bob", "role": role}
            assert admin.post(f"/api/orgs/{org}/users", json=member).status_code == 200
        client = sign_in(house, "bob", "canary-bob-password")
        send(client, "/profile/switch-org/1", page="/profile")
        client.headers["referer"] = f"{BASE_URL}/org/apikeys"
        answer = send(client, f"/profile/switch-org/{elsewhere}", page="/profile")
        assert answer.headers["location"] == "/"


def test_below_a_path_every_address_has_it(make_house: MakeHouse) -> None:
    house = make_house(server__root_url=f"{BASE_URL}/keystead/", server__serve_from_sub_path=True)
    client = house.client()
    asked = client.get("/keystead/org/apikeys?query=a")
    assert asked.headers["location"] == "/keystead/login?redirectTo=%2Fkeystead%2Forg%2Fapikeys%3Fquery%3Da"
    form = {"csrf": csrf_of(client.get("/keystead/login")), "user": ADMIN, "password": ADMIN_PASSWORD}
    answer = client.post("/keystead/login", data={**form, "redirectTo": "/keystead/org/apikeys?query=a"})
    assert answer.headers["location"] == "/keystead/org/apikeys?query=a"
    page = client.get("/keystead/org/apikeys")
    assert page.status_code == 200
    links = [
        word.split('"')[1] for word in page.text.split() if word.startswith(("href=", "action=", "src="))
    ]
    assert [link for link in links if not link.startswith(("/keystead/", "#"))] == []
