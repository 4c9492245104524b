"""Read the log of changes: a page, what is new, or all of it in pieces."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import ChangeId
from keystead.core.changes.search import (
    BY_TIME,
    MOST_COUNTED,
    Recorded,
    Sought,
    parse_cursor,
    place_of_change,
)
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.storage import audit as rows
from keystead.usecases.grants import basic_grants
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.transaction import Transaction

ListFrom: TypeAlias = Callable[[Cursor | None, bool, int], list[Recorded]]  # place, backward, how many
MOST_AT_ONCE = 1_000
DEFAULT_AT_ONCE = 100


def list_changes(
    db: Connection, by: Principal, which: Sought, *, after: str, limit: int, is_everywhere: bool = False
) -> tuple[list[Recorded], str]:
    """Return the newest changes behind a cursor, and the cursor of what is older; "": there is nothing.

    `limit` is how many, 1,000 at most; 0 or less asks for 100. `is_everywhere` asks for the whole server.
    Raises PermissionMissing, CursorUnknown.
    """
    org, place = whose_log(by, is_everywhere=is_everywhere), parse_cursor(after)
    most = min(limit, MOST_AT_ONCE) if limit > 0 else DEFAULT_AT_ONCE
    found = changes_from(db, org, which, place, limit=most + 1)
    shown = found[:most]
    return shown, str(place_of_change(shown[-1])) if len(found) > most else ""


def export_changes(
    read: Transaction, by: Principal, which: Sought, *, is_everywhere: bool = False
) -> Iterator[list[Recorded]]:
    """Yield all of them, oldest first, a thousand at a time, each piece in a transaction of its own.

    Raises PermissionMissing, before anything is read.
    """
    org = whose_log(by, is_everywhere=is_everywhere)

    def pieces() -> Iterator[list[Recorded]]:
        place: Cursor | None = None
        while True:
            with read() as db:
                found = changes_from(db, org, which, place, is_ascending=True, limit=MOST_AT_ONCE)
            if found:
                yield found
            if len(found) < MOST_AT_ONCE:
                return
            place = place_of_change(found[-1])

    return pieces()


def list_change_page(
    db: Connection, by: Principal, which: Sought, *, after: str, before: str
) -> Cut[Recorded]:
    """Return a page of the log, newest first; a cursor that is none means the first.

    Raises PermissionMissing.
    """
    org = by.org_here

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[Recorded]:  # noqa: FBT001 - as it is called
        return rows.list_changes_from(db, org, which, place=place, is_ascending=is_backward, limit=limit)

    return cut(after, before, list_from)


def list_account_page(
    db: Connection, by: Principal, account: AccountId, *, after: str, before: str
) -> Cut[Recorded]:
    """Return a page of the changes of a service account and of the tokens that it has.

    Raises PermissionMissing.
    """
    org = by.org_here

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[Recorded]:  # noqa: FBT001 - as it is called
        return rows.list_changes_of_account(
            db, org, account, place=place, is_ascending=is_backward, limit=limit
        )

    return cut(after, before, list_from)


def count_new(db: Connection, by: Principal, which: Sought, *, newest: ChangeId) -> int:
    """Count what was added since; one more than `MOST_COUNTED` means: more. Raises PermissionMissing."""
    return rows.count_changes_behind(db, by.org_here, which, newest=newest, most=MOST_COUNTED + 1)


def find_newest(db: Connection, by: Principal) -> ChangeId:
    """Return the number of the newest change; 0: there is none. Raises PermissionMissing."""
    return rows.find_newest(db, by.org_here)


def list_actions(db: Connection, by: Principal) -> list[str]:
    """Return which actions the log knows, alphabetically. Raises PermissionMissing."""
    return rows.list_actions(db, by.org_here)


def whose_log(by: Principal, *, is_everywhere: bool) -> OrgId | None:
    """Return the organization whose log is read; None: that of the whole server. Raises PermissionMissing."""
    if not is_everywhere:
        return by.org_here
    if not basic_grants(None, is_server_admin=by.is_server_admin).holds(Action.AUDIT_READ):
        raise PermissionMissing(Action.AUDIT_READ)
    return None


def changes_from(
    db: Connection,
    org: OrgId | None,
    which: Sought,
    place: Cursor | None,
    *,
    limit: int,
    is_ascending: bool = False,
) -> list[Recorded]:
    if org is None:
        return rows.list_all_changes_from(db, which, place=place, is_ascending=is_ascending, limit=limit)
    return rows.list_changes_from(db, org, which, place=place, is_ascending=is_ascending, limit=limit)


def cut(after: str, before: str, list_from: ListFrom) -> Cut[Recorded]:
    behind, ahead = (get_cursor_or_none(text, BY_TIME, int) for text in (after, before))
    return cut_page(behind, ahead, list_from=list_from, place_of=place_of_change)
