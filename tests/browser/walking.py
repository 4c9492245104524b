"""A page by the Tab key alone."""

from playwright.sync_api import Page

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


def walk(page: Page) -> None:
    """Go through a page: each stop is visible, outlined, on top, and there is no trap."""
    page.evaluate("document.activeElement.blur()")
    seen: list[int] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
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
