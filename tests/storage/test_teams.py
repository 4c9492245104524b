import pytest
from sqlalchemy import Connection, func, insert, select

from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.preferences.model import NO_PREFERENCES, Preferences
from keystead.core.teams.errors import TeamNotFound
from keystead.core.teams.model import TEAMS_BY_NAME, Team, TeamId, TeamLevel, place_of_team
from keystead.storage import (
    accounts,
    object_grants,
    orgs,
    preferences,
    serviceaccounts,
    team_groups,
    team_members,
    teams,
)
from keystead.storage.engine import Database
from keystead.storage.people_filter import EVERYBODY, PeopleFilter
from keystead.storage.schema_access import object_grant, role_assignment, team_group, team_member
from keystead.storage.teams import TeamFilter
from tests.makers import NOON, a_member, a_person, a_service_account, a_team, an_org

UNKNOWN = TeamId(2**62)
EVERYTHING = TeamFilter()
DARK = Preferences(theme="dark", timezone="utc", week_start="monday", locale="en-GB")


def names(db: Connection, org: OrgId, which: TeamFilter = EVERYTHING) -> list[str]:
    found = [team.name for team in teams.list_teams(db, org, which, offset=0, limit=100)]
    assert len(found) == teams.count_teams(db, org, which)
    return found


def behind(db: Connection, org: OrgId, place: Cursor | None, *, is_backward: bool = False) -> list[str]:
    found = teams.list_teams_from(db, org, EVERYTHING, place=place, is_backward=is_backward, limit=2)
    return [team.name for team in found]


class TestTeams:
    def test_are_found_in_their_organization_only(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team = a_team(db, org, name="Über", email="u@x")
            assert teams.find_team(db, org, team) == Team(team, org, "uÜber", "Über", "u@x", 0)
            assert teams.get_id_of_uid_or_none(db, org, "uÜber") == team
            assert teams.get_id_of_uid_or_none(db, org, "u\0") is None
            assert teams.get_id_of_uid_or_none(db, other, "uÜber") is None
            for wanted, place in ((team, other), (UNKNOWN, org)):
                with pytest.raises(TeamNotFound):
                    teams.find_team(db, place, wanted)
            assert names(db, other) == []

    def test_are_listed_by_name_byte_by_byte(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            only = frozenset({a_team(db, org, name="b"), a_team(db, org, name="A%")})
            inside = a_team(db, org, name="Über")
            alice = a_person(db, org)
            a_member(db, org, inside, alice)
            assert names(db, org) == ["A%", "b", "Über"]
            assert names(db, org, TeamFilter(only)) == ["A%", "b"]
            assert names(db, org, TeamFilter(query="üB")) == ["Über"]
            assert names(db, org, TeamFilter(query="%")) == ["A%"]
            assert names(db, org, TeamFilter(name="B")) == []
            assert names(db, org, TeamFilter(name="b")) == ["b"]
            assert names(db, org, TeamFilter(member=alice)) == ["Über"]
            cut = teams.list_teams(db, org, EVERYTHING, offset=1, limit=1)
            assert [team.name for team in cut] == ["b"]
            assert teams.count_teams(db, org, EVERYTHING, most=2) == 2

    def test_are_listed_from_a_place(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in "dbca":
                a_team(db, org, name=name)
            assert behind(db, org, None) == ["a", "b"]
            (place,) = [
                place_of_team(team)
                for team in teams.list_teams(db, org, TeamFilter(name="b"), offset=0, limit=1)
            ]
            assert behind(db, org, place) == ["c", "d"]
            assert behind(db, org, place, is_backward=True) == ["a"]
            assert behind(db, org, Cursor(TEAMS_BY_NAME, "bb", 1), is_backward=True) == ["b", "a"]

    def test_are_changed_in_their_organization_only(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team = a_team(db, org)
            assert teams.is_team_name_taken(db, org, "builders")
            assert not teams.is_team_name_taken(db, org, "builders", but=team)
            assert not teams.is_team_name_taken(db, other, "builders")
            teams.set_team(db, other, team, name="stolen", email="", at=NOON)
            teams.delete_team(db, other, team)
            teams.set_team(db, org, team, name="New", email="e@x", at=NOON)
            found = teams.find_team(db, org, team)
            assert (found.name, found.email, names(db, org, TeamFilter(query="new"))) == (
                "New",
                "e@x",
                ["New"],
            )

    def test_take_with_them_what_hangs_on_them(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            team, kept = a_team(db, org), a_team(db, org, name="kept")
            alice = a_person(db, org)
            for one in (team, kept):
                a_member(db, org, one, alice)
                team_groups.add_group(db, org, one, "cn=g")
                given(db, org, one, alice)
            object_grants.delete_of_object(db, org, "teams", str(team))
            teams.delete_team(db, org, team)
            assert left(db) == [1, 1, 1, 2]

    def test_go_with_their_organization(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            team, alice = a_team(db, org), a_person(db, org)
            a_member(db, org, team, alice)
            preferences.add_shared(db, org, DARK, team_id=team, at=NOON)
            given(db, org, team, alice)
            orgs.delete_org(db, org)
            assert left(db) == [0, 0, 0, 0]
            assert preferences.get_shared(db, org, team) == NO_PREFERENCES


def given(db: Connection, org: OrgId, team: TeamId, account: AccountId) -> None:
    """Give the team a role and a level, and the account a level on the team."""
    by = {"created_at": NOON, "created_by_kind": "user", "created_by_id": 1}
    role = {"org_id": org, "team_id": team, "fixed_role": "fixed:teams:writer"}
    db.execute(insert(role_assignment).values(**role, once=f"role {team}", **by))
    level = {"org_id": org, "level": "Admin"}
    to_team = {**level, "team_id": team, "kind": "serviceaccounts", "object_id": "7"}
    on_team = {**level, "account_id": account, "kind": "teams", "object_id": str(team)}
    db.execute(insert(object_grant).values(**to_team, once=f"to {team}", **by))
    db.execute(insert(object_grant).values(**on_team, once=f"on {team}", **by))


def left(db: Connection) -> list[int]:
    tables = (team_member, team_group, role_assignment, object_grant)
    return [db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


class TestMembers:
    def test_are_people_by_login_and_machines_only_count(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            team = a_team(db, org)
            bob, alice = a_person(db, org, login="bob"), a_person(db, org, login="alice")
            for account, level in (
                (bob, TeamLevel.ADMIN),
                (alice, TeamLevel.MEMBER),
                (a_service_account(db, org), TeamLevel.MEMBER),
            ):
                a_member(db, org, team, account, level)
            people = team_members.list_people(db, org, team, EVERYBODY)
            assert [(one.id, one.login, one.level) for one in people] == [
                (alice, "alice", TeamLevel.MEMBER),
                (bob, "bob", TeamLevel.ADMIN),
            ]
            assert teams.find_team(db, org, team).members == 3
            assert team_members.count_people(db, org, team, EVERYBODY) == 2
            only = PeopleFilter(only=frozenset({bob}))
            assert [one.login for one in team_members.list_people(db, org, team, only)] == ["bob"]

    def test_are_listed_from_a_place(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            team = a_team(db, org)
            for login in "cab":
                a_member(db, org, team, a_person(db, org, login=login))

            def logins(place: Cursor | None, *, is_backward: bool = False) -> list[str]:
                found = team_members.list_people_from(
                    db, org, team, EVERYBODY, place=place, is_backward=is_backward, limit=2
                )
                return [one.login for one in found]

            place = Cursor(TEAMS_BY_NAME, "b", 0)
            assert logins(None) == ["a", "b"]
            assert logins(place) == ["b", "c"]
            assert logins(place, is_backward=True) == ["a"]

    def test_have_a_level_until_they_leave(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team, alice = a_team(db, org), a_person(db, org)
            a_member(db, org, team, alice)
            team_members.set_level(db, other, team, alice, level=TeamLevel.ADMIN)
            team_members.delete_member(db, other, team, alice)
            team_members.delete_member_of_all(db, other, alice)
            assert team_members.get_level_or_none(db, org, team, alice) is TeamLevel.MEMBER
            assert team_members.get_level_or_none(db, other, team, alice) is None
            team_members.set_level(db, org, team, alice, level=TeamLevel.ADMIN)
            assert team_members.get_level_or_none(db, org, team, alice) is TeamLevel.ADMIN
            team_members.delete_member(db, org, team, alice)
            assert team_members.get_level_or_none(db, org, team, alice) is None
            a_member(db, org, team, alice)
            team_members.delete_member_of_all(db, org, alice)
            assert team_members.list_people(db, org, team, EVERYBODY) == []

    def test_leave_when_their_account_goes(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            team, alice, machine = a_team(db, org), a_person(db, org), a_service_account(db, org)
            a_member(db, org, team, alice)
            a_member(db, org, team, machine)
            accounts.delete_user(db, alice)
            serviceaccounts.delete_service_account(db, org, machine)
            assert teams.find_team(db, org, team).members == 0


class TestGroups:
    def test_are_kept_by_name(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team = a_team(db, org)
            for group in ("cn=b", "cn=a"):
                team_groups.add_group(db, org, team, group)
            assert team_groups.list_groups(db, org, team) == ["cn=a", "cn=b"]
            assert team_groups.list_groups(db, other, team) == []
            assert team_groups.is_group_of_team(db, org, team, "cn=a")
            assert not team_groups.is_group_of_team(db, org, team, "CN=A")
            assert not team_groups.is_group_of_team(db, org, team, "cn=\0")
            team_groups.delete_group(db, other, team, "cn=a")
            team_groups.delete_group(db, org, team, "cn=b")
            assert team_groups.list_groups(db, org, team) == ["cn=a"]


class TestPreferences:
    def test_of_an_account_stand_in_its_row(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice, machine = a_person(db, org), a_service_account(db, org)
            for account in (alice, machine, AccountId(2**62)):
                assert preferences.get_own(db, account) == NO_PREFERENCES
            preferences.set_own(db, machine, DARK)
            assert preferences.get_own(db, machine) == DARK
            preferences.set_own(db, alice, Preferences(timezone="utc"))
            assert accounts.find_user(db, alice).preferences == Preferences(timezone="utc")

    def test_of_teams_stand_over_those_of_their_organization(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            alice = a_person(db, org)
            first, second, foreign = a_team(db, org), a_team(db, org, name="b"), a_team(db, org, name="c")
            for team in (first, second):
                a_member(db, org, team, alice)
            assert preferences.get_defaults_of(db, org, alice) == NO_PREFERENCES
            preferences.add_shared(db, org, DARK, at=NOON)
            preferences.add_shared(db, org, Preferences("light", "a"), team_id=first, at=NOON)
            preferences.add_shared(db, org, Preferences("", "b"), team_id=second, at=NOON)
            preferences.add_shared(db, org, Preferences("dark", "c"), team_id=foreign, at=NOON)
            assert preferences.get_defaults_of(db, org, alice) == Preferences("light", "b", "monday", "en-GB")
            assert preferences.get_defaults_of(db, other, alice) == NO_PREFERENCES
            assert preferences.get_shared(db, org, first) == Preferences("light", "a")
            preferences.delete_shared(db, org)
            assert preferences.get_shared(db, org) == NO_PREFERENCES
            assert preferences.get_shared(db, org, second) == Preferences("", "b")
