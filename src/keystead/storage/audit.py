"""Statements about the log of changes as it is read: newest first, filtered, each organization its own."""

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, or_, select, tuple_, union_all

from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import ActorKind, ChangeId
from keystead.core.changes.search import Recorded, Sought, get_reference_or_none
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.text import storable
from keystead.storage.changes import ACTOR, NOTHING, REST, get_recorded
from keystead.storage.schema import change, credential

_c = change.c
_Rows: TypeAlias = Select[Any]
_NO_ID = 2**31 - 1  # the columns take no more, and no id has got as far


def list_changes_from(
    db: Connection, org: OrgId, which: Sought, *, place: Cursor | None, is_ascending: bool, limit: int
) -> list[Recorded]:
    """Return an organization's changes that follow on a place, the nearest first; without one, the first."""
    query = _changes().where(_c.org_id == org, *_conditions(which))
    ordered = _in_order(query, place, is_ascending=is_ascending, limit=limit)
    return [get_recorded(tuple(row)) for row in db.execute(ordered)]


def list_all_changes_from(
    db: Connection, which: Sought, *, place: Cursor | None, is_ascending: bool, limit: int
) -> list[Recorded]:
    """Return the same of the whole server, with what belongs to no organization."""
    query = _changes().where(*_conditions(which))
    ordered = _in_order(query, place, is_ascending=is_ascending, limit=limit)
    return [get_recorded(tuple(row)) for row in db.execute(ordered)]


def list_changes_of_account(
    db: Connection, org: OrgId, account: AccountId, *, place: Cursor | None, is_ascending: bool, limit: int
) -> list[Recorded]:
    """Return the changes of a service account and of the tokens that it has, in the same way."""
    here = (_c.org_id == org, credential.c.org_id == org)
    own = _changes().where(here[0], _c.target_kind == "serviceaccount", _c.target_id == str(account))
    of_tokens = (
        _changes()
        .join(credential, _c.target_id == cast(credential.c.id, String))
        .where(*here, _c.target_kind == "token", credential.c.account_id == account)
    )
    parts = [
        _in_order(part, place, is_ascending=is_ascending, limit=limit).subquery().select()
        for part in (own, of_tokens)
    ]
    both = union_all(*parts).subquery()
    order = (both.c.at, both.c.id) if is_ascending else (both.c.at.desc(), both.c.id.desc())
    return [get_recorded(tuple(row)) for row in db.execute(select(both).order_by(*order).limit(limit))]


def count_changes_behind(db: Connection, org: OrgId, which: Sought, *, newest: ChangeId, most: int) -> int:
    """Count what was added since a row was the newest, not further than told."""
    found = select(_c.id).where(_c.org_id == org, _c.id > newest, *_conditions(which)).limit(most)
    return db.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def find_newest(db: Connection, org: OrgId) -> ChangeId:
    """Return the number of the organization's newest change; 0: there is none."""
    newest = db.execute(select(func.max(_c.id)).where(_c.org_id == org)).scalar_one()
    return NOTHING if newest is None else ChangeId(newest)


def list_actions(db: Connection, org: OrgId) -> list[str]:
    """Return which actions there are, alphabetically: one step through the index for each."""
    first = select(func.min(_c.action).label("action")).where(_c.org_id == org)
    used = first.cte("used", recursive=True)
    following = select(func.min(_c.action)).where(_c.org_id == org, _c.action > used.c.action)
    used = used.union_all(select(following.scalar_subquery()).where(used.c.action.is_not(None)))
    query = select(used.c.action).where(used.c.action.is_not(None)).order_by(used.c.action)
    return list(db.execute(query).scalars())


def _changes() -> _Rows:
    return select(*ACTOR).add_columns(*REST)


def _in_order(query: _Rows, place: Cursor | None, *, is_ascending: bool, limit: int) -> _Rows:
    if place is not None:
        here, there = tuple_(_c.at, _c.id), tuple_(place.value, place.id)
        query = query.where(here > there if is_ascending else here < there)
    order = (_c.at, _c.id) if is_ascending else (_c.at.desc(), _c.id.desc())
    return query.order_by(*order).limit(limit)


def _conditions(which: Sought) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.since is not None:
        conditions.append(_c.at >= which.since)
    if which.until is not None:
        conditions.append(_c.at <= which.until)
    if which.action:
        conditions.append(_c.action == storable(which.action))
    if which.result:
        conditions.append(_c.result == storable(which.result))
    if which.text:
        columns = (_c.actor_login, _c.action, _c.target_name, _c.address, _c.request_id)
        conditions.append(or_(*(_holds(column, which.text) for column in columns)))
    return [*conditions, *_by_actor(which.actor), *_on_target(which.target)]


def _by_actor(told: str) -> list[ColumnElement[bool]]:
    reference = get_reference_or_none(told)
    if reference is None:
        return [_holds(_c.actor_login, told)] if told else []
    has_no_account = reference.kind == ActorKind.API_KEY
    number = min(int(reference.id), _NO_ID)
    who = _c.actor_credential_id if has_no_account else _c.actor_id
    return [_c.actor_kind == reference.kind, who == number]


def _on_target(told: str) -> list[ColumnElement[bool]]:
    reference = get_reference_or_none(told)
    if reference is None:
        return [_holds(_c.target_name, told)] if told else []
    return [_c.target_kind == reference.kind, _c.target_id == reference.id]


def _holds(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Compare letters beyond ASCII as the database does: SQLite tells their cases apart."""
    return column.icontains(storable(part), autoescape=True)
