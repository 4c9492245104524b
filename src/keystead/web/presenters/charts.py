"""Counts of requests as charts, in words and numbers. Days and hours are in UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import Outcome
from keystead.core.usage.span import HOURS_A_WEEK, Bucket, Span, Step
from keystead.web.charts import (
    Attributes,
    axis_for,
    axis_labels,
    bars_of,
    heat_level,
    plot,
    sparkline_path,
    swatch,
    ticks_of,
)
from keystead.web.views.charts import Chart, Heat, HeatCell, HeatRow, Sign, Spark
from keystead.web.wording import plural, thousands

NO_DATA = "No data"
NO_REQUESTS = Spark("", "No requests")
SERIES: Mapping[Outcome, tuple[str, Attributes]] = {
    Outcome.ALLOWED: ("Allowed", {"class": "ks-plot__allowed"}),
    Outcome.DENIED: ("Denied (403)", {"fill": "url(#ks-denied)"}),  # the stylesheet cannot: it has no such id
    Outcome.REFUSED: ("Refused (401)", {"fill": "url(#ks-refused)"}),
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK, _FORTNIGHT, _MONTH = 7, 14, 31  # days between labels, and up to how many there is one each week
_QUARTER, _DAY = 6, 24  # hours likewise
_MANY_HOURS = 120  # from which on every other day has a label: a narrow page has no room for more


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn: buckets of a span, and which outcomes of them."""

    span: Span
    buckets: Sequence[Bucket]
    outcomes: tuple[Outcome, ...] = tuple(Outcome)

    def counts_of(self, bucket: Bucket) -> tuple[int, ...]:
        return tuple(bucket.of(outcome) for outcome in self.outcomes)

    def total_of(self, bucket: Bucket) -> int:
        return sum(self.counts_of(bucket))

    @property
    def highest(self) -> int:
        return max(map(self.total_of, self.buckets), default=0)


def chart_of(drawn: Drawn, *, life: tuple[float, float] | None = None) -> Chart:
    """`life` is where a line above the bars begins and ends, in percent of the span."""
    step = drawn.span.step
    axis = axis_for(drawn.highest)
    series = [SERIES[outcome] for outcome in drawn.outcomes]
    stacks = [drawn.counts_of(bucket) if bucket.is_known else None for bucket in drawn.buckets]
    bars = bars_of(stacks, [_title(drawn, bucket) for bucket in drawn.buckets], axis)
    labels = _labels(drawn.span)
    return Chart(
        title=f"Requests per {step.value}",
        sentence=_sentence(drawn),
        signs=tuple(Sign(label, swatch(fill)) for label, fill in series),
        axis=axis_labels(axis, has_life=life is not None),
        plot=plot(bars, axis, ticks_of(labels), fills=[fill for _, fill in series], life=life),
        heads=(f"{step.value.capitalize()} (UTC)", *(label for label, _ in series)),
        rows=tuple(_row(drawn, bucket) for bucket in drawn.buckets),
    )


def position_in(span: Span, at: int) -> float:
    """Return where a moment lies in a span, in percent; below 0 or above 100 outside of it."""
    return 100 * (at - span.start) / (span.end - span.start)


def spark_of(counts: Sequence[int]) -> Spark:
    """Return the sparkline of the last 30 days; no counts are no requests."""
    requests = sum(counts)
    if not requests:
        return NO_REQUESTS
    return Spark(sparkline_path(counts), f"Used {plural(requests, 'time')} in the last 30 days")


def heat_of(weekly: Mapping[int, Bucket], outcomes: tuple[Outcome, ...]) -> Heat:
    """Return requests by hour and weekday."""
    counts = [0] * HOURS_A_WEEK
    for slot, bucket in weekly.items():
        counts[slot] = sum(bucket.of(outcome) for outcome in outcomes)
    highest = max(counts)
    rows = (
        HeatRow(day, tuple(_heat_cell(count, highest) for count in counts[index * _DAY : (index + 1) * _DAY]))
        for index, day in enumerate(_WEEKDAYS)
    )
    hours = tuple(f"{hour:02}" for hour in range(_DAY))
    return Heat("Requests by weekday and hour, last 30 days (UTC)", hours, tuple(rows))


def day_text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def start_text(at: UnixSeconds, step: Step) -> str:
    form = "%Y-%m-%d %H:%M" if step is Step.HOUR else "%Y-%m-%d"
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _heat_cell(count: int, highest: int) -> HeatCell:
    return HeatCell(thousands(count), heat_level(count, highest))


def _sentence(drawn: Drawn) -> str:
    step = drawn.span.step
    last = drawn.buckets[-1]
    present = "this hour" if step is Step.HOUR else "today"
    return (
        f"Requests per {step.value}, {plural(len(drawn.buckets), step.value)} to {day_text(last.start)}. "
        f"Highest {thousands(drawn.highest)}, {present} {thousands(drawn.total_of(last))}."
    )


def _title(drawn: Drawn, bucket: Bucket) -> str:
    start = start_text(bucket.start, drawn.span.step)
    if not bucket.is_known:
        return f"{start}: {NO_DATA}"
    counts = zip(drawn.counts_of(bucket), drawn.outcomes, strict=True)
    told = ", ".join(f"{thousands(count)} {outcome.value}" for count, outcome in counts if count)
    return f"{start}: {told or '0'}"


def _row(drawn: Drawn, bucket: Bucket) -> tuple[str, ...]:
    counts = map(thousands, drawn.counts_of(bucket))
    start = start_text(bucket.start, drawn.span.step)
    return (start, *(counts if bucket.is_known else [NO_DATA] * len(drawn.outcomes)))


def _labels(span: Span) -> list[str]:
    """Return the label of each bucket: "" for most."""
    starts = [datetime.fromtimestamp(start, UTC) for start in span.starts]
    if span.step is Step.DAY:
        every = _WEEK if len(starts) <= _MONTH else _FORTNIGHT
        return [start.strftime("%m-%d") if index % every == 0 else "" for index, start in enumerate(starts)]
    if len(starts) <= _DAY:
        return [start.strftime("%H:%M") if start.hour % _QUARTER == 0 else "" for start in starts]
    midnights = [start for start in starts if start.hour == 0][:: len(starts) // _MANY_HOURS + 1]
    return [start.strftime("%m-%d") if start in midnights else "" for start in starts]
