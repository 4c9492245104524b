"""Numbers to positions, and positions to SVG. Pure; `Element` prints itself, and escapes every text.

Positions along an axis are percent of the plot's width, heights are pixels, so that no text is ever scaled.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt
from typing import TypeAlias

from keystead.usecases.overview import EXPIRED_DAYS, FUTURE_DAYS

Number: TypeAlias = int | float
Attributes: TypeAlias = dict[str, str | Number]

PLOT_HEIGHT = 160  # pixels, without the labels below
_STEPS = 4  # between zero and the top of the axis
_LABELS_HEIGHT = 20
_HEAD, _HEAD_OF_LIFE = 8, 28  # above a plot: half a label, and the line of a credential's life
_WHOLE = 100  # percent
_AXIS_WIDTH = 44
_BAR_PART = 0.82  # of its place; the rest is the gap
_SPARK_HEIGHT, _SPARK_PITCH, _SPARK_BAR = 22, 3, 2
ROW_HEIGHT = 26  # of a timeline; the stylesheet has the same for the names
PAST_DAYS = 3  # as wide as these is the band left of today, into which what has expired is pressed
LEVELS = 4  # of a heat map
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of SVG."""

    name: str
    attributes: Attributes
    children: tuple["Element | str", ...] = ()

    def __html__(self) -> str:
        """Return it as templates print it: without escaping it again."""
        return "".join(_printed(self))


@dataclass(frozen=True, slots=True)
class Axis:
    """Zero and four equal steps of 1, 2 or 5 times a power of ten."""

    step: int

    @property
    def top(self) -> int:
        return self.step * _STEPS

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(self.step * number for number in range(_STEPS + 1))

    def y(self, value: Number) -> float:
        """Return how many pixels below the top of the plot a value lies."""
        return PLOT_HEIGHT * (1 - value / self.top)


@dataclass(frozen=True, slots=True)
class Part:
    """One series in a bar."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    x: float  # percent
    width: float  # percent
    parts: tuple[Part | None, ...]  # one for each series, lowest first; None: nothing to draw
    title: str
    is_known: bool = True  # False: a gap


def axis_for(highest: int) -> Axis:
    """Return the finest axis that reaches so high."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if _STEPS * factor * power >= highest:
                return Axis(factor * power)
        power *= 10


def bars_of(stacks: Sequence[tuple[int, ...] | None], titles: Sequence[str], axis: Axis) -> tuple[Bar, ...]:
    """Return a bar for each stack of counts, lowest series first; None is what nobody knows."""
    place = 100 / max(1, len(stacks))
    return tuple(
        Bar(
            x=index * place + place * (1 - _BAR_PART) / 2,
            width=place * _BAR_PART,
            parts=() if counts is None else _stacked(counts, axis),
            title=title,
            is_known=counts is not None,
        )
        for index, (counts, title) in enumerate(zip(stacks, titles, strict=True))
    )


def centre_of(index: int, count: int) -> float:
    """Return the middle of one of so many places, in percent."""
    return (index + 0.5) * 100 / count


def ticks_of(labels: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Return middle and label of every place that has a label."""
    count = len(labels)
    return tuple((centre_of(index, count), label) for index, label in enumerate(labels) if label)


def plot(
    bars: Iterable[Bar],
    axis: Axis,
    ticks: Iterable[tuple[float, str]],
    *,
    fills: Sequence[Attributes],
    life: tuple[float, float] | None = None,
) -> Element:
    """Draw stacked bars over an axis; `life` is where a line above them begins and ends, in percent."""
    head = _HEAD if life is None else _HEAD_OF_LIFE
    drawn = [*_grid(axis), *(_drawn_bar(bar, fills) for bar in bars), *_drawn_ticks(ticks)]
    above = [] if life is None else [_life_line(*life)]
    shifted = Element("svg", {"y": head, "overflow": "visible"}, tuple(drawn))
    return _svg("100%", PLOT_HEIGHT + _LABELS_HEIGHT + head, *above, shifted)


def axis_labels(axis: Axis, *, has_life: bool = False) -> Element:
    """Draw the column left of a plot."""
    head = _HEAD_OF_LIFE if has_life else _HEAD
    texts = (
        Element(
            "text",
            {"x": _AXIS_WIDTH - 8, "y": _px(axis.y(value) + head + 4), "text-anchor": "end"},
            (f"{value:,}",),
        )
        for value in axis.values
    )
    return _svg(_AXIS_WIDTH, PLOT_HEIGHT + _LABELS_HEIGHT + head, *texts)


def swatch(fill: Attributes) -> Element:
    """Draw what a series looks like, for its legend."""
    return _svg(12, 12, Element("rect", {"width": 12, "height": 12, **fill}))


def sparkline_path(counts: Sequence[int]) -> str:
    """Return one path with a bar of 2 pixels for each count: at least 1 high, and none for zero."""
    highest = max(counts, default=0)
    heights = [-(-_SPARK_HEIGHT * count // highest) if count else 0 for count in counts]
    return "".join(
        f"M{index * _SPARK_PITCH} {_SPARK_HEIGHT}v-{height}h{_SPARK_BAR}v{height}z"
        for index, height in enumerate(heights)
        if height
    )


def x_on_timeline(seconds_ahead: int) -> float:
    """Return where a moment lies, in percent; what is past lies in the band left of today."""
    whole = PAST_DAYS + FUTURE_DAYS
    if seconds_ahead < 0:
        age = min(-seconds_ahead / (EXPIRED_DAYS * _DAY_S), 1)
        return 100 * PAST_DAYS * (1 - sqrt(age)) / whole  # which keeps the last days apart
    return 100 * (PAST_DAYS + min(seconds_ahead / _DAY_S, FUTURE_DAYS)) / whole


def timeline(
    rows: Sequence[tuple[str, float]], weeks: Sequence[tuple[float, str]], soon: tuple[float, float]
) -> Element:
    """Draw a line and a marker for each row of (kind, percent), below labels of weeks; `soon` is a band."""
    height = _LABELS_HEIGHT + ROW_HEIGHT * len(rows)
    left, right = soon
    band: Attributes = {"x": _pc(left), "width": _pc(right - left), "y": _LABELS_HEIGHT}
    band["height"] = height - _LABELS_HEIGHT
    lines = [
        part
        for x, label in weeks
        for part in (
            _line(_pc(x), _pc(x), _LABELS_HEIGHT, height, "ks-plot__grid"),
            Element("text", {"x": _pc(x), "y": 12, "text-anchor": "middle"}, (label,)),
        )
    ]
    marks = [
        part
        for index, (kind, x) in enumerate(rows)
        for part in _drawn_row(kind, x, left, _LABELS_HEIGHT + ROW_HEIGHT * (index + 0.5))
    ]
    return _svg("100%", height, Element("rect", {**band, "class": "ks-plot__soon"}), *lines, *marks)


def marker(kind: str) -> Element:
    """Draw a shape for a legend."""
    return _svg(16, 16, Element("svg", {"x": 8, "y": 8, "overflow": "visible"}, (_shape(kind),)))


def heat_level(count: int, highest: int) -> int:
    """Return 0 for nothing, up to 4 for the highest."""
    return -(-LEVELS * count // highest) if count else 0


def _stacked(counts: tuple[int, ...], axis: Axis) -> tuple[Part | None, ...]:
    parts: list[Part | None] = []
    top = float(PLOT_HEIGHT)
    for count in counts:
        height = max(1.0, PLOT_HEIGHT * count / axis.top) if count else 0.0
        top -= height
        parts.append(Part(top, height) if count else None)
    return tuple(parts)


def _grid(axis: Axis) -> Iterator[Element]:
    for value in axis.values:
        yield _line("0", "100%", axis.y(value), axis.y(value), "ks-plot__grid")


def _drawn_bar(bar: Bar, fills: Sequence[Attributes]) -> Element:
    place: Attributes = {"x": _pc(bar.x), "width": _pc(bar.width)}
    if not bar.is_known:
        gap = Element("rect", {**place, "y": 0, "height": PLOT_HEIGHT, "class": "ks-plot__gap"})
        return Element("g", {}, (Element("title", {}, (bar.title,)), gap))
    rects = (
        Element("rect", {**place, "y": _px(part.y), "height": _px(part.height), **fill})
        for part, fill in zip(bar.parts, fills, strict=True)
        if part is not None
    )
    return Element("g", {}, (Element("title", {}, (bar.title,)), *rects))


def _drawn_ticks(ticks: Iterable[tuple[float, str]]) -> Iterator[Element]:
    for x, label in ticks:
        place: Attributes = {"x": _pc(x), "y": PLOT_HEIGHT + 15, "text-anchor": "middle"}
        yield Element("text", place, (label,))


def _life_line(start: float, end: float) -> Element:
    y = _LABELS_HEIGHT // 2
    line = _line(_pc(max(0, start)), _pc(min(_WHOLE, end)), y, y, "ks-plot__life")
    ends = (("created", start), ("expired", end))
    return Element("g", {}, (line, *(_placed(kind, x, y) for kind, x in ends if 0 <= x <= _WHOLE)))


def _drawn_row(kind: str, x: float, today: float, y: float) -> tuple[Element, Element]:
    left, right = sorted((x, today))
    return _line(_pc(left), _pc(right), y, y, f"ks-plot__line ks-plot__line--{kind}"), _placed(kind, x, y)


def _placed(kind: str, x: float, y: Number) -> Element:
    return Element("svg", {"x": _pc(x), "y": _px(y), "overflow": "visible"}, (_shape(kind),))


def _shape(kind: str) -> Element:
    shapes = {
        "expired": "M-5-5 5 5M5-5-5 5",
        "soon": "M0-6 6 5H-6z",
        "created": "M0-5 5 4H-5z",
        "later": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    }
    return Element("path", {"d": shapes[kind], "class": f"ks-mark ks-mark--{kind}"})


def _line(x1: str, x2: str, y1: Number, y2: Number, kind: str) -> Element:
    return Element("line", {"x1": x1, "x2": x2, "y1": _px(y1), "y2": _px(y2), "class": kind})


def _svg(width: str | int, height: Number, *children: Element) -> Element:
    attributes: Attributes = {"width": width, "height": _px(height), "aria-hidden": "true"}
    return Element("svg", {**attributes, "overflow": "visible"}, children)


def _pc(percent: float) -> str:
    return f"{round(percent, 2):g}%"


def _px(pixels: Number) -> Number:
    return round(pixels, 1)


def _printed(element: Element) -> Iterator[str]:
    attributes = "".join(f' {name}="{_text(value)}"' for name, value in element.attributes.items())
    yield f"<{element.name}{attributes}>"
    for child in element.children:
        if isinstance(child, Element):
            yield from _printed(child)
        else:
            yield escape(child)
    yield f"</{element.name}>"


def _text(value: str | Number) -> str:
    return escape(value) if isinstance(value, str) else f"{value:g}"
