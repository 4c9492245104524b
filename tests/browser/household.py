"""The real server as a child process, people who are at home there, what they do, and what curl is told."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from playwright.sync_api import Locator, Page, expect

from tests.reliability.client import Client, basic
from tests.reliability.servers import ADMIN_PASSWORD, Installation, Server, new_folder

CURL = shutil.which("curl")


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    password: str
    org: int
    org_name: str


@dataclass(frozen=True, slots=True)
class Household:
    """Each test takes people in an organization of their own: nothing is shared but the server."""

    server: Server
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def org(self) -> int:
        return int(self._as_admin("POST", "/api/orgs", {"name": f"Org {next(self.numbers)}"})["orgId"])

    def person(self, role: str = "Admin", *, org: int | None = None) -> Person:
        org = self.org() if org is None else org
        login = f"person{next(self.numbers)}"
        password = f"{login} has a long password"
        new = {"login": login, "name": login.title(), "password": password, "orgId": org}
        number = self._as_admin("POST", "/api/admin/users", new)["id"]
        self._as_admin("PATCH", f"/api/orgs/{org}/users/{number}", {"role": role})
        return Person(login, password, org, str(self._as_admin("GET", f"/api/orgs/{org}")["name"]))

    def add_to(self, org: int, person: Person, role: str) -> None:
        self._as_admin("POST", f"/api/orgs/{org}/users", {"loginOrEmail": person.login, "role": role})

    def make_keys(self, person: Person, names: Iterator[str], lifetime_s: int = 3600) -> dict[str, str]:
        """Make Viewer keys over the HTTP API; return the secrets by name."""
        client = Client(self.server.port, basic(person.login, person.password))
        made = {}
        for name in names:
            body = {"name": name, "role": "Viewer", "secondsToLive": lifetime_s}
            answer = client.ask("POST", "/api/auth/keys", body)
            assert answer.status == 200, answer.body
            made[name] = answer.json["key"]
        client.close()
        return made

    def sign_in(self, page: Page, person: Person, path: str = "/") -> None:
        page.goto(f"{self.url}{path}")
        page.get_by_label("Email or username").fill(person.login)
        page.get_by_label("Password", exact=True).fill(person.password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name=f"{person.login}, account menu")).to_be_visible()

    def _as_admin(self, method: str, path: str, body: object = None) -> dict[str, str]:
        client = Client(self.server.port, basic("admin", ADMIN_PASSWORD))
        answer = client.ask(method, path, body)
        client.close()
        assert answer.status == 200, answer.body
        told: dict[str, str] = answer.json
        return told


@contextmanager
def household() -> Iterator[Household]:
    installation = Installation(new_folder(), word="dev")
    try:
        yield Household(installation.start())
    finally:
        installation.close()


def curl(*arguments: str) -> tuple[int, str]:
    """Return status and body of what the real program is answered."""
    assert CURL is not None
    command = [CURL, "--silent", "--max-time", "20", "--noproxy", "*", "--write-out", "\n%{http_code}"]
    told = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    body, _, status = told.stdout.rpartition("\n")
    return int(status), body


def open_keys_from_the_gear(page: Page, home: Household) -> None:
    page.get_by_role("button", name="Configuration").hover()
    page.locator("#menu-configuration").get_by_role("link", name="API Keys").click()
    expect(page).to_have_url(f"{home.url}/org/apikeys")


def fill_in(page: Page, name: str, role: str, time_to_live: str) -> None:
    page.get_by_role("link", name="New API key").click()
    expect(page.get_by_label("Key name")).to_be_focused()
    page.get_by_label("Key name").fill(name)
    page.get_by_label("Role").select_option(role)
    page.get_by_label("Time to live", exact=True).fill(time_to_live)
    page.get_by_role("button", name="Add", exact=True).click()


def close_created(page: Page) -> str:
    """Return the key that the window shows, and close the window."""
    window = page.get_by_role("dialog", name="API Key Created")
    secret = window.get_by_label("Key", exact=True).input_value()
    with page.expect_event("load"):  # the window is gone a little sooner than the page below it
        window.get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return secret


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def lifetime_of(row: Locator) -> float:
    told = row.locator("time").first.get_attribute("datetime")
    assert told is not None
    return datetime.fromisoformat(told).timestamp() - datetime.now(UTC).timestamp()  # noqa: TID251 - a real server's


def delete(page: Page, name: str) -> None:
    row = row_of(page, name)
    row.locator("summary").click()
    row.get_by_role("button", name="Delete", exact=True).click()


def told_with(home: Household, secret: str) -> tuple[int, str]:
    """Return what curl is answered with the key: the status, and the message if there is one."""
    status, body = curl("-H", f"Authorization: Bearer {secret}", f"{home.url}/api/org")
    return status, json.loads(body).get("message", "")


def apply(page: Page) -> None:
    """Press the button that stands in for the module; with it there is none."""
    button = page.get_by_role("button", name="Apply")
    if button.is_visible():
        button.click()


def open_account_menu(page: Page, person: Person) -> None:
    page.get_by_role("button", name=f"{person.login}, account menu").hover()
    expect(page.locator("#menu-account")).to_be_visible()
