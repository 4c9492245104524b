from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from keystead.core.access.principal import Origin, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import BasicRefused, SessionUnknown, SignInRefused
from keystead.storage import accounts, memberships, passwords
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.storage.schema import session
from keystead.usecases.doorkeeper import Doorkeeper, is_still_good
from keystead.usecases.password_hasher import PasswordHasher
from tests.makers import NOON, a_person, an_org
from tests.rights import an_assignment
from tests.usecases.conftest import HandClock

Unchanged = Callable[[], AbstractContextManager[None]]
RIGHT, WRONG = Secret("canary right"), Secret("canary wrong")
FROM = Origin("192.0.2.1", "r1", "Firefox")
ROTATION_S = 600


@pytest.fixture
def home(database: Database, door: Doorkeeper) -> OrgId:
    del door
    with database.write() as db:
        return an_org(db)


@pytest.fixture
def alice(database: Database, home: OrgId, hasher: PasswordHasher) -> AccountId:
    with database.write() as db:
        return a_person(db, home, name="Alice", role=Role.EDITOR, password=hasher.hash(RIGHT))


def disable(database: Database, person: AccountId) -> None:
    with database.write() as db:
        accounts.set_disabled(db, person, is_disabled=True, at=NOON)


class TestAPassword:
    def test_opens_the_active_organization(
        self, database: Database, door: Doorkeeper, home: OrgId, alice: AccountId
    ) -> None:
        del database
        who = door.by_password("alice", RIGHT, None, FROM)
        by = who.principal
        assert (by.kind, by.account_id, by.login, by.name) == (PrincipalKind.USER, alice, "alice", "Alice")
        assert (by.org, by.role, by.session_id, by.credential_id) == (home, Role.EDITOR, None, None)
        assert by.grants.holds("orgs:read")
        assert by.origin == FROM
        assert (who.new_cookie, who.is_password_change_due) == (None, False)

    def test_opens_another_organization_with_the_role_there(
        self, database: Database, door: Doorkeeper, alice: AccountId
    ) -> None:
        with database.write() as db:
            other, foreign = an_org(db, name="other"), an_org(db, name="foreign")
            memberships.add_membership(db, other, alice, role=Role.ADMIN, at=NOON)
        assert door.by_password("alice", RIGHT, other, FROM).principal.role is Role.ADMIN
        for nowhere in (foreign, OrgId(404), OrgId(2**62)):
            by = door.by_password("alice", RIGHT, nowhere, FROM).principal
            assert (by.org, by.role, list(by.grants)) == (nowhere, None, [])

    def test_opens_the_server_to_its_admin_in_no_organization(
        self, database: Database, door: Doorkeeper, hasher: PasswordHasher
    ) -> None:
        with database.write() as db:
            a_person(db, login="root", is_server_admin=True, password=hasher.hash(RIGHT))
        by = door.by_password("root", RIGHT, None, FROM).principal
        assert (by.org, by.role, by.is_server_admin) == (None, None, True)
        assert by.grants.holds("orgs:create")

    def test_that_must_be_changed_says_so(
        self, database: Database, door: Doorkeeper, hasher: PasswordHasher
    ) -> None:
        first = replace(hasher.hash(RIGHT), dies_at=UnixSeconds(NOON + 60))
        with database.write() as db:
            a_person(db, login="bob", password=first)
        who = door.by_password("bob", RIGHT, None, FROM)
        assert who.is_password_change_due
        signed_in = door.by_form("bob", RIGHT, FROM)
        assert signed_in.is_password_change_due
        assert door.by_session(signed_in.cookie, None, FROM).is_password_change_due

    @pytest.mark.usefixtures("alice")
    def test_that_is_wrong_is_told_in_the_words_of_each_door(
        self, door: Doorkeeper, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(BasicRefused):
            door.by_password("alice", WRONG, None, FROM)
        with unchanged(), pytest.raises(SignInRefused):
            door.by_form("alice", WRONG, FROM)


@pytest.mark.usefixtures("home")
class TestASession:
    def test_is_started_at_the_form_and_opens_what_a_password_opens(
        self, door: Doorkeeper, alice: AccountId
    ) -> None:
        signed_in = door.by_form("alice", RIGHT, FROM)
        who = door.by_session(signed_in.cookie, None, FROM)
        assert who.principal.account_id == alice
        assert replace(who.principal, session_id=None) == signed_in.principal
        assert who.principal.session_id is not None
        assert who.new_cookie is None

    @pytest.mark.usefixtures("alice")
    def test_gets_its_next_value_while_it_is_used(self, door: Doorkeeper, hand_clock: HandClock) -> None:
        first = door.by_form("alice", RIGHT, FROM).cookie
        hand_clock.move(ROTATION_S)
        second = door.by_session(first, None, FROM).new_cookie
        assert second is not None
        assert door.by_session(first, None, FROM).new_cookie is None  # for a minute more
        assert door.by_session(second, None, FROM).new_cookie is None

    @pytest.mark.usefixtures("alice")
    def test_ends_when_an_old_value_is_used(
        self, database: Database, door: Doorkeeper, hand_clock: HandClock
    ) -> None:
        first = door.by_form("alice", RIGHT, FROM).cookie
        hand_clock.move(ROTATION_S)
        second = door.by_session(first, None, FROM).new_cookie
        assert second is not None
        hand_clock.move(60)
        for value in (first, second):
            with pytest.raises(SessionUnknown):
                door.by_session(value, None, FROM)
        with database.read() as db:
            (entry, _) = list(log.list_changes(db))[-1]
        assert (entry.action, entry.detail) == ("session.end", {"why": "an old value was used"})

    def test_is_unknown_for_a_disabled_person(
        self, database: Database, door: Doorkeeper, alice: AccountId, unchanged: Unchanged
    ) -> None:
        cookie = door.by_form("alice", RIGHT, FROM).cookie
        disable(database, alice)
        with unchanged(), pytest.raises(SessionUnknown):
            door.by_session(cookie, None, FROM)

    @pytest.mark.parametrize("text", ["", "f" * 64, "nonsense"])
    def test_is_unknown_by_any_other_text(self, door: Doorkeeper, text: str) -> None:
        with pytest.raises(SessionUnknown):
            door.by_session(Secret(text), None, FROM)


class TestStartingASession:
    def test_is_refused_when_something_came_in_between(
        self, database: Database, door: Doorkeeper, hasher: PasswordHasher, alice: AccountId
    ) -> None:
        entrant = door.passwords.get_entrant_or_none("alice", RIGHT, FROM.address)
        assert entrant is not None
        with database.write() as db:
            assert is_still_good(db, entrant)
            passwords.set_password(db, alice, hasher.hash(WRONG), at=NOON)
            assert not is_still_good(db, entrant)
            passwords.set_password(db, alice, entrant.password, at=NOON)
            accounts.set_disabled(db, alice, is_disabled=True, at=NOON)
            assert not is_still_good(db, entrant)
            accounts.delete_user(db, alice)
            assert not is_still_good(db, entrant)

    def test_starts_none_then(self, database: Database, door: Doorkeeper, alice: AccountId) -> None:
        """Another request disables the person while the password is checked."""

        assert door.passwords.get_entrant_or_none("alice", RIGHT, FROM.address) is not None
        overtaken = replace(door, write=lambda: after(lambda: disable(database, alice), database.write()))
        with pytest.raises(SignInRefused):
            overtaken.by_form("alice", RIGHT, FROM)
        with database.read() as db:
            assert db.execute(session.select()).all() == []


@contextmanager
def after(act: Callable[[], None], transaction: AbstractContextManager[Connection]) -> Iterator[Connection]:
    act()
    with transaction as db:
        yield db


class TestGrantsElsewhere:
    def test_come_with_the_membership_there(
        self, database: Database, door: Doorkeeper, home: OrgId, alice: AccountId
    ) -> None:
        with database.write() as db:
            other, foreign = an_org(db, name="other"), an_org(db, name="foreign")
            memberships.add_membership(db, other, alice, role=Role.ADMIN, at=NOON)
        by = door.by_password("alice", RIGHT, None, FROM).principal
        assert by.org == home
        assert door.grants_in(by, other).allows("org.users:write", "users:id:1")
        assert list(door.grants_in(by, foreign)) == []

    def test_of_a_server_admin_are_those_of_the_server(
        self, database: Database, door: Doorkeeper, home: OrgId, hasher: PasswordHasher
    ) -> None:
        with database.write() as db:
            a_person(db, login="root", is_server_admin=True, password=hasher.hash(RIGHT))
        by = door.by_password("root", RIGHT, None, FROM).principal
        assert door.grants_in(by, home).holds("orgs:delete")
        assert door.grants_in(by, OrgId(404)).holds("orgs:read")

    def test_and_in_all_organizations_are_what_was_given_everywhere(
        self, database: Database, door: Doorkeeper, alice: AccountId
    ) -> None:
        by = door.by_password("alice", RIGHT, None, FROM).principal
        assert not door.grants_in(by, None).holds("orgs:create")
        with database.write() as db:
            an_assignment(db, None, "fixed:organization:maintainer", account=alice)
        assert door.grants_in(by, None).holds("orgs:create")
        assert door.grants_in(by, OrgId(404)).holds("orgs:create")
