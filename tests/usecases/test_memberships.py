from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.orgs.errors import LastOrgAdmin, MemberExists, MemberNotFound, OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.storage import accounts, throttle
from keystead.storage import changes as log
from keystead.storage import memberships as rows
from keystead.storage.engine import Database
from keystead.usecases import memberships
from keystead.usecases.paging import Page
from tests.makers import NOON, a_machine, a_person, a_principal, an_installation, an_org, as_person

Unchanged = Callable[[], AbstractContextManager[None]]
NOW = frozen_clock(NOON)
UNKNOWN = OrgId(404)
NOBODY = AccountId(404)
Remove = Callable[..., object]


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home, login="admin", role=Role.ADMIN)


@pytest.fixture
def by(database: Database, admin: AccountId) -> Principal:
    with database.read() as db:
        return as_person(db, admin)


@pytest.fixture
def bob(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home, login="bob", role=Role.EDITOR)


def last_change(database: Database) -> Change:
    with database.read() as db:
        (entry, _) = list(log.list_changes(db))[-1]
    return entry


def role_of(database: Database, org: OrgId, account_id: AccountId) -> Role | None:
    with database.read() as db:
        return rows.get_role_or_none(db, org, account_id)


class TestListingMembers:
    @pytest.mark.parametrize("scope", ["*", "users:*", "users:id:*"])
    def test_shows_all_to_whoever_may_see_all(
        self, database: Database, home: OrgId, admin: AccountId, bob: AccountId, scope: str
    ) -> None:
        grants = Grants.of([Permission("org.users:read", scope)])
        with database.read() as db:
            found = memberships.list_members(db, home, grants, page=Page(0, 1))
            assert [member.id for member in found.rows] == [admin]
            assert found.total == 2
            found = memberships.list_members(db, home, grants, query="BO")
            assert ([member.id for member in found.rows], found.total) == ([bob], 1)

    def test_shows_those_that_are_named(self, database: Database, home: OrgId, bob: AccountId) -> None:
        scopes = ("", f"users:id:{bob}", "users:id:x", "teams:id:1")
        grants = Grants.of(Permission("org.users:read", scope) for scope in scopes)
        with database.read() as db:
            assert [member.id for member in memberships.list_members(db, home, grants).rows] == [bob]

    def test_shows_none_of_an_unknown_organization(self, database: Database, by: Principal) -> None:
        with database.read() as db:
            assert memberships.list_members(db, UNKNOWN, by.grants).rows == []

    def test_shows_all_for_looking_people_up(
        self, database: Database, home: OrgId, admin: AccountId, bob: AccountId
    ) -> None:
        with database.read() as db:
            assert [member.id for member in memberships.list_all_members(db, home)] == [admin, bob]


class TestAddingAMember:
    @pytest.mark.parametrize("name", ["eve", "eve@example.com"])
    def test_finds_the_person_by_login_or_email(
        self, database: Database, by: Principal, home: OrgId, name: str
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            eve = a_person(db, other, login="eve")
        with database.write() as db:
            added = memberships.add_member(db, by, home, login_or_email=name, role=Role.EDITOR, clock=NOW)
            assert added == eve
            assert accounts.find_user(db, eve).active_org == other
            assert [org.id for org in memberships.list_orgs_of(db, eve)] == [home, other]
        entry = last_change(database)
        assert (entry.action, entry.target_name, entry.org) == ("member.add", "eve", home)
        assert entry.detail == {"role": "Editor"}

    def test_leads_a_person_into_it_who_is_in_none(
        self, database: Database, by: Principal, home: OrgId
    ) -> None:
        with database.write() as db:
            eve = a_person(db, login="eve")
            memberships.add_member(db, by, home, login_or_email="eve", role=Role.VIEWER, clock=NOW)
            assert accounts.find_user(db, eve).active_org == home

    @pytest.mark.parametrize("name", ["nobody", "EVE", "sa-ci", ""])
    def test_is_refused_for_nobody(
        self, database: Database, by: Principal, home: OrgId, name: str, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            a_person(db, login="eve")
            a_machine(db)
        with unchanged(), pytest.raises(UserNotFound), database.write() as db:
            memberships.add_member(db, by, home, login_or_email=name, role=Role.VIEWER, clock=NOW)

    def test_is_refused_for_a_member(
        self, database: Database, by: Principal, home: OrgId, bob: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(MemberExists) as refused, database.write() as db:
            memberships.add_member(db, by, home, login_or_email="bob", role=Role.VIEWER, clock=NOW)
        assert refused.value.account_id == bob

    def test_is_refused_in_an_unknown_organization(
        self, database: Database, by: Principal, bob: AccountId, unchanged: Unchanged
    ) -> None:
        del bob
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            memberships.add_member(db, by, UNKNOWN, login_or_email="bob", role=Role.VIEWER, clock=NOW)

    def test_is_refused_above_the_callers_role(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        by = a_principal(home, role=Role.EDITOR)
        with unchanged(), pytest.raises(RoleAboveOwn), database.write() as db:
            memberships.add_member(db, by, home, login_or_email="nobody", role=Role.ADMIN, clock=NOW)

    def test_is_open_to_a_server_admin_without_a_role(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            root = a_person(db, login="root", is_server_admin=True)
            by = as_person(db, root)
            memberships.add_member(db, by, home, login_or_email="root", role=Role.ADMIN, clock=NOW)
        assert role_of(database, home, root) is Role.ADMIN


@pytest.fixture
def dual(database: Database, home: OrgId) -> tuple[AccountId, Principal]:
    """A Viewer here who is Admin elsewhere, and acts there."""
    with database.write() as db:
        person, other = a_person(db, home, login="dual", role=Role.VIEWER), an_org(db, name="other")
        rows.add_membership(db, other, person, role=Role.ADMIN, at=NOON)
        return person, as_person(db, person, other)


class TestWhoIsMoreElsewhere:
    """The action may have been given to a Viewer; how far it goes is said by the role where it is used."""

    @pytest.mark.goal("G20")
    def test_takes_nobody_in_above_the_role_here(
        self, database: Database, home: OrgId, dual: tuple[AccountId, Principal], unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            a_person(db, login="new")
        with unchanged(), pytest.raises(RoleAboveOwn), database.write() as db:
            memberships.add_member(db, dual[1], home, login_or_email="new", role=Role.EDITOR, clock=NOW)

    @pytest.mark.goal("G20")
    def test_rises_no_higher_here(
        self, database: Database, home: OrgId, dual: tuple[AccountId, Principal], unchanged: Unchanged
    ) -> None:
        person, by = dual
        with unchanged(), pytest.raises(RoleAboveOwn), database.write() as db:
            memberships.set_member_role(db, by, home, person, role=Role.ADMIN, clock=NOW)

    @pytest.mark.goal("G20")
    def test_lowers_nobody_above_the_role_here(
        self,
        database: Database,
        home: OrgId,
        dual: tuple[AccountId, Principal],
        bob: AccountId,
        unchanged: Unchanged,
    ) -> None:
        with unchanged(), pytest.raises(RoleAboveOwn), database.write() as db:
            memberships.set_member_role(db, dual[1], home, bob, role=Role.VIEWER, clock=NOW)

    def test_goes_as_far_as_the_role_here(
        self, database: Database, home: OrgId, dual: tuple[AccountId, Principal]
    ) -> None:
        with database.write() as db:
            new = a_person(db, login="new")
            memberships.add_member(db, dual[1], home, login_or_email="new", role=Role.VIEWER, clock=NOW)
        assert role_of(database, home, new) is Role.VIEWER


class TestChangingARole:
    def test_records_both(self, database: Database, by: Principal, home: OrgId, bob: AccountId) -> None:
        with database.write() as db:
            memberships.set_member_role(db, by, home, bob, role=Role.ADMIN, clock=NOW)
        assert role_of(database, home, bob) is Role.ADMIN
        entry = last_change(database)
        assert (entry.action, entry.target_name) == ("member.role", "bob")
        assert entry.detail == {"role": "Admin", "role_before": "Editor"}

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
    def test_is_refused_above_the_callers_role_before_or_after(
        self, database: Database, home: OrgId, admin: AccountId, unchanged: Unchanged, role: Role
    ) -> None:
        by = a_principal(home, role=Role.EDITOR)
        with unchanged(), pytest.raises(RoleAboveOwn), database.write() as db:
            memberships.set_member_role(db, by, home, admin, role=role, clock=NOW)

    def test_is_refused_for_the_last_admin(
        self, database: Database, by: Principal, home: OrgId, admin: AccountId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(LastOrgAdmin), database.write() as db:
            memberships.set_member_role(db, by, home, admin, role=Role.EDITOR, clock=NOW)

    def test_lets_the_last_admin_stay_admin(
        self, database: Database, by: Principal, home: OrgId, admin: AccountId
    ) -> None:
        with database.write() as db:
            memberships.set_member_role(db, by, home, admin, role=Role.ADMIN, clock=NOW)

    @pytest.mark.parametrize("org", [None, UNKNOWN])
    def test_is_refused_for_whoever_is_no_member(
        self, database: Database, by: Principal, bob: AccountId, unchanged: Unchanged, org: OrgId | None
    ) -> None:
        with database.write() as db:
            other = org or an_org(db, name="other")
        with unchanged(), pytest.raises(MemberNotFound), database.write() as db:
            memberships.set_member_role(db, by, other, bob, role=Role.VIEWER, clock=NOW)

    def test_is_refused_for_a_machine(
        self, database: Database, by: Principal, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            machine = a_machine(db)
            rows.add_membership(db, home, machine, role=Role.VIEWER, at=NOON)
        with unchanged(), pytest.raises(MemberNotFound), database.write() as db:
            memberships.set_member_role(db, by, home, machine, role=Role.VIEWER, clock=NOW)


class TestRemovingAMember:
    def test_leads_the_person_to_another_organization(
        self, database: Database, by: Principal, home: OrgId, bob: AccountId
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            rows.add_membership(db, other, bob, role=Role.VIEWER, at=NOON)
            memberships.remove_member(db, by, home, bob, clock=NOW)
            assert accounts.find_user(db, bob).active_org == other
        assert role_of(database, home, bob) is None
        assert last_change(database).action == "member.remove"

    def test_never_deletes_the_person(
        self, database: Database, by: Principal, home: OrgId, bob: AccountId
    ) -> None:
        with database.write() as db:
            memberships.remove_member(db, by, home, bob, clock=NOW)
            assert accounts.find_user(db, bob).active_org is None

    @pytest.mark.parametrize("remove", [memberships.remove_member, memberships.remove_or_delete_member])
    def test_is_refused_for_the_last_admin(
        self, database: Database, by: Principal, home: OrgId, unchanged: Unchanged, remove: Remove
    ) -> None:
        with unchanged(), pytest.raises(LastOrgAdmin), database.write() as db:
            remove(db, by, home, by.account_id, clock=NOW)

    @pytest.mark.parametrize("remove", [memberships.remove_member, memberships.remove_or_delete_member])
    def test_is_refused_for_nobody(
        self, database: Database, by: Principal, home: OrgId, unchanged: Unchanged, remove: Remove
    ) -> None:
        with unchanged(), pytest.raises(MemberNotFound), database.write() as db:
            remove(db, by, home, NOBODY, clock=NOW)


class TestRemovingOrDeletingAMember:
    def test_deletes_the_person_whose_only_organization_it_was(
        self, database: Database, by: Principal, home: OrgId, bob: AccountId
    ) -> None:
        with database.write() as db:
            throttle.add_counters(db, f"user:{bob}", "192.0.2.1", at=NOON)
            assert memberships.remove_or_delete_member(db, by, home, bob, clock=NOW)
            assert accounts.get_user_or_none(db, bob) is None
            assert throttle.list_failures(db, f"user:{bob}", "192.0.2.1")[0].last_at is None
        entry = last_change(database)
        assert (entry.action, entry.target_name, entry.org) == ("user.delete", "bob", home)

    def test_only_removes_a_person_who_has_another(
        self, database: Database, by: Principal, home: OrgId, bob: AccountId
    ) -> None:
        with database.write() as db:
            rows.add_membership(db, an_org(db, name="other"), bob, role=Role.VIEWER, at=NOON)
            assert not memberships.remove_or_delete_member(db, by, home, bob, clock=NOW)
            assert accounts.get_user_or_none(db, bob) is not None
        assert last_change(database).action == "member.remove"

    def test_only_removes_a_server_admin(self, database: Database, by: Principal, home: OrgId) -> None:
        with database.write() as db:
            root = a_person(db, home, login="root", is_server_admin=True)
            assert not memberships.remove_or_delete_member(db, by, home, root, clock=NOW)
            assert accounts.find_user(db, root).active_org is None
