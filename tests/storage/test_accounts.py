import pytest
from sqlalchemy import Connection, select

from keystead.core.access.roles import Role
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.accounts.names import PersonNames
from keystead.core.clock import UnixSeconds
from keystead.core.secret import Secret
from keystead.storage import accounts, memberships, passwords
from keystead.storage.engine import Database
from keystead.storage.passwords import StoredPassword
from keystead.storage.people_filter import EVERYBODY, PeopleFilter
from keystead.storage.schema import login_name
from tests.makers import NOON, a_machine, a_person, an_org

UNKNOWN = AccountId(2**62)
LATER = UnixSeconds(NOON + 60)
KEPT = StoredPassword(Secret("canary-hash"), 3, LATER)


def logins(db: Connection, which: PeopleFilter = EVERYBODY, *, offset: int = 0) -> list[str]:
    return [user.login for user in accounts.list_users(db, which, offset=offset, limit=9)]


class TestAPerson:
    def test_is_found_by_id_login_and_email(self, database: Database) -> None:
        with database.write() as db:
            alice = a_person(db, login="alice", email="a@example.com")
            found = accounts.find_user(db, alice)
            assert accounts.get_user_by_name_or_none(db, "alice") == found
            assert accounts.get_user_by_name_or_none(db, "a@example.com") == found
            assert accounts.lock_user(db, alice) == found

    @pytest.mark.parametrize("name", ["Alice", "alic", "alice\0", "", "alice%"])
    def test_is_not_found_by_a_name_that_only_looks_alike(self, database: Database, name: str) -> None:
        with database.write() as db:
            a_person(db, login="alice")
            assert accounts.get_user_by_name_or_none(db, name) is None

    def test_is_never_a_machine(self, database: Database) -> None:
        with database.write() as db:
            ci = a_machine(db)
            assert accounts.get_user_or_none(db, ci) is None
            assert passwords.get_password_or_none(db, ci) is None
            assert logins(db) == []
            with pytest.raises(UserNotFound):
                accounts.lock_user(db, ci)

    def test_is_not_found_when_unknown(self, database: Database) -> None:
        with database.read() as db, pytest.raises(UserNotFound):
            accounts.find_user(db, UNKNOWN)

    def test_holds_both_names_in_any_case(self, database: Database) -> None:
        with database.write() as db:
            accounts.lock_login_names(db)
            alice = a_person(db, login="Älice", email="a@example.com")
            assert accounts.list_owners_of_names(db, PersonNames("ÄLICE", "x")) == [alice]
            assert accounts.list_owners_of_names(db, PersonNames("A@example.com", "älice")) == [alice]
            accounts.delete_login_names(db, alice)
            assert accounts.list_owners_of_names(db, PersonNames("ÄLICE", "x")) == []

    def test_holds_one_name_where_login_and_email_are_the_same(self, database: Database) -> None:
        with database.write() as db:
            a_person(db, login="a@example.com", email="A@example.com")
            assert db.execute(select(login_name.c.key)).scalars().all() == ["a@example.com"]

    def test_is_changed_alone(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice, bob = a_person(db, login="alice"), a_person(db, login="bob")
            before = accounts.find_user(db, bob)
            accounts.set_profile(db, alice, PersonNames("al", "al@x"), name="Al", theme="dark", at=LATER)
            accounts.set_server_admin(db, alice, is_server_admin=True, at=LATER)
            accounts.set_disabled(db, alice, is_disabled=True, at=LATER)
            accounts.set_active_org(db, alice, org)
            accounts.set_last_seen(db, alice, at=LATER)
            accounts.set_last_seen(db, alice, at=NOON)  # goes nowhere
            after = accounts.find_user(db, alice)
            assert (after.login, after.email, after.name, after.preferences.theme) == (
                "al",
                "al@x",
                "Al",
                "dark",
            )
            assert (after.is_server_admin, after.is_disabled, after.active_org) == (True, True, org)
            assert (after.updated_at, after.last_seen_at) == (LATER, LATER)
            assert logins(db, PeopleFilter("al@X")) == ["al"]
            assert accounts.find_user(db, bob) == before

    def test_collects_help_flags(self, database: Database) -> None:
        with database.write() as db:
            alice = a_person(db)
            assert accounts.add_help_flags(db, alice, 1) == 1
            assert accounts.add_help_flags(db, alice, 4) == 5
            accounts.set_help_flags(db, alice, 0)
            assert accounts.add_help_flags(db, alice, 2) == 2
            assert [accounts.get_help_flags(db, one) for one in (alice, a_machine(db))] == [2, 0]

    def test_goes_alone(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db, login="alice"), a_person(db, login="bob")
            accounts.delete_user(db, alice)
            assert accounts.get_user_or_none(db, alice) is None
            assert accounts.find_user(db, bob).login == "bob"
            assert accounts.list_owners_of_names(db, PersonNames("alice", "alice")) == []


class TestAPassword:
    def test_is_kept_with_its_pepper_and_the_time_it_dies(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db, login="alice", password=KEPT), a_person(db, login="bob")
            assert passwords.get_password_or_none(db, alice) == KEPT
            assert accounts.find_user(db, alice).must_change_password
            assert passwords.get_password_or_none(db, bob) is None

    def test_is_replaced_only_where_it_is_the_expected_one(self, database: Database) -> None:
        new = StoredPassword(Secret("canary-new"), 4)
        with database.write() as db:
            alice = a_person(db, login="alice", password=KEPT)
            assert not passwords.set_password(db, alice, new, at=LATER, before=new.hash)
            assert passwords.set_password(db, alice, new, at=LATER, before=KEPT.hash)
            assert passwords.get_password_or_none(db, alice) == new
            assert passwords.set_password(db, alice, KEPT, at=LATER)
            assert not passwords.set_password(db, UNKNOWN, KEPT, at=LATER)


class TestListingPeople:
    def test_shows_them_by_login(self, database: Database) -> None:
        with database.write() as db:
            for login in ("b", "Z", "a-b", "ab"):
                a_person(db, login=login)
            assert logins(db) == ["Z", "a-b", "ab", "b"]
            assert logins(db, offset=2) == ["ab", "b"]
            assert accounts.count_users(db, EVERYBODY) == 4

    @pytest.mark.parametrize("query", ["ÄRGER", "ärger@", "JOSÉ", "jose\u0301", "strasse", "o", "er@E"])
    def test_finds_a_part_of_any_name_in_any_case(self, database: Database, query: str) -> None:
        with database.write() as db:
            a_person(db, login="Ärger", email="ärger@example.com", name="José Straße o")
            assert logins(db, PeopleFilter(query)) == ["Ärger"]

    @pytest.mark.parametrize("query", ["%", "_", "*", "/", "ice\0", "\uffff", "alicealice"])
    def test_takes_every_character_for_itself(self, database: Database, query: str) -> None:
        with database.write() as db:
            a_person(db, login="alice", email="alice", name="alice")
            assert logins(db, PeopleFilter(query)) == []
            assert accounts.count_users(db, PeopleFilter(query)) == 0

    def test_shows_only_whom_it_may(self, database: Database) -> None:
        with database.write() as db:
            alice = a_person(db, login="alice")
            a_person(db, login="bob")
            assert logins(db, PeopleFilter(only=frozenset({alice, UNKNOWN}))) == ["alice"]
            assert logins(db, PeopleFilter(only=frozenset())) == []

    def test_shows_who_was_seen_since(self, database: Database) -> None:
        with database.write() as db:
            alice = a_person(db, login="alice")
            a_person(db, login="bob")
            accounts.set_last_seen(db, alice, at=LATER)
            assert logins(db, PeopleFilter(seen_after=NOON)) == ["alice"]
            assert logins(db, PeopleFilter(seen_after=LATER)) == []


class TestServerAdmins:
    def test_are_those_who_can_sign_in(self, database: Database) -> None:
        with database.write() as db:
            a_person(db, login="alice")
            root = a_person(db, login="root", is_server_admin=True)
            old = a_person(db, login="old", is_server_admin=True)
            accounts.set_disabled(db, old, is_disabled=True, at=NOON)
            assert accounts.lock_server_admins(db) == {root}


class TestTheActiveOrganization:
    def test_becomes_another_of_theirs_or_none(self, database: Database) -> None:
        with database.write() as db:
            first, second = an_org(db, name="first"), an_org(db, name="second")
            alice, bob, eve = (a_person(db, first, login=login) for login in ("alice", "bob", "eve"))
            for person in (alice, eve):
                memberships.add_membership(db, second, person, role=Role.VIEWER, at=NOON)
            accounts.set_other_active_org(db, first, account_id=alice)
            assert accounts.find_user(db, alice).active_org == second
            assert accounts.find_user(db, eve).active_org == first
            accounts.set_other_active_org(db, first)
            assert accounts.find_user(db, eve).active_org == second
            assert accounts.find_user(db, bob).active_org is None
