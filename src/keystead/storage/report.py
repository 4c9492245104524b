"""Statements about credentials that somebody should look at. A revoked one is in none of them."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.credentials.report import DAY_S, ON_THE_WIRE, Measure, Reason, Reported, order_of
from keystead.core.orgs.model import OrgId
from keystead.core.paging import COUNTED_TO, Cursor, Order
from keystead.core.text import search_part
from keystead.storage.among import is_among
from keystead.storage.schema import account, credential, membership
from keystead.storage.schema_access import object_grant, team

_c = credential.c
_owner, _maker, _maker_key = account.alias("owner"), account.alias("maker"), credential.alias("maker_key")
_IS_KEY = _c.account_id.is_(None)
_ORDERED_BY: dict[str, ColumnElement[Any]] = {
    "name": _c.name,
    "expires": _c.expires_at,
    "lastUsed": _c.last_used_at,
    "created": _c.id,
}


@dataclass(frozen=True, slots=True)
class Readable:
    """Whose rows are told: of keys by their ids, of tokens by those of their accounts; None: all."""

    keys: frozenset[int] | None
    accounts: frozenset[int] | None

    def condition(self) -> ColumnElement[bool]:
        is_readable_key = and_(_IS_KEY, _is_visible(_c.id, self.keys))
        return or_(is_readable_key, and_(~_IS_KEY, _is_visible(_c.account_id, self.accounts)))


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which credentials: by reason, or by the moment of their end."""

    readable: Readable
    measure: Measure
    reason: Reason | None = None  # None: any that goes over the wire
    ends: tuple[int, int] | None = None  # from this second until before that one; then no reason is needed
    query: str = ""  # part of the name of the credential or its account, in any case; empty: all
    owner: str = ""  # part of the name of who made it, its account, or a team with a permission on that
    only: frozenset[int] | None = None  # ids; None: whichever

    def conditions(self, org: OrgId) -> list[ColumnElement[bool]]:
        conditions = [_c.org_id == org, _c.revoked_at.is_(None), self.readable.condition(), *self._found(org)]
        if self.only is not None:
            conditions.append(is_among(_c.id, self.only))
        return conditions

    def reasons(self, org: OrgId) -> ColumnElement[bool]:
        if self.ends is not None:
            return and_(_c.expires_at >= self.ends[0], _c.expires_at < self.ends[1])
        if self.reason is not None:
            return _has(self.reason, org, self.measure)
        return or_(*(_has(reason, org, self.measure) for reason in ON_THE_WIRE))

    def _found(self, org: OrgId) -> list[ColumnElement[bool]]:
        found = []
        if self.query:
            named = _accounts_named(self.query)
            found.append(or_(_contains(_c.search_key, self.query), _c.account_id.in_(named)))
        if self.owner:
            named = _accounts_named(self.owner)
            by_team = cast(_c.account_id, String).in_(_accounts_of_teams(org, self.owner))
            found.append(or_(_c.created_by_id.in_(named), _c.account_id.in_(named), by_team))
        return found


def list_reported(
    db: Connection,
    org: OrgId,
    which: ReportFilter,
    *,
    place: Cursor | None = None,
    is_backward: bool = False,
    order: Order | None = None,
    limit: int,
) -> list[Reported]:
    """Return those behind or before a place, in the order of the reason or this one, the nearest first."""
    by = _ORDERED_BY[(order or order_of(which.reason)).by]
    query = _selected(org).where(*which.conditions(org), which.reasons(org)).limit(limit)
    if place is not None:
        here, there = tuple_(by, _c.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (by.desc(), _c.id.desc()) if is_backward else (by, _c.id)
    return [_to_reported(row) for row in db.execute(query.order_by(*columns))]


def list_chosen(db: Connection, org: OrgId, which: ReportFilter) -> list[Reported]:
    """Return those that the filter names by their ids, by name, whatever the reason."""
    query = _selected(org).where(*which.conditions(org)).order_by(_c.name)
    return [_to_reported(row) for row in db.execute(query)]


def is_any(db: Connection, org: OrgId, readable: Readable) -> bool:
    """Say whether there is any credential, revoked ones too."""
    query = select(_c.id).where(_c.org_id == org, readable.condition()).limit(1)
    return db.execute(query).one_or_none() is not None


def count_reasons(
    db: Connection, org: OrgId, which: ReportFilter, reasons: tuple[Reason, ...] = tuple(Reason)
) -> dict[Reason, int]:
    """Count for each reason, whichever the filter names, and no further than a list tells."""
    counts = [_counted(org, which, _has(reason, org, which.measure)) for reason in reasons]
    return dict(zip(reasons, db.execute(select(*counts)).one(), strict=True))


def count_all(
    db: Connection, org: OrgId, which: ReportFilter, ends: tuple[int, int]
) -> tuple[dict[Reason, int], int, int]:
    """Return the counts of all reasons, of API keys, revoked ones too, and of what ends between two moments.

    None goes further than a list tells.
    """
    reasons = tuple(Reason)
    keys = select(_c.id).where(_c.org_id == org, _IS_KEY, which.readable.condition()).limit(COUNTED_TO + 1)
    counts = [
        *(_counted(org, which, _has(reason, org, which.measure)) for reason in reasons),
        select(func.count()).select_from(keys.subquery()).scalar_subquery(),
        _counted(org, which, replace(which, ends=ends).reasons(org)),
    ]
    *of_reasons, of_keys, ending = db.execute(select(*counts)).one()
    return dict(zip(reasons, of_reasons, strict=True)), of_keys, ending


def list_around(
    db: Connection,
    org: OrgId,
    which: ReportFilter,
    *,
    past: tuple[int, int],
    soon: tuple[int, int],
    most: int,
) -> list[Reported]:
    """Return the last of what ended in the one time and the first of what ends in the other: so many of each.

    They come in no order.
    """
    last, first = (replace(which, ends=ends) for ends in (past, soon))
    chosen = _selected(org).where(*which.conditions(org)).limit(most)
    ended = chosen.where(last.reasons(org)).order_by(_c.expires_at.desc(), _c.id.desc()).subquery()
    ending = chosen.where(first.reasons(org)).order_by(_c.expires_at, _c.id).subquery()
    return [_to_reported(row) for row in db.execute(union_all(select(ended), select(ending)))]


def count_by_day(db: Connection, org: OrgId, which: ReportFilter) -> dict[UnixSeconds, int]:
    """Return how many end on each day, in UTC, on which any does."""
    day = (_c.expires_at - _c.expires_at % DAY_S).label("day")
    query = select(day, func.count()).where(*which.conditions(org), which.reasons(org)).group_by("day")
    return {UnixSeconds(at or 0): count for at, count in db.execute(query)}


def _selected(org: OrgId) -> Select[*tuple[Any, ...]]:
    return (
        select(_c.id, _c.account_id, _c.name, _owner.c.name.label("owner_name"), _c.role)
        .add_columns(membership.c.role.label("own_role"), _c.created_at, _c.expires_at, _c.last_used_at)
        .add_columns(func.coalesce(_maker.c.login, _maker_key.c.name).label("made_by"))
        .add_columns(_team_of(org).label("team_name"))
        .select_from(credential)
        .outerjoin(_owner, _owner.c.id == _c.account_id)
        .outerjoin(
            membership, and_(membership.c.account_id == _c.account_id, membership.c.org_id == _c.org_id)
        )
        .outerjoin(_maker, _maker.c.id == _c.created_by_id)
        .outerjoin(_maker_key, _maker_key.c.id == _c.created_by_credential_id)
    )


def _has(reason: Reason, org: OrgId, measure: Measure) -> ColumnElement[bool]:
    """Say the same as `reasons_for`."""
    is_alive = or_(_c.expires_at.is_(None), _c.expires_at > measure.now)
    match reason:
        case Reason.EXPIRING:
            return and_(_c.expires_at > measure.now, _c.expires_at <= measure.soon)
        case Reason.EXPIRED:
            return _c.expires_at <= measure.now
        case Reason.UNUSED:
            return and_(_c.last_used_at < measure.unused_since, is_alive)
        case Reason.NEVER_USED:
            return and_(_c.last_used_at.is_(None), is_alive)
        case Reason.NO_EXPIRATION:
            return _c.expires_at.is_(None)
        case Reason.ADMIN_ROLE:
            admins = select(membership.c.account_id).where(
                membership.c.org_id == org, membership.c.role == Role.ADMIN.value
            )
            return and_(is_alive, or_(and_(_IS_KEY, _c.role == Role.ADMIN.value), _c.account_id.in_(admins)))


def _counted(org: OrgId, which: ReportFilter, reason: ColumnElement[bool]) -> ScalarSelect[int]:
    found = select(_c.id).where(*which.conditions(org), reason).limit(COUNTED_TO + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _is_visible(column: ColumnElement[Any], ids: frozenset[int] | None) -> ColumnElement[bool]:
    return literal(value=True) if ids is None else is_among(column, ids)


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.contains(search_part(text), autoescape=True)


def _accounts_named(text: str) -> Select[int]:
    return select(account.c.id).where(_contains(account.c.search_key, text))


def _accounts_of_teams(org: OrgId, text: str) -> Select[str]:
    return (
        select(object_grant.c.object_id)
        .join(team, team.c.id == object_grant.c.team_id)
        .where(
            object_grant.c.org_id == org,
            object_grant.c.kind == "serviceaccounts",
            _contains(team.c.search_key, text),
        )
    )


def _team_of(org: OrgId) -> ScalarSelect[str]:
    """Return the first by name of the teams that have a permission on the account."""
    return (
        select(func.min(team.c.name))
        .select_from(object_grant)
        .join(team, team.c.id == object_grant.c.team_id)
        .where(
            object_grant.c.org_id == org,
            object_grant.c.kind == "serviceaccounts",
            object_grant.c.object_id == cast(_c.account_id, String),
        )
        .correlate(credential)
        .scalar_subquery()
    )


def _to_reported(row: Row[*tuple[Any, ...]]) -> Reported:
    id_, owner, name, owner_name, role, own_role, created_at, expires_at, used_at, maker, team_name = row
    acts_as = role if owner is None else own_role
    return Reported(
        id=CredentialId(id_),
        owner=None if owner is None else AccountId(owner),
        name=name,
        owner_name=owner_name or "",
        role=None if acts_as is None else Role(acts_as),
        created_at=UnixSeconds(created_at),
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        last_used_at=None if used_at is None else UnixSeconds(used_at),
        maker=maker,
        team=team_name,
    )
