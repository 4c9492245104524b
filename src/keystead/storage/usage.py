"""Statements about the use of credentials."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import HourlyUse, LastUse
from keystead.storage.schema import credential, credential_use

_c = credential.c
_u = credential_use.c
_COUNTS = (_u.allowed, _u.denied, _u.refused)


def lock_credentials(db: Connection, asked: Iterable[CredentialId]) -> list[CredentialId]:
    """Return those that are there, in the one order in which everybody locks them; none goes meanwhile."""
    query = select(_c.id).where(_c.id.in_(list(asked))).order_by(_c.id).with_for_update(key_share=True)
    return [CredentialId(id_) for id_ in db.execute(query).scalars()]


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
        {
            "credential_id": credential_id,
            "hour": use.hour,
            "allowed": use.allowed,
            "denied": use.denied,
            "refused": use.refused,
        }
        for credential_id, hours in uses.items()
        for use in hours
    ]
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement = insert(credential_use)
    added = {count.name: count + statement.excluded[count.name] for count in _COUNTS}
    db.execute(statement.on_conflict_do_update(index_elements=[_u.credential_id, _u.hour], set_=added), rows)


def list_uses(db: Connection, credential_id: CredentialId) -> list[HourlyUse]:
    """Return the counts of each hour that has any, oldest first."""
    query = select(_u.hour).add_columns(*_COUNTS).where(_u.credential_id == credential_id).order_by(_u.hour)
    return [HourlyUse(*row) for row in db.execute(query)]
