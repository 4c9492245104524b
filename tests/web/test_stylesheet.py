import gzip
import re
from typing import TypeAlias

import pytest

from keystead.web.assets import load_assets

ASSETS = load_assets()
SHEET = ASSETS.by_name["keystead.css"].content.decode()
MODULE = ASSETS.by_name["keystead.js"].content.decode()
Colour: TypeAlias = tuple[int, int, int]
WHITE = "#ffffff"
TEXT, MARK = 4.5, 3.0
SURFACES = ("bg", "bg2", "canvas")
PAIRS = (
    *[("text", surface, TEXT) for surface in (*SURFACES, "badbg", "warnbg", "infobg")],
    *[("muted", surface, TEXT) for surface in SURFACES],
    *[("link", surface, TEXT) for surface in (*SURFACES, "infobg")],
    ("bad", "badbg", TEXT),
    ("bad", "bg", TEXT),
    ("bad", "bg2", TEXT),
    ("warn", "warnbg", TEXT),
    ("bg", "text", TEXT),
    ("onprimary", "primary", TEXT),
    ("ondanger", "danger", TEXT),
    *[("line2", surface, MARK) for surface in SURFACES],
    *[("focus", surface, MARK) for surface in SURFACES],
    ("accent", "canvas", MARK),
    ("accent", "bg", MARK),
    ("primary", "bg", MARK),
    ("warn", "bg", MARK),
    ("ok", "bg", MARK),
    ("denied", "bg", MARK),
)


def tokens(theme: int) -> dict[str, Colour]:
    """Return the colours of a theme: 0 light, 1 dark."""
    root = SHEET[SHEET.index(":root {") : SHEET.index("}", SHEET.index(":root {"))]
    both = re.findall(r"--([\w]+): light-dark\((#\w{6}), (#\w{6})\);", root)
    plain = re.findall(r"--([\w]+): (#\w{6});", root)
    values = {name: (light, dark)[theme] for name, light, dark in both} | dict(plain)
    return {name: rgb(value) for name, value in values.items()}


def rgb(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def luminance(colour: Colour) -> float:
    channels = [value / 255 for value in colour]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def darkened(colour: Colour) -> Colour:
    """Return what `color-mix(in srgb, …, #000 12%)` makes of it."""
    red, green, blue = (round(value * 0.88) for value in colour)
    return red, green, blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
class TestTheColours:
    @pytest.mark.parametrize(("front", "back", "needed"), PAIRS, ids=str)
    def test_stand_out_from_what_lies_behind(self, theme: int, front: str, back: str, needed: float) -> None:
        colours = tokens(theme)
        assert contrast(colours[front], colours[back]) >= needed

    @pytest.mark.parametrize("kind", ["primary", "danger"])
    def test_of_a_button_under_the_pointer_keep_their_contrast(self, theme: int, kind: str) -> None:
        colours = tokens(theme)
        assert contrast(rgb(WHITE), darkened(colours[kind])) >= TEXT


def test_the_measured_ratios_are_those_of_the_definition() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(tokens(0)["text"], tokens(0)["bg"]) == pytest.approx(14.7, abs=0.05)


def test_every_token_that_is_used_exists() -> None:
    used = set(re.findall(r"var\(--(\w+)\)", SHEET))
    assert used <= set(re.findall(r"--(\w+):", SHEET))


def test_every_class_carries_the_prefix() -> None:
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", SHEET, flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    assert {name for name in classes if not name.startswith("ks-")} == set()


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "url(" not in SHEET
    assert "@import" not in SHEET
    assert "://" not in SHEET + MODULE


def test_html_enters_the_page_in_one_place() -> None:
    assert len(re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", MODULE)) == 1


def test_stylesheet_and_module_stay_small() -> None:
    assert len(gzip.compress(SHEET.encode())) < 8 * 1024
    assert len(gzip.compress(MODULE.encode())) < 6 * 1024
