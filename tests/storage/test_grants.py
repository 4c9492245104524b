import json
import sqlite3

import pytest
from sqlalchemy import Connection

from keystead.core.access.given import NO_ACCOUNT, Subject
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.storage import grants
from keystead.storage.engine import Database
from keystead.storage.schema_access import team_member
from tests.makers import a_service_account, an_org
from tests.rights import a_level, a_role, a_team, an_assignment

SELL = ("shop:sell", "orders:id:1")
THING = [*SELL, None]


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        return an_org(db)


@pytest.fixture
def ci(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_service_account(db, home)


def given(db: Connection, account: AccountId, org: OrgId | None, role: Role | None = Role.EDITOR) -> object:
    """Return what the verify path would read, after the listing has told the same."""
    subject = Subject(account, org, role)
    things = json.loads(grants.get_given(db, subject))
    assert sorted(map(str, things)) == sorted(str([*one.thing]) for one in grants.list_given(db, subject))
    return things


class TestARoleThatIsAssigned:
    def test_counts_where_it_was_assigned(self, database: Database, home: OrgId, ci: AccountId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            an_assignment(db, home, a_role(db, home, SELL), account=ci)
            assert given(db, ci, home) == [THING]
            assert given(db, ci, other) == given(db, ci, None) == []
            assert given(db, AccountId(ci + 1), home) == []

    def test_everywhere_counts_in_every_organization_and_in_none(
        self, database: Database, home: OrgId, ci: AccountId
    ) -> None:
        with database.write() as db:
            an_assignment(db, None, a_role(db, None, SELL), account=ci)
            assert given(db, ci, home) == given(db, ci, OrgId(404)) == given(db, ci, None, None) == [THING]

    def test_counts_for_members_alone(self, database: Database, home: OrgId, ci: AccountId) -> None:
        with database.write() as db:
            an_assignment(db, home, a_role(db, home, SELL), account=ci)
            assert given(db, ci, home, None) == []

    def test_is_nothing_when_it_is_another_organizations(
        self, database: Database, home: OrgId, ci: AccountId
    ) -> None:
        with database.write() as db:
            foreign = a_role(db, an_org(db, name="other"), SELL)
            an_assignment(db, home, foreign, account=ci)
            an_assignment(db, None, foreign, account=ci)
            assert not grants.list_given(db, Subject(ci, home, Role.ADMIN))

    def test_may_be_a_fixed_one_or_have_no_permissions(
        self, database: Database, home: OrgId, ci: AccountId
    ) -> None:
        with database.write() as db:
            an_assignment(db, home, "fixed:teams:writer", account=ci)
            assert given(db, ci, home) == [["fixed:teams:writer", None, None]]
            an_assignment(db, home, a_role(db, home), account=ci)
            assert len(grants.list_given(db, Subject(ci, home, Role.VIEWER))) == 1

    def test_reaches_through_a_team_as_long_as_one_is_in_it(
        self, database: Database, home: OrgId, ci: AccountId
    ) -> None:
        with database.write() as db:
            mine, foreign = a_team(db, home, ci), a_team(db, home)
            for one in (mine, foreign):
                an_assignment(db, home, a_role(db, home, SELL), team=one)
            assert given(db, ci, home) == [THING, ["teams", str(mine), "Member"]]
            db.execute(team_member.delete())
            assert given(db, ci, home) == []

    @pytest.mark.parametrize(
        ("own", "reached"), [(Role.VIEWER, 1), (Role.EDITOR, 2), (Role.ADMIN, 3), (None, 0)]
    )
    @pytest.mark.parametrize("is_global", [True, False])
    def test_to_a_basic_role_reaches_those_above_and_keys(
        self, database: Database, home: OrgId, own: Role | None, reached: int, *, is_global: bool
    ) -> None:
        with database.write() as db:
            for role in Role:
                an_assignment(db, None if is_global else home, a_role(db, None, SELL), basic_role=role)
            assert given(db, NO_ACCOUNT, home, own) == [THING] * reached


class TestALevel:
    def test_is_given_to_an_account_a_team_or_exactly_a_basic_role(
        self, database: Database, home: OrgId, ci: AccountId
    ) -> None:
        with database.write() as db:
            mine = a_team(db, home, admins=[ci])
            a_level(db, home, "Edit", ("serviceaccounts", "7"), account=ci)
            a_level(db, home, "Admin", ("folders", "f"), team=mine)
            a_level(db, home, "View", ("folders", "g"), basic_role=Role.VIEWER)
            own = [["serviceaccounts", "7", "Edit"], ["folders", "f", "Admin"]]
            membership = ["teams", str(mine), "Admin"]
            assert given(db, ci, home) == [*own, membership]
            assert given(db, ci, home, Role.VIEWER) == [*own, ["folders", "g", "View"], membership]
            assert given(db, NO_ACCOUNT, home, Role.VIEWER) == [["folders", "g", "View"]]
            assert given(db, ci, OrgId(home + 1)) == given(db, ci, home, None) == []


def test_a_listing_tells_the_way_of_each(database: Database, home: OrgId, ci: AccountId) -> None:
    with database.write() as db:
        mine = a_team(db, home, ci)
        an_assignment(db, home, a_role(db, home, SELL, name="seller"), team=mine)
        an_assignment(db, home, a_role(db, home, SELL, name="all sell"), basic_role=Role.VIEWER)
        told = [
            (one.role_uid, one.role_name, one.team_id, one.basic_role)
            for one in grants.list_given(db, Subject(ci, home, Role.EDITOR))
        ]
    assert told == [
        ("seller", "seller", mine, None),
        ("all-sell", "all sell", None, "Viewer"),
        (None, None, None, None),  # the membership itself
    ]


def test_the_statement_goes_by_indexes_alone(
    sqlite_database: Database, sqlite_raw: sqlite3.Connection
) -> None:
    seen: list[str] = []
    sqlite_raw.set_trace_callback(seen.append)
    with sqlite_database.read() as db:
        grants.get_given(db, Subject(AccountId(1), OrgId(1), Role.VIEWER))
    sqlite_raw.set_trace_callback(None)
    [statement] = [text for text in seen if "role_assignment" in text]
    steps = [row[3] for row in sqlite_raw.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert {step for step in steps if step.startswith("SCAN")} <= {"SCAN assigned", "SCAN given"}
