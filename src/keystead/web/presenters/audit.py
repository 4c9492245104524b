"""The log of changes, in words."""

from collections.abc import Callable, Iterable
from datetime import UTC

from keystead.core.changes.change import ActorKind, Change, ChangeId
from keystead.core.changes.search import MOST_COUNTED, Recorded
from keystead.core.clock import UnixSeconds
from keystead.usecases.paging import Cut
from keystead.web.audit_search import AuditSearch
from keystead.web.links import Links
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import pager_of
from keystead.web.times import moment
from keystead.web.views.audit import (
    AuditBar,
    AuditLog,
    AuditNews,
    AuditPage,
    EventRow,
    EventsTable,
    Fact,
)
from keystead.web.views.frame import Choice, Link
from keystead.web.views.parts import Pager
from keystead.web.wording import plural, thousands

RESULTS = ("success",)
_MOMENTS = ("_at", "_until")  # how the names of details end that are moments
_ACTORS = {ActorKind.API_KEY: "API key", ActorKind.SERVICE_ACCOUNT: "service account"}


def audit_page(
    viewer: Viewer, found: Cut[Recorded], search: AuditSearch, *, actions: Iterable[str], newest: ChangeId
) -> AuditPage:
    return AuditPage(
        document=document_of(viewer, Place.AUDIT),
        frame=frame_of(viewer, Place.AUDIT),
        bar=_bar(viewer, search, actions),
        log=audit_log(viewer, found, search, newest=newest),
    )


def audit_log(viewer: Viewer, found: Cut[Recorded], search: AuditSearch, *, newest: ChangeId) -> AuditLog:
    links, exact = viewer.links, search.exact(viewer.zone.clock)
    return AuditLog(
        news=audit_news(links, search, newest, count=0) if search.is_live else None,
        table=events_table(
            viewer,
            found,
            lambda after, before: links.audit(search.at(after=after, before=before).pairs),
            nothing="No events match these filters." if search.has_filter else "No events yet.",
            clear_url=links.audit() if search.has_filter else "",
        ),
        csv_url=links.audit_csv(exact),
        json_lines_url=links.audit_json_lines(exact),
    )


def audit_news(links: Links, search: AuditSearch, newest: ChangeId, *, count: int) -> AuditNews:
    """`count` is how many came since `newest`, counted to one more than the most."""
    more = f"more than {MOST_COUNTED} new events"
    words = more if count > MOST_COUNTED else plural(count, "new event")
    return AuditNews(
        poll_url=links.audit((*search.at().pairs, ("newest", str(newest)))),
        show_url=links.audit(search.at().pairs),
        words=f"Show {words}" if count else "",
    )


def events_table(
    viewer: Viewer,
    found: Cut[Recorded],
    address: Callable[[str, str], str],
    *,
    nothing: str,
    clear_url: str = "",
) -> EventsTable:
    """Return a page of events for any page; `address` takes the cursors `after` and `before`."""
    pager: Pager | None = pager_of(address, found.before, found.after)
    rows = tuple(_row(viewer, recorded) for recorded in found.rows)
    count = plural(len(rows), "event") + (" on this page" if pager else "")
    return EventsTable(rows, count, nothing, clear_url, pager)


def _bar(viewer: Viewer, search: AuditSearch, actions: Iterable[str]) -> AuditBar:
    return AuditBar(
        action_url=viewer.links.audit(),
        query=search.query,
        since=search.since,
        until=search.until,
        actor=search.actor,
        target=search.target,
        actions=_choices("Any", actions, search.action),
        results=_choices("All", RESULTS, search.result),
        is_live=search.is_live,
        zone=viewer.zone.name if viewer.zone.clock is not UTC else "UTC",
    )


def _choices(whichever: str, known: Iterable[str], chosen: str) -> tuple[Choice, ...]:
    """What the address asks for can be chosen, also when the log does not know it."""
    words = sorted({*known, chosen} - {""})
    return (Choice("", whichever, not chosen), *(Choice(word, word, word == chosen) for word in words))


def _row(viewer: Viewer, recorded: Recorded) -> EventRow:
    change = recorded.change
    return EventRow(
        number=thousands(change.id),
        at=moment(change.at, viewer.now, viewer.zone),
        actor=change.actor.login,
        action=change.action,
        target=change.target_name or f"{change.target_kind} {change.target_id}",
        result=change.result,
        address=change.address,
        facts=tuple(_facts(viewer, change)),
        hash=recorded.hash.hex(),
        more=_more(viewer.links, change),
    )


def _facts(viewer: Viewer, change: Change) -> Iterable[Fact]:
    actor = change.actor
    by = _ACTORS.get(actor.kind, actor.kind.value)
    yield Fact("Actor", f"{by} {actor.id}" if actor.id else by)
    if actor.credential_id is not None:
        yield Fact("Credential", str(actor.credential_id))
    yield Fact("Target", f"{change.target_kind} {change.target_id}")
    for name, value in change.detail.items():
        yield _fact(viewer, name, value)
    if change.request_id:
        yield Fact("Request", change.request_id)


def _fact(viewer: Viewer, name: str, value: str | int | bool | None) -> Fact:  # noqa: FBT001 - one of the values of a detail
    label = name.replace("_", " ").capitalize()
    if isinstance(value, bool):
        return Fact(label, "yes" if value else "no")
    if isinstance(value, int) and name.endswith(_MOMENTS):
        return Fact(label, "", moment(UnixSeconds(value), viewer.now, viewer.zone))
    return Fact(label, "none" if value is None or value == "" else str(value))


def _more(links: Links, change: Change) -> tuple[Link, ...]:
    actor = change.actor
    number = actor.credential_id if actor.kind is ActorKind.API_KEY else actor.id
    about = AuditSearch(target=f"{change.target_kind}:{change.target_id}")
    by = AuditSearch(actor=f"{actor.kind.value}:{number}")
    return (
        Link("All events of this target", links.audit(about.pairs)),
        Link("All events by this actor", links.audit(by.pairs)),
    )
