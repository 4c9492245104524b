"""What a migration of all API keys would do, computed without writing: page by page, or all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.listing import BY_NAME, place_of
from keystead.core.credentials.model import ApiKey
from keystead.core.migration.errors import KeyAboveOwn
from keystead.core.migration.model import KeyResult, KeyTotals
from keystead.core.migration.names import AccountNames, account_names, names_in_the_way, plan_of
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.storage import credentials, serviceaccounts
from keystead.storage import migration as rows
from keystead.storage.credentials import KeyFilter
from keystead.usecases.migration import free_names
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.transaction import Transaction

AT_ONCE = 500  # keys a transaction of the whole plan


@dataclass(frozen=True, slots=True)
class PlanPageAsked:
    """Which page of a plan or of results is wanted; whatever makes no sense means the first one, by name."""

    query: str = ""
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class PlanPage:
    page: Cut[KeyResult]
    shown: int  # on all pages
    totals: KeyTotals  # of all keys, whatever the query; a count above `paging.COUNTED_TO` means: more
    is_above_own: bool  # some key has a role above the caller's, so all of them cannot be migrated


def count_totals(db: Connection, by: Principal, *, clock: Clock) -> KeyTotals:
    """Raises PermissionMissing."""
    return count(db, by.org_here, KeyFilter(), now=clock())


def preview(db: Connection, by: Principal, asked: PlanPageAsked, *, clock: Clock) -> PlanPage:
    """Return a page of the plan by name, of all keys of the organization. Raises PermissionMissing."""
    org, which = by.org_here, KeyFilter(query=asked.query)

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[ApiKey]:  # noqa: FBT001 - as it is called
        order = replace(BY_NAME, is_descending=is_backward)
        return credentials.list_keys_from(db, org, which, order=order, place=place, limit=limit)

    after, before = (get_cursor_or_none(text, BY_NAME, str) for text in (asked.after, asked.before))
    cut = cut_page(after, before, list_from=list_from, place_of=place_of_key)
    now = clock()
    counted = count(db, org, KeyFilter(), now=now)
    return PlanPage(
        Cut(planned_apart(db, org, cut.rows), cut.before, cut.after),
        count(db, org, which, now=now).all if asked.query else counted.all,
        counted,
        rows.is_any_key_above(db, org, by.role),
    )


def count(db: Connection, org: OrgId, which: KeyFilter, *, now: UnixSeconds) -> KeyTotals:
    counted = credentials.count_keys(db, org, which, now=now)
    return KeyTotals(counted.alive, counted.expired)


def plan(read: Transaction, by: Principal) -> Iterator[list[KeyResult]]:
    """Yield the whole plan by name, some hundred keys at a time, each part read by itself.

    Raises PermissionMissing, KeyAboveOwn.
    """
    place, given = None, set[str]()
    while True:
        with read() as db:
            if rows.is_any_key_above(db, by.org_here, by.role):
                raise KeyAboveOwn
            keys = credentials.list_keys_from(
                db, by.org_here, KeyFilter(), order=BY_NAME, place=place, limit=AT_ONCE
            )
            names = names_of(db, by.org_here, [key.name for key in keys], given)
        yield [plan_of(key, names[key.name]) for key in keys]
        if len(keys) < AT_ONCE:
            return
        place = place_of_key(keys[-1])


def planned_apart(db: Connection, org: OrgId, keys: Iterable[ApiKey]) -> tuple[KeyResult, ...]:
    """Return the plan of some keys as the plan of all has it, which begins with other ones."""
    shown = tuple(keys)
    before = {name for key in shown for name in names_in_the_way(key.name)}
    known = rows.list_key_names(db, org, sorted(before)) | {key.name for key in shown}
    names = names_of(db, org, sorted(known), set())
    return tuple(plan_of(key, names[key.name]) for key in shown)


def names_of(db: Connection, org: OrgId, keys: list[str], given: set[str]) -> dict[str, AccountNames]:
    """Return what the accounts of these keys will be called, by the names of the keys, which are in order.

    `given` are the logins with a number that keys before them will have; those of these keys are added.
    """
    best = {name: next(account_names(org, name)) for name in keys}
    taken = serviceaccounts.list_taken_logins(db, org, [names.login for names in best.values()])
    for name in keys:
        if best[name].login in taken or best[name].login in given:
            best[name] = free_names(db, org, name, given)
            given.add(best[name].login)
    return best


def place_of_key(key: ApiKey) -> Cursor:
    return place_of(key, BY_NAME)
