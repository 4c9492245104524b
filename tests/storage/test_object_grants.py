from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from keystead.core.access.errors import HolderUnknown
from keystead.core.access.holders import (
    AccountHolder,
    Gift,
    HeldLevel,
    Holder,
    LeveledObject,
    RoleHolder,
    TeamHolder,
)
from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.storage import accounts, object_grants, serviceaccounts, team_levels, teams
from keystead.storage.engine import Database
from keystead.storage.schema_access import object_grant
from tests.makers import NOON, a_person, a_service_account, a_team, an_org
from tests.rights import a_role, an_assignment

CI, CD = LeveledObject("serviceaccounts", "7"), LeveledObject("serviceaccounts", "8")
GIFT = Gift(PrincipalKind.USER, 5, NOON)
GONE = AccountHolder(AccountId(2**40))


def give(db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str = "Edit") -> None:
    object_grants.add_level(db, org, of, holder, level, gift=GIFT)


def told(db: Connection, org: OrgId, of: LeveledObject = CI) -> list[tuple[Holder, str]]:
    held = object_grants.list_levels(db, org, of, teams=None)
    shown = [(one.holder, one.level) for one in held]
    assert dict(shown) == object_grants.get_levels(db, org, of)
    return shown


class TestLevelsOnAnObject:
    def test_are_listed_by_kind_of_holder_then_by_name(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            zoe, machine = a_person(db, org, login="zoe", name="Zoe"), a_service_account(db, org)
            teams_ = [a_team(db, org, name="b", email="b@x.org"), a_team(db, org, name="a")]
            holders: list[Holder] = [
                RoleHolder(Role.VIEWER),
                RoleHolder(Role.EDITOR),
                *map(TeamHolder, teams_),
            ]
            for holder in (*holders, AccountHolder(zoe), AccountHolder(machine)):
                give(db, org, CI, holder)
            held = object_grants.list_levels(db, org, CI, teams=None)
            assert [(one.login, one.name, one.email, one.is_person) for one in held] == [
                ("sa-ci", "ci", "", False),
                ("zoe", "Zoe", "zoe@example.com", True),
                ("", "a", "", False),
                ("", "b", "b@x.org", False),
                ("", "", "", False),
                ("", "", "", False),
            ]
            assert [one.holder for one in held[-2:]] == [RoleHolder(Role.EDITOR), RoleHolder(Role.VIEWER)]
            assert len({one.id for one in held}) == len(told(db, org)) == 6
            some = object_grants.list_levels(db, org, CI, teams=frozenset({teams_[0]}))
            assert [one.name for one in some if isinstance(one.holder, TeamHolder)] == ["b"]
            assert len(object_grants.list_levels(db, org, CI, teams=frozenset())) == 4

    def test_are_replaced_and_taken_away_and_say_who_gave_them(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice, bob = (AccountHolder(a_person(db, org, login=login)) for login in ("alice", "bob"))
            for holder in (alice, bob):
                give(db, org, CI, holder)
            give(db, org, CD, alice)
            later = Gift(PrincipalKind.API_KEY, 9, NOON)
            object_grants.set_level(db, org, CI, alice, "Admin", gift=later)
            object_grants.delete_level(db, org, CI, bob)
            assert told(db, org) == [(alice, "Admin")]
            assert told(db, org, CD) == [(alice, "Edit")]
            c = object_grant.c
            given = select(c.created_by_kind, c.created_by_id).order_by(c.id)
            assert [tuple(row) for row in db.execute(given)] == [("apikey", 9), ("user", 5)]

    def test_are_each_organizations_own(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            alice = AccountHolder(a_person(db, org))
            give(db, org, CI, alice)
            give(db, other, CI, alice, "Admin")
            object_grants.set_level(db, other, CI, alice, "Edit", gift=GIFT)
            object_grants.delete_level(db, other, CI, alice)
            object_grants.delete_of_object(db, other, CI.kind, CI.id)
            object_grants.delete_of_account(db, other, alice.id)
            assert told(db, other) == []
            assert told(db, org) == [(alice, "Edit")]

    def test_go_with_the_object_with_the_holder_and_with_a_membership(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice, team = a_person(db, org), a_team(db, org)
            machine = a_service_account(db, org)
            holders: list[Holder] = [AccountHolder(alice), AccountHolder(machine), TeamHolder(team)]
            for holder in holders:
                give(db, org, CI, holder)
                give(db, org, CD, holder)
            object_grants.delete_of_object(db, org, CI.kind, CI.id)
            assert told(db, org) == []
            assert len(told(db, org, CD)) == 3
            object_grants.delete_of_account(db, org, alice)
            assert [holder for holder, _ in told(db, org, CD)] == holders[1:]
            serviceaccounts.delete_service_account(db, org, machine)
            teams.delete_team(db, org, team)
            assert told(db, org, CD) == []
            give(db, org, CD, AccountHolder(alice))
            accounts.delete_user(db, alice)
            assert told(db, org, CD) == []

    @pytest.mark.parametrize("holder", [GONE, TeamHolder(TeamId(2**40))])
    def test_are_not_given_to_who_is_gone(self, database: Database, holder: Holder) -> None:
        with pytest.raises(HolderUnknown), database.write() as db:
            give(db, an_org(db), CI, holder)


class TestThoseOfAnOrganization:
    def test_are_its_people_its_machines_and_its_teams(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            ours = [a_person(db, org), a_service_account(db, org), a_service_account(db, org, name="x")]
            theirs = [a_person(db, other, login="bob"), a_service_account(db, other)]
            found = object_grants.list_logins(db, org, [*ours, *theirs, AccountId(0), AccountId(2**62)])
            assert found == dict(zip(ours, ("alice", "sa-ci", "sa-x"), strict=True))
            team, foreign = a_team(db, org), a_team(db, other)
            assert object_grants.list_team_names(db, org, [team, foreign, TeamId(0)]) == {team: "builders"}
            assert object_grants.list_logins(db, org, []) == {}


class TestATeam:
    def test_has_its_members_as_holders(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team = a_team(db, org)
            of = LeveledObject("teams", str(team))
            zoe, machine = (
                AccountHolder(a_person(db, org, login="zoe", name="Zoe")),
                AccountHolder(a_service_account(db, org)),
            )
            team_levels.add_level(db, org, of, zoe, "Member", gift=GIFT)
            team_levels.add_level(db, org, of, machine, "Member", gift=GIFT)
            team_levels.set_level(db, org, of, zoe, "Admin", gift=GIFT)
            assert team_levels.list_levels(db, org, of, teams=None) == [
                HeldLevel(machine.id, machine, "Member", "sa-ci", "ci"),
                HeldLevel(zoe.id, zoe, "Admin", "zoe", "Zoe", "zoe@example.com", is_person=True),
            ]
            assert team_levels.get_levels(db, org, of) == {zoe: "Admin", machine: "Member"}
            assert team_levels.get_levels(db, other, of) == {}
            assert team_levels.list_levels(db, other, of, teams=None) == []
            assert object_grants.list_teams_of(db, org, zoe.id) == {team}
            assert object_grants.list_teams_of(db, other, zoe.id) == frozenset()
            team_levels.delete_level(db, org, of, machine)
            assert team_levels.get_levels(db, org, of) == {zoe: "Admin"}

    @pytest.mark.parametrize("of_whom", [lambda _team: GONE, TeamHolder])
    def test_has_no_other_members(self, database: Database, of_whom: Callable[[TeamId], Holder]) -> None:
        with database.write() as db:
            org = an_org(db)
            team = a_team(db, org)
        of, holder = LeveledObject("teams", str(team)), of_whom(team)
        with pytest.raises(HolderUnknown), database.write() as db:
            team_levels.add_level(db, org, of, holder, "Member", gift=GIFT)

    def test_gives_its_levels_and_its_roles(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            team = a_team(db, org)
            give(db, org, CI, TeamHolder(team))
            for assigned in (a_role(db, org, ("a:read", "a:*")), "fixed:teams:creator"):
                an_assignment(db, org, assigned, team=team)
            things = [
                ("serviceaccounts", "7", "Edit"),
                ("a:read", "a:*", None),
                ("fixed:teams:creator", None, None),
            ]
            assert sorted(team_levels.list_given_to_team(db, org, team), key=str) == sorted(things, key=str)
            assert team_levels.list_given_to_team(db, other, team) == []
