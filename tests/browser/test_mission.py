"""The mission, "Create an API key", word by word: in real Chromium, with JavaScript and without."""

import shlex
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.household import (
    Household,
    Person,
    close_created,
    curl,
    delete,
    fill_in,
    lifetime_of,
    open_keys_from_the_gear,
    row_of,
    told_with,
)

MONTH_S = 30 * 86_400


def test_a_key_created_in_real_chromium_used_by_curl_refused_after_expiry_refused_after_deletion(
    tab: Page, home: Household, admin: Person
) -> None:
    home.sign_in(tab, admin)
    open_keys_from_the_gear(tab, home)
    fill_in(tab, "edge-gateway", "Editor", "12h")
    secret = tried_as_the_window_says(tab)
    assert secret not in tab.content()
    expect(row_of(tab, "edge-gateway")).to_contain_text("Editor")
    assert abs(lifetime_of(row_of(tab, "edge-gateway")) - 12 * 3600) < 120

    fill_in(tab, "short-lived", "Viewer", "2s")
    short = close_created(tab)
    time.sleep(2.1)
    assert told_with(home, short) == (401, "Expired API key")
    tab.goto(f"{home.url}/org/apikeys")
    expect(tab.get_by_text("1 API key. 1 expired not shown")).to_be_visible()

    assert told_with(home, secret)[0] == 200
    delete(tab, "edge-gateway")
    expect(tab.get_by_text("API key deleted")).to_be_visible()
    assert told_with(home, secret) == (401, "invalid API key")
    tab.goto(f"{home.url}/org/apikeys?includeExpired=on")
    expect(row_of(tab, "edge-gateway")).to_have_count(0)
    expect(row_of(tab, "short-lived")).to_contain_text("Expired")


def tried_as_the_window_says(page: Page) -> str:
    """Run the example of the window word by word, close the window, return its key."""
    window = page.get_by_role("dialog", name="API Key Created")
    expect(window).to_contain_text("This key is shown only once.")
    program, *arguments = shlex.split(window.locator("pre").inner_text())
    assert program == "curl"
    assert curl(*arguments)[0] == 200
    secret = close_created(page)
    assert secret in arguments[1]
    return secret


def test_an_answer_is_nowhere_once_its_window_is_closed(tab: Page, home: Household, admin: Person) -> None:
    home.sign_in(tab, admin, "/org/apikeys")
    fill_in(tab, "once", "Viewer", "1h")
    secret = close_created(tab)
    for path in ("/org/apikeys", "/org/apikeys?adding=1", "/profile"):
        tab.goto(f"{home.url}{path}")
        assert secret not in tab.content()
    assert secret not in str(tab.context.cookies())
    assert secret not in tab.url


def test_a_month_is_the_longest_life(tab: Page, home: Household, admin: Person) -> None:
    home.sign_in(tab, admin, "/org/apikeys")
    fill_in(tab, "a-month", "Admin", "1M")
    assert told_with(home, close_created(tab))[0] == 200
    row = row_of(tab, "a-month")
    expect(row).to_contain_text("Admin")
    assert abs(lifetime_of(row) - MONTH_S) < 120
    told = {
        "31d": "Time to live can be at most 30 days (one month)",
        "": "Time to live is required",
        "1y": "Not a valid duration",
        "0h": "Time to live must be more than zero",
    }
    for typed, sentence in told.items():
        tab.goto(f"{home.url}/org/apikeys")
        fill_in(tab, "too-long", "Viewer", typed)
        expect(tab.get_by_text("The key was not created. Check the marked fields.")).to_be_visible()
        expect(tab.locator("#m-ttl")).to_have_text(sentence)
        expect(tab.get_by_label("Time to live", exact=True)).to_be_focused()
        expect(tab.get_by_label("Time to live", exact=True)).to_have_value(typed)
        expect(tab.get_by_label("Key name")).to_have_value("too-long")
    tab.goto(f"{home.url}/org/apikeys?includeExpired=on")
    expect(tab.get_by_text("1 API key", exact=True)).to_be_visible()


def test_a_name_is_taken_once(tab: Page, home: Household, admin: Person) -> None:
    home.make_keys(admin, iter(["ci"]))
    home.sign_in(tab, admin, "/org/apikeys")
    fill_in(tab, "ci", "Viewer", "1h")
    expect(tab.get_by_text("API key, organization ID and name must be unique")).to_be_visible()
    expect(tab.get_by_label("Key name")).to_be_focused()
    expect(tab.get_by_label("Time to live", exact=True)).to_have_value("1h")
    tab.get_by_label("Key name").fill("ci-2")
    tab.get_by_role("button", name="Add", exact=True).click()
    assert told_with(home, close_created(tab))[0] == 200
    expect(tab.get_by_text("2 API keys", exact=True)).to_be_visible()


@pytest.mark.parametrize("role", ["Viewer", "Editor"])
def test_who_is_no_admin_sees_no_way_to_create(tab: Page, home: Household, role: str) -> None:
    home.sign_in(tab, home.person(role))
    expect(tab.get_by_role("heading", name="Your access")).to_be_visible()
    expect(tab.get_by_role("link", name="API Keys")).to_have_count(0)
    for path in ("/org/apikeys", "/org/apikeys?adding=1"):
        answer = tab.goto(f"{home.url}{path}")
        assert answer is not None
        assert answer.status == 403
        expect(tab.get_by_text("You cannot open this page.")).to_be_visible()
        expect(tab.get_by_text("New API key")).to_have_count(0)


def go_by_tab(tab: Page, menu: Locator, name: str) -> None:
    """Press Tab until the entry has the focus, and never leave the menu."""
    entry = menu.get_by_role("link", name=name)
    while not entry.evaluate("link => link === document.activeElement"):
        tab.keyboard.press("Tab")
        expect(menu.locator(":focus")).to_be_visible()


def test_a_key_is_created_by_keyboard_alone(tab: Page, home: Household, admin: Person) -> None:
    home.sign_in(tab, admin)
    keys = tab.keyboard
    tab.get_by_role("button", name="Configuration").focus()
    keys.press("Enter")
    go_by_tab(tab, tab.locator("#menu-configuration"), "API Keys")
    keys.press("Enter")
    expect(tab).to_have_url(f"{home.url}/org/apikeys")
    tab.get_by_role("link", name="New API key").focus()
    keys.press("Enter")
    expect(tab.get_by_label("Key name")).to_be_focused()
    keys.type("typed")
    keys.press("Tab")
    keys.press("ArrowUp")
    expect(tab.get_by_label("Role")).to_have_value("Editor")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("1w")
    keys.press("Enter")
    window = tab.get_by_role("dialog", name="API Key Created")
    expect(window.get_by_label("Key", exact=True)).to_be_focused()
    window.get_by_role("link", name="Close").focus()
    keys.press("Enter")
    expect(row_of(tab, "typed")).to_contain_text("Editor")
