from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin, Principal
from keystead.core.accounts.errors import (
    LoginMissing,
    OldPasswordWrong,
    PasswordTooCommon,
    PasswordTooShort,
    UserNotFound,
)
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import ActorKind, Change
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import BasicRefused, SessionUnknown
from keystead.storage import accounts
from keystead.storage import changes as log
from keystead.storage import passwords as rows
from keystead.storage.engine import Database
from keystead.usecases.doorkeeper import Doorkeeper
from keystead.usecases.password_hasher import PasswordHasher
from keystead.usecases.passwords import Passwords
from tests.makers import NOON, a_person, a_principal, an_org, as_person
from tests.usecases.conftest import HandClock

Unchanged = Callable[[], AbstractContextManager[None]]
OLD, NEW, WRONG = Secret("canary old one"), Secret("canary new one"), Secret("canary wrong")
SHORT, ORG_NAME, LOGIN = Secret("canary8"), Secret("Canary-Works"), Secret("canary-alice")
FROM = Origin("192.0.2.1", "r1", "Firefox")


@pytest.fixture
def home(database: Database, door: Doorkeeper) -> OrgId:
    del door
    with database.write() as db:
        return an_org(db, name="Canary Works")


@pytest.fixture
def alice(database: Database, home: OrgId, hasher: PasswordHasher) -> AccountId:
    with database.write() as db:
        return a_person(db, home, login="canary-alice", email="alice", password=hasher.hash(OLD))


@pytest.fixture
def root(database: Database, home: OrgId, hasher: PasswordHasher) -> Principal:
    with database.write() as db:
        person = a_person(db, home, login="root", is_server_admin=True, password=hasher.hash(OLD))
        return as_person(db, person)


def opens(door: Doorkeeper, password: Secret, address: str = "198.51.100.1") -> bool:
    try:
        door.by_password("alice", password, None, Origin(address))
    except BasicRefused:
        return False
    return True


def is_alive(door: Doorkeeper, cookie: Secret) -> bool:
    try:
        door.by_session(cookie, None, FROM)
    except SessionUnknown:
        return False
    return True


def last_change(database: Database) -> Change:
    with database.read() as db:
        (entry, _) = list(log.list_changes(db))[-1]
    return entry


class TestThePasswordOfANewPerson:
    def test_is_hashed(self, passwords: Passwords, hasher: PasswordHasher) -> None:
        assert hasher.is_match(passwords.hash_for_new_user("bob", "", NEW), NEW)

    @pytest.mark.parametrize(
        ("login", "email", "refusal"),
        [
            ("", " ", LoginMissing),
            ("canary-alice", "", PasswordTooCommon),
            ("", "Canary-Alice", PasswordTooCommon),
        ],
    )
    def test_is_refused(self, passwords: Passwords, login: str, email: str, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            passwords.hash_for_new_user(login, email, LOGIN)

    def test_is_refused_when_it_is_short(self, passwords: Passwords) -> None:
        with pytest.raises(PasswordTooShort):
            passwords.hash_for_new_user("bob", "", SHORT)


class TestChangingOnesOwn:
    def test_ends_all_other_sessions_and_gives_this_one_a_new_value(
        self, database: Database, door: Doorkeeper, passwords: Passwords, alice: AccountId
    ) -> None:
        this, other = (door.by_form("alice", OLD, FROM).cookie for _ in range(2))
        by = door.by_session(this, None, FROM).principal
        cookie = passwords.change_own(by, OLD, NEW)
        assert cookie is not None
        assert [is_alive(door, value) for value in (this, other, cookie)] == [False, False, True]
        assert [opens(door, password) for password in (OLD, NEW)] == [False, True]
        entry = last_change(database)
        assert (entry.action, entry.target_id) == ("user.password", str(alice))

    @pytest.mark.usefixtures("alice")
    def test_gives_no_cookie_to_whoever_came_without(self, door: Doorkeeper, passwords: Passwords) -> None:
        cookie = door.by_form("alice", OLD, FROM).cookie
        by = door.by_password("alice", OLD, None, FROM).principal
        assert passwords.change_own(by, OLD, NEW) is None
        assert not is_alive(door, cookie)

    @pytest.mark.parametrize("old", [WRONG, Secret(""), NEW])
    def test_is_refused_without_the_old_one(
        self, database: Database, passwords: Passwords, alice: AccountId, unchanged: Unchanged, old: Secret
    ) -> None:
        with database.read() as db:
            by = as_person(db, alice)
        with unchanged(), pytest.raises(OldPasswordWrong):
            passwords.change_own(by, old, NEW)

    def test_is_refused_for_a_person_without_one(
        self, database: Database, home: OrgId, passwords: Passwords, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            by = as_person(db, a_person(db, home, login="bob"))
        with unchanged(), pytest.raises(OldPasswordWrong):
            passwords.change_own(by, OLD, NEW)

    def test_is_refused_when_it_was_changed_meanwhile(
        self, database: Database, passwords: Passwords, alice: AccountId, hasher: PasswordHasher
    ) -> None:
        def write() -> AbstractContextManager[Connection]:
            with database.write() as db:
                rows.set_password(db, alice, hasher.hash(OLD), at=NOON)
            return database.write()

        with database.read() as db:
            by = as_person(db, alice)
        with pytest.raises(OldPasswordWrong):
            replace(passwords, write=write).change_own(by, OLD, NEW)

    @pytest.mark.parametrize(
        ("new", "refusal"),
        [
            (SHORT, PasswordTooShort),
            (Secret("canary 8"), PasswordTooShort),
            (ORG_NAME, PasswordTooCommon),
            (LOGIN, PasswordTooCommon),
        ],
    )
    def test_is_refused_for_a_weak_one(
        self,
        database: Database,
        passwords: Passwords,
        alice: AccountId,
        new: Secret,
        refusal: type[Exception],
    ) -> None:
        with database.read() as db:
            by = as_person(db, alice)
        with pytest.raises(refusal):
            passwords.change_own(by, OLD, new)

    def test_ends_the_first_password_and_is_no_repetition_of_it(
        self,
        database: Database,
        door: Doorkeeper,
        passwords: Passwords,
        alice: AccountId,
        hand_clock: HandClock,
    ) -> None:
        with database.write() as db:
            kept = rows.get_password_or_none(db, alice)
            assert kept is not None
            rows.set_password(db, alice, replace(kept, dies_at=UnixSeconds(NOON + 60)), at=NOON)
        by = door.by_password("alice", OLD, None, FROM).principal
        with pytest.raises(PasswordTooCommon):
            passwords.change_own(by, OLD, OLD)
        passwords.change_own(by, OLD, NEW)
        hand_clock.move(60)
        assert not door.by_password("alice", NEW, None, FROM).is_password_change_due

    def test_is_refused_for_a_machine(self, home: OrgId, passwords: Passwords, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(UserNotFound):
            passwords.change_own(a_principal(home), OLD, NEW)


class TestReplacingAFirstPassword:
    @pytest.fixture
    def by(self, database: Database, door: Doorkeeper, alice: AccountId) -> Principal:
        with database.write() as db:
            kept = rows.get_password_or_none(db, alice)
            assert kept is not None
            rows.set_password(db, alice, replace(kept, dies_at=UnixSeconds(NOON + 60)), at=NOON)
        return door.by_session(door.by_form("alice", OLD, FROM).cookie, None, FROM).principal

    def test_asks_for_no_old_one(self, door: Doorkeeper, passwords: Passwords, by: Principal) -> None:
        cookie = passwords.replace_first(by, NEW)
        assert cookie is not None
        assert not door.by_session(cookie, None, FROM).is_password_change_due
        assert opens(door, NEW)

    def test_is_refused_for_the_same_one(
        self, passwords: Passwords, by: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(PasswordTooCommon):
            passwords.replace_first(by, OLD)

    def test_is_refused_the_second_time(
        self, passwords: Passwords, by: Principal, unchanged: Unchanged
    ) -> None:
        passwords.replace_first(by, NEW)
        with unchanged(), pytest.raises(OldPasswordWrong):
            passwords.replace_first(by, OLD)


class TestSettingAnothers:
    def test_ends_all_their_sessions(
        self, database: Database, door: Doorkeeper, passwords: Passwords, root: Principal, alice: AccountId
    ) -> None:
        cookie = door.by_form("alice", OLD, FROM).cookie
        passwords.set_for(root, alice, NEW)
        assert not is_alive(door, cookie)
        assert [opens(door, password) for password in (OLD, NEW)] == [False, True]
        entry = last_change(database)
        assert (entry.action, entry.actor.login, entry.target_name) == (
            "user.password",
            "root",
            "canary-alice",
        )

    def test_lifts_what_was_counted_in_a_row_but_not_by_address(
        self, door: Doorkeeper, passwords: Passwords, root: Principal, alice: AccountId
    ) -> None:
        for n in range(100):
            opens(door, WRONG, f"203.0.113.{n // 5}")
        passwords.set_for(root, alice, NEW)
        assert opens(door, NEW, "198.51.100.2")
        assert not opens(door, NEW, "203.0.113.1")

    def test_of_a_server_admin_is_for_server_admins(
        self, passwords: Passwords, home: OrgId, root: Principal, unchanged: Unchanged
    ) -> None:
        by = a_principal(home, permissions=[Permission("users.password:write", "global.users:*")])
        with unchanged(), pytest.raises(PermissionMissing):
            passwords.set_for(by, root.account_id, NEW)

    def test_is_refused_for_a_weak_one_before_anybody_is_looked_for(
        self, passwords: Passwords, root: Principal, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(PasswordTooShort):
            passwords.set_for(root, AccountId(404), SHORT)
        with unchanged(), pytest.raises(PasswordTooCommon):
            passwords.set_for(root, alice, ORG_NAME)

    def test_is_refused_for_nobody(self, passwords: Passwords, root: Principal, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(UserNotFound):
            passwords.set_for(root, AccountId(404), NEW)


class TestResettingOnTheHost:
    def test_lifts_all_that_throttles(
        self, database: Database, door: Doorkeeper, passwords: Passwords, alice: AccountId
    ) -> None:
        cookie = door.by_form("alice", OLD, FROM).cookie
        for _ in range(5):
            opens(door, WRONG, "203.0.113.1")
        assert passwords.reset("canary-alice", NEW).id == alice
        assert opens(door, NEW, "203.0.113.1")
        assert not is_alive(door, cookie)
        entry = last_change(database)
        assert (entry.action, entry.actor.kind) == ("user.password", ActorKind.HOST)

    @pytest.mark.usefixtures("alice")
    @pytest.mark.parametrize(("name", "refusal"), [("bob", UserNotFound), ("alice", PasswordTooCommon)])
    def test_is_refused(
        self, passwords: Passwords, unchanged: Unchanged, name: str, refusal: type[Exception]
    ) -> None:
        with unchanged(), pytest.raises(refusal):
            passwords.reset(name, LOGIN)

    def test_leaves_a_person_disabled(
        self, database: Database, door: Doorkeeper, passwords: Passwords, alice: AccountId
    ) -> None:
        with database.write() as db:
            accounts.set_disabled(db, alice, is_disabled=True, at=NOON)
        passwords.reset("alice", NEW)
        assert not opens(door, NEW)
