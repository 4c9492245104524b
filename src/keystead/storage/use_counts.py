"""Statements that add up the use of credentials: by hour, day or hour of the week, and by token."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.usage.by_token import TokenRequests, UsedBy
from keystead.core.usage.model import HOUR_S
from keystead.core.usage.span import DAY_S, HOURS_A_WEEK, Bucket, Span, hour_of_week
from keystead.storage.schema import credential, credential_use, org_use

_c = credential.c
_u = credential_use.c
_o = org_use.c
_SUMS = (func.sum(_u.allowed), func.sum(_u.denied), func.sum(_u.refused))
_REQUESTS = func.sum(_u.allowed + _u.denied + _u.refused)


def list_buckets(db: Connection, org: OrgId, whose: UsedBy, span: Span) -> list[Bucket]:
    """Return the counts of the hours or days that have any, oldest first."""
    start = (_u.hour - _u.hour % span.step.seconds).label("bucket")
    query = (
        select(start, *_SUMS)
        .join(credential, _c.id == _u.credential_id)
        .where(*_used_by(org, whose), _u.hour >= span.start, _u.hour < span.end)
        .group_by("bucket")
        .order_by("bucket")
    )
    return [Bucket(UnixSeconds(row[0]), row[1], row[2], row[3]) for row in db.execute(query)]


def list_weekly(db: Connection, org: OrgId, whose: UsedBy, since: UnixSeconds) -> dict[int, Bucket]:
    """Return the sums by `hour_of_week`: of every Monday from 00:00 to 01:00 UTC, and so on."""
    slot = (_u.hour // HOUR_S % HOURS_A_WEEK).label("slot")
    query = (
        select(slot, *_SUMS)
        .join(credential, _c.id == _u.credential_id)
        .where(*_used_by(org, whose), _u.hour >= since)
        .group_by("slot")
    )
    sums = [Bucket(UnixSeconds(row[0] * HOUR_S), row[1], row[2], row[3]) for row in db.execute(query)]
    return {hour_of_week(bucket.start): bucket for bucket in sums}


def list_daily(
    db: Connection, org: OrgId, credentials: Iterable[CredentialId], since: UnixSeconds
) -> dict[CredentialId, dict[UnixSeconds, int]]:
    """Return how many requests each of these had on each day that has any."""
    day = (_u.hour - _u.hour % DAY_S).label("day")
    query = (
        select(_u.credential_id, day, _REQUESTS)
        .join(credential, _c.id == _u.credential_id)
        .where(_c.org_id == org, _u.credential_id.in_(list(credentials)), _u.hour >= since)
        .group_by(_u.credential_id, "day")
    )
    daily: dict[CredentialId, dict[UnixSeconds, int]] = {}
    for id_, at, requests in db.execute(query):
        daily.setdefault(CredentialId(id_), {})[UnixSeconds(at)] = requests
    return daily


def list_org_buckets(db: Connection, org: OrgId, span: Span) -> list[Bucket]:
    """Return the organization's totals of the hours or days that have any, oldest first."""
    start = (_o.hour - _o.hour % span.step.seconds).label("bucket")
    query = (
        select(start, func.sum(_o.allowed), func.sum(_o.denied), func.sum(_o.refused))
        .where(_o.org_id == org, _o.hour >= span.start, _o.hour < span.end)
        .group_by("bucket")
        .order_by("bucket")
    )
    return [Bucket(UnixSeconds(row[0]), row[1], row[2], row[3]) for row in db.execute(query)]


def list_tokens_by_requests(
    db: Connection,
    org: OrgId,
    owner: AccountId,
    span: Span,
    *,
    place: Cursor | None,
    is_backward: bool,
    limit: int,
) -> list[TokenRequests]:
    """Return the owner's tokens behind or before a place, busiest first, the nearest first."""
    counted = (
        select(_c.id, _c.name, func.coalesce(_REQUESTS, 0).label("requests"))
        .select_from(credential)
        .outerjoin(
            credential_use, (_u.credential_id == _c.id) & (_u.hour >= span.start) & (_u.hour < span.end)
        )
        .where(_c.org_id == org, _c.account_id == owner)
        .group_by(_c.id)
        .subquery()
    )
    query = select(counted.c.id, counted.c.name, counted.c.requests).limit(limit)
    if place is not None:
        here, there = tuple_(counted.c.requests, counted.c.id), tuple_(place.value, place.id)
        query = query.where(here > there if is_backward else here < there)
    columns = (counted.c.requests, counted.c.id)
    ordered = query.order_by(*columns) if is_backward else query.order_by(*(one.desc() for one in columns))
    return [TokenRequests(CredentialId(id_), name, requests) for id_, name, requests in db.execute(ordered)]


def _used_by(org: OrgId, whose: UsedBy) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_c.org_id == org]
    if whose.credential is not None:
        conditions.append(_c.id == whose.credential)
    if whose.owner is not None:
        conditions.append(_c.account_id == whose.owner)
    return conditions
