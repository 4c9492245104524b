"""Ends of credentials as a calendar and as a timeline. Days are in UTC."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import SOON_S
from keystead.core.credentials.report import Reported
from keystead.usecases.overview import FUTURE_DAYS, Ending
from keystead.web.charts import marker, timeline, x_on_timeline
from keystead.web.presenters.frame import Viewer
from keystead.web.times import moment
from keystead.web.views.charts import Calendar, CalendarDay, Sign, Timeline, TimelineRow
from keystead.web.wording import counted, plural

DAY_S = 86_400
WEEK = 7
_MOST_SHOWN = 99
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
_KINDS = (("expired", "Expired"), ("soon", "Within 7 days"), ("later", "Later"))
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def first_weekday(week_start: str) -> int:
    """Return the first day of the week of a preference; 0 is Monday."""
    return {"sunday": SUNDAY, "saturday": SATURDAY}.get(week_start, MONDAY)


def week_of(day: date, first: int) -> date:
    """Return the first day of the week in which the day lies."""
    return day - timedelta(days=(day.weekday() - first) % WEEK)


def this_week(viewer: Viewer) -> date:
    """Return the first day of the week, as the viewer's weeks begin."""
    return week_of(date_of(viewer.now), first_weekday(viewer.week_start))


def weeks_from(viewer: Viewer, weeks: int) -> tuple[int, int]:
    """Return from when until when so many weeks last, the present one first."""
    start = second_of(this_week(viewer))
    return start, start + weeks * WEEK * DAY_S


def second_of(day: date) -> UnixSeconds:
    return UnixSeconds(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))


def date_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def calendar_of(
    viewer: Viewer,
    counts: Mapping[UnixSeconds, int],
    *,
    start: date,
    weeks: int,
    month: date | None = None,
) -> Calendar:
    """Return so many weeks from a day on; days outside of the month, if there is one, are muted."""
    days = [start + timedelta(days=number) for number in range(WEEK * weeks)]
    cells = [_day(viewer, day, counts.get(second_of(day), 0), month) for day in days]
    named = f"{month:%B %Y}" if month is not None else f"{days[0]} to {days[-1]}"
    return Calendar(
        caption=f"When API keys and tokens expire, {named}",
        heads=tuple(_WEEKDAYS[day.weekday()] for day in days[:WEEK]),
        weeks=tuple(tuple(cells[index : index + WEEK]) for index in range(0, len(cells), WEEK)),
    )


def timeline_of(viewer: Viewer, ending: Ending, *, more_url: str) -> Timeline:
    """Return a row for each that ends, and how many more there are in the next 35 days."""
    now, shown, more = viewer.now, ending.rows, ending.more
    ends = [one.expires_at or now for one in shown]
    drawn = [(kind_of(end, now), x_on_timeline(end - now)) for end in ends]
    today = second_of(date_of(now))
    weeks = [
        (x_on_timeline(WEEK * DAY_S * week), f"{date_of(today + WEEK * DAY_S * week):%m-%d}")
        for week in range(FUTURE_DAYS // WEEK)
    ]
    labels = dict(_KINDS)
    return Timeline(
        sentence=_sentence(drawn),
        signs=tuple(Sign(label, marker(kind)) for kind, label in _KINDS),
        plot=timeline(drawn, weeks, (x_on_timeline(0), x_on_timeline(SOON_S))),
        rows=tuple(
            TimelineRow(full_name(one), url_of(viewer, one), labels[kind], moment(end, now, viewer.zone))
            for one, end, (kind, _) in zip(shown, ends, drawn, strict=True)
        ),
        more=f"{counted(more, 'more credential')} in the next {FUTURE_DAYS} days" if more else "",
        more_url=more_url,
    )


def kind_of(ends_at: int, now: int) -> str:
    if ends_at <= now:
        return "expired"
    return "soon" if ends_at - now <= SOON_S else "later"


def full_name(credential: Reported) -> str:
    """Return the name, for a token behind that of its account."""
    return credential.name if credential.is_key else f"{credential.owner_name} / {credential.name}"


def url_of(viewer: Viewer, credential: Reported) -> str:
    if credential.owner is None:
        return viewer.links.api_key(credential.id)
    return viewer.links.token(credential.owner, credential.id, "usage")


def ending_words(count: int, *, is_past: bool) -> str:
    """Return `1 credential expires`, `2 credentials expire` or `2 credentials expired`."""
    verb = "expired" if is_past else ("expires" if count == 1 else "expire")
    return f"{counted(count, 'credential')} {verb}"


def _day(viewer: Viewer, day: date, count: int, month: date | None) -> CalendarDay:
    start = second_of(day)
    today = second_of(date_of(viewer.now))
    is_outside = month is not None and (day.year, day.month) != (month.year, month.month)
    return CalendarDay(
        number=f"{day.day}",
        count=_short(count) if count else "",
        url=viewer.links.expiry((("view", "list"), ("day", f"{day}"))) if count else "",
        label=f"{day.day}, {ending_words(count, is_past=start < today)}" if count else "",
        kind=_kind_of_day(start, today) if count else "",
        is_today=start == today,
        is_outside=is_outside,
    )


def _short(count: int) -> str:
    """Return what fits into a day; its label tells the rest."""
    return f"{_MOST_SHOWN}+" if count > _MOST_SHOWN else str(count)


def _kind_of_day(start: int, today: int) -> str:
    if start < today:
        return "expired"
    return "soon" if start - today <= SOON_S else "later"


def _sentence(drawn: Sequence[tuple[str, float]]) -> str:
    kinds = [kind for kind, _ in drawn]
    counts = ", ".join(f"{kinds.count(kind)} {label.lower()}" for kind, label in _KINDS)
    return f"When {plural(len(drawn), 'credential')} end: {counts}."
