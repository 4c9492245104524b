"""What the module adds: live search, dialogs, menus, copying, durations. And that nothing needs it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Console, NewContext
from tests.browser.stage import Stage
from tests.web.looks import NOW
from tests.web.states import KEY

LATER = NOW + 60


@pytest.fixture
def without_script(new_context: NewContext, console: Console) -> Page:
    context = new_context(java_script_enabled=False)
    console.listen(context)
    return context.new_page()


@pytest.fixture
def keys(clean: Page, stage_server: Stage) -> Page:
    clean.clock.install(time=NOW)
    clean.goto(f"{stage_server.url}/org/apikeys")
    return clean


class TestSearching:
    def test_replaces_the_list_and_the_address_and_keeps_the_focus(self, keys: Page) -> None:
        keys.get_by_label("Search keys").press_sequentially("bill")
        keys.clock.run_for(300)
        expect(keys.get_by_role("row")).to_have_count(2)
        expect(keys).to_have_url(re.compile(r"\?query=bill$"))
        expect(keys.get_by_label("Search keys")).to_be_focused()
        keys.clock.run_for(100)
        expect(keys.locator("#keys [role=status]")).to_have_text("1 API key")

    def test_includes_expired_keys_by_the_switch(self, keys: Page) -> None:
        keys.get_by_role("switch", name="Include expired keys").click()
        keys.clock.run_for(300)
        expect(keys.get_by_text("Expired", exact=True)).to_have_count(2)

    def test_shows_a_failure_that_stays_until_it_is_closed(self, keys: Page) -> None:
        keys.get_by_label("Search keys").fill("fail")
        keys.clock.run_for(300)
        toast = keys.get_by_role("alert")
        expect(toast).to_contain_text("Something went wrong. Request 7f3c2a")
        keys.clock.run_for(60_000)
        toast.get_by_role("button", name="Close").click()
        expect(toast).to_have_count(0)

    def test_leads_to_the_sign_in_when_the_session_has_ended(self, keys: Page) -> None:
        keys.get_by_label("Search keys").fill("signed-out")
        keys.clock.run_for(300)
        expect(keys.get_by_role("heading", name="Welcome to Keystead")).to_be_visible()

    def test_works_without_script(self, without_script: Page, stage_server: Stage) -> None:
        without_script.goto(f"{stage_server.url}/org/apikeys")
        without_script.get_by_label("Search keys").fill("bill")
        without_script.get_by_role("button", name="Apply").click()
        expect(without_script.get_by_role("row")).to_have_count(2)


class TestCreatingAKey:
    def test_shows_the_key_once_and_leaves_it_nowhere(self, keys: Page, stage_server: Stage) -> None:
        keys.get_by_role("link", name="New API key").click()
        expect(keys.get_by_label("Key name")).to_be_focused()
        keys.get_by_label("Key name").fill("edge-gateway")
        keys.get_by_label("Role").select_option("Editor")
        keys.get_by_label("Time to live", exact=True).fill("12h")
        keys.get_by_role("button", name="Add").click()
        dialog = keys.get_by_role("dialog", name="API Key Created")
        expect(dialog.get_by_label("Key", exact=True)).to_have_value(KEY)
        expect(dialog.get_by_label("Key", exact=True)).to_be_focused()
        assert keys.evaluate("window.getSelection().toString()") == KEY
        keys.mouse.click(5, 5)
        expect(dialog).to_be_visible()
        with keys.expect_event("load"):  # the window is gone a little sooner than the page below it
            dialog.get_by_role("link", name="Close").click()
        expect(keys).to_have_url(f"{stage_server.url}/org/apikeys")
        expect(keys.get_by_role("dialog")).to_have_count(0)
        assert KEY not in keys.content()

    def test_copies_the_key_and_says_so(self, keys: Page, stage_server: Stage) -> None:
        keys.context.grant_permissions(["clipboard-read", "clipboard-write"])
        keys.goto(stage_server.state("apikeys-created"))
        keys.get_by_role("button", name="Copy").click()
        expect(keys.get_by_role("button", name="Copied")).to_be_visible()
        expect(keys.locator("[data-copied]")).to_have_text("Copied")
        assert keys.evaluate("navigator.clipboard.readText()") == KEY
        keys.clock.run_for(2100)
        expect(keys.get_by_role("button", name="Copy", exact=True)).to_be_visible()

    def test_keeps_what_was_typed_and_focuses_the_first_error(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(f"{stage_server.url}/org/apikeys?adding=1")
        keys.get_by_label("Time to live", exact=True).fill("5w")
        keys.get_by_role("button", name="Add").click()
        expect(keys.get_by_role("alert")).to_contain_text("The key was not created. Check the marked fields.")
        expect(keys.get_by_label("Key name")).to_be_focused()
        expect(keys.get_by_text("Key name is required")).to_be_visible()
        expect(keys.get_by_label("Time to live", exact=True)).to_have_value("5w")
        expect(keys).to_have_title(re.compile("^Error: "))

    def test_is_sent_once(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(f"{stage_server.url}/org/apikeys?adding=1")
        before = stage_server.asked.count("POST /org/apikeys")
        keys.evaluate(
            "for (let i = 0; i < 3; i++) document.querySelector('.ks-slide button[type=submit]').click()"
        )
        expect(keys.get_by_role("alert")).to_be_visible()
        assert stage_server.asked.count("POST /org/apikeys") == before + 1

    def test_works_without_script(self, without_script: Page, stage_server: Stage) -> None:
        page = without_script
        page.goto(f"{stage_server.url}/org/apikeys")
        page.get_by_role("link", name="New API key").click()
        page.get_by_label("Key name").fill("edge-gateway")
        page.get_by_label("Time to live", exact=True).fill("12h")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("dialog").get_by_label("Key", exact=True)).to_have_value(KEY)
        expect(page.get_by_role("button", name="Copy")).to_be_hidden()
        page.get_by_role("link", name="Close").click()
        expect(page.get_by_role("dialog")).to_have_count(0)


class TestTheTimeToLive:
    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("12h", "Expires 2026-11-23 08:30:00 (in 12 hours)"),
            (" 0001d ", "Expires 2026-11-23 20:30:00 (in 1 day)"),
            ("1M", "Expires 2026-12-22 20:30:00 (in 1 month)"),
            ("31d", "Time to live can be at most 30 days (one month)"),
            ("0s", "Time to live must be more than zero"),
            ("1y", "Not a valid duration"),
            ("1D", "Not a valid duration"),
            ("\u0661h", "Not a valid duration"),
        ],
        ids=["hours", "zeros", "month", "above", "zero", "year", "upper", "arabic"],
    )
    def test_is_judged_when_the_field_is_left(
        self, keys: Page, stage_server: Stage, typed: str, told: str
    ) -> None:
        keys.clock.pause_at(LATER)  # a second between the page and the judgement would be told with it
        keys.goto(stage_server.state("apikeys-adding"))
        field = keys.get_by_label("Time to live", exact=True)
        field.fill(typed)
        field.blur()
        expect(keys.locator("#m-ttl")).to_have_text(told)
        assert (field.get_attribute("aria-invalid") == "true") == ("Expires" not in told)

    def test_is_filled_in_by_a_quick_pick(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(stage_server.state("apikeys-adding"))
        keys.get_by_role("button", name="1w", exact=True).click()
        expect(keys.get_by_label("Time to live", exact=True)).to_have_value("1w")
        expect(keys.locator("#m-ttl")).to_contain_text("in 1 week")

    def test_does_not_move_the_button_when_it_is_judged(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(stage_server.state("apikeys-adding"))
        keys.get_by_label("Key name").fill("a")
        keys.get_by_label("Time to live", exact=True).fill("wrong")
        add = keys.get_by_role("button", name="Add")
        before = add.bounding_box()
        add.hover()
        keys.mouse.down()
        assert add.bounding_box() == before
        keys.mouse.up()
        expect(keys.get_by_role("alert")).to_be_visible()


class TestTheMenus:
    def test_open_by_hovering_and_close_after_leaving(self, keys: Page) -> None:
        gear = keys.get_by_role("button", name="Configuration")
        entry = keys.locator("#menu-configuration").get_by_role("link", name="API Keys")
        gear.hover()
        expect(entry).to_be_visible()
        entry.hover()
        keys.clock.run_for(200)
        expect(entry).to_be_visible()
        keys.mouse.move(700, 600)
        keys.clock.run_for(200)
        expect(entry).to_be_hidden()

    @pytest.mark.parametrize("key", ["Enter", "Space"])
    def test_open_by_a_key_and_close_by_escape(self, keys: Page, key: str) -> None:
        gear = keys.get_by_role("button", name="Configuration")
        gear.focus()
        expect(keys.locator("#menu-configuration")).to_be_hidden()
        keys.keyboard.press(key)
        expect(gear).to_have_attribute("aria-expanded", "true")
        keys.keyboard.press("Tab")
        expect(keys.locator("#menu-configuration").get_by_role("link").first).to_be_focused()
        keys.keyboard.press("Escape")
        expect(gear).to_be_focused()
        expect(keys.locator("#menu-configuration")).to_be_hidden()

    def test_close_by_escape_when_they_were_hovered(self, keys: Page) -> None:
        keys.get_by_role("button", name="Configuration").hover()
        keys.keyboard.press("Escape")
        expect(keys.locator("#menu-configuration")).to_be_hidden()

    def test_close_when_the_focus_goes_on(self, keys: Page) -> None:
        account = keys.get_by_role("button", name="admin, account menu")
        account.focus()
        keys.keyboard.press("Enter")
        for _ in range(8):
            keys.keyboard.press("Tab")
        expect(keys.locator("#menu-account")).to_be_hidden()

    def test_stay_when_a_hovering_person_clicks(self, keys: Page) -> None:
        keys.get_by_role("button", name="Configuration").click()
        expect(keys.locator("#menu-configuration")).to_be_visible()

    def test_open_without_script_too(self, without_script: Page, stage_server: Stage) -> None:
        without_script.goto(f"{stage_server.url}/org/apikeys")
        without_script.get_by_role("button", name="Configuration").focus()
        expect(without_script.locator("#menu-configuration")).to_be_visible()

    def test_offer_the_themes_and_send_nothing_before_save(self, keys: Page, stage_server: Stage) -> None:
        keys.get_by_role("button", name="admin, account menu").click()
        before = len(stage_server.asked)
        keys.get_by_label("System").focus()
        keys.keyboard.press("ArrowDown")
        expect(keys.get_by_label("Dark")).to_be_checked()
        assert len(stage_server.asked) == before


class TestADialog:
    def test_comes_as_a_fragment_and_gives_the_focus_back(self, keys: Page) -> None:
        account = keys.get_by_role("button", name="admin, account menu")
        account.click()
        keys.get_by_role("link", name="Switch organization").click()
        dialog = keys.get_by_role("dialog", name="Switch organization")
        expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
        keys.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(account).to_be_focused()

    def test_closes_by_a_click_beside_it_but_not_inside(self, keys: Page) -> None:
        keys.get_by_role("button", name="admin, account menu").click()
        keys.get_by_role("link", name="Switch organization").click()
        dialog = keys.get_by_role("dialog")
        box = dialog.bounding_box()
        assert box is not None
        keys.mouse.click(box["x"] + 5, box["y"] + 5)
        expect(dialog).to_be_visible()
        keys.mouse.click(box["x"] - 20, box["y"] - 20)
        expect(dialog).to_have_count(0)


class TestDeletingARow:
    def test_asks_once_more_and_closes_by_escape(self, keys: Page) -> None:
        summary = keys.locator("summary", has_text="Delete API key ci-deploy")
        summary.focus()
        keys.keyboard.press("Enter")
        expect(keys.get_by_role("button", name="Delete", exact=True)).to_be_visible()
        expect(keys.get_by_text("Used 3 hours ago")).to_be_visible()
        keys.keyboard.press("Escape")
        expect(keys.get_by_role("button", name="Delete", exact=True)).to_be_hidden()
        expect(summary).to_be_focused()

    def test_works_without_script(self, without_script: Page, stage_server: Stage) -> None:
        without_script.goto(f"{stage_server.url}/org/apikeys")
        without_script.locator("summary", has_text="Delete API key ci-deploy").click()
        without_script.get_by_role("button", name="Delete", exact=True).click()
        assert "POST /org/apikeys/4/delete" in stage_server.asked


class TestMessages:
    def test_of_success_go_away_and_errors_stay(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(stage_server.state("toasts"))
        expect(keys.get_by_text("Something went wrong.")).to_be_visible()
        keys.clock.run_for(7000)
        expect(keys.get_by_text("API key deleted")).to_have_count(0)
        expect(keys.get_by_text("And once more.")).to_be_visible()
        keys.clock.run_for(60_000)
        expect(keys.locator("#toasts").get_by_role("alert")).to_have_count(3)

    def test_of_success_stay_while_the_pointer_is_on_them(self, keys: Page, stage_server: Stage) -> None:
        keys.goto(stage_server.state("toasts"))
        keys.get_by_text("API key deleted").hover()
        keys.clock.run_for(20_000)
        expect(keys.get_by_text("API key deleted")).to_be_visible()


def test_times_are_rewritten_in_the_browsers_zone(browser: Browser, stage_server: Stage) -> None:
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(stage_server.state("apikeys-list"))
    expect(page.locator("time").first).to_have_text("2026-11-23 00:41:20")
    context.close()


def test_the_password_can_be_looked_at(clean: Page, stage_server: Stage) -> None:
    clean.goto(stage_server.state("login"))
    expect(clean.get_by_label("Email or username")).to_be_focused()
    show = clean.get_by_role("button", name="Show password")
    show.click()
    expect(show).to_have_attribute("aria-pressed", "true")
    expect(clean.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


def test_a_refused_sign_in_gets_the_focus(clean: Page, stage_server: Stage) -> None:
    clean.goto(stage_server.state("login-refused"))
    expect(clean.get_by_role("alert")).to_be_focused()


def test_a_tip_is_dismissed_by_escape_however_it_was_opened(clean: Page, stage_server: Stage) -> None:
    clean.goto(stage_server.state("apikeys-adding"))
    info, tip = clean.get_by_role("button", name="About this duration"), clean.locator("#tip-ttl")
    info.focus()
    expect(tip).to_be_visible()
    clean.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    info.blur()
    info.hover()
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()
    clean.keyboard.press("Escape")
    expect(tip).to_be_hidden()
