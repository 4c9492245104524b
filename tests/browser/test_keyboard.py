"""Every page by the Tab key alone: each stop is visible, outlined, on top, and there is no trap."""

import pytest
from playwright.sync_api import Page

from tests.browser.stage import Stage
from tests.web.states import PAGES

STOP = """() => {
  const stop = document.activeElement;
  const box = stop.getBoundingClientRect();
  const drawn = stop.matches(".ks-switch > input") ? stop.nextElementSibling : stop;
  const style = getComputedStyle(drawn);
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: stop === document.body ? "" : stop.outerHTML.slice(0, 160),
    hasParts: stop.type === "date",
    number: [...document.querySelectorAll("*")].indexOf(stop),
    isSeen: box.width > 1 && box.height > 1 && stop.checkVisibility(),
    isOutlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isOnTop: stop.contains(top) || Boolean(top?.contains(stop)),
  };
}"""
MOST_STOPS = 80


@pytest.mark.parametrize("state", [state for state in PAGES if not state.endswith("-fifty")])
def test_every_stop_is_seen_and_the_walk_ends(lasting: Page, stage_server: Stage, state: str) -> None:
    lasting.set_viewport_size({"width": 1280, "height": 900})
    lasting.goto(stage_server.state(state))
    lasting.evaluate("document.activeElement.blur()")
    seen: list[int] = []
    for _ in range(MOST_STOPS):
        lasting.keyboard.press("Tab")
        stop = lasting.evaluate(STOP)
        if stop["hasParts"] and stop["number"] in seen[-1:]:  # the day, the month, the year
            continue
        if not stop["name"] and not seen:  # where the focus was, in a window with one stop, the walk begins
            continue
        if not stop["name"] or stop["number"] in seen:
            break
        seen.append(stop["number"])
        assert stop["isSeen"], stop
        assert stop["isOutlined"], stop
        assert stop["isOnTop"], stop
    assert 0 < len(seen) < MOST_STOPS


def test_the_first_stop_leads_past_the_menus(clean: Page, stage_server: Stage) -> None:
    clean.goto(stage_server.state("apikeys-list"))
    clean.keyboard.press("Tab")
    clean.keyboard.press("Enter")
    assert clean.evaluate("document.activeElement.id") == "main"
