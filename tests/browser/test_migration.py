"""The mission, "Migrate API keys to service accounts", word by word: with JavaScript and without."""

import re
from collections.abc import Iterable

from playwright.sync_api import Page, expect

from tests.browser.household import (
    Household,
    Person,
    apply,
    curl,
    open_keys_from_the_gear,
    row_of,
    told_with,
)
from tests.browser.stage import Stage
from tests.reliability.client import Client, basic
from tests.web.looks import NOW

PERMISSIONS = "/api/access-control/user/permissions"
CLOSED = "API keys can no longer be created in this organization. Create a service account token instead."


def answers(home: Household, secrets: Iterable[str]) -> list[tuple[int, str]]:
    """Return what curl is answered with each key: everything that it may do."""
    return [curl("-H", f"Authorization: Bearer {secret}", f"{home.url}{PERMISSIONS}") for secret in secrets]


def create_by_api(home: Household, person: Person) -> tuple[int, str]:
    client = Client(home.server.port, basic(person.login, person.password))
    answer = client.ask("POST", "/api/auth/keys", {"name": "late", "role": "Viewer", "secondsToLive": 60})
    client.close()
    return answer.status, answer.json["message"]


def confirm(page: Page, title: str, button: str) -> None:
    """Press the button of the window that asks once more; its first focus is the way out."""
    window = page.get_by_role("dialog", name=title)
    expect(window.get_by_role("link", name="Cancel")).to_be_focused()
    window.get_by_role("button", name=button).click()


def is_in_the_menu(page: Page) -> bool:
    page.get_by_role("button", name="Configuration").hover()
    menu = page.locator("#menu-configuration")
    expect(menu.get_by_role("link", name="Service accounts")).to_be_visible()
    return menu.get_by_role("link", name="API Keys").count() > 0


def test_all_keys_are_migrated_go_on_working_and_their_page_is_hidden_for_ever(
    tab: Page, home: Household, admin: Person
) -> None:
    secrets = home.make_keys(admin, (f"machine-{number}" for number in range(3)))
    before = answers(home, secrets.values())
    home.sign_in(tab, admin)
    open_keys_from_the_gear(tab, home)
    section = tab.get_by_role("region", name="Switch from API keys to service accounts")
    section.get_by_role("link", name="Migrate to service accounts now").click()
    window = tab.get_by_role("dialog", name="Migrate API keys to service accounts")
    expect(window).to_contain_text(f"Migrate all 3 API keys of {admin.org_name} now?")
    expect(window).to_contain_text("After this, API keys can no longer be created in this organization.")
    confirm(tab, "Migrate API keys to service accounts", "Yes, migrate now")

    expect(tab.get_by_text("API keys migrated to service accounts")).to_be_visible()
    expect(tab.get_by_role("heading", name="All API keys have been migrated")).to_be_visible()
    expect(tab.get_by_role("link", name="New API key")).to_have_count(0)
    assert answers(home, secrets.values()) == before
    assert create_by_api(home, admin) == (403, CLOSED)
    hide_for_ever(tab, home)
    expect(tab.get_by_text(f"sa-autogen-{admin.org}-machine-0")).to_be_visible()
    tab.get_by_role("link", name="sa-autogen-machine-0 , details").click()
    expect(row_of(tab, "machine-0")).to_contain_text("Migrated API key")


def hide_for_ever(tab: Page, home: Household) -> None:
    tab.get_by_role("link", name="Hide API keys page forever").click()
    confirm(tab, "Hide API keys page forever", "Yes, hide API keys page")
    expect(tab).to_have_url(f"{home.url}/org/serviceaccounts")
    expect(tab.get_by_text("API keys hidden")).to_be_visible()
    expect(tab.get_by_text("Open an account to see its token.")).to_be_visible()
    assert not is_in_the_menu(tab)
    tab.goto(f"{home.url}/org/apikeys")
    expect(tab.get_by_text("The API keys page is hidden in this organization.")).to_be_visible()


def test_a_single_key_is_found_migrated_and_put_back(tab: Page, home: Household, admin: Person) -> None:
    secrets = home.make_keys(admin, iter(["ci-deploy", "other"]))
    before = answers(home, secrets.values())
    home.sign_in(tab, admin)
    open_keys_from_the_gear(tab, home)
    tab.get_by_label("Search keys").fill("deploy")
    apply(tab)
    expect(row_of(tab, "other")).to_have_count(0)
    row_of(tab, "ci-deploy").get_by_role(
        "button", name="Migrate to service account: ci-deploy", exact=True
    ).click()

    expect(tab.get_by_text("ci-deploy is now the service account sa-autogen-ci-deploy")).to_be_visible()
    expect(row_of(tab, "ci-deploy")).to_have_count(0)
    expect(tab.get_by_role("link", name="New API key")).to_be_visible()
    assert answers(home, secrets.values()) == before
    tab.get_by_role("link", name="sa-autogen-ci-deploy").click()
    expect(tab.get_by_text("Migrated from API key ci-deploy")).to_be_visible()

    tab.get_by_role("link", name="Revert to API key").click()
    window = tab.get_by_role("dialog", name="Revert to API key")
    expect(window).to_contain_text(
        "Turn ci-deploy back into an API key? The service account sa-autogen-ci-deploy is deleted."
    )
    confirm(tab, "Revert to API key", "Revert to API key")
    expect(tab.get_by_text("Reverted service account to API key")).to_be_visible()
    expect(tab.get_by_role("heading", name="ci-deploy")).to_be_visible()
    assert answers(home, secrets.values()) == before
    assert told_with(home, secrets["ci-deploy"])[0] == 200


def test_all_keys_are_migrated_by_keyboard_from_the_preview(
    tab: Page, home: Household, admin: Person
) -> None:
    home.make_keys(admin, iter(["one", "two"]))
    home.sign_in(tab, admin, "/org/migration")
    expect(tab.get_by_text("2 API keys: 2 active, 0 expired. Nothing has been changed yet.")).to_be_visible()
    expect(row_of(tab, "one")).to_contain_text(f"sa-autogen-{admin.org}-one")
    tab.get_by_role("link", name="Migrate to service accounts now").focus()
    tab.keyboard.press("Enter")
    window = tab.get_by_role("dialog", name="Migrate API keys to service accounts")
    expect(window.get_by_role("link", name="Cancel")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("API keys migrated to service accounts")).to_be_visible()
    tab.goto(f"{home.url}/org/migration")
    expect(row_of(tab, "two")).to_contain_text("Not seen yet")
    expect(tab.get_by_role("link", name="Hide API keys page forever")).to_be_visible()


def test_progress_moves_without_a_reload_and_stops_at_the_end(clean: Page, stage_server: Stage) -> None:
    clean.clock.install(time=NOW)
    clean.goto(f"{stage_server.url}/org/migration")
    bar = clean.get_by_role("progressbar", name="Migration")
    expect(bar).to_have_attribute("value", "4")
    loaded = sum(url == "/org/migration" for url in stage_server.asked)
    clean.clock.run_for(3_000)
    expect(bar).to_have_attribute("value", "8")
    expect(clean.get_by_text("8 done, 4 to go")).to_be_visible()
    clean.clock.run_for(3_000)
    expect(clean.get_by_text("12 of 12")).to_be_visible()
    expect(clean.get_by_role("region", name="Results")).to_be_visible()
    asked = len(stage_server.asked)
    clean.clock.run_for(10_000)
    assert len(stage_server.asked) == asked
    assert sum(url == "/org/migration" for url in stage_server.asked) == loaded


def test_without_the_module_a_page_that_changes_comes_again_by_itself_or_by_its_link(
    tab: Page, stage_server: Stage
) -> None:
    tab.goto(stage_server.state("migration-running"))
    link = tab.get_by_role("link", name="Load the page again")
    is_scripted = bool(tab.evaluate("matchMedia('(scripting: enabled)').matches"))
    assert link.is_visible() is not is_scripted
    refresh = tab.locator('meta[http-equiv="refresh"]')
    assert refresh.count() == (0 if is_scripted else 1)
    if not is_scripted:
        expect(refresh).to_have_attribute("content", re.compile("^5$"))
