"""The use of a key, a token or an account, in words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from starlette.responses import Response

from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import Outcome
from keystead.core.usage.span import Bucket, Span
from keystead.http.render import rfc3339
from keystead.usecases.use_counts import Counted
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.links import Pairs
from keystead.web.presenters.charts import Drawn, chart_of, day_text, heat_of, position_in, start_text
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.parts import LAG_S, lag_words
from keystead.web.use_search import RANGES, UseSearch
from keystead.web.views.frame import Entry
from keystead.web.views.usage import Event, Usage
from keystead.web.wording import plural, thousands

_WORDS = {"24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d"}
_OUTCOMES = (("All", None), *((outcome.value.capitalize(), outcome) for outcome in Outcome))
_FIRST = ((Outcome.DENIED, "first denied requests (403)"), (Outcome.REFUSED, "first refused requests (401)"))


@dataclass(frozen=True, slots=True)
class Used:
    """What was counted, and from when to when the thing lives."""

    counted: Counted
    created_at: UnixSeconds | None = None  # None: no line of its life is drawn
    expires_at: UnixSeconds | None = None  # None: never


def usage_of(
    viewer: Viewer,
    used: Used,
    search: UseSearch,
    *,
    was_used: bool,
    page: Callable[[Pairs], str],
    csv: Callable[[Pairs], str],
) -> Usage:
    """`was_used` says whether it ever was; `page` and `csv` give addresses of the view and of its file."""
    span = search.span(viewer.now)
    buckets, weekly = used.counted.buckets, used.counted.weekly
    drawn = Drawn(span, buckets, search.outcomes)
    is_used = was_used or any(bucket.total for bucket in (*buckets, *weekly.values()))
    since = "" if all(bucket.is_known for bucket in buckets) else day_text(used.counted.known_from)
    plain = search.at()
    return Usage(
        ranges=tuple(
            Entry(_WORDS[within], "", page(replace(plain, within=within).pairs), within == search.within)
            for within in RANGES
        ),
        outcomes=tuple(
            Entry(label, "", page(replace(plain, outcome=outcome).pairs), outcome == search.outcome)
            for label, outcome in _OUTCOMES
        ),
        csv_url=csv(plain.pairs),
        total=_total(drawn),
        chart=chart_of(drawn, life=_life(drawn, used)) if is_used else None,
        heat=heat_of(weekly, search.outcomes) if is_used else None,
        events=tuple(_events(drawn, used, viewer.now)),
        counted_since=f"Usage has been counted since {since}." if since else "",
        lag=lag_words(LAG_S),
    )


def usage_file(buckets: Iterable[Bucket], search: UseSearch, span: Span, *, name: str) -> Response:
    """Answer with the counts of each hour or day; where nothing is kept the cells are empty."""
    outcomes = search.outcomes
    rows = (
        (
            rfc3339(bucket.start),
            *((bucket.of(outcome) if bucket.is_known else None) for outcome in outcomes),
        )
        for bucket in buckets
    )
    head = (span.step.value, *(outcome.value for outcome in outcomes))
    return download(csv_parts(head, [rows]), name=f"{name}.csv", media_type=CSV)


def _total(drawn: Drawn) -> str:
    sums = [
        (sum(bucket.of(outcome) for bucket in drawn.buckets), outcome.value) for outcome in drawn.outcomes
    ]
    told = ", ".join(f"{thousands(count)} {word}" for count, word in sums)
    return f"{plural(sum(count for count, _ in sums), 'request')}: {told}"


def _life(drawn: Drawn, used: Used) -> tuple[float, float] | None:
    if used.created_at is None:
        return None
    start = position_in(drawn.span, used.created_at)
    end = position_in(drawn.span, used.expires_at or drawn.span.end + 1)
    return (start, end) if end > 0 and start < position_in(drawn.span, drawn.span.end) else None


def _events(drawn: Drawn, used: Used, now: UnixSeconds) -> Iterator[Event]:
    """Yield what happened within the span, oldest first."""
    found: list[tuple[int, str]] = []
    for outcome, words in _FIRST:
        first = next((bucket.start for bucket in drawn.buckets if bucket.of(outcome)), None)
        if first is not None and outcome in drawn.outcomes:
            found.append((first, words))
    for moment, words in ((used.created_at, "created"), (used.expires_at, "expired")):
        if moment is not None and drawn.span.start <= moment < min(drawn.span.end, now + 1):
            found.append((moment, words))
    for at, words in sorted(found):
        yield Event(start_text(UnixSeconds(at), drawn.span.step), words)
