import pytest

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.holders import Gift, LeveledObject, TeamHolder
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.paging import PAGE_SIZE
from keystead.core.teams.errors import (
    TeamGroupExists,
    TeamGroupNotFound,
    TeamMemberExists,
    TeamMemberForeign,
    TeamMemberNotFound,
    TeamNameTaken,
    TeamNotFound,
)
from keystead.core.teams.model import Team, TeamId, TeamLevel, place_of_member, place_of_team
from keystead.storage import changes as log
from keystead.storage import memberships as stored_memberships
from keystead.storage import object_grants, orgs
from keystead.storage import preferences as stored_preferences
from keystead.storage.engine import Database
from keystead.usecases import accounts, memberships, preferences, team_groups, team_members, teams
from keystead.usecases.paging import ALL
from keystead.usecases.preferences import ChangedPreferences
from keystead.usecases.team_members import MemberPageAsked
from keystead.usecases.teams import TeamPageAsked
from tests.doors import Unchanged
from tests.makers import (
    NOON,
    a_member,
    a_person,
    a_principal,
    a_service_account,
    a_team,
    an_installation,
    an_org,
    as_person,
)

NOW = frozen_clock(NOON)
UNKNOWN = TeamId(2**62)
NOBODY = AccountId(2**62)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_principal(home)


@pytest.fixture
def team(database: Database, home: OrgId) -> TeamId:
    with database.write() as db:
        return a_team(db, home)


@pytest.fixture
def alice(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home)


@pytest.fixture
def elsewhere(database: Database) -> OrgId:
    with database.write() as db:
        return an_org(db, name="elsewhere")


def create(database: Database, by: Principal, name: str = "builders") -> Team:
    with database.write() as db:
        return teams.create_team(db, by, name=name, email="b@x", new_uid=lambda: f"u-{name}", clock=NOW)


def recorded(database: Database) -> list[Change]:
    with database.read() as db:
        return [entry for entry, _hash in log.list_changes(db)]


def holder(org: OrgId, *held: tuple[str, str]) -> Principal:
    return a_principal(org, role=Role.VIEWER, permissions=[Permission(*one) for one in held])


class TestCreatingATeam:
    def test_makes_a_person_its_admin(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            alice = a_person(db, home, role=Role.ADMIN)
            by = as_person(db, alice)
        team = create(database, by)
        with database.read() as db:
            found = teams.find_team(db, by, team.id)
            assert team_members.get_level_or_none(db, by, team.id, alice) is TeamLevel.ADMIN
        assert found == team == Team(team.id, home, "u-builders", "builders", "b@x", 1)
        assert recorded(database)[-1].action == "team.create"

    def test_puts_neither_a_key_nor_a_guest_into_it(
        self, database: Database, admin: Principal, home: OrgId, elsewhere: OrgId
    ) -> None:
        with database.write() as db:
            guest = as_person(db, a_person(db, elsewhere, login="root", is_server_admin=True), home)
        assert create(database, admin).members == 0
        assert create(database, guest, "guests").members == 0

    def test_needs_a_free_name_and_an_organization(
        self, database: Database, admin: Principal, team: TeamId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(TeamNameTaken):
            create(database, admin)
        with unchanged(), pytest.raises(OrgNotFound):
            create(database, a_principal(OrgId(2**62)))
        with unchanged(), pytest.raises(PermissionMissing):
            create(database, a_principal(None))
        assert create(database, a_principal(elsewhere)).id != team


class TestFindingTeams:
    def test_shows_those_that_one_may_read(
        self, database: Database, admin: Principal, home: OrgId, team: TeamId, alice: AccountId
    ) -> None:
        with database.write() as db:
            other = a_team(db, home, name="others")
            a_member(db, home, team, alice)
            a_member(db, home, other, alice)
            reader = holder(home, ("teams:read", f"teams:id:{team}"))
            for by, names in ((admin, ["builders", "others"]), (reader, ["builders"])):
                found = teams.search_teams(db, by, page=ALL)
                assert ([one.name for one in found.rows], found.total) == (names, len(names))
                assert [one.name for one in teams.list_teams_of_person(db, by, alice, ALL)] == names
            assert [one.name for one in teams.search_teams(db, admin, name="others", page=ALL).rows] == [
                "others"
            ]
            assert len(teams.list_own_teams(db, as_person(db, alice), ALL)) == 2
            machine = a_service_account(db, home)
            a_member(db, home, team, machine)
            assert teams.list_teams_of_person(db, admin, machine, ALL) == []
            assert teams.get_team_id_or_none(db, admin, "ubuilders") == team
            assert teams.get_team_id_or_none(db, a_principal(None), "ubuilders") is None

    def test_shows_a_page_at_a_time(self, database: Database, admin: Principal, home: OrgId) -> None:
        with database.write() as db:
            assert not teams.list_team_page(db, admin, TeamPageAsked()).has_any
            for number in range(PAGE_SIZE + 1):
                a_team(db, home, name=f"team {number:02}")
            first = teams.list_team_page(db, admin, TeamPageAsked())
            last = teams.list_team_page(db, admin, TeamPageAsked(after=first.after))
            nothing = teams.list_team_page(db, admin, TeamPageAsked(query="x"))
        assert (len(first.teams), first.count, first.before) == (PAGE_SIZE, PAGE_SIZE + 1, "")
        assert ([one.name for one in last.teams], last.after) == (["team 50"], "")
        assert last.before == str(place_of_team(last.teams[0]))
        assert (nothing.teams, nothing.count, nothing.has_any) == ((), 0, True)


class TestChangingATeam:
    def test_keeps_the_name_when_it_is_empty(
        self, database: Database, admin: Principal, team: TeamId
    ) -> None:
        with database.write() as db:
            teams.change_team(db, admin, team, name="", email="new@x", clock=NOW)
            teams.change_team(db, admin, team, name="builders", email="new@x", clock=NOW)
            found = teams.find_team(db, admin, team)
        assert (found.name, found.email) == ("builders", "new@x")
        assert [entry.action for entry in recorded(database)] == ["team.update"]

    def test_needs_a_free_name_and_a_team_of_ones_own_organization(
        self, database: Database, admin: Principal, team: TeamId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        create(database, admin, "others")
        for by, wanted, error in (
            (admin, team, TeamNameTaken),
            (admin, UNKNOWN, TeamNotFound),
            (a_principal(elsewhere), team, TeamNotFound),
        ):
            with unchanged(), pytest.raises(error), database.write() as db:
                teams.change_team(db, by, wanted, name="others", email="", clock=NOW)


class TestDeletingATeam:
    def test_takes_its_preferences_along(
        self, database: Database, admin: Principal, team: TeamId, home: OrgId
    ) -> None:
        with database.write() as db:
            wanted = ChangedPreferences(theme="dark")
            preferences.change_team_preferences(db, admin, team, wanted, clock=NOW)
            teams.delete_team(db, admin, team, clock=NOW)
            assert stored_preferences.get_shared(db, home, team).theme == ""
        assert recorded(database)[-1].action == "team.delete"

    def test_needs_a_team_of_ones_own_organization(
        self, database: Database, team: TeamId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        with unchanged(), pytest.raises(TeamNotFound), database.write() as db:
            teams.delete_team(db, a_principal(elsewhere), team, clock=NOW)


class TestMembers:
    def test_join_rise_and_leave(
        self, database: Database, admin: Principal, team: TeamId, alice: AccountId
    ) -> None:
        with database.write() as db:
            team_members.add_member(db, admin, team, alice, clock=NOW)
            for level in (TeamLevel.ADMIN, TeamLevel.ADMIN, TeamLevel.MEMBER):
                team_members.set_level(db, admin, team, alice, level=level, clock=NOW)
                assert team_members.get_level_or_none(db, admin, team, alice) is level
            team_members.remove_member(db, admin, team, alice, clock=NOW)
            assert team_members.get_level_or_none(db, admin, team, alice) is None
        told = [(entry.action, entry.detail.get("level")) for entry in recorded(database)]
        assert told == [
            ("team.member.add", "Member"),
            ("team.member.level", "Admin"),
            ("team.member.level", "Member"),
            ("team.member.remove", None),
        ]

    def test_are_only_those_of_the_organization_and_nobody_twice(
        self, database: Database, home: OrgId, team: TeamId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        admin = a_principal(home)
        with database.write() as db:
            alice, foreigner = a_person(db, home), a_person(db, elsewhere, login="bob")
            foreign = a_team(db, elsewhere)
            team_members.add_member(db, admin, team, alice, clock=NOW)
        for wanted, account, error in (
            (team, foreigner, TeamMemberForeign),
            (team, NOBODY, TeamMemberForeign),
            (UNKNOWN, alice, TeamMemberForeign),
            (foreign, alice, TeamMemberForeign),
            (team, alice, TeamMemberExists),
        ):
            with unchanged(), pytest.raises(error), database.write() as db:
                team_members.add_member(db, admin, wanted, account, clock=NOW)

    def test_that_are_not_there_are_neither_changed_nor_removed(
        self, database: Database, admin: Principal, team: TeamId, alice: AccountId, unchanged: Unchanged
    ) -> None:
        for wanted, account, error in (
            (team, alice, TeamMemberNotFound),
            (team, NOBODY, TeamMemberForeign),
            (UNKNOWN, alice, TeamNotFound),
        ):
            with unchanged(), pytest.raises(error), database.write() as db:
                team_members.remove_member(db, admin, wanted, account, clock=NOW)
        for wanted in (team, UNKNOWN):
            with unchanged(), pytest.raises(TeamMemberNotFound), database.write() as db:
                team_members.set_level(db, admin, wanted, alice, level=TeamLevel.ADMIN, clock=NOW)

    def test_are_given_nothing_that_the_giver_does_not_hold(
        self, database: Database, home: OrgId, team: TeamId, alice: AccountId, unchanged: Unchanged
    ) -> None:
        scope = f"teams:id:{team}"
        writer = holder(home, ("teams.permissions:write", scope), ("teams:read", scope))
        with unchanged(), pytest.raises(PermissionMissing) as refused, database.write() as db:
            team_members.add_member(
                db, holder(home, ("teams.permissions:write", scope)), team, alice, clock=NOW
            )
        assert refused.value.needed == "teams:read"
        with database.write() as db:
            team_members.add_member(db, writer, team, alice, clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            team_members.add_member(  # which does not tell whether she is in it
                db, holder(home, ("teams.permissions:write", scope)), team, alice, clock=NOW
            )
        with unchanged(), pytest.raises(PermissionMissing) as refused, database.write() as db:
            team_members.set_level(db, writer, team, alice, level=TeamLevel.ADMIN, clock=NOW)
        assert refused.value.needed == "teams:delete"

    def test_are_given_nothing_beyond_the_team_that_the_giver_does_not_hold(
        self, database: Database, home: OrgId, team: TeamId, alice: AccountId, unchanged: Unchanged
    ) -> None:
        scope = f"teams:id:{team}"
        writer = holder(home, ("teams.permissions:write", scope), ("teams:read", scope))
        with database.write() as db:
            machine = LeveledObject("serviceaccounts", str(a_service_account(db, home)))
            gift = Gift(PrincipalKind.USER, 1, NOON)
            object_grants.add_level(db, home, machine, TeamHolder(team), "Edit", gift=gift)
        with unchanged(), pytest.raises(PermissionMissing) as refused, database.write() as db:
            team_members.add_member(db, writer, team, alice, clock=NOW)
        assert refused.value.needed == "serviceaccounts:read"

    def test_are_listed_as_far_as_one_may_read_people(
        self, database: Database, admin: Principal, home: OrgId, team: TeamId
    ) -> None:
        with database.write() as db:
            people = [a_person(db, home, login=f"p{number:02}") for number in range(PAGE_SIZE + 1)]
            for account in people:
                a_member(db, home, team, account)
            reader = holder(home, ("org.users:read", f"users:id:{people[3]}"))
            assert [one.login for one in team_members.list_members(db, reader, team)] == ["p03"]
            assert team_members.list_members(db, holder(home), team) == []
            assert len(team_members.list_members(db, admin, team)) == PAGE_SIZE + 1
            first = team_members.list_member_page(db, admin, team, MemberPageAsked())
            last = team_members.list_member_page(db, admin, team, MemberPageAsked(after=first.after))
        assert (len(first.members), first.count, first.before) == (PAGE_SIZE, PAGE_SIZE + 1, "")
        assert ([one.login for one in last.members], last.after) == (["p50"], "")
        assert last.before == str(place_of_member(last.members[0]))


class TestLeavingAnOrganization:
    def test_is_leaving_its_teams_and_no_others(
        self, database: Database, admin: Principal, home: OrgId, elsewhere: OrgId, team: TeamId
    ) -> None:
        with database.write() as db:
            alice = a_person(db, elsewhere)
            kept = a_team(db, elsewhere)
            stored_memberships.add_membership(db, home, alice, role=Role.VIEWER, at=NOON)
            a_member(db, home, team, alice)
            a_member(db, elsewhere, kept, alice)
            memberships.remove_member(db, admin, home, alice, clock=NOW)
            assert team_members.get_level_or_none(db, admin, team, alice) is None
            there = a_principal(elsewhere)
            assert team_members.get_level_or_none(db, there, kept, alice) is TeamLevel.MEMBER
            root = as_person(db, a_person(db, home, login="root", is_server_admin=True))
            accounts.delete_user(db, root, alice, clock=NOW)
            assert teams.find_team(db, there, kept).members == 0

    def test_with_it_the_teams_go(self, database: Database, team: TeamId, home: OrgId) -> None:
        with database.write() as db:
            orgs.delete_org(db, home)
            with pytest.raises(TeamNotFound):
                teams.find_team(db, a_principal(home), team)


class TestGroups:
    def test_come_and_go(self, database: Database, admin: Principal, team: TeamId) -> None:
        with database.write() as db:
            team_groups.add_group(db, admin, team, "cn=b,dc=x", clock=NOW)
            team_groups.add_group(db, admin, team, "cn=a", clock=NOW)
            assert team_groups.list_groups(db, admin, team) == ["cn=a", "cn=b,dc=x"]
            team_groups.remove_group(db, admin, team, "cn=a", clock=NOW)
            assert team_groups.list_groups(db, admin, team) == ["cn=b,dc=x"]
        told = [(entry.action, entry.detail["group"]) for entry in recorded(database)]
        assert told == [
            ("team.group.add", "cn=b,dc=x"),
            ("team.group.add", "cn=a"),
            ("team.group.remove", "cn=a"),
        ]

    def test_are_refused_twice_and_when_they_are_not_there(
        self, database: Database, admin: Principal, team: TeamId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            team_groups.add_group(db, admin, team, "g", clock=NOW)
        for act, wanted, group, error in (
            (team_groups.add_group, team, "g", TeamGroupExists),
            (team_groups.add_group, UNKNOWN, "g", TeamNotFound),
            (team_groups.remove_group, team, "h", TeamGroupNotFound),
            (team_groups.remove_group, UNKNOWN, "g", TeamNotFound),
        ):
            with unchanged(), pytest.raises(error), database.write() as db:
                act(db, admin, wanted, group, clock=NOW)
        with database.read() as db, pytest.raises(TeamNotFound):
            team_groups.list_groups(db, admin, UNKNOWN)
