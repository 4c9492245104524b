"""A service account from its creation to its end: in real Chromium, with JavaScript and without."""

import json
import re

from playwright.sync_api import Page, expect

from tests.browser.household import Household, Person, curl, delete, row_of


def told_with(home: Household, secret: str) -> tuple[int, str]:
    """Return what curl is answered with the token: the status, and the message if there is one."""
    url = f"{home.url}/api/access-control/user/permissions"
    status, body = curl("-H", f"Authorization: Bearer {secret}", url)
    return status, json.loads(body).get("message", "")


def close_created(page: Page) -> str:
    """Return the token that the window shows, and close the window."""
    window = page.get_by_role("dialog", name="Service account token created")
    secret = window.get_by_label("Token", exact=True).input_value()
    way = window.get_by_role("button", name="Copy to clipboard and close")
    with page.expect_event("load"):  # the window is gone a little sooner than the page below it
        (way if way.is_visible() else window.get_by_role("link", name="Close", exact=True)).click()
    page.wait_for_url(re.compile(r"/org/serviceaccounts/\d+$"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert secret not in page.content()
    return secret


def is_scripted(page: Page) -> bool:
    return bool(page.evaluate("matchMedia('(scripting: enabled)').matches"))


def create_account(page: Page) -> str:
    """Create one by way of the gear, and return the address of its page."""
    page.get_by_role("button", name="Configuration").hover()
    page.locator("#menu-configuration").get_by_role("link", name="Service accounts").click()
    expect(page.get_by_text("No service accounts yet.")).to_be_visible()
    page.get_by_role("link", name="Add service account").click()
    expect(page.get_by_label("Display name")).to_be_focused()
    page.get_by_label("Display name").press_sequentially("Nightly Reports")
    if is_scripted(page):
        expect(page.get_by_text("ID: sa-nightly-reports")).to_be_visible()
        expect(page.locator("#f-date")).to_be_disabled()
    page.get_by_label("Editor").check()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Service account created")).to_be_visible()
    return page.url


def add_token(page: Page) -> str:
    page.get_by_role("link", name="Add service account token").click()
    window = page.get_by_role("dialog", name="Add service account token")
    window.get_by_label("Display name").fill("nightly")
    window.get_by_label("Set expiration date").check()
    if is_scripted(page):
        window.get_by_role("button", name="7 days").click()
    window.get_by_role("button", name="Generate token").click()
    secret = close_created(page)
    expect(row_of(page, "nightly")).to_contain_text("Expires in" if not is_scripted(page) else ":59")
    return secret


def rotate_token(page: Page) -> str:
    row_of(page, "nightly").get_by_role("link", name="Rotate").click()
    window = page.get_by_role("dialog", name="Rotate nightly")
    expect(window.get_by_label("In 24 hours")).to_be_checked()
    window.get_by_role("button", name="Rotate").click()
    secret = close_created(page)
    expect(row_of(page, "nightly")).to_contain_text("Replaced, ends")
    return secret


def disable_account(page: Page) -> None:
    page.get_by_role("link", name="Disable service account").click()
    window = page.get_by_role("dialog", name="Disable service account")
    expect(window.get_by_role("link", name="Cancel")).to_be_focused()
    window.get_by_role("button", name="Disable service account").click()
    expect(page.get_by_text("This service account is disabled. Its tokens are refused.")).to_be_visible()


def delete_account(page: Page, home: Household) -> None:
    page.goto(f"{home.url}/org/serviceaccounts?query=nightly")
    page.get_by_role("link", name="Delete service account Nightly Reports").click()
    window = page.get_by_role("dialog", name="Delete service account")
    expect(window).to_contain_text("Delete Nightly Reports and its 1 token?")
    window.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Service account deleted")).to_be_visible()


def test_an_account_from_its_creation_to_its_end(tab: Page, home: Household, admin: Person) -> None:
    home.sign_in(tab, admin)
    account = create_account(tab)
    first = add_token(tab)
    assert told_with(home, first)[0] == 200
    second = rotate_token(tab)
    assert [told_with(home, secret)[0] for secret in (first, second)] == [200, 200]
    row_of(tab, "nightly").get_by_role("button", name="End now").click()
    expect(tab.get_by_text("Rotation finished")).to_be_visible()
    assert told_with(home, first) == (401, "Revoked token")
    assert told_with(home, second)[0] == 200

    disable_account(tab)
    assert told_with(home, second) == (401, "Service account is disabled")
    tab.get_by_role("button", name="Enable service account").click()
    expect(tab.get_by_text("Service account updated")).to_be_visible()
    assert told_with(home, second)[0] == 200
    delete(tab, "nightly")
    expect(tab.get_by_text("Service account token deleted")).to_be_visible()

    delete_account(tab, home)
    assert told_with(home, second) == (401, "invalid API key")
    answer = tab.goto(account)
    assert answer is not None
    assert answer.status == 404
