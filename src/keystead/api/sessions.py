"""Sessions on the wire, which calls them auth tokens: one's own and those of others."""

from typing import Annotated

from msgspec import Meta, Struct

from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId
from keystead.core.path_id import MAX_INT64
from keystead.core.sessions.browser import browser_of
from keystead.core.sessions.model import Session, SessionId
from keystead.http.endpoint import Call
from keystead.http.render import Message, rfc3339
from keystead.usecases import sessions


class RevokeSession(Struct, rename="camel", kw_only=True):
    auth_token_id: Annotated[int, Meta(ge=-MAX_INT64 - 1, le=MAX_INT64)] = 0


class SessionShape(Struct, rename="camel"):
    id: int
    is_active: bool  # the one of this request
    client_ip: str
    device: str
    os: str
    os_version: str
    browser: str
    browser_version: str
    created_at: str
    seen_at: str


def sessions_of(call: Call[Principal], account: AccountId) -> list[SessionShape]:
    with call.deps.read() as db:
        found = sessions.list_sessions(db, account, call.deps.sessions)
    return [to_shape(call, session) for session in found]


def revoke(call: Call[Principal], account: AccountId, body: RevokeSession) -> Message:
    session = SessionId(body.auth_token_id)
    with call.deps.write() as db:
        sessions.revoke_session(db, call.by, account, session, clock=call.deps.clock)
    return Message("User auth token revoked")


def to_shape(call: Call[Principal], session: Session) -> SessionShape:
    browser = browser_of(session.user_agent)
    return SessionShape(
        id=session.id,
        is_active=session.id == call.by.session_id,
        client_ip=session.address,
        device="Other",
        os=browser.system,
        os_version=browser.system_version,
        browser=browser.name,
        browser_version=browser.version,
        created_at=rfc3339(session.created_at),
        seen_at=rfc3339(session.seen_at),
    )
