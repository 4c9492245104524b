"""Every state of every page in four looks: axe, layout, a picture; and by the Tab key alone."""

from collections.abc import Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Console, TakePicture
from tests.browser.stage import Stage
from tests.browser.walking import walk
from tests.web.states import PAGES

ALL_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
STICKING_OUT = """() => {
  const card = document.querySelector("main").getBoundingClientRect();
  return [...document.querySelectorAll("main input, main select, main button, main a, main summary")]
    .filter((control) => !control.closest(".ks-scroll, .ks-vh, [role=tooltip]"))
    .filter((control) => control.getBoundingClientRect().right > card.right + 0.5)
    .map((control) => control.outerHTML);
}"""
TOO_SMALL = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
  .filter((control) => control.checkVisibility() && !control.closest("p, dd, .ks-vh, .ks-crumbs, .ks-skip"))
  .filter((control) => !control.matches(".ks-vh, .ks-skip, label > input"))
  .map((control) => [control.getBoundingClientRect(), control.outerHTML])
  .filter(([{ width, height }]) => width < 24 || height < 24)
  .map(([, html]) => html)"""


ALREADY_THERE = Axe("0")  # brings nothing: the tab gives every page its axe
LONG = "-fifty"  # the rows of another state, often: only the layout may differ
WIDTHS = {"light": 1280, "dark": 1280, "narrow": 320, "forced": 1280}  # the looks, in their order


def put_on(page: Page, look: str) -> None:
    """Change how the page looks; the theme is what the server would have written."""
    theme = "dark" if look in {"dark", "forced"} else "light"
    page.emulate_media(forced_colors="active" if look == "forced" else "none")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.set_viewport_size({"width": WIDTHS[look], "height": 900})


def judge(page: Page, rules: Mapping[str, object], part: str | None = None) -> None:
    """Let axe look for violations."""
    found = ALREADY_THERE.run(page, context=part, options=dict(rules))
    assert found.violations_count == 0, found.generate_report()


def judge_look(page: Page, look: str, part: str | None = None) -> None:
    """Judge all of it once, and in the other theme its colours."""
    if look == "light":
        judge(page, ALL_RULES, part)
    if look == "dark":
        judge(page, CONTRAST, part)


@pytest.mark.parametrize("state", PAGES)
def test_a_state_is_accessible_fits_and_says_nothing_on_the_console(
    lasting: Page, lasting_console: Console, stage_server: Stage, take_picture: TakePicture, state: str
) -> None:
    put_on(lasting, "light")
    lasting.goto(stage_server.state(state))
    for look, width in WIDTHS.items():
        put_on(lasting, look)
        take_picture(lasting, f"{state}-{look}")
        if not state.endswith(LONG):
            judge_look(lasting, look)
        assert lasting.evaluate("document.documentElement.scrollWidth") <= width, look
        assert lasting.evaluate(STICKING_OUT) == [], look
        assert lasting.evaluate(TOO_SMALL) == [], look
    if not state.endswith(LONG):
        put_on(lasting, "light")
        walk(lasting)
    assert lasting_console.complaints == []


@pytest.mark.parametrize("fragment", ["menu-configuration", "menu-account"])
def test_an_open_menu_is_accessible_and_fits(
    lasting: Page, stage_server: Stage, take_picture: TakePicture, fragment: str
) -> None:
    put_on(lasting, "light")
    lasting.goto(stage_server.state("apikeys-list"))
    for look, width in WIDTHS.items():
        put_on(lasting, look)
        lasting.set_viewport_size({"width": width, "height": 700})
        opener = lasting.locator(f"[aria-controls={fragment}]")
        if opener.get_attribute("aria-expanded") != "true":
            opener.focus()
            lasting.keyboard.press("Enter")
        take_picture(lasting, f"{fragment}-{look}")
        judge_look(lasting, look, f"#{fragment}")
        box = lasting.locator(f"#{fragment}").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width, look
        assert box["y"] >= 0, look


def test_the_first_stop_leads_past_the_menus(clean: Page, stage_server: Stage) -> None:
    clean.goto(stage_server.state("apikeys-list"))
    clean.keyboard.press("Tab")
    clean.keyboard.press("Enter")
    assert clean.evaluate("document.activeElement.id") == "main"
