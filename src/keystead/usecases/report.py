"""Credentials that somebody should look at: what ends soon, is not used, or never ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.visible import visible_ids
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ReportPlaceUnknown
from keystead.core.credentials.report import (
    BY_EXPIRY,
    ON_THE_WIRE,
    Measure,
    Reason,
    Reported,
    kind_of,
    order_of,
    place_in,
)
from keystead.core.paging import Cursor, Order, get_cursor_or_none
from keystead.storage import report as rows
from keystead.storage.report import Readable, ReportFilter
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.transaction import Transaction

_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Which credentials are wanted."""

    measure: Measure
    reason: Reason | None = None  # None: any that goes over the wire
    shows_keys: bool = True
    shows_tokens: bool = True
    query: str = ""
    owner: str = ""
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class Report:
    """Some of the rows, and how many there are for each reason. A count above `COUNTED_TO` means: more."""

    items: tuple[Reported, ...]
    before: str
    after: str
    counts: Mapping[Reason, int]


def list_report(db: Connection, by: Principal, asked: ReportAsked, *, limit: int) -> Report:
    """Return what follows on a place, with two statements. Raises PermissionMissing, ReportPlaceUnknown."""
    which, order = filter_of(by, asked), order_of(asked.reason)
    place = get_cursor_or_none(asked.after, order, kind_of(order))
    if asked.after and place is None:
        raise ReportPlaceUnknown
    found = rows.list_reported(db, by.org_here, which, place=place, limit=limit + 1)
    after = str(place_in(found[limit - 1], order)) if len(found) > limit else ""
    return Report(tuple(found[:limit]), "", after, rows.count_reasons(db, by.org_here, which, ON_THE_WIRE))


def list_report_page(db: Connection, by: Principal, asked: ReportAsked) -> Report:
    """Return a page, with two statements; a place that is none means the first. Raises PermissionMissing."""
    which = filter_of(by, asked)
    page = cut(db, by, which, asked, order_of(asked.reason))
    return Report(page.rows, page.before, page.after, rows.count_reasons(db, by.org_here, which))


def walk(
    read: Transaction, by: Principal, asked: ReportAsked, *, size: int
) -> Iterator[tuple[Reported, ...]]:
    """Yield all rows of a list piece by piece, each read in a transaction of its own.

    Raises PermissionMissing.
    """
    which, order = filter_of(by, asked), order_of(asked.reason)
    place: Cursor | None = None
    while True:
        with read() as db:
            found = rows.list_reported(db, by.org_here, which, place=place, limit=size)
        yield tuple(found)
        if len(found) < size:
            return
        place = place_in(found[-1], order)


def list_ending_page(db: Connection, by: Principal, asked: ReportAsked, ends: tuple[int, int]) -> Report:
    """Return a page of what ends between two moments, by its end, with one statement.

    Raises PermissionMissing.
    """
    page = cut(db, by, replace(filter_of(by, asked), ends=ends), asked, BY_EXPIRY)
    return Report(page.rows, page.before, page.after, {})


def has_any(db: Connection, by: Principal) -> bool:
    """Say whether there is any credential that the caller may read. Raises PermissionMissing."""
    return rows.is_any(db, by.org_here, filter_of(by, ReportAsked(Measure(UnixSeconds(0)))).readable)


def count_by_day(
    db: Connection, by: Principal, measure: Measure, ends: tuple[int, int]
) -> dict[UnixSeconds, int]:
    """Return how many end on each day, in UTC, with one statement. Raises PermissionMissing."""
    return rows.count_by_day(db, by.org_here, replace(filter_of(by, ReportAsked(measure)), ends=ends))


def count_all(
    db: Connection, by: Principal, measure: Measure, ends: tuple[int, int]
) -> tuple[Mapping[Reason, int], int, int]:
    """Return the counts of all reasons, of API keys, and of what ends between two moments.

    With one statement; none goes further than a list tells. Raises PermissionMissing.
    """
    return rows.count_all(db, by.org_here, filter_of(by, ReportAsked(measure)), ends)


def list_around(
    db: Connection,
    by: Principal,
    measure: Measure,
    *,
    past: tuple[int, int],
    soon: tuple[int, int],
    most: int,
) -> list[Reported]:
    """Return the last that ended in one time and the first that end in another, by date; so many of each.

    With one statement. Raises PermissionMissing.
    """
    which = filter_of(by, ReportAsked(measure))
    found = rows.list_around(db, by.org_here, which, past=past, soon=soon, most=most)
    return sorted(found, key=lambda one: (one.expires_at or 0, one.id))


def list_chosen(db: Connection, by: Principal, measure: Measure, ids: frozenset[int]) -> list[Reported]:
    """Return those of the credentials that are there and may be read, by name. Raises PermissionMissing."""
    which = replace(filter_of(by, ReportAsked(measure)), only=ids)
    return rows.list_chosen(db, by.org_here, which)


def filter_of(by: Principal, asked: ReportAsked) -> ReportFilter:
    keys = visible_ids(by.grants, Action.API_KEYS_READ, "apikeys")
    accounts = visible_ids(by.grants, Action.SERVICE_ACCOUNTS_READ, "serviceaccounts")
    readable = Readable(keys if asked.shows_keys else _NOTHING, accounts if asked.shows_tokens else _NOTHING)
    return ReportFilter(readable, asked.measure, asked.reason, None, asked.query, asked.owner)


def cut(
    db: Connection, by: Principal, which: ReportFilter, asked: ReportAsked, order: Order
) -> Cut[Reported]:
    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[Reported]:  # noqa: FBT001 - as it is called
        return rows.list_reported(
            db, by.org_here, which, place=place, is_backward=is_backward, order=order, limit=limit
        )

    places = (get_cursor_or_none(text, order, kind_of(order)) for text in (asked.after, asked.before))
    return cut_page(*places, list_from=list_from, place_of=lambda one: place_in(one, order))
