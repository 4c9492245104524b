import pytest

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import HolderCounts, place_of_holder, uid_of
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.clock import frozen_clock
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.teams.model import TeamId
from keystead.storage.engine import Database
from keystead.usecases import role_lists, serviceaccount_roles
from keystead.usecases.role_lists import RoleKind, RolePageAsked
from keystead.usecases.serviceaccount_creation import Extras
from keystead.usecases.serviceaccount_roles import WantedRoles
from keystead.usecases.serviceaccounts import NewServiceAccount
from keystead.usecases.tokens import TokenRules
from tests.makers import MINT, NOON, a_principal, a_service_account, a_team, an_installation, an_org
from tests.rights import a_role, an_assignment

CLOCK = frozen_clock(NOON)
CREATOR = uid_of("fixed:teams:creator")


def names(found: role_lists.FoundRoles) -> list[str]:
    return [one.role.name for one in found.roles]


def test_a_list_has_what_its_reader_may_read_from_both_ends(database: Database) -> None:
    with database.write() as db:
        an_installation(db)
        home = an_org(db)
        for number in range(55):
            a_role(db, home, ("teams:read", "teams:*"), name=f"r {number:02}")
        by = a_principal(home)
        custom = RolePageAsked(kind=RoleKind.CUSTOM)
        first = role_lists.list_role_page(db, by, custom)
        assert (len(first.roles), first.count, first.before) == (50, 55, "")
        assert {one.permissions for one in first.roles} == {1}
        second = role_lists.list_role_page(db, by, RolePageAsked(kind=RoleKind.CUSTOM, after=first.after))
        assert names(second) == [f"r {number}" for number in range(50, 55)]
        back = role_lists.list_role_page(db, by, RolePageAsked(before=second.before))
        assert names(back)[-1] == "r 49"
        assert names(role_lists.list_role_page(db, by, RolePageAsked("TEAM CREATOR"))) == [
            "fixed:teams:creator"
        ]
        reads = [Permission("roles:read", f"roles:uid:{uid}") for uid in (CREATOR, "r-01")]
        some = a_principal(home, role=Role.VIEWER, permissions=reads)
        assert names(role_lists.list_role_page(db, some, RolePageAsked())) == ["fixed:teams:creator", "r 01"]
        kinds = [role_lists.list_role_page(db, by, RolePageAsked(kind=kind)).count for kind in RoleKind]
        assert kinds == [4, 60, 55]
        assert role_lists.kind_of(first.roles[0].role) is RoleKind.CUSTOM


def test_holders_are_given_a_role_and_lose_it(database: Database) -> None:
    with database.write() as db:
        an_installation(db)
        home = an_org(db)
        machine, team = a_service_account(db, home), a_team(db, home)
        by = a_principal(home)
        for holder in (AccountHolder(machine), TeamHolder(TeamId(team))):
            role_lists.assign(db, by, CREATOR, holder, clock=CLOCK)
        listed = role_lists.find_listed(db, by, CREATOR)
        assert listed.holders == HolderCounts(people=0, machines=1, teams=1)
        first, second = role_lists.list_holder_page(db, by, listed.role).rows
        assert [first.holder, second.holder] == [AccountHolder(machine), TeamHolder(TeamId(team))]
        behind = role_lists.list_holder_page(db, by, listed.role, after=str(place_of_holder(first)))
        assert behind.rows == (second,)
        before = role_lists.list_holder_page(db, by, listed.role, before=str(place_of_holder(second)))
        assert before.rows == (first,)
        for holder in (first.holder, second.holder):
            role_lists.unassign(db, by, CREATOR, holder, clock=CLOCK)
        assert role_lists.find_listed(db, by, CREATOR).holders == HolderCounts()
        nobody = a_principal(home, role=Role.VIEWER)
        for act in (role_lists.assign, role_lists.unassign):
            with pytest.raises(PermissionMissing):
                act(db, nobody, CREATOR, first.holder, clock=CLOCK)


def test_roles_of_an_account_change_together(database: Database) -> None:
    with database.write() as db:
        an_installation(db)
        home = an_org(db)
        machine = a_service_account(db, home)
        hidden = a_role(db, home, name="mine")
        an_assignment(db, home, hidden, account=machine)
        for number in range(21):
            a_role(db, home, name=f"r {number:02}")
        by = a_principal(home)
        wanted = WantedRoles(Role.EDITOR, frozenset({"mine", "r-20"}))
        serviceaccount_roles.change_roles(db, by, machine, wanted, clock=CLOCK)
        held = serviceaccount_roles.list_assigned(db, by, machine)
        assert [role.name for role in held] == ["mine", "r 20"]
        serviceaccount_roles.change_roles(db, by, machine, WantedRoles(None, None), clock=CLOCK)
        serviceaccount_roles.change_roles(db, by, machine, wanted, clock=CLOCK)
        assert serviceaccount_roles.list_assigned(db, by, machine) == held
        offered = serviceaccount_roles.offer_roles(
            db, by, query="r 0", chosen=frozenset({"r-20", CREATOR, "x"})
        )
        assert ([one.role.name for one in offered.custom][-1], offered.has_more) == ("r 20", False)
        assert [one.role.uid for one in offered.fixed if one.role.uid == CREATOR] == [CREATOR]
        assert serviceaccount_roles.offer_roles(db, by).has_more
        weak = a_principal(home, role=Role.EDITOR)
        for roles in (frozenset[str](), frozenset({"mine", "r-20", "r-01"})):
            with pytest.raises(PermissionMissing):
                serviceaccount_roles.assign_exactly(db, weak, machine, roles, clock=CLOCK)


def test_an_account_is_made_with_roles(database: Database) -> None:
    rules = TokenRules(LifetimeLimit(-1), AboveRole.DENY, MINT, CLOCK)
    new = NewServiceAccount("robot", Role.VIEWER)
    with database.write() as db:
        an_installation(db)
        by = a_principal(an_org(db))
        made, issued = serviceaccount_roles.create_with_roles(
            db, by, new, Extras(), assigned=frozenset({CREATOR}), new_uid=lambda: "u1", rules=rules
        )
        assert issued is None
        assert [role.uid for role in serviceaccount_roles.list_assigned(db, by, made.id)] == [CREATOR]
