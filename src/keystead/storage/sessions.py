"""Statements about sessions. An ended session has no row."""

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, delete, insert, select, update

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.sessions.model import Session, SessionId
from keystead.storage.schema import session

_c = session.c
_SESSION = (_c.id, _c.account_id, _c.created_at, _c.seen_at, _c.rotated_at, _c.address, _c.agent)
_Row: TypeAlias = tuple[int, int, int, int, int, str, str]


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session, and what is kept of the values that its browser shows."""

    session: Session
    digest: bytes
    former_digest: bytes | None  # None: never rotated


def get_session_or_none(db: Connection, series: bytes) -> StoredSession | None:
    """Return the session to whose values this part belongs, by its digest. The caller compares the rest."""
    query = select(*_SESSION, _c.digest, _c.former_digest).where(_c.series == series)
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    id_, account_id, created_at, seen_at, rotated_at, address, agent, digest, former_digest = row
    session_row = (id_, account_id, created_at, seen_at, rotated_at, address, agent)
    return StoredSession(_to_session(session_row), digest, former_digest)


def list_sessions_of(
    db: Connection, account_id: AccountId, *, seen_after: int, created_after: int
) -> list[Session]:
    """Return a person's sessions, oldest first, without those that time has ended."""
    query = (
        select(*_SESSION)
        .where(_c.account_id == account_id, _c.seen_at > seen_after, _c.created_at > created_after)
        .order_by(_c.id)
    )
    return [_to_session(row) for row in db.execute(query)]


def add_session(
    db: Connection,
    account_id: AccountId,
    *,
    series: bytes,
    digest: bytes,
    address: str,
    agent: str,
    at: UnixSeconds,
) -> SessionId:
    statement = (
        insert(session)
        .values(
            account_id=account_id,
            series=series,
            digest=digest,
            created_at=at,
            rotated_at=at,
            seen_at=at,
            address=address,
            agent=agent,
        )
        .returning(_c.id)
    )
    return SessionId(db.execute(statement).scalar_one())


def set_digest(
    db: Connection, session_id: SessionId, digest: bytes, *, before: bytes, at: UnixSeconds
) -> bool:
    """Give the session a new value; False where another request has just done so."""
    statement = (
        update(session)
        .where(_c.id == session_id, _c.digest == before)
        .values(digest=digest, former_digest=before, rotated_at=at)
    )
    return db.execute(statement).rowcount == 1


def set_series(
    db: Connection, session_id: SessionId, *, series: bytes, digest: bytes, at: UnixSeconds
) -> None:
    """Give the session a value unlike all before, none of which passes any more."""
    db.execute(
        update(session)
        .where(_c.id == session_id)
        .values(series=series, digest=digest, former_digest=None, rotated_at=at)
    )


def set_seen(db: Connection, session_id: SessionId, *, at: UnixSeconds) -> None:
    """Move the time forward; an earlier one than is known changes nothing."""
    db.execute(update(session).where(_c.id == session_id, _c.seen_at < at).values(seen_at=at))


def delete_session(db: Connection, account_id: AccountId, session_id: SessionId) -> bool:
    """Return whether the person had it."""
    statement = delete(session).where(_c.id == session_id, _c.account_id == account_id)
    return db.execute(statement).rowcount == 1


def delete_sessions_of(db: Connection, account_id: AccountId, *, but: SessionId | None = None) -> int:
    """Return how many there were."""
    statement = delete(session).where(_c.account_id == account_id)
    if but is not None:
        statement = statement.where(_c.id != but)
    return db.execute(statement).rowcount


def delete_dead_sessions(db: Connection, *, seen_until: int, created_until: int) -> int:
    """Delete what time has ended; return how many."""
    statement = delete(session).where((_c.seen_at <= seen_until) | (_c.created_at <= created_until))
    return db.execute(statement).rowcount


def _to_session(row: _Row) -> Session:
    id_, account_id, created_at, seen_at, rotated_at, address, agent = row
    return Session(
        id=SessionId(id_),
        account_id=AccountId(account_id),
        created_at=UnixSeconds(created_at),
        seen_at=UnixSeconds(seen_at),
        rotated_at=UnixSeconds(rotated_at),
        address=address,
        user_agent=agent,
    )
