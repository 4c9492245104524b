"""Statements that count the use of credentials, and forget what is old."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Insert, Table, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.usage.model import HourlyUse, LastUse
from keystead.storage.schema import credential, credential_use, org_use
from keystead.storage.schema import org as org_table

_c = credential.c
_u = credential_use.c


def lock_orgs_of(db: Connection, asked: Iterable[CredentialId]) -> None:
    """Let none of their organizations go until this transaction ends; all else may be done to them.

    Whoever deletes an organization locks it before its credentials. So does who counts, or both would wait.
    """
    of_them = select(_c.org_id).where(_c.id.in_(list(asked)))
    query = select(org_table.c.id).where(org_table.c.id.in_(of_them)).order_by(org_table.c.id)
    db.execute(query.with_for_update(read=True, key_share=True))


def lock_credentials(db: Connection, asked: Iterable[CredentialId]) -> dict[CredentialId, OrgId]:
    """Return those that are there, and whose they are; none goes meanwhile.

    They come in the one order in which everybody locks them.
    """
    query = select(_c.id, _c.org_id).where(_c.id.in_(list(asked))).order_by(_c.id)
    return {CredentialId(id_): OrgId(org) for id_, org in db.execute(query.with_for_update(key_share=True))}


def set_last_use(db: Connection, credential_id: CredentialId, use: LastUse) -> None:
    """Move the last use forward; an older one than is known changes nothing."""
    db.execute(
        update(credential)
        .where(_c.id == credential_id, or_(_c.last_used_at.is_(None), _c.last_used_at <= use.at))
        .values(
            last_used_at=use.at,
            last_used_from=use.address,
            last_used_agent=use.agent,
            last_used_route=use.route,
        )
    )


def add_uses(db: Connection, uses: Mapping[CredentialId, Iterable[HourlyUse]]) -> None:
    """Add counts to those of the same hours."""
    rows = [
        {"credential_id": credential_id, **_counts(use)}
        for credential_id, hours in uses.items()
        for use in hours
    ]
    db.execute(_adding(db, credential_use, "credential_id"), rows)


def add_org_uses(db: Connection, totals: Mapping[OrgId, Iterable[HourlyUse]]) -> None:
    """Add counts to an organization's of the same hours, in the one order in which everybody does."""
    rows = [{"org_id": org, **_counts(use)} for org in sorted(totals) for use in totals[org]]
    db.execute(_adding(db, org_use, "org_id"), rows)


def delete_old_uses(db: Connection, *, before: UnixSeconds, most: int) -> int:
    """Forget some of the oldest counts of credentials; return how many hours of how many they were."""
    return _forget(db, credential_use, "credential_id", before, most)


def delete_old_org_uses(db: Connection, *, before: UnixSeconds, most: int) -> int:
    """Forget some of the oldest counts of organizations; return how many."""
    return _forget(db, org_use, "org_id", before, most)


def list_uses(db: Connection, credential_id: CredentialId) -> list[HourlyUse]:
    """Return the counts of each hour that has any, oldest first."""
    counts = (_u.hour, _u.allowed, _u.denied, _u.refused)
    query = select(*counts).where(_u.credential_id == credential_id).order_by(_u.hour)
    return [HourlyUse(UnixSeconds(hour), *counted) for hour, *counted in db.execute(query)]


def _counts(use: HourlyUse) -> dict[str, int]:
    return {"hour": use.hour, "allowed": use.allowed, "denied": use.denied, "refused": use.refused}


def _adding(db: Connection, table: Table, whose: str) -> Insert:
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    added = {name: table.c[name] + statement.excluded[name] for name in ("allowed", "denied", "refused")}
    return statement.on_conflict_do_update(index_elements=[whose, "hour"], set_=added)


def _forget(db: Connection, table: Table, whose: str, before: UnixSeconds, most: int) -> int:
    """Skip what another replica is forgetting already: nobody waits."""
    place: Any = (table.c[whose], table.c.hour)
    oldest = select(*place).where(table.c.hour < before).order_by(table.c.hour).limit(most)
    # asked before: inside of the deletion PostgreSQL may ask it again for each row, for `most` more each time
    old = oldest.with_for_update(skip_locked=True).cte("old")
    gone = delete(table).where(tuple_(*place).in_(select(old))).returning(table.c.hour)
    return len(db.execute(gone).all())
