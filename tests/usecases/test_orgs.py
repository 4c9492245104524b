from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import frozen_clock
from keystead.core.orgs.errors import OrgIsCurrent, OrgNameTaken, OrgNotFound
from keystead.core.orgs.model import Address, OrgId
from keystead.storage import accounts, memberships
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.usecases import orgs
from keystead.usecases.paging import Page
from tests.makers import NOON, a_machine, a_person, a_principal, an_installation, an_org, as_person

Unchanged = Callable[[], AbstractContextManager[None]]
NOW = frozen_clock(NOON)
UNKNOWN = OrgId(404)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def alice(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home, role=Role.ADMIN)


@pytest.fixture
def by(database: Database, alice: AccountId) -> Principal:
    with database.read() as db:
        return as_person(db, alice)


def actions(database: Database) -> list[tuple[str, str, OrgId | None]]:
    with database.read() as db:
        return [(entry.action, entry.target_name, entry.org) for entry, _ in log.list_changes(db)]


class TestCreatingAnOrganization:
    def test_makes_a_person_its_admin_and_records_it(self, database: Database, by: Principal) -> None:
        with database.write() as db:
            org = orgs.create_org(db, by, name="Blue", clock=NOW)
        with database.read() as db:
            assert orgs.find_org(db, org) == orgs.find_org_by_name(db, "Blue")
            assert memberships.get_role_or_none(db, org, by.account_id) is Role.ADMIN
            assert accounts.find_user(db, by.account_id).active_org == by.org
        assert actions(database) == [("org.create", "Blue", org)]

    def test_leads_a_person_into_it_who_is_in_none(self, database: Database, home: OrgId) -> None:
        del home
        with database.write() as db:
            bob = a_person(db, login="bob", is_server_admin=True)
            org = orgs.create_org(db, as_person(db, bob), name="Blue", clock=NOW)
            assert accounts.find_user(db, bob).active_org == org

    def test_adds_nobody_for_a_key(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            org = orgs.create_org(db, a_principal(home), name="Blue", clock=NOW)
            assert orgs.find_org(db, org).name == "Blue"

    def test_is_refused_for_a_name_that_is_taken(
        self, database: Database, by: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(OrgNameTaken), database.write() as db:
            orgs.create_org(db, by, name="Main Org.", clock=NOW)


class TestListingOrganizations:
    @pytest.mark.parametrize(
        ("page", "names"),
        [
            (Page(0, 2), ["Main Org.", "a"]),
            (Page(1, 2), ["b"]),
            (Page(-1, 2), ["Main Org.", "a"]),
            (Page(2**63, 2**63), []),
            (Page(0, -1), []),
        ],
    )
    def test_shows_one_page(self, database: Database, home: OrgId, page: Page, names: list[str]) -> None:
        del home
        with database.write() as db:
            an_org(db, name="b")
            an_org(db, name="a")
            assert [org.name for org in orgs.list_orgs(db, page)] == names
            assert [org.name for org in orgs.list_orgs(db, page, prefix="nothing")] == []


class TestRenamingAnOrganization:
    def test_records_it(self, database: Database, by: Principal, home: OrgId) -> None:
        with database.write() as db:
            orgs.rename_org(db, by, home, name="Main Org.", clock=NOW)
            orgs.rename_org(db, by, home, name="Blue", clock=NOW)
            assert orgs.find_org(db, home).name == "Blue"
        assert actions(database) == [("org.rename", "Main Org.", home), ("org.rename", "Blue", home)]

    def test_is_refused_for_a_name_that_is_taken(
        self, database: Database, by: Principal, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            an_org(db, name="Blue")
        with unchanged(), pytest.raises(OrgNameTaken), database.write() as db:
            orgs.rename_org(db, by, home, name="Blue", clock=NOW)

    def test_is_refused_for_an_unknown_one(
        self, database: Database, by: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            orgs.rename_org(db, by, UNKNOWN, name="Blue", clock=NOW)


class TestChangingAnAddress:
    def test_keeps_what_is_not_filled_in(self, database: Database, by: Principal, home: OrgId) -> None:
        with database.write() as db:
            orgs.change_address(db, by, home, Address(city="Bergen", country="Norway"), clock=NOW)
            orgs.change_address(db, by, home, Address(city="Oslo", state="Oslo"), clock=NOW)
            assert orgs.find_org(db, home).address == Address(city="Oslo", state="Oslo", country="Norway")
        assert actions(database) == [("org.address", "Main Org.", home)] * 2

    def test_is_refused_for_an_unknown_one(
        self, database: Database, by: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            orgs.change_address(db, by, UNKNOWN, Address(city="Oslo"), clock=NOW)


class TestDeletingAnOrganization:
    def test_takes_its_machines_along_and_leads_its_people_elsewhere(
        self, database: Database, by: Principal, home: OrgId
    ) -> None:
        with database.write() as db:
            doomed = an_org(db, name="doomed")
            bob = a_person(db, doomed, login="bob")
            memberships.add_membership(db, home, bob, role=Role.VIEWER, at=NOON)
            eve = a_person(db, doomed, login="eve")
            machine = a_machine(db)
            memberships.add_membership(db, doomed, machine, role=Role.ADMIN, at=NOON)
        with database.write() as db:
            orgs.delete_org(db, by, doomed, clock=NOW)
        with database.read() as db:
            assert accounts.find_user(db, bob).active_org == home
            assert accounts.find_user(db, eve).active_org is None
            assert memberships.get_role_or_none(db, doomed, machine) is None
            with pytest.raises(OrgNotFound):
                orgs.find_org(db, doomed)
        assert actions(database) == [("org.delete", "doomed", doomed)]

    def test_is_refused_for_the_organization_of_the_request(
        self, database: Database, by: Principal, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
        with unchanged(), pytest.raises(OrgIsCurrent), database.write() as db:
            orgs.delete_org(db, replace(by, org=other), other, clock=NOW)

    def test_is_refused_for_an_unknown_one(
        self, database: Database, by: Principal, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            orgs.delete_org(db, by, UNKNOWN, clock=NOW)
