"""The log of changes in Chromium: details, filters, and watching."""

import re

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage
from tests.browser.test_states import ALL_RULES, judge
from tests.web.looks import NOW


def test_the_log_is_watched_opened_and_filtered(clean: Page, stage_server: Stage) -> None:
    clean.clock.install(time=NOW)
    clean.add_init_script(AXE_SCRIPT)
    clean.goto(f"{stage_server.url}/org/audit?live=on")
    first = clean.get_by_text("Details of row 48,112")
    hash_of_first = clean.get_by_text(re.compile(r"^\s*48,112, hash"))
    expect(hash_of_first).to_be_hidden()
    first.focus()
    clean.keyboard.press("Enter")
    expect(hash_of_first).to_be_visible()
    expect(clean.get_by_text("Watching for new events.")).to_be_visible()
    clean.clock.run_for(7_000)
    show = clean.get_by_role("link", name="Show 3 new events")
    expect(show).to_be_visible()
    expect(hash_of_first).to_be_visible()  # no row moves under the reader
    judge(clean, ALL_RULES)

    asked = len(stage_server.asked)
    clean.get_by_label("Action").focus()
    clean.keyboard.press("ArrowDown")
    clean.clock.run_for(400)
    assert not any("action=" in url for url in stage_server.asked[asked:])
    clean.get_by_role("button", name="Apply").click()
    expect(clean.get_by_role("row")).to_have_count(2)
    expect(clean).to_have_url(re.compile(r"action=apikey.create&live=on$"))
