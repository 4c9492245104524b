"""People at the door: by password or by session, and what they may do in another organization."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from keystead.core.access.given import Subject
from keystead.core.access.grants import Grants
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import User
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import BasicRefused, SessionUnknown, SignInRefused
from keystead.core.sessions.model import SessionId
from keystead.storage import accounts, memberships, passwords
from keystead.usecases.grants import grants_of
from keystead.usecases.people import Identified
from keystead.usecases.sessions import (
    SessionKeeper,
    Standing,
    end_visited,
    find_visit,
    is_keeping_due,
    keep_session,
    start_session,
)
from keystead.usecases.sign_in import Entrant, SignIn
from keystead.usecases.transaction import Transaction


class SignedIn(NamedTuple):
    """What the form's answer is made of."""

    principal: Principal
    cookie: Secret
    is_password_change_due: bool


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Implements `People`."""

    read: Transaction
    write: Transaction
    passwords: SignIn
    sessions: SessionKeeper

    def by_password(self, name: str, password: Secret, org: OrgId | None, origin: Origin) -> Identified:
        """Raises BasicRefused, HashQueueFull."""
        entrant = self.passwords.get_entrant_or_none(name, password, origin.address)
        if entrant is None:
            raise BasicRefused
        with self.read() as db:
            principal = principal_of(db, entrant.user, org, origin)
        return Identified(principal, is_password_change_due=entrant.user.must_change_password)

    def by_form(self, name: str, password: Secret, origin: Origin) -> SignedIn:
        """Sign a person in with a browser. Raises SignInRefused, HashQueueFull."""
        entrant = self.passwords.get_entrant_or_none(name, password, origin.address)
        if entrant is None:
            raise SignInRefused
        with self.write() as db:
            if not is_still_good(db, entrant):
                raise SignInRefused(f"account={entrant.user.id}")
            principal = principal_of(db, entrant.user, None, origin)
            cookie = start_session(db, principal, self.sessions)
        return SignedIn(principal, cookie, entrant.user.must_change_password)

    def by_session(self, cookie: Secret, org: OrgId | None, origin: Origin) -> Identified:
        """Raises SessionUnknown; a value that had long been replaced was stolen, and ends its session."""
        with self.read() as db:
            visit = find_visit(db, cookie, self.sessions)
            user = accounts.get_user_or_none(db, visit.session.account_id)
            if user is None or user.is_disabled:
                raise SessionUnknown(f"session={visit.session.id}")
            principal = principal_of(db, user, org, origin, visit.session.id)
        if visit.standing is Standing.OLD:
            with self.write() as db:
                end_visited(db, visit, why="an old value was used")
            raise SessionUnknown(f"session={visit.session.id}")
        new_cookie = None
        if is_keeping_due(visit, self.sessions):
            with self.write() as db:
                new_cookie = keep_session(db, visit, cookie, self.sessions)
        return Identified(principal, new_cookie, user.must_change_password)

    def grants_in(self, by: Principal, org: OrgId | None) -> Grants:
        """Return what somebody may do in another organization than the request's; None: in all of them."""
        with self.read() as db:
            role = None if org is None else memberships.get_role_or_none(db, org, by.account_id)
            return grants_of(db, Subject(by.account_id, org, role, by.is_server_admin))


def is_still_good(db: Connection, entrant: Entrant) -> bool:
    """Say whether nothing came in between.

    Whoever disables a person or sets their password ends the sessions that there are, and must not miss one
    that is about to start.
    """
    try:
        user = accounts.lock_user(db, entrant.user.id)
    except UserNotFound:
        return False
    return not user.is_disabled and passwords.get_password_or_none(db, user.id) == entrant.password


def principal_of(
    db: Connection, user: User, org: OrgId | None, origin: Origin, session_id: SessionId | None = None
) -> Principal:
    """Return the person in one of their organizations; in any other, or in none, they have no role.

    `org` overrides the one in which they are active.
    """
    here = user.active_org if org is None else org
    role = None if here is None else memberships.get_role_or_none(db, here, user.id)
    return Principal(
        kind=PrincipalKind.USER,
        account_id=user.id,
        credential_id=None,
        session_id=session_id,
        org=here,
        role=role,
        login=user.login,
        name=user.name,
        is_server_admin=user.is_server_admin,
        grants=grants_of(db, Subject(user.id, here, role, user.is_server_admin)),
        origin=origin,
    )
