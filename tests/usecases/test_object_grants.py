from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from keystead.core.access.errors import HolderUnknown, LevelUnknown, ObjectUnknown, PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.holders import AccountHolder, Holder, LeveledObject, RoleHolder, TeamHolder
from keystead.core.access.levels import OBJECT_KINDS, permissions_of
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.storage.schema_access import object_grant
from keystead.usecases import memberships, object_grants, serviceaccounts, team_members
from keystead.usecases.leveled_objects import find_holders
from keystead.usecases.object_grants import WantedLevel
from keystead.usecases.serviceaccounts import NewServiceAccount
from tests.doors import Unchanged
from tests.makers import NOON, a_person, a_principal, a_service_account, a_team, an_installation, an_org
from tests.rights import a_role, an_assignment

NOW = frozen_clock(NOON)
ACCOUNTS, TEAMS, FOLDERS = (OBJECT_KINDS[name] for name in ("serviceaccounts", "teams", "folders"))
WRITE = Permission("serviceaccounts.permissions:write", "serviceaccounts:*")


@dataclass(frozen=True, slots=True)
class Scene:
    """An organization with a service account, a person and a team, all of which are of it."""

    database: Database
    home: OrgId
    ci: AccountId
    alice: AccountHolder
    team: TeamHolder

    @property
    def admin(self) -> Principal:
        return a_principal(self.home)

    def set(
        self,
        of: int | str,
        *wanted: tuple[Holder | None, str],
        kind: str = "serviceaccounts",
        by: Principal | None = None,
    ) -> None:
        with self.database.write() as db:
            levels = [WantedLevel(holder, level) for holder, level in wanted]
            object_grants.set_levels(db, by or self.admin, OBJECT_KINDS[kind], str(of), levels, clock=NOW)

    def levels(
        self, of: int | str, kind: str = "serviceaccounts", *, by: Principal | None = None
    ) -> dict[Holder, str]:
        with self.database.read() as db:
            held = object_grants.list_levels(db, by or self.admin, OBJECT_KINDS[kind], str(of))
        return {one.holder: one.level for one in held}

    def recorded(self) -> list[Change]:
        with self.database.read() as db:
            return [entry for entry, _hash in log.list_changes(db)]


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.write() as db:
        an_installation(db)
        home = an_org(db)
        team = a_team(db, home)
        alice = AccountHolder(a_person(db, home))
        return Scene(database, home, a_service_account(db, home), alice, TeamHolder(team))


def holding(by: Principal, permissions: Iterable[Permission]) -> Principal:
    return replace(by, grants=Grants.of(permissions))


def as_person(by: Principal, holder: AccountHolder) -> Principal:
    return replace(by, kind=PrincipalKind.USER, account_id=holder.id, credential_id=None, login="alice")


class TestSettingLevels:
    def test_gives_replaces_and_takes_away_and_leaves_the_others(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"), (scene.team, "Edit"))
        scene.set(
            f"+0{scene.ci}",
            (AccountHolder(scene.ci), "Edit"),
            (scene.alice, "Edit"),
            (scene.alice, "Admin"),
        )
        assert scene.levels(scene.ci) == {
            scene.alice: "Admin",
            AccountHolder(scene.ci): "Edit",
            scene.team: "Edit",
        }
        scene.set(scene.ci, (scene.alice, ""), (scene.team, "Admin"), (AccountHolder(scene.ci), "Edit"))
        assert scene.levels(scene.ci) == {AccountHolder(scene.ci): "Edit", scene.team: "Admin"}

    def test_is_recorded_for_each_holder_whose_level_changes(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"), (scene.team, "Admin"))
        scene.set(scene.ci, (scene.alice, "Admin"), (scene.team, ""))
        entries = scene.recorded()
        assert {(entry.target_kind, entry.target_id, entry.target_name) for entry in entries} == {
            ("serviceaccount", str(scene.ci), "sa-ci")
        }
        who, group = (
            {"account": scene.alice.id, "login": "alice"},
            {"team": scene.team.id, "name": "builders"},
        )
        assert [(entry.action, dict(entry.detail)) for entry in entries] == [
            ("serviceaccount.permission.add", who | {"level": "Edit", "level_before": None}),
            ("serviceaccount.permission.add", group | {"level": "Admin", "level_before": None}),
            ("serviceaccount.permission.level", who | {"level": "Admin", "level_before": "Edit"}),
            ("serviceaccount.permission.remove", group | {"level": None, "level_before": "Admin"}),
        ]

    def test_changes_nothing_where_all_is_so_already(self, scene: Scene, unchanged: Unchanged) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"))
        with unchanged():
            scene.set(scene.ci)
            scene.set(scene.ci, (scene.alice, "Edit"), (AccountHolder(scene.ci), ""))

    @pytest.mark.parametrize("level", ["View", "edit", " ", "Member", "serviceaccounts:read"])
    def test_is_refused_for_a_level_that_there_is_not(
        self, scene: Scene, unchanged: Unchanged, level: str
    ) -> None:
        with unchanged(), pytest.raises(LevelUnknown):
            scene.set(scene.ci, (scene.alice, "Edit"), (scene.alice, level), (scene.alice, "Edit"))

    @pytest.mark.parametrize("kind", OBJECT_KINDS)
    def test_is_refused_for_an_object_that_there_is_not(
        self, scene: Scene, unchanged: Unchanged, kind: str
    ) -> None:
        with scene.database.write() as db:
            elsewhere = a_service_account(db, an_org(db, name="other"))
        a_person = "a" if kind == "teams" else str(scene.alice.id)
        with unchanged():
            for of in ("abc", "", "0", "-1", "999999999", a_person, str(elsewhere)):
                with pytest.raises(ObjectUnknown):
                    scene.set(of, kind=kind)

    def test_is_refused_for_whoever_is_not_of_the_organization_k22(
        self, scene: Scene, unchanged: Unchanged
    ) -> None:
        with scene.database.write() as db:
            other = an_org(db, name="other")
            bob, machine = a_person(db, other, login="bob"), a_service_account(db, other)
            foreign = a_team(db, other)
        strangers: tuple[Holder, ...] = (
            *map(AccountHolder, (bob, machine, AccountId(0), AccountId(-1))),
            TeamHolder(foreign),
        )
        with unchanged():
            for holder in (*strangers, TeamHolder(TeamId(2**62)), RoleHolder(Role.EDITOR), None):
                for level in ("Edit", ""):
                    with pytest.raises(HolderUnknown):
                        scene.set(scene.ci, (scene.alice, "Edit"), (holder, level))

    def test_needs_an_organization(self, scene: Scene) -> None:
        nowhere = replace(scene.admin, org=None)
        with pytest.raises(PermissionMissing):
            scene.set(scene.ci, by=nowhere)
        with pytest.raises(PermissionMissing):
            scene.levels(scene.ci, by=nowhere)


class TestGivingALevel:
    def test_needs_all_that_the_level_permits_on_that_object_k26(
        self, scene: Scene, unchanged: Unchanged
    ) -> None:
        edit = permissions_of("serviceaccounts", str(scene.ci), "Edit")
        writer = holding(scene.admin, [WRITE, *edit])
        scene.set(scene.ci, (scene.alice, "Edit"), by=writer)
        with unchanged(), pytest.raises(PermissionMissing) as refused:
            scene.set(scene.ci, (scene.alice, "Edit"), (AccountHolder(scene.ci), "Admin"), by=writer)
        assert refused.value.needed == "serviceaccounts:delete"
        elsewhere = holding(
            scene.admin, [WRITE, *permissions_of("serviceaccounts", str(scene.ci + 1), "Edit")]
        )
        with unchanged(), pytest.raises(PermissionMissing) as refused:
            scene.set(scene.ci, (AccountHolder(scene.ci), "Edit"), by=elsewhere)
        assert refused.value.needed == "serviceaccounts:read"

    def test_needs_nothing_of_it_when_it_is_taken_away(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Admin"))
        scene.set(scene.ci, (scene.alice, ""), by=holding(scene.admin, [WRITE]))
        assert scene.levels(scene.ci) == {}

    def test_in_a_team_needs_all_that_the_team_gives_k26(self, scene: Scene, unchanged: Unchanged) -> None:
        held = [*permissions_of("teams", str(scene.team.id), "Member")]
        scene.set(scene.ci, (scene.team, "Edit"))
        with scene.database.write() as db:
            custom = a_role(db, scene.home, ("a:read", ""))
            for assigned in (custom, "fixed:teams:creator", "fixed:of a later version"):
                an_assignment(db, scene.home, assigned, team=scene.team.id)
        for needed, more in (
            ("a:read", [Permission("a:read", "a:b:c")]),
            ("org.users:read", [Permission("org.users:read", "users:*"), Permission("teams:create", "")]),
            ("serviceaccounts:read", permissions_of("serviceaccounts", str(scene.ci), "Edit")),
        ):
            by = holding(scene.admin, held)
            with unchanged(), pytest.raises(PermissionMissing) as refused:
                scene.set(scene.team.id, (scene.alice, "Member"), kind="teams", by=by)
            assert refused.value.needed == needed
            with unchanged(), pytest.raises(PermissionMissing), scene.database.write() as db:
                team_members.add_member(db, by, scene.team.id, scene.alice.id, clock=NOW)
            held += more
        scene.set(scene.team.id, (scene.alice, "Member"), kind="teams", by=holding(scene.admin, held))
        assert scene.levels(scene.team.id, "teams") == {scene.alice: "Member"}


class TestTheLevelsOnATeam:
    def test_are_its_members(self, scene: Scene) -> None:
        scene.set(
            scene.team.id,
            (scene.alice, "Member"),
            (AccountHolder(scene.ci), "Admin"),
            kind="teams",
        )
        scene.set(scene.team.id, (scene.alice, "Admin"), (AccountHolder(scene.ci), ""), kind="teams")
        assert scene.levels(scene.team.id, "teams") == {scene.alice: "Admin"}
        assert [entry.action for entry in scene.recorded()] == [
            "team.member.add",
            "team.member.add",
            "team.member.level",
            "team.member.remove",
        ]
        assert (scene.recorded()[0].target_kind, scene.recorded()[0].target_name) == ("team", "builders")

    def test_are_for_accounts_alone(self, scene: Scene, unchanged: Unchanged) -> None:
        with unchanged():
            for holder in (scene.team, RoleHolder(Role.VIEWER)):
                with pytest.raises(HolderUnknown):
                    scene.set(scene.team.id, (holder, ""), kind="teams")


class TestListingLevels:
    def test_leaves_out_teams_that_the_caller_may_not_read(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"), (scene.team, "Edit"))
        assert scene.levels(scene.ci, by=holding(scene.admin, [])) == {scene.alice: "Edit"}
        reader = holding(scene.admin, [Permission("teams:read", f"teams:id:{scene.team.id}")])
        assert scene.levels(scene.ci, by=reader) == {scene.alice: "Edit", scene.team: "Edit"}

    @pytest.mark.parametrize("of", ["abc", "", "0", "999999999"])
    def test_finds_none_on_an_object_that_there_is_not(self, scene: Scene, of: str) -> None:
        assert scene.levels(of) == scene.levels(of, "folders") == {}

    def test_finds_none_on_another_organizations(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"))
        with scene.database.write() as db:
            other = a_principal(an_org(db, name="other"))
        assert scene.levels(scene.ci, by=other) == {}


class TestABasicRole:
    def test_may_be_a_holder_where_the_kind_says_so(self, scene: Scene) -> None:
        editors = RoleHolder(Role.EDITOR)
        with scene.database.read() as db:
            assert find_holders(db, scene.home, FOLDERS, [editors]) == {editors: {"role": "Editor"}}
            for kind in (ACCOUNTS, TEAMS):
                with pytest.raises(HolderUnknown):
                    find_holders(db, scene.home, kind, [editors])


class TestTheCreatorOfAServiceAccount:
    def test_has_all_rights_on_it_if_it_is_a_person(self, scene: Scene) -> None:
        for by, held in ((as_person(scene.admin, scene.alice), {scene.alice: "Admin"}), (scene.admin, {})):
            with scene.database.write() as db:
                new = NewServiceAccount(f"by {by.kind}", Role.VIEWER)
                made = serviceaccounts.create_service_account(db, by, new, clock=NOW)
            assert scene.levels(made.id) == held
        assert [entry.action for entry in scene.recorded()] == ["serviceaccount.create"] * 2


class TestLevelsOfTheDeleted:
    def test_go_with_the_object_k17(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"), (scene.team, "Edit"))
        with scene.database.write() as db:
            serviceaccounts.delete_service_account(db, scene.admin, scene.ci, clock=NOW)
            assert db.execute(object_grant.select()).all() == []

    def test_go_with_a_membership(self, scene: Scene) -> None:
        scene.set(scene.ci, (scene.alice, "Edit"), (AccountHolder(scene.ci), "Edit"))
        with scene.database.write() as db:
            memberships.remove_member(db, scene.admin, scene.home, scene.alice.id, clock=NOW)
        assert scene.levels(scene.ci) == {AccountHolder(scene.ci): "Edit"}


class TestTheLastOwnRight:
    READ = Action.SERVICE_ACCOUNTS_READ

    def test_is_the_only_level_by_which_somebody_may(self, scene: Scene) -> None:
        of = LeveledObject("serviceaccounts", str(scene.ci))
        everything = as_person(scene.admin, scene.alice)
        some = holding(everything, permissions_of(of.kind, of.id, "Edit"))

        def last(by: Principal) -> Holder | None:
            with scene.database.read() as db:
                return object_grants.find_last_own(db, by, of, self.READ)

        assert last(some) is None
        scene.set(scene.ci, (scene.alice, "Edit"), (scene.team, "Edit"))
        assert (last(everything), last(some)) == (None, scene.alice)
        scene.set(scene.team.id, (scene.alice, "Member"), kind="teams")
        assert last(some) is None
        scene.set(scene.ci, (scene.alice, ""))
        assert last(some) == scene.team
