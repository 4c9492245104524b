"""The list of keys and one's own account, on the real server, with JavaScript and without."""

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console, NewContext
from tests.browser.household import (
    Household,
    Person,
    apply,
    curl,
    open_account_menu,
    row_of,
    told_with,
)


class TestTheList:
    def test_is_searched_and_shows_expired_keys_when_asked(
        self, tab: Page, home: Household, admin: Person
    ) -> None:
        home.make_keys(admin, iter(["old-laptop"]), lifetime_s=1)
        home.make_keys(admin, iter(["ci-deploy", "ci-nightly", "terraform"]))
        time.sleep(1.1)
        home.sign_in(tab, admin, "/org/apikeys")
        expect(tab.get_by_text("3 API keys. 1 expired not shown")).to_be_visible()
        tab.get_by_label("Search keys").fill("CI-")
        apply(tab)
        expect(tab.get_by_role("rowheader")).to_have_text(["ci-deploy", "ci-nightly"])
        expect(tab).to_have_url(re.compile(r"[?&]query=CI-"))
        tab.get_by_label("Search keys").fill("")
        tab.get_by_role("switch", name="Include expired keys").check()
        apply(tab)
        expect(tab.get_by_role("rowheader")).to_have_text(
            ["ci-deploy", "ci-nightly", "old-laptop", "terraform"]
        )
        tab.get_by_label("Search keys").fill("nothing")
        apply(tab)
        expect(tab.get_by_text('No API keys match "nothing".')).to_be_visible()
        tab.get_by_role("link", name="Clear filters").click()
        expect(tab.get_by_role("rowheader")).to_have_count(3)

    def test_is_ordered_by_its_heads_and_read_page_by_page(
        self, tab: Page, home: Household, admin: Person
    ) -> None:
        home.make_keys(admin, (f"machine-{number:03}" for number in range(120)))
        home.sign_in(tab, admin, "/org/apikeys")
        names = tab.get_by_role("rowheader")
        expect(tab.get_by_text("120 API keys")).to_be_visible()
        expect(tab.get_by_role("link", name="Previous")).to_have_count(0)
        seen = names.all_inner_texts()
        for _ in range(2):
            first = seen[-1]
            tab.get_by_role("link", name="Next").click()
            expect(names.first).not_to_have_text(first)
            expect(names.first).to_have_text(f"machine-{len(seen):03}")
            seen += names.all_inner_texts()
        assert seen == [f"machine-{number:03}" for number in range(120)]
        expect(tab.get_by_role("link", name="Next")).to_have_count(0)
        tab.get_by_role("link", name="Previous").click()
        expect(names.first).to_have_text("machine-050")
        tab.get_by_role("link", name="First").click()
        tab.get_by_role("columnheader", name="Name").get_by_role("link").click()
        expect(names.first).to_have_text("machine-119")
        expect(tab.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
        expect(names).to_have_count(50)

    def test_tells_when_a_key_was_last_used(self, tab: Page, home: Household, admin: Person) -> None:
        made = home.make_keys(admin, iter(["idle", "used"]))
        told_with(home, made["used"])
        home.sign_in(tab, admin, "/org/apikeys?sort=-lastUsed")
        expect(tab.get_by_role("rowheader")).to_have_text(["used", "idle"])
        expect(row_of(tab, "idle")).to_contain_text("Never")
        row_of(tab, "used").get_by_role("link", name="used", exact=True).click()
        expect(tab.get_by_text("from 127.0.0.1")).to_be_visible()
        expect(tab.get_by_text("GET /api/org")).to_be_visible()


class TestOnesOwnAccount:
    def test_chooses_a_theme_from_any_page(self, tab: Page, home: Household, admin: Person) -> None:
        home.sign_in(tab, admin, "/help")
        for theme in ("light", "dark"):
            open_account_menu(tab, admin)
            tab.locator("#menu-account").get_by_label(theme.title()).check()
            tab.locator("#menu-account").get_by_role("button", name="Save").click()
            expect(tab.locator("html")).to_have_attribute("data-theme", theme)
            expect(tab.get_by_text("Preferences updated")).to_be_visible()
            expect(tab).to_have_url(f"{home.url}/help")

    def test_changes_the_password_and_ends_other_sessions(
        self, tab: Page, home: Household, admin: Person, new_context: NewContext
    ) -> None:
        other = new_context().new_page()
        home.sign_in(other, admin)
        home.sign_in(tab, admin, "/profile/password")
        next_one = "an even longer password, 2"
        tab.get_by_label("Old password").fill(admin.password)
        tab.get_by_label("New password").fill(next_one)
        tab.get_by_label("Confirm password").fill("something else")
        tab.get_by_role("button", name="Change Password").click()
        expect(tab.get_by_text("Passwords must match")).to_be_visible()
        tab.get_by_label("Old password").fill(admin.password)
        tab.get_by_label("New password").fill(next_one)
        tab.get_by_label("Confirm password").fill(next_one)
        tab.get_by_role("button", name="Change Password").click()
        expect(tab.get_by_text("User password changed")).to_be_visible()
        other.goto(f"{home.url}/profile")
        expect(other.get_by_role("heading", name="Welcome to Keystead")).to_be_visible()
        assert curl("--user", f"{admin.login}:{next_one}", f"{home.url}/api/user")[0] == 200
        assert curl("--user", f"{admin.login}:{admin.password}", f"{home.url}/api/user")[0] == 401

    def test_switches_the_organization_and_stays_on_the_page(
        self, tab: Page, home: Household, admin: Person
    ) -> None:
        other = home.person()
        home.add_to(other.org, admin, "Admin")
        home.make_keys(other, iter(["of-the-other"]))
        home.sign_in(tab, admin, "/org/apikeys")
        expect(tab.get_by_text("No API keys yet.")).to_be_visible()
        open_account_menu(tab, admin)
        tab.get_by_role("link", name="Switch organization").click()
        expect(tab.get_by_role("button", name="Current")).to_be_visible()
        tab.get_by_role("button", name=f"Switch to {other.org_name}").click()
        expect(tab.get_by_text(f"Active organization changed to {other.org_name}")).to_be_visible()
        if not tab.url.endswith("/org/apikeys"):  # without JavaScript the question had a page of its own
            expect(tab).to_have_url(f"{home.url}/")
            tab.goto(f"{home.url}/org/apikeys")
        expect(row_of(tab, "of-the-other")).to_be_visible()
        tab.goto(f"{home.url}/org/apikeys?orgId={admin.org}")
        expect(row_of(tab, "of-the-other")).to_be_visible()  # a link switches nothing
        tab.get_by_role("button", name=f"Switch to {admin.org_name}").click()
        expect(tab.get_by_text("No API keys yet.")).to_be_visible()

    def test_signs_out_and_back_in_to_the_same_page(self, tab: Page, home: Household, admin: Person) -> None:
        home.sign_in(tab, admin)
        cookies = {cookie["name"]: cookie["value"] for cookie in tab.context.cookies()}
        open_account_menu(tab, admin)
        tab.get_by_role("button", name="Sign out").click()
        expect(tab.get_by_text("Signed out")).to_be_visible()
        [(name, value)] = cookies.items()
        assert curl("--cookie", f"{name}={value}", f"{home.url}/api/user")[0] == 401
        home.sign_in(tab, admin, "/org/apikeys?query=ci")
        expect(tab).to_have_url(f"{home.url}/org/apikeys?query=ci")


def test_a_session_that_ended_meanwhile_leads_to_the_sign_in(
    page: Page, home: Household, admin: Person, console: Console
) -> None:
    home.make_keys(admin, iter(["ci"]))
    home.sign_in(page, admin, "/org/apikeys")
    page.context.clear_cookies()
    page.get_by_label("Search keys").fill("c")
    expect(page.get_by_role("heading", name="Welcome to Keystead")).to_be_visible()
    assert "redirectTo=%2Forg%2Fapikeys%3Fquery%3Dc" in page.url
    assert console.complaints == []


def test_a_page_that_was_left_open_over_a_new_sign_in_is_out_of_date(
    page: Page, home: Household, admin: Person, console: Console
) -> None:
    home.sign_in(page, admin, "/org/apikeys?adding=1")
    second = page.context.new_page()
    home.sign_in(second, admin, "/login")
    page.get_by_label("Key name").fill("late")
    page.get_by_label("Time to live", exact=True).fill("1h")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("This page is out of date.")).to_be_visible()
    page.get_by_role("link", name="Load it again").click()
    expect(page).to_have_url(f"{home.url}/org/apikeys?adding=1")
    expect(page.get_by_label("Key name")).to_be_focused()
    assert console.complaints == []
