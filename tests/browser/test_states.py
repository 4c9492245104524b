"""Every state of every page, in both themes, narrow, and in forced colours: axe, layout, and a picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Console
from tests.browser.stage import Stage
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


@dataclass(frozen=True, slots=True)
class Look:
    theme: str
    width: int
    rules: Mapping[str, object] | None = None  # what axe judges: where only the colours differ, only these
    is_forced: bool = False


LOOKS = {
    "light": Look("light", 1280, ALL_RULES),
    "dark": Look("dark", 1280, CONTRAST),
    "narrow": Look("light", 320),
    "forced": Look("dark", 1280, is_forced=True),
}


class Tabs:
    """One tab for each look, kept for the session: 200 contexts would cost a minute."""

    def __init__(self, browser: Browser) -> None:
        self.console = Console()
        self._browser = browser
        self._pages: dict[str, Page] = {}

    def page(self, name: str) -> Page:
        if name not in self._pages:
            self._pages[name] = self._open(LOOKS[name])
        return self._pages[name]

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _open(self, look: Look) -> Page:
        context = self._browser.new_context(
            viewport={"width": look.width, "height": 900},
            forced_colors="active" if look.is_forced else "none",
            color_scheme="dark" if look.theme == "dark" else "light",
            reduced_motion="reduce",
            timezone_id="UTC",
        )
        self.console.listen(context)
        return context.new_page()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[Tabs]:
    tabs = Tabs(browser)
    yield tabs
    tabs.close()


def judge(page: Page, look: Look, part: str | None = None) -> None:
    """Let axe look for violations."""
    if look.rules is not None:
        found = Axe().run(page, context=part, options=dict(look.rules))
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", PAGES)
def test_a_state_is_accessible_fits_and_says_nothing_on_the_console(
    tabs: Tabs, stage_server: Stage, artifacts: Path, state: str, look: str
) -> None:
    page, width = tabs.page(look), LOOKS[look].width
    tabs.console.complaints.clear()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(stage_server.state(state, LOOKS[look].theme))
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(900, height)})  # so that the rail reaches down
    page.screenshot(path=artifacts / f"{state}-{look}.png", animations="disabled", caret="hide")
    judge(page, LOOKS[look])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate(TOO_SMALL) == []
    assert tabs.console.complaints == []


@pytest.mark.parametrize("fragment", ["menu-configuration", "menu-account"])
@pytest.mark.parametrize("look", LOOKS)
def test_an_open_menu_is_accessible_and_fits(
    tabs: Tabs, stage_server: Stage, artifacts: Path, fragment: str, look: str
) -> None:
    page, width = tabs.page(look), LOOKS[look].width
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(stage_server.state("apikeys-list", LOOKS[look].theme))
    page.locator(f"[aria-controls={fragment}]").focus()
    page.keyboard.press("Enter")
    page.screenshot(path=artifacts / f"{fragment}-{look}.png", animations="disabled", caret="hide")
    judge(page, LOOKS[look], f"#{fragment}")
    box = page.locator(f"#{fragment}").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    assert box["y"] >= 0
