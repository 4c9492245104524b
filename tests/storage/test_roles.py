from dataclasses import replace

import pytest

from keystead.core.access.holders import AccountHolder, Gift, Holder, RoleHolder, TeamHolder
from keystead.core.access.named_roles import SERVER_ROLES, NamedRole, RoleHolders, RoleId, uid_of
from keystead.core.access.permission import Permission
from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.storage import role_assignments, roles
from keystead.storage.engine import Database
from tests.makers import NOON, a_person, a_service_account, an_org
from tests.rights import a_role, a_team

LATER = UnixSeconds(NOON + 60)
SELL, BUY = Permission("shop:sell", "orders:id:1"), Permission("shop:buy", "")
NEW = NamedRole(
    "seller",
    "custom:seller",
    display_name="Seller",
    description="sells",
    group="Shop",
    version=3,
    is_hidden=True,
)
GIFT = Gift(PrincipalKind.USER, 7, NOON)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        return an_org(db)


class TestARole:
    def test_is_kept_as_it_was_written(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            owner = a_service_account(db, home)
            new = replace(NEW, org=home, account=owner)
            roles.lock_roles(db)
            id_ = roles.add_role(db, home, new, at=NOON)
            made = replace(new, id=id_, created_at=NOON, updated_at=NOON)
            assert roles.get_role_or_none(db, home, "seller") == made
            changed = replace(made, name="n", display_name="", group="", is_hidden=False, version=4)
            roles.set_role(db, home, changed, at=LATER)
            assert roles.get_role_or_none(db, home, "seller") == replace(changed, updated_at=LATER)

    def test_is_seen_from_its_organization_or_from_all(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            mine, theirs, of_all = (
                a_role(db, org, name=name) for org, name in ((home, "m"), (other, "t"), (None, "a"))
            )
            assert [role.uid for role in roles.list_roles(db, home)] == ["a", "m"]
            assert [role.uid for role in roles.list_roles(db, None)] == ["a"]
            assert [role.uid for role in roles.list_roles(db, home, only=["m", "t"])] == ["m"]
            found = roles.list_roles(db, home, ids=[made(mine), made(theirs), made(of_all)])
            assert [role.uid for role in found] == ["a", "m"]
            assert roles.get_role_or_none(db, home, "t") is None
            roles.delete_role(db, home, made(theirs))
            assert roles.get_role_or_none(db, other, "t") is not None
            roles.delete_role(db, other, made(theirs))
            assert roles.get_role_or_none(db, other, "t") is None

    def test_is_taken_where_it_would_be_seen(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            mine, of_all = a_role(db, home, name="m"), a_role(db, None, name="a")

            def is_taken(org: OrgId | None, uid: str, name: str, but: int | None = None) -> bool:
                return roles.is_role_taken(
                    db, org, uid=uid, name=name, but=None if but is None else made(but)
                )

            assert is_taken(home, "m", "x")
            assert is_taken(home, "x", "m")
            assert is_taken(other, "a", "x")
            assert is_taken(None, "m", "x")
            assert not is_taken(other, "m", "m")
            assert not is_taken(home, "m", "m", but=mine)
            assert not is_taken(None, "a", "a", but=of_all)

    def test_permits_what_was_added_and_not_deleted(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            mine, theirs = a_role(db, home, SELL), a_role(db, an_org(db, name="other"), SELL)
            roles.add_permissions(db, made(mine), [BUY], at=LATER)
            roles.add_permissions(db, made(mine), [], at=LATER)
            found = roles.list_permissions(db, home, [made(mine), made(theirs)])
            assert found == {made(mine): ((BUY, LATER), (SELL, NOON))}
            roles.delete_permissions(db, made(mine), [SELL])
            roles.delete_permissions(db, made(mine), [])
            assert roles.list_permissions(db, home, [made(mine)]) == {made(mine): ((BUY, LATER),)}


def made(number: int) -> RoleId:
    return RoleId(number)


class TestAnAssignment:
    def test_is_given_in_a_place_and_taken_there(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            alice, ci = a_person(db, home), a_service_account(db, home)
            team = TeamId(a_team(db, home))
            a_role(db, None, name="custom")
            custom = roles.get_role_or_none(db, home, "custom")
            assert custom is not None
            fixed = SERVER_ROLES[uid_of("fixed:teams:creator")]
            holders: list[Holder] = [AccountHolder(alice), AccountHolder(ci), TeamHolder(team)]
            for role in (custom, fixed):
                assert role.is_of_server or not role_assignments.is_assigned(db, role.id)
                for holder in (*holders, RoleHolder(Role.VIEWER)):
                    role_assignments.add_assignment(db, home, role, holder, gift=GIFT)
                told = RoleHolders(frozenset({alice}), frozenset({ci}), frozenset({team}))
                assert role_assignments.list_holders(db, home, role) == told
                assert role_assignments.list_holders(db, other, role) == RoleHolders()
            role_assignments.add_assignment(db, None, custom, AccountHolder(ci), gift=GIFT)
            for holder in holders:
                held = role_assignments.list_assigned(db, home, holder)
                assert sorted(map(str, held)) == sorted([str(custom.id), fixed.name])
            assert role_assignments.list_assigned(db, None, AccountHolder(ci)) == [custom.id]
            assert role_assignments.is_assigned(db, custom.id)
            role_assignments.delete_assignment(db, home, custom, AccountHolder(ci))
            assert role_assignments.list_assigned(db, home, AccountHolder(ci)) == [fixed.name]
            role_assignments.delete_assignment(db, None, custom, AccountHolder(ci))
            assert role_assignments.list_assigned(db, None, AccountHolder(ci)) == []

    def test_ends_when_the_account_leaves_the_organization(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            other, alice = an_org(db, name="other"), a_person(db, home)
            role = SERVER_ROLES[uid_of("fixed:teams:creator")]
            for place in (home, other, None):
                role_assignments.add_assignment(db, place, role, AccountHolder(alice), gift=GIFT)
            role_assignments.delete_assignments_of(db, home, alice)
            left = [
                role_assignments.list_assigned(db, place, AccountHolder(alice)) for place in (home, other)
            ]
            assert left == [[], [role.name]]

    def test_is_for_people_and_for_what_is_the_organizations(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            alice, guest = a_person(db, home), a_person(db, other, login="guest")
            mine, theirs = a_service_account(db, home), a_service_account(db, other)
            my_team, their_team = TeamId(a_team(db, home)), TeamId(a_team(db, other))
            everybody = [alice, guest, mine, theirs, AccountId(10**9)]
            assert role_assignments.lock_accounts(db, home, everybody) == RoleHolders(
                people=frozenset({alice, guest}), machines=frozenset({mine})
            )
            assert [role_assignments.is_account_here(db, home, one) for one in everybody] == [
                *(True, True, True, False, False)
            ]
            assert role_assignments.lock_teams(db, home, [my_team, their_team]) == {my_team}
