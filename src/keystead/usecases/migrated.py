"""What was migrated: every token that was an API key, whether it is used since, and where it went."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, reaches
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.listing import BY_NAME
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.migrated import MigratedCounts, MigratedKey
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.storage import migrated as rows
from keystead.storage.migration import is_any_key_above
from keystead.usecases.migration_plan import PlanPageAsked
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.transaction import Transaction

AT_ONCE = 500  # rows a transaction of all of them


@dataclass(frozen=True, slots=True)
class FoundMigrated:
    cut: Cut[MigratedKey]
    counts: MigratedCounts  # on all pages


def list_migrated(db: Connection, by: Principal, asked: PlanPageAsked) -> FoundMigrated:
    """Return a page of the tokens that were API keys, by name, with two statements.

    Raises PermissionMissing.
    """

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[MigratedKey]:  # noqa: FBT001 - as it is called
        return rows.list_migrated_from(
            db, by.org_here, asked.query, place=place, is_backward=is_backward, limit=limit
        )

    after, before = (get_cursor_or_none(text, BY_NAME, str) for text in (asked.after, asked.before))
    cut = cut_page(after, before, list_from=list_from, place_of=_place_of)
    return FoundMigrated(cut, rows.count_migrated(db, by.org_here, asked.query))


def walk(read: Transaction, by: Principal) -> Iterator[list[MigratedKey]]:
    """Yield all of them by name, some hundred at a time, each part read by itself.

    Raises PermissionMissing.
    """
    place = None
    while True:
        with read() as db:
            part = rows.list_migrated_from(db, by.org_here, "", place=place, is_backward=False, limit=AT_ONCE)
        yield part
        if len(part) < AT_ONCE:
            return
        place = _place_of(part[-1])


def list_owners(db: Connection, by: Principal, keys: Iterable[CredentialId]) -> dict[CredentialId, AccountId]:
    """Return the accounts of those that are migrated. Raises PermissionMissing."""
    return rows.list_owners(db, by.org_here, sorted(keys))


def reaches_all(db: Connection, by: Principal) -> bool:
    """Say whether the caller's role reaches that of every API key. Raises PermissionMissing."""
    return reaches(by.role, Role.ADMIN) or not is_any_key_above(db, by.org_here, by.role)


def _place_of(one: MigratedKey) -> Cursor:
    return Cursor(BY_NAME, one.name, one.key)
