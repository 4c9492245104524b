"""What one page leaves for the next to say. It changes no right and is no change of the log."""

from sqlalchemy import Connection

from keystead.core.clock import UnixSeconds
from keystead.core.sessions.model import SessionId
from keystead.storage import messages as rows


def leave_message(db: Connection, session_id: SessionId, message: str, *, at: UnixSeconds) -> None:
    """Keep one message, in place of any that still waits."""
    rows.set_message(db, session_id, message, at=at)


def get_message_or_none(db: Connection, session_id: SessionId) -> tuple[str, UnixSeconds] | None:
    """Return what waits, and since when."""
    return rows.get_message_or_none(db, session_id)


def clear_message(db: Connection, session_id: SessionId) -> None:
    rows.delete_message(db, session_id)
