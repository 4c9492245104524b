"""What hostile pages and hostile names can do to somebody who is signed in: nothing."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from tests.browser.conftest import Console
from tests.browser.foreign import FOLLOW, SEND_FORM, attempts, foreign_pages
from tests.browser.household import Household, Person, curl
from tests.reliability.client import Client, basic

PAYLOADS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "<img src=//evil.example/a.png>",
    "<svg onload=alert(1)>",
    "<svg><script href=data:,alert(1) />",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi xlink:href=javascript:alert(1)>x",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    '" style=background:url(//evil.example) x="',
    "<style>@import '//evil.example/a.css';</style>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=data:text/html,<script>alert(1)</script>>",
    "<form action=//evil.example><button>go",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "{{ 7*7 }}${7*7}<%= 7*7 %>#{7*7}",
    "{% for x in ().__class__.__mro__ %}x{% endfor %}",
    "<!--<script>alert(1)//-->\u2028\u202ealert(1)",
]


@pytest.fixture(scope="module")
def foreign_port() -> Iterator[int]:
    with foreign_pages() as port:
        yield port


def seen_by(home: Household, person: Person) -> list[object]:
    """Return all that the attempts would change, as the person's own program sees it."""
    client = Client(home.server.port, basic(person.login, person.password))
    seen = [client.ask("GET", path).json for path in ("/api/auth/keys?includeExpired=true", "/api/user")]
    client.close()
    assert "theme" in seen[1]
    return seen


@pytest.mark.goal("G33")
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["another site", "another port"])
def test_a_foreign_page_changes_nothing(
    browser: Browser, home: Household, admin: Person, foreign_port: int, host: str
) -> None:
    other = home.person()
    home.add_to(other.org, admin, "Admin")
    home.make_keys(admin, iter(["ci"]))
    context = browser.new_context()
    page = context.new_page()
    home.sign_in(page, admin, "/org/apikeys")
    csrf = page.locator("input[name=csrf]").first.get_attribute("value") or ""
    key = (page.get_by_role("rowheader").get_by_role("link").get_attribute("href") or "").rpartition("/")[2]
    [cookie] = context.cookies()
    before = seen_by(home, admin)
    tried = attempts(csrf, key, other.org)
    assert len(tried) >= 24
    for name, (script, path, arguments) in tried.items():
        page.goto(f"http://{host}:{foreign_port}/")
        asked = [f"{home.url}{path}", *arguments]
        if script in (SEND_FORM, FOLLOW):
            with page.expect_navigation():
                page.evaluate(script, asked)
        else:
            page.evaluate(script, asked)
        assert seen_by(home, admin) == before, name
        told = curl("--cookie", f"{cookie['name']}={cookie['value']}", f"{home.url}/api/user")
        assert told[0] == 200, f"{name} ended the session"
    context.close()


@pytest.mark.goal("G33")
def test_a_program_with_a_cookie_is_no_foreign_page(page: Page, home: Household, admin: Person) -> None:
    home.sign_in(page, admin)
    [cookie] = page.context.cookies()
    body = json.dumps({"name": "by-curl", "role": "Viewer", "secondsToLive": 60})
    media = "Content-Type: application/json"
    pair = f"{cookie['name']}={cookie['value']}"
    assert curl("--cookie", pair, "-H", media, "-d", body, f"{home.url}/api/auth/keys")[0] == 200


class Witness:
    """Notes what only a script that came in could do."""

    def __init__(self, context: BrowserContext, home: Household) -> None:
        self.seen: list[str] = []
        context.on("dialog", self.hear)
        context.on("request", lambda request: self.note(request.url, home.url))

    def hear(self, dialog: Dialog) -> None:
        self.seen.append(dialog.message)
        dialog.dismiss()

    def note(self, url: str, own: str) -> None:
        if not url.startswith(f"{own}/"):
            self.seen.append(url)


@pytest.mark.goal("G34")
def test_hostile_names_are_only_shown(page: Page, console: Console, home: Household, admin: Person) -> None:
    home.make_keys(admin, iter(PAYLOADS))
    client = Client(home.server.port, basic(admin.login, admin.password))
    for path, body in (
        ("/api/org", {"name": PAYLOADS[3]}),
        ("/api/user", {"name": PAYLOADS[6], "login": admin.login, "email": f"{PAYLOADS[15]}@evil.example"}),
    ):
        assert client.ask("PUT", path, body).status == 200
    client.close()
    witness = Witness(page.context, home)
    home.sign_in(page, admin, "/org/apikeys")
    links = page.get_by_role("rowheader").get_by_role("link")
    shown = {" ".join(text.split()) for text in links.all_inner_texts()}
    assert shown == {" ".join(payload.split()) for payload in PAYLOADS}
    urls = [link.get_attribute("href") or "" for link in links.all()]
    for url in (*urls, "/profile", "/profile/select-org", "/help", "/org/apikeys?adding=1"):
        page.goto(f"{home.url}{url}")
    page.get_by_role("button", name="account menu").hover()
    assert (witness.seen, console.complaints) == ([], [])


@pytest.mark.goal("G34")
def test_hostile_addresses_and_forms_are_only_shown(
    page: Page, console: Console, home: Household, admin: Person
) -> None:
    witness = Witness(page.context, home)
    home.make_keys(admin, iter(["ci"]))
    home.sign_in(page, admin)
    for payload in PAYLOADS:
        text = quote(payload)
        page.goto(f"{home.url}/org/apikeys?query={text}&sort={text}&after={text}&orgId={text}&adding={text}")
        assert page.get_by_label("Search keys").input_value() == payload
        page.goto(f"{home.url}/login?redirectTo={text}&m={text}")
    for payload in PAYLOADS[::3]:
        page.goto(f"{home.url}/org/apikeys?adding=1")
        page.get_by_label("Key name").fill(payload)
        page.get_by_label("Time to live", exact=True).fill(payload)
        page.get_by_role("button", name="Add", exact=True).click()
        assert page.get_by_label("Time to live", exact=True).input_value() == payload
    assert (witness.seen, console.complaints) == ([], [])
