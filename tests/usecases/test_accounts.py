from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import LastServerAdmin, LoginMissing, LoginTaken, UserExists, UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import UnixSeconds, frozen_clock
from keystead.core.errors import KeysteadError
from keystead.core.orgs.errors import OrgNameTaken, OrgNotFound, OrgNotOwn
from keystead.core.orgs.member import OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage import accounts as rows
from keystead.storage import changes as log
from keystead.storage import memberships, passwords, sessions, throttle
from keystead.storage.engine import Database
from keystead.storage.passwords import StoredPassword
from keystead.usecases import accounts
from keystead.usecases.accounts import JoinRules, NewUser, Profile
from keystead.usecases.changes import THE_HOST
from keystead.usecases.paging import Page
from tests.makers import NOON, a_machine, a_person, a_principal, an_installation, an_org, as_person

Unchanged = Callable[[], AbstractContextManager[None]]
NOW = frozen_clock(NOON)
NOBODY = AccountId(404)
KEPT = StoredPassword(Secret("canary-hash"), 1)
BOB = NewUser("bob", "bob@example.com", "Bob", KEPT)
FIRST = Page(0, 9)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def root(database: Database, home: OrgId) -> Principal:
    with database.write() as db:
        return as_person(db, a_person(db, home, login="root", is_server_admin=True))


@pytest.fixture
def other_root(database: Database, root: Principal) -> AccountId:
    with database.write() as db:
        return a_person(db, root.org, login="other-root", is_server_admin=True)


@pytest.fixture
def alice(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home)


@pytest.fixture
def rules(home: OrgId) -> JoinRules:
    return JoinRules(auto_assign_org=True, org=home, role=Role.VIEWER)


def helper(home: OrgId) -> Principal:
    """Return a caller whom some role lets manage people, and who is no server admin."""
    return a_principal(home, permissions=[Permission("users:write", "global.users:*")])


def a_session(database: Database, account_id: AccountId) -> None:
    with database.write() as db:
        series = f"series of {account_id}".encode()
        sessions.add_session(db, account_id, series=series, digest=b"d", address="", agent="", at=NOON)


def has_session(database: Database, account_id: AccountId) -> bool:
    with database.read() as db:
        return bool(sessions.list_sessions_of(db, account_id, seen_after=0, created_after=0))


def last_change(database: Database) -> Change:
    with database.read() as db:
        (entry, _) = list(log.list_changes(db))[-1]
    return entry


class TestFindingAPerson:
    def test_takes_login_or_email_in_their_exact_case(self, database: Database, alice: AccountId) -> None:
        with database.read() as db:
            found = accounts.find_user(db, alice)
            assert accounts.find_user_by_login_or_email(db, "alice") == found
            assert accounts.find_user_by_login_or_email(db, "alice@example.com") == found

    @pytest.mark.parametrize("name", ["", "ALICE", "sa-ci"])
    def test_is_refused_for_nobody(self, database: Database, alice: AccountId, name: str) -> None:
        del alice
        with database.write() as db:
            a_machine(db)
        with database.read() as db, pytest.raises(UserNotFound):
            accounts.find_user_by_login_or_email(db, name)

    def test_is_refused_for_a_caller_who_is_no_person(self, home: OrgId) -> None:
        with pytest.raises(UserNotFound):
            accounts.own_id(a_principal(home))


class TestListingPeople:
    def test_shows_all_to_whoever_may_see_all(
        self, database: Database, root: Principal, alice: AccountId
    ) -> None:
        with database.read() as db:
            found = accounts.list_users(db, root.grants, Page(0, 1))
            assert ([user.id for user in found.rows], found.total) == ([alice], 2)
            found = accounts.list_users(db, root.grants, FIRST, query="ROO")
            assert [user.login for user in found.rows] == ["root"]

    def test_shows_those_that_are_named(self, database: Database, root: Principal, alice: AccountId) -> None:
        del root
        grants = Grants.of([Permission("users:read", f"global.users:id:{alice}")])
        with database.read() as db:
            assert [user.id for user in accounts.list_users(db, grants, FIRST).rows] == [alice]

    def test_shows_who_was_seen_in_thirty_days(
        self, database: Database, root: Principal, alice: AccountId
    ) -> None:
        with database.write() as db:
            rows.set_last_seen(db, alice, at=NOON)
            in_time, too_late = UnixSeconds(NOON + 30 * 86_400 - 1), UnixSeconds(NOON + 30 * 86_400)
            shown = accounts.list_users(db, root.grants, FIRST, active_at=in_time)
            assert [user.id for user in shown.rows] == [alice]
            assert accounts.list_users(db, root.grants, FIRST, active_at=too_late).total == 0


class TestCreatingAPerson:
    def test_makes_a_member_of_the_organization_that_is_named(
        self, database: Database, root: Principal, rules: JoinRules
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            bob = accounts.create_user(db, root, BOB, org=other, rules=rules, clock=NOW)
            user = rows.find_user(db, bob)
            assert (user.login, user.email, user.name) == ("bob", "bob@example.com", "Bob")
            assert (user.active_org, user.is_server_admin, user.created_at) == (other, False, NOON)
            assert memberships.list_orgs_of(db, bob) == [OrgOfUser(other, "other", Role.VIEWER)]
            assert passwords.get_password_or_none(db, bob) == KEPT
        entry = last_change(database)
        assert (entry.action, entry.target_name) == ("user.create", "bob")

    def test_follows_the_rules_where_none_is_named(
        self, database: Database, root: Principal, rules: JoinRules
    ) -> None:
        with database.write() as db:
            editors = replace(rules, role=Role.EDITOR)
            bob = accounts.create_user(db, root, BOB, org=None, rules=editors, clock=NOW)
            assert memberships.list_orgs_of(db, bob) == [OrgOfUser(rules.org, "Main Org.", Role.EDITOR)]

    def test_gives_each_an_organization_of_their_own_if_the_rules_say_so(
        self, database: Database, root: Principal, rules: JoinRules, unchanged: Unchanged
    ) -> None:
        alone = replace(rules, auto_assign_org=False)
        with database.write() as db:
            bob = accounts.create_user(db, root, BOB, org=None, rules=alone, clock=NOW)
            (own,) = memberships.list_orgs_of(db, bob)
            assert (own.name, own.role) == ("bob@example.com", Role.ADMIN)
            an_org(db, name="eve@example.com")
        eve = NewUser("eve", "eve@example.com", "", None)
        with unchanged(), pytest.raises(OrgNameTaken), database.write() as db:
            accounts.create_user(db, root, eve, org=None, rules=alone, clock=NOW)

    @pytest.mark.parametrize(
        ("new", "kept"),
        [
            (NewUser("eve", " ", "", None), ("eve", "eve")),
            (NewUser("", " e@x ", "", None), ("e@x", "e@x")),
            (NewUser(" e ", "e@x", "", None), ("e", "e@x")),
        ],
    )
    def test_lets_each_name_stand_in_for_the_other(
        self, database: Database, root: Principal, rules: JoinRules, new: NewUser, kept: object
    ) -> None:
        with database.write() as db:
            user = rows.find_user(db, accounts.create_user(db, root, new, org=None, rules=rules, clock=NOW))
            assert (user.login, user.email) == kept

    @pytest.mark.usefixtures("alice")
    @pytest.mark.parametrize(
        "new",
        [
            NewUser("alice", "a@x", "", None),
            NewUser("ALICE", "a@x", "", None),
            NewUser("eve", "Alice@Example.com", "", None),
            NewUser("alice@example.com", "a@x", "", None),
        ],
    )
    def test_is_refused_for_a_name_of_somebody_in_any_case(
        self, database: Database, root: Principal, rules: JoinRules, unchanged: Unchanged, new: NewUser
    ) -> None:
        with unchanged(), pytest.raises(UserExists), database.write() as db:
            accounts.create_user(db, root, new, org=None, rules=rules, clock=NOW)

    def test_is_refused_without_a_name(
        self, database: Database, root: Principal, rules: JoinRules, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(LoginMissing), database.write() as db:
            accounts.create_user(db, root, NewUser(" ", "", "x", None), org=None, rules=rules, clock=NOW)

    @pytest.mark.parametrize("org", [OrgId(404), OrgId(-1), None])
    def test_is_refused_for_an_unknown_organization(
        self, database: Database, root: Principal, rules: JoinRules, unchanged: Unchanged, org: OrgId | None
    ) -> None:
        nowhere = replace(rules, org=OrgId(404))
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            accounts.create_user(db, root, BOB, org=org, rules=nowhere, clock=NOW)

    def test_twice_at_once_makes_one(self, postgresql_database: Database) -> None:
        database = postgresql_database
        with database.write() as db:
            an_installation(db)
            home = an_org(db)
            root = as_person(db, a_person(db, home, login="root", is_server_admin=True))
        rules = JoinRules(auto_assign_org=True, org=home, role=Role.VIEWER)

        def create(email: str) -> bool:
            new = NewUser("bob", email, "", None)
            try:
                with database.write() as db:
                    accounts.create_user(db, root, new, org=None, rules=rules, clock=NOW)
            except UserExists:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(create, [f"bob{n}@example.com" for n in range(12)]))
        assert sum(made) == 1


class TestChangingAProfile:
    def test_keeps_what_is_empty(self, database: Database, root: Principal, alice: AccountId) -> None:
        with database.write() as db:
            accounts.update_user(db, root, alice, Profile(login="al", name="Al", theme="dark"), clock=NOW)
            accounts.update_user(db, root, alice, Profile(login="al"), clock=NOW)
            user = rows.find_user(db, alice)
            assert (user.login, user.email) == ("al", "alice@example.com")
            assert (user.name, user.preferences.theme) == ("Al", "dark")
            assert rows.get_user_by_name_or_none(db, "alice") is None
            assert rows.get_user_by_name_or_none(db, "al") == user
        entry = last_change(database)
        assert (entry.action, entry.target_name, entry.detail) == (
            "user.update",
            "al",
            {"login_before": "al"},
        )

    def test_is_open_to_a_server_admin_for_themselves(self, database: Database, root: Principal) -> None:
        with database.write() as db:
            accounts.update_user(db, root, root.account_id, Profile(login="Root"), clock=NOW)
            assert rows.find_user(db, root.account_id).login == "Root"

    @pytest.mark.parametrize("login", ["root", "ROOT@example.com"])
    def test_is_refused_for_a_name_of_somebody_else(
        self, database: Database, root: Principal, alice: AccountId, unchanged: Unchanged, login: str
    ) -> None:
        with unchanged(), pytest.raises(LoginTaken), database.write() as db:
            accounts.update_user(db, root, alice, Profile(login=login), clock=NOW)

    def test_is_refused_without_a_name(
        self, database: Database, root: Principal, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(LoginMissing), database.write() as db:
            accounts.update_user(db, root, alice, Profile(name="Al"), clock=NOW)

    def test_is_refused_for_nobody(self, database: Database, root: Principal, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(UserNotFound), database.write() as db:
            accounts.update_user(db, root, NOBODY, Profile(login="x"), clock=NOW)


class TestAServerAdmin:
    def test_is_changed_by_no_one_but_a_server_admin(
        self, database: Database, home: OrgId, other_root: AccountId, unchanged: Unchanged
    ) -> None:
        by, target = helper(home), other_root
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.update_user(db, by, target, Profile(login="x"), clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.disable_user(db, by, target, clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.enable_user(db, by, target, clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.delete_user(db, by, target, clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.set_active_org(db, by, target, home, clock=NOW)

    def test_is_made_by_no_one_but_a_server_admin(
        self, database: Database, home: OrgId, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            accounts.set_server_admin(db, helper(home), alice, is_server_admin=True, clock=NOW)

    def test_may_be_made_on_the_host(self, database: Database, alice: AccountId) -> None:
        with database.write() as db:
            accounts.set_server_admin(db, THE_HOST, alice, is_server_admin=True, clock=NOW)
            accounts.disable_user(db, THE_HOST, a_person(db, login="bob"), clock=NOW)
            assert rows.find_user(db, alice).is_server_admin

    def test_starts_anew_when_made_or_unmade(
        self, database: Database, root: Principal, alice: AccountId
    ) -> None:
        for is_server_admin in (True, False):
            a_session(database, alice)
            with database.write() as db:
                accounts.set_server_admin(db, root, alice, is_server_admin=is_server_admin, clock=NOW)
                assert rows.find_user(db, alice).is_server_admin is is_server_admin
            assert not has_session(database, alice)
            assert last_change(database).detail == {"is_server_admin": is_server_admin}

    def test_stays_one_without_a_trace(
        self, database: Database, root: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), database.write() as db:
            accounts.set_server_admin(db, root, root.account_id, is_server_admin=True, clock=NOW)

    def test_is_never_the_last_to_go(
        self, database: Database, root: Principal, other_root: AccountId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            accounts.disable_user(db, root, other_root, clock=NOW)  # a disabled one helps nobody
        with unchanged(), pytest.raises(LastServerAdmin), database.write() as db:
            accounts.set_server_admin(db, root, root.account_id, is_server_admin=False, clock=NOW)
        with unchanged(), pytest.raises(LastServerAdmin), database.write() as db:
            accounts.disable_user(db, root, root.account_id, clock=NOW)
        with unchanged(), pytest.raises(LastServerAdmin), database.write() as db:
            accounts.delete_user(db, root, root.account_id, clock=NOW)
        with database.write() as db:
            accounts.delete_user(db, root, other_root, clock=NOW)

    def test_is_not_removed_when_two_remove_each_other(self, postgresql_database: Database) -> None:
        database = postgresql_database
        with database.write() as db:
            an_installation(db)
            home = an_org(db)
            pair = [
                as_person(db, a_person(db, home, login=login, is_server_admin=True)) for login in ("a", "b")
            ]

        def remove(n: int) -> bool:
            try:
                with database.write() as db:
                    accounts.delete_user(db, pair[n], pair[1 - n].account_id, clock=NOW)
            except KeysteadError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(remove, range(2))) == 1


class TestDisablingAPerson:
    def test_ends_their_sessions(self, database: Database, root: Principal, alice: AccountId) -> None:
        a_session(database, alice)
        with database.write() as db:
            accounts.disable_user(db, root, alice, clock=NOW)
            assert rows.find_user(db, alice).is_disabled
        assert not has_session(database, alice)
        assert last_change(database).action == "user.disable"

    def test_can_be_undone(self, database: Database, root: Principal, alice: AccountId) -> None:
        with database.write() as db:
            accounts.disable_user(db, root, alice, clock=NOW)
            accounts.enable_user(db, root, alice, clock=NOW)
            assert not rows.find_user(db, alice).is_disabled
        assert last_change(database).action == "user.enable"

    def test_changes_nothing_the_second_time(
        self, database: Database, root: Principal, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), database.write() as db:
            accounts.enable_user(db, root, alice, clock=NOW)
        with database.write() as db:
            accounts.disable_user(db, root, alice, clock=NOW)
        with unchanged(), database.write() as db:
            accounts.disable_user(db, root, alice, clock=NOW)

    @pytest.mark.parametrize("change", [accounts.disable_user, accounts.enable_user, accounts.delete_user])
    def test_is_refused_for_nobody(
        self, database: Database, root: Principal, unchanged: Unchanged, change: Callable[..., None]
    ) -> None:
        with database.write() as db:
            machine = a_machine(db)
        for target in (NOBODY, machine):
            with unchanged(), pytest.raises(UserNotFound), database.write() as db:
                change(db, root, target, clock=NOW)


class TestDeletingAPerson:
    def test_takes_along_what_is_theirs_alone(
        self, database: Database, root: Principal, alice: AccountId
    ) -> None:
        a_session(database, alice)
        with database.write() as db:
            throttle.add_counters(db, f"user:{alice}", "192.0.2.1", at=NOON)
            accounts.delete_user(db, root, alice, clock=NOW)
            assert rows.get_user_or_none(db, alice) is None
            assert throttle.list_failures(db, f"user:{alice}", "192.0.2.1")[0].last_at is None
        assert not has_session(database, alice)
        assert last_change(database).action == "user.delete"


class TestActingInAnotherOrganization:
    def test_is_open_to_its_members(self, database: Database, root: Principal, alice: AccountId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            memberships.add_membership(db, other, alice, role=Role.VIEWER, at=NOON)
            accounts.set_active_org(db, as_person(db, alice), alice, other, clock=NOW)
            assert rows.find_user(db, alice).active_org == other
            accounts.set_active_org(db, root, alice, other, clock=NOW)  # no change, no record
        entry = last_change(database)
        assert (entry.action, entry.actor.login, entry.org) == ("user.active-org", "alice", other)

    def test_is_refused_for_anybody_else(
        self, database: Database, root: Principal, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            other, machine = an_org(db, name="other"), a_machine(db)
            memberships.add_membership(db, other, machine, role=Role.VIEWER, at=NOON)
        for person, org in ((alice, other), (alice, OrgId(404)), (NOBODY, other), (machine, other)):
            with unchanged(), pytest.raises(OrgNotOwn), database.write() as db:
                accounts.set_active_org(db, root, person, org, clock=NOW)


class TestHelpFlags:
    def test_are_collected_and_cleared(self, database: Database, alice: AccountId) -> None:
        with database.write() as db:
            by = as_person(db, alice)
            assert accounts.add_help_flags(db, by, 1) == 1
            assert accounts.add_help_flags(db, by, 2) == 3
            accounts.clear_help_flags(db, by)
            assert accounts.add_help_flags(db, by, 2) == 2
