"""Statements about the message that waits in a session for its next page."""

from sqlalchemy import Connection, select, update

from keystead.core.clock import UnixSeconds
from keystead.core.sessions.model import SessionId
from keystead.storage.schema import session

_c = session.c


def set_message(db: Connection, session_id: SessionId, message: str, *, at: UnixSeconds) -> None:
    db.execute(update(session).where(_c.id == session_id).values(message=message, message_at=at))


def get_message_or_none(db: Connection, session_id: SessionId) -> tuple[str, UnixSeconds] | None:
    row = db.execute(select(_c.message, _c.message_at).where(_c.id == session_id)).one_or_none()
    if row is None:
        return None
    message, at = row
    return None if message is None or at is None else (message, UnixSeconds(at))


def delete_message(db: Connection, session_id: SessionId) -> None:
    db.execute(update(session).where(_c.id == session_id).values(message=None, message_at=None))
