"""What credentials were used for: last use, and counts by hour, day, hour of the week and token."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.core.usage.by_token import BY_REQUESTS, TokenRequests, UsedBy, place_of_requests
from keystead.core.usage.model import LastUse
from keystead.core.usage.span import Bucket, Span, filled, last_days
from keystead.storage import credentials, serviceaccounts, tokens
from keystead.storage import use_counts as rows
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.usage import UseHistory

SPARK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Usage:
    last_use: LastUse | None  # None: never
    buckets: tuple[Bucket, ...]  # of the whole span, oldest first


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts over a span, and by hour of the week over the last 30 days."""

    buckets: tuple[Bucket, ...]
    weekly: Mapping[int, Bucket]
    known_from: UnixSeconds


def find_key_usage(
    db: Connection, by: Principal, key_id: CredentialId, span: Span, *, history: UseHistory
) -> Usage:
    """Raises PermissionMissing, ApiKeyNotFound."""
    key = credentials.find_key(db, by.org_here, key_id)
    return Usage(key.last_use, list_buckets(db, by, UsedBy(key_id), span, history=history))


def find_account_usage(
    db: Connection, by: Principal, owner: AccountId, span: Span, *, history: UseHistory
) -> Usage:
    """Return the sum of the account's tokens. Raises PermissionMissing, ServiceAccountNotFound."""
    serviceaccounts.find_service_account(db, by.org_here, owner)
    last_use = tokens.get_last_use_or_none(db, by.org_here, owner)
    return Usage(last_use, list_buckets(db, by, UsedBy(owner=owner), span, history=history))


def find_token_usage(
    db: Connection, by: Principal, owner: AccountId, token: CredentialId, span: Span, *, history: UseHistory
) -> Usage:
    """Raises PermissionMissing, TokenNotFound."""
    found = tokens.find_token(db, by.org_here, owner, token)
    return Usage(found.last_use, list_buckets(db, by, UsedBy(token, owner), span, history=history))


def list_buckets(
    db: Connection, by: Principal, whose: UsedBy, span: Span, *, history: UseHistory
) -> tuple[Bucket, ...]:
    """Return every hour or day of the span, of what the caller is known to be allowed to read.

    Raises PermissionMissing.
    """
    return filled(span, rows.list_buckets(db, by.org_here, whose, span), history.known_from())


def count_use(db: Connection, by: Principal, whose: UsedBy, span: Span, *, history: UseHistory) -> Counted:
    """Return counts of what the caller is known to be allowed to read, with two statements.

    Raises PermissionMissing.
    """
    return Counted(
        list_buckets(db, by, whose, span, history=history),
        list_weekly(db, by, whose, now=history.clock()),
        history.known_from(),
    )


def list_weekly(db: Connection, by: Principal, whose: UsedBy, *, now: UnixSeconds) -> dict[int, Bucket]:
    """Return the sums of the last 30 days by `hour_of_week`. Raises PermissionMissing."""
    return rows.list_weekly(db, by.org_here, whose, last_days(SPARK_DAYS, now).start)


def list_daily(
    db: Connection, by: Principal, ids: Iterable[CredentialId], *, now: UnixSeconds
) -> dict[CredentialId, tuple[int, ...]]:
    """Return how many requests came on each of the last 30 days, oldest first, with those that had any.

    Raises PermissionMissing.
    """
    span = last_days(SPARK_DAYS, now)
    daily = rows.list_daily(db, by.org_here, ids, span.start)
    return {id_: tuple(days.get(start, 0) for start in span.starts) for id_, days in daily.items()}


def list_tokens_by_requests(
    db: Connection, by: Principal, owner: AccountId, span: Span, *, after: str = "", before: str = ""
) -> Cut[TokenRequests]:
    """Return a page of the account's tokens, busiest first. Raises PermissionMissing."""

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[TokenRequests]:  # noqa: FBT001 - as it is called
        return rows.list_tokens_by_requests(
            db, by.org_here, owner, span, place=place, is_backward=is_backward, limit=limit
        )

    places = (get_cursor_or_none(text, BY_REQUESTS, int) for text in (after, before))
    return cut_page(*places, list_from=list_from, place_of=place_of_requests)


def reads_everything(by: Principal) -> bool:
    """Say whether the caller may read every API key and every service account."""
    reads = ((Action.API_KEYS_READ, "apikeys"), (Action.SERVICE_ACCOUNTS_READ, "serviceaccounts"))
    return all(visible_ids(by.grants, action, kind) is None for action, kind in reads)


def list_org_buckets_or_none(
    db: Connection, by: Principal, span: Span, *, history: UseHistory
) -> tuple[Bucket, ...] | None:
    """Return the totals of the organization; None for whoever may not read all that is in them.

    Raises PermissionMissing.
    """
    if not reads_everything(by):
        return None
    return filled(span, rows.list_org_buckets(db, by.org_here, span), history.known_from())
