"""The first page, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import UNUSED_DAYS, Reason, Reported
from keystead.core.paging import COUNTED_TO
from keystead.core.usage.span import Bucket, Span
from keystead.web.presenters.charts import Drawn, chart_of
from keystead.web.presenters.expiries import calendar_of, date_of, first_weekday, timeline_of, week_of
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import LAG_S, lag_words
from keystead.web.views.frame import Link
from keystead.web.views.overview import AccessPage, NothingYetPage, OverviewPage, Tile
from keystead.web.wording import thousands

WEEKS = 5  # of the calendar, the present one first
_HIDDEN = "Only who may read every API key and every service account sees the requests of the organization."
_TILES = (
    (Reason.EXPIRING, "Expire within 7 days", "warn"),
    (Reason.EXPIRED, "Expired", "bad"),
    (Reason.UNUSED, f"Unused for {UNUSED_DAYS} days", "warn"),
    (Reason.NEVER_USED, "Never used", "warn"),
    (Reason.NO_EXPIRATION, "No expiration date", ""),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the page tells, as the database has it."""

    counts: Mapping[Reason, int]
    keys: int | None  # None: may not be read
    span: Span
    buckets: tuple[Bucket, ...] | None  # None: hold what may not be read
    by_day: Mapping[UnixSeconds, int]
    ending: tuple[Reported, ...]  # by date
    more: int


def overview_page(viewer: Viewer, known: Known) -> OverviewPage:
    links = viewer.links
    drawn = None if known.buckets is None else Drawn(known.span, known.buckets)
    start = week_of(date_of(viewer.now), first_weekday(viewer.week_start))
    return OverviewPage(
        document=document_of(viewer, Place.OVERVIEW),
        frame=frame_of(viewer, Place.OVERVIEW),
        tiles=_tiles(viewer, known),
        chart=None if drawn is None else chart_of(drawn),
        no_chart="" if drawn is not None else _HIDDEN,
        lag=lag_words(LAG_S),
        calendar=calendar_of(viewer, known.by_day, start=start, weeks=WEEKS),
        calendar_url=links.expiry(),
        timeline=timeline_of(
            viewer, known.ending, more=known.more, more_url=links.expiry((("view", "timeline"),))
        )
        if known.ending
        else None,
    )


def nothing_yet_page(viewer: Viewer, *, creates_keys: bool, creates_accounts: bool) -> NothingYetPage:
    links = viewer.links
    shown = (
        (creates_keys, Link("New API key", links.adding_api_key())),
        (creates_accounts, Link("Add service account", links.new_service_account())),
    )
    return NothingYetPage(
        document=document_of(viewer, Place.OVERVIEW),
        frame=frame_of(viewer, Place.OVERVIEW),
        links=tuple(link for is_shown, link in shown if is_shown),
    )


def access_page(viewer: Viewer, role: Role | None, *, is_server_admin: bool) -> AccessPage:
    return AccessPage(
        document=document_of(viewer, Place.OVERVIEW),
        frame=frame_of(viewer, Place.OVERVIEW),
        organization=viewer.org_name,
        role="" if role is None else role.value,
        is_server_admin=is_server_admin,
        profile_url=viewer.links.profile(),
    )


def counted_number(count: int) -> str:
    return f"{thousands(COUNTED_TO)}+" if count > COUNTED_TO else thousands(count)


def _tiles(viewer: Viewer, known: Known) -> tuple[Tile, ...]:
    links = viewer.links
    tiles = [
        Tile(counted_number(known.counts[reason]), label, links.health((("reason", reason.value),)), kind)
        for reason, label, kind in _TILES
    ]
    if known.keys:
        url = links.api_keys((("includeExpired", "on"),))
        tiles.append(Tile(counted_number(known.keys), "API keys to migrate", url, "ok"))
    return tuple(tiles)
