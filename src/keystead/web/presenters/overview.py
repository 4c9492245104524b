"""The first page, in words."""

from keystead.core.access.roles import Role
from keystead.core.credentials.report import UNUSED_DAYS, Reason
from keystead.core.paging import COUNTED_TO
from keystead.usecases.overview import Overview
from keystead.web.presenters.charts import Drawn, chart_of
from keystead.web.presenters.expiries import calendar_of, this_week, timeline_of
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


def overview_page(viewer: Viewer, seen: Overview) -> OverviewPage:
    links = viewer.links
    drawn = None if seen.buckets is None else Drawn(seen.span, seen.buckets)
    return OverviewPage(
        document=document_of(viewer, Place.OVERVIEW),
        frame=frame_of(viewer, Place.OVERVIEW),
        tiles=_tiles(viewer, seen),
        chart=None if drawn is None else chart_of(drawn),
        no_chart="" if drawn is not None else _HIDDEN,
        lag=lag_words(LAG_S),
        calendar=calendar_of(viewer, seen.by_day, start=this_week(viewer), weeks=WEEKS),
        calendar_url=links.expiry(),
        timeline=timeline_of(viewer, seen.ending, more_url=links.expiry((("view", "timeline"),)))
        if seen.ending.rows
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


def _tiles(viewer: Viewer, seen: Overview) -> tuple[Tile, ...]:
    links = viewer.links
    tiles = [
        Tile(counted_number(seen.counts[reason]), label, links.health((("reason", reason.value),)), kind)
        for reason, label, kind in _TILES
    ]
    if seen.keys:
        keys_url = links.api_keys((("includeExpired", "on"),))
        url = links.migration() if viewer.opens_migration else keys_url
        tiles.append(Tile(counted_number(seen.keys), "API keys to migrate", url, "ok"))
    return tuple(tiles)
