"""When a session ends, and when its cookie gets a new value."""

from dataclasses import dataclass

from keystead.core.clock import UnixSeconds
from keystead.core.sessions.model import Session


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The slice of the settings that these rules need."""

    idle_s: int  # unused for so long: ended
    absolute_s: int  # so long after the sign-in: ended, however busy
    rotation_s: int = 600
    grace_s: int = 60  # the value before stays good for so long: requests overtake each other


def is_alive(session: Session, rules: SessionRules, now: UnixSeconds) -> bool:
    """A session is dead from the second in which either limit is reached."""
    is_idle = session.seen_at + rules.idle_s <= now
    is_old = session.created_at + rules.absolute_s <= now
    return session.revoked_at is None and not is_idle and not is_old


def needs_rotation(session: Session, rules: SessionRules, now: UnixSeconds) -> bool:
    return session.rotated_at + rules.rotation_s <= now


def is_former_value_good(session: Session, rules: SessionRules, now: UnixSeconds) -> bool:
    """Say whether the value before the last rotation is still let in; a later use of it ends the session."""
    return now < session.rotated_at + rules.grace_s
