"""Statements that keep who called the API of API keys, day by day, and forget what is old."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, case, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from keystead.core.access.principal import PrincipalKind
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.usage.old_api import CallBatch, Caller, Calls
from keystead.storage.schema import org as org_table
from keystead.storage.schema_migration import old_api_caller

_c = old_api_caller.c
_CALLER = (_c.kind, _c.caller_id, _c.method, _c.route)
_PLACE = (_c.org_id, *_CALLER, _c.day)


def lock_orgs(db: Connection, asked: Iterable[OrgId]) -> set[OrgId]:
    """Return those that are there; none goes until this transaction ends, all else may be done to them."""
    query = select(org_table.c.id).where(org_table.c.id.in_(list(asked))).order_by(org_table.c.id)
    found = db.execute(query.with_for_update(read=True, key_share=True)).scalars()
    return {OrgId(id_) for id_ in found}


def add_calls(db: Connection, batch: CallBatch) -> None:
    """Add calls to those of the same caller, route and day, in the one order in which everybody does."""
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement = insert(old_api_caller)
    new = statement.excluded
    is_newer = new.last_at >= _c.last_at
    moved: dict[str, Any] = {
        name: case((is_newer, new[name]), else_=_c[name])
        for name in ("name", "last_at", "last_from", "last_agent")
    }
    adding = statement.on_conflict_do_update(
        index_elements=list(_PLACE), set_={"count": _c.count + new["count"], **moved}
    )
    db.execute(adding, [_row(caller, day, batch[caller, day]) for caller, day in sorted(batch)])


def list_callers(
    db: Connection, org: OrgId, since: UnixSeconds, *, only_keys: frozenset[int] | None, limit: int | None
) -> list[tuple[Caller, Calls]]:
    """Return who called in all days from `since` on, and how often: whoever called last comes first.

    `only_keys` leaves only API keys with these ids; None: whoever. `limit` None: all of them.
    """
    newest_first = func.row_number().over(partition_by=_CALLER, order_by=_c.day.desc())
    total = func.sum(_c.count).over(partition_by=_CALLER)
    conditions = [_c.org_id == org, _c.day >= since]
    if only_keys is not None:
        conditions += [_c.kind == PrincipalKind.API_KEY.value, _c.caller_id.in_(sorted(only_keys))]
    told = (*_CALLER, _c.name, _c.last_at, _c.last_from, _c.last_agent)
    days = select(*told, total.label("total"), newest_first.label("place")).where(*conditions).subquery()
    d = days.c
    order = (d.last_at.desc(), d.kind, d.caller_id, d.method, d.route)
    query = select(days).where(d.place == 1).order_by(*order).limit(limit)
    return [
        (
            Caller(org, PrincipalKind(kind), id_, method, route),
            Calls(name, int(count), UnixSeconds(at), address, agent),
        )
        for kind, id_, method, route, name, at, address, agent, count, _place in db.execute(query)
    ]


def delete_old_calls(db: Connection, *, before: UnixSeconds, most: int) -> int:
    """Forget some of the oldest calls; return how many days of how many callers they were."""
    place: Any = _PLACE
    old = select(*place).where(_c.day < before).order_by(_c.day).limit(most)
    gone = delete(old_api_caller).where(tuple_(*place).in_(old.with_for_update(skip_locked=True)))
    return db.execute(gone).rowcount


def _row(caller: Caller, day: UnixSeconds, calls: Calls) -> dict[str, object]:
    return {
        "org_id": caller.org,
        "kind": caller.kind.value,
        "caller_id": caller.id,
        "method": caller.method,
        "route": caller.route,
        "day": day,
        "name": calls.name,
        "count": calls.count,
        "last_at": calls.last_at,
        "last_from": calls.last_from,
        "last_agent": calls.last_agent,
    }
