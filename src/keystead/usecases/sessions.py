"""Sessions of people: start, find, keep, list, end."""

import hmac
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Actor, ActorKind
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.secret import Secret
from keystead.core.sessions.errors import OwnSessionKept, OwnSignOutRefused, SessionNotFound, SessionUnknown
from keystead.core.sessions.lifetime import SessionRules, is_alive, is_former_value_good, needs_rotation
from keystead.core.sessions.model import Session, SessionId
from keystead.core.sessions.value import SessionMint
from keystead.storage import accounts
from keystead.storage import sessions as rows
from keystead.usecases import changes
from keystead.usecases.accounts import check_may_change
from keystead.usecases.changes import Target

SEEN_EVERY_S = 300  # when someone was seen is not written more often


@dataclass(frozen=True, slots=True)
class SessionKeeper:
    """What sessions depend on, beside their person."""

    mint: SessionMint
    rules: SessionRules
    clock: Clock


class Standing(Enum):
    """How a shown value stands to the newest one of its session."""

    NEWEST = "newest"
    FORMER = "the one before, for a minute more"
    OLD = "older: somebody else has it too"


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that a value belongs to."""

    session: Session
    standing: Standing
    at: UnixSeconds


def start_session(db: Connection, by: Principal, keeper: SessionKeeper) -> Secret:
    """Sign a person in, and return the value for their browser."""
    now = keeper.clock()
    rules = keeper.rules
    rows.delete_dead_sessions(db, seen_until=now - rules.idle_s, created_until=now - rules.absolute_s)
    value = keeper.mint.new_value()
    series, digest = keeper.mint.digests(value)
    session_id = rows.add_session(
        db,
        by.account_id,
        series=series,
        digest=digest,
        address=by.origin.address,
        agent=by.origin.agent,
        at=now,
    )
    changes.record(db, by, "session.start", Target("session", session_id, by.login), at=now)
    return value


def find_visit(db: Connection, value: Secret, keeper: SessionKeeper) -> Visit:
    """Return the session that the value belongs to; whoever gets one that is OLD must end it.

    Raises SessionUnknown, also for a session that time has ended.
    """
    now = keeper.clock()
    shown = keeper.mint.digests(value)
    found = rows.get_session_or_none(db, shown.series)
    if found is None or not is_alive(found.session, keeper.rules, now):
        raise SessionUnknown
    if hmac.compare_digest(found.digest, shown.whole):
        return Visit(found.session, Standing.NEWEST, now)
    is_former = hmac.compare_digest(found.former_digest or b"", shown.whole)
    if is_former and is_former_value_good(found.session, keeper.rules, now):
        return Visit(found.session, Standing.FORMER, now)
    return Visit(found.session, Standing.OLD, now)


def is_keeping_due(visit: Visit, keeper: SessionKeeper) -> bool:
    """Say whether there is anything to write for this visit; mostly there is not."""
    is_newest = visit.standing is Standing.NEWEST
    return is_seen_due(visit.session.seen_at, visit.at) or (
        is_newest and needs_rotation(visit.session, keeper.rules, visit.at)
    )


def is_seen_due(seen_at: UnixSeconds | None, now: UnixSeconds) -> bool:
    return seen_at is None or seen_at + SEEN_EVERY_S <= now


def keep_session(db: Connection, visit: Visit, value: Secret, keeper: SessionKeeper) -> Secret | None:
    """Note that the person was seen, and return the session's next value when one is due.

    None: the value stays, or another request has just got the next one.
    """
    session, now = visit.session, visit.at
    if is_seen_due(session.seen_at, now):
        rows.set_seen(db, session.id, at=now)
        accounts.set_last_seen(db, session.account_id, at=now)
    if visit.standing is not Standing.NEWEST or not needs_rotation(session, keeper.rules, now):
        return None
    successor = keeper.mint.successor(value)
    before, after = keeper.mint.digests(value).whole, keeper.mint.digests(successor).whole
    return successor if rows.set_digest(db, session.id, after, before=before, at=now) else None


def replace_value(db: Connection, session_id: SessionId, keeper: SessionKeeper) -> Secret:
    """Give the session a new value at once; whoever has an old one is out. The caller records why."""
    value = keeper.mint.new_value()
    series, digest = keeper.mint.digests(value)
    rows.set_series(db, session_id, series=series, digest=digest, at=keeper.clock())
    return value


def end_visited(db: Connection, visit: Visit, *, why: str) -> None:
    """End a session that no principal could be made of: at a sign-out, or because its value was stolen."""
    session = visit.session
    if not rows.delete_session(db, session.account_id, session.id):
        return
    user = accounts.get_user_or_none(db, session.account_id)
    login = user.login if user is not None else ""
    actor = Actor(ActorKind.USER, session.account_id, login)
    target = Target("session", session.id, login)
    changes.record(db, actor, "session.end", target, at=visit.at, detail={"why": why})


def sign_out(db: Connection, value: Secret, keeper: SessionKeeper) -> bool:
    """End the session of this cookie and no other; return whether there was one."""
    try:
        visit = find_visit(db, value, keeper)
    except SessionUnknown:
        return False
    end_visited(db, visit, why="sign-out")
    return True


def list_sessions(db: Connection, account_id: AccountId, keeper: SessionKeeper) -> list[Session]:
    """Return a person's sessions, oldest first. Raises UserNotFound."""
    now = keeper.clock()
    user = accounts.find_user(db, account_id)
    return rows.list_sessions_of(
        db,
        user.id,
        seen_after=now - keeper.rules.idle_s,
        created_after=now - keeper.rules.absolute_s,
    )


def revoke_session(
    db: Connection, by: Principal, account_id: AccountId, session_id: SessionId, *, clock: Clock
) -> None:
    """End one session of the caller's, or of another person's.

    Raises UserNotFound, PermissionMissing, OwnSessionKept, SessionNotFound.
    """
    user = accounts.find_user(db, account_id)
    check_may_change(by, user, Action.USERS_AUTH_TOKEN_WRITE)
    if session_id == by.session_id:
        raise OwnSessionKept(f"session={session_id}")
    if not rows.delete_session(db, account_id, session_id):
        raise SessionNotFound(f"account={account_id} session={session_id}")
    target = Target("session", session_id, user.login)
    changes.record(db, by, "session.revoke", target, at=clock(), detail={"account": account_id})


def sign_out_user(db: Connection, by: Principal, account_id: AccountId, *, clock: Clock) -> None:
    """End all sessions of somebody else. Raises OwnSignOutRefused, UserNotFound, PermissionMissing."""
    if by.kind is PrincipalKind.USER and by.account_id == account_id:
        raise OwnSignOutRefused
    user = accounts.find_user(db, account_id)
    check_may_change(by, user, Action.USERS_LOGOUT)
    ended = rows.delete_sessions_of(db, account_id)
    target = Target("user", account_id, user.login)
    changes.record(db, by, "user.sign-out", target, at=clock(), detail={"sessions": ended})
