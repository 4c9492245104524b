from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_service_account, a_team

ROOT = "/api/access-control"
LEVELS = {"serviceaccounts": "Edit", "teams": "Member"}
UPDATED, REMOVED = (200, "Permission updated"), (200, "Permission removed")
FAILED = {
    "": (400, "failed to set permissions"),
    "users": (400, "failed to set user permission"),
    "teams": (400, "failed to set team permission"),
}
BAD_DATA = (400, "bad request data")


@dataclass(frozen=True, slots=True)
class Scene:
    """A service account, a team and a person, in one organization, and who may call there."""

    house: House
    ci: AccountId
    team: TeamId
    person: AccountId

    def id_of(self, kind: str) -> int:
        return self.ci if kind == "serviceaccounts" else self.team

    def path(self, *more: object, kind: str = "serviceaccounts") -> str:
        return "/".join(map(str, (ROOT, kind, self.id_of(kind), *more)))

    def entries(self, kind: str = "serviceaccounts") -> list[dict[str, object]]:
        return list(self.house.as_key().get(self.path(kind=kind)).json())

    def holders(self, kind: str = "serviceaccounts") -> list[tuple[object, object]]:
        return [(one.get("userId", one.get("team")), one["permission"]) for one in self.entries(kind)]


def new_team(house: House, *, name: str = "Team A", email: str = "", org: OrgId = HOME) -> TeamId:
    with house.database.write() as db:
        return a_team(db, org, name=name, email=email)


@pytest.fixture
def scene(house: House) -> Scene:
    with house.database.write() as db:
        ci = a_service_account(db, HOME)
    return Scene(house, ci, new_team(house), house.a_member(Role.VIEWER, login="alice"))


class TestTheDescription:
    @pytest.mark.parametrize(
        ("kind", "for_teams", "levels"),
        [("serviceaccounts", True, ["Edit", "Admin"]), ("teams", False, ["Member", "Admin"])],
    )
    def test_tells_the_levels_and_who_may_have_one(
        self, house: House, kind: str, levels: list[str], *, for_teams: bool
    ) -> None:
        assert house.as_key().get(f"{ROOT}/{kind}/description").json() == {
            "assignments": {"users": True, "teams": for_teams, "builtInRoles": False},
            "permissions": levels,
        }

    def test_needs_the_right_on_some_object(self, house: House) -> None:
        path = f"{ROOT}/serviceaccounts/description"
        right = ("serviceaccounts.permissions:read", "serviceaccounts:id:7")
        assert house.as_holder(Role.VIEWER, right).get(path).status_code == 200
        status, message = told(house.as_key(Role.EDITOR).get(path))
        assert status == 403
        assert message.endswith("Permissions needed: serviceaccounts.permissions:read")


class TestListingLevels:
    def test_tells_people_machines_and_teams_with_their_pictures(self, scene: Scene) -> None:
        client, other = scene.house.as_key(), new_team(scene.house, name="mail", email="MAIL@x.org")
        holders = (f"users/{scene.person}", f"users/{scene.ci}", f"teams/{scene.team}", f"teams/{other}")
        for holder in holders:
            assert told(client.post(scene.path(holder), json={"permission": "Edit"})) == UPDATED
        *entries, last = scene.entries()
        assert last["teamAvatarUrl"] == "/avatar/e8dfcefddae0c60a64b794e6fc4c089f"  # mail@x.org
        assert all(entry.pop("id") for entry in entries)
        common = {
            "isManaged": True,
            "isInherited": False,
            "actions": ["serviceaccounts:read", "serviceaccounts:write"],
            "permission": "Edit",
        }
        assert entries == [
            common
            | {
                "roleName": f"managed:users:{scene.person}:permissions",
                "userId": scene.person,
                "userLogin": "alice",
                "userAvatarUrl": "/avatar/c160f8cc69a4f0bf2b0362752353d060",  # alice@example.com
            },
            common
            | {
                "roleName": f"managed:users:{scene.ci}:permissions",
                "userId": scene.ci,
                "userLogin": "sa-ci",
                "userAvatarUrl": "/avatar/1852db62f10558886a57b8ceb413f000",  # the login
            },
            common
            | {
                "roleName": f"managed:teams:{scene.team}:permissions",
                "team": "Team A",
                "teamId": scene.team,
                "teamAvatarUrl": "/avatar/81691c72d94ec6b8ae39a89bfbbca18a",  # teama@localhost
            },
        ]

    def test_leaves_out_teams_that_the_caller_may_not_read(self, scene: Scene) -> None:
        scene.house.as_key().post(scene.path("teams", scene.team), json={"permission": "Edit"})
        right = ("serviceaccounts.permissions:read", f"serviceaccounts:id:{scene.ci}")
        assert scene.house.as_holder(Role.VIEWER, right).get(scene.path()).json() == []
        both = (right, ("teams:read", f"teams:id:{scene.team}"))
        assert len(scene.house.as_holder(Role.VIEWER, *both).get(scene.path()).json()) == 1

    @pytest.mark.parametrize("kind", LEVELS)
    @pytest.mark.parametrize("of", ["abc", "0", "-1", "999999999", "99999999999999999999"])
    def test_tells_of_nobody_where_there_is_nothing(self, house: House, kind: str, of: str) -> None:
        answer = house.as_key().get(f"{ROOT}/{kind}/{of}")
        assert (answer.status_code, answer.json()) == (200, [])

    def test_tells_nothing_of_another_organizations(self, scene: Scene) -> None:
        scene.house.as_key().post(scene.path("users", scene.person), json={"permission": "Edit"})
        stranger = scene.house.as_key(org=scene.house.an_org())
        assert stranger.get(scene.path()).json() == []


class TestSettingOneLevel:
    @pytest.mark.parametrize("kind", LEVELS)
    def test_gives_replaces_and_takes_away(self, scene: Scene, kind: str) -> None:
        client, path = scene.house.as_key(), scene.path("users", scene.person, kind=kind)
        for level in (LEVELS[kind], "Admin", LEVELS[kind]):
            assert told(client.post(path, json={"permission": level})) == UPDATED
            assert scene.holders(kind) == [(scene.person, level)]
        for body in ({"permission": ""}, {"PERMISSION": None}, {}):
            assert told(client.post(path, json=body)) == REMOVED
            assert scene.holders(kind) == []

    @pytest.mark.parametrize("raw", ["", "null", "{}"])
    def test_takes_away_with_an_empty_body_of_the_right_media_type(self, scene: Scene, raw: str) -> None:
        client, path = scene.house.as_key(), scene.path("users", scene.person)
        client.post(path, json={"permission": "Edit"})
        as_json = {"Content-Type": "application/json"}
        assert told(client.post(path, content=raw, headers=as_json)) == REMOVED
        assert scene.holders() == []

    def test_is_refused_for_what_is_no_level_no_holder_and_no_object(
        self, scene: Scene, unchanged: Unchanged
    ) -> None:
        client, other = scene.house.as_key(), scene.house.an_org()
        stranger = scene.house.a_member(Role.ADMIN, org=other, login="bob")
        foreign = new_team(scene.house, org=other)
        mine = {"users": scene.person, "teams": scene.team}
        with unchanged():
            for holder, its_id in mine.items():
                for level in ("View", "edit", " ", "serviceaccounts:read"):
                    answer = client.post(scene.path(holder, its_id), json={"permission": level})
                    assert told(answer) == FAILED[holder]
                for of in ("abc", "0", "999999999", scene.person):
                    path = f"{ROOT}/serviceaccounts/{of}/{holder}/{its_id}"
                    assert told(client.post(path, json={"permission": "Edit"})) == FAILED[holder]
            for holder, its_id in (("users", stranger), ("teams", foreign), ("users", 0), ("teams", -1)):
                for level in ("Edit", ""):
                    answer = client.post(scene.path(holder, its_id), json={"permission": level})
                    assert told(answer) == FAILED[holder]

    def test_reads_the_holder_before_the_body(self, scene: Scene, unchanged: Unchanged) -> None:
        client = scene.house.as_key()
        with unchanged():
            assert told(client.post(scene.path("users", "x"))) == (400, "userID is invalid")
            assert told(client.post(scene.path("teams", "x"))) == (400, "teamID is invalid")
            for answer in (
                client.post(scene.path("users", scene.person)),
                client.post(scene.path("teams", scene.team), content="{"),
                client.post(scene.path("users", scene.person), json={"permission": 1}),
            ):
                assert told(answer) == BAD_DATA

    @pytest.mark.parametrize(
        ("kind", "path"),
        [("serviceaccounts", "builtInRoles/Viewer"), ("teams", "teams/1"), ("teams", "builtInRoles/Viewer")],
    )
    def test_has_no_route_for_holders_that_the_kind_does_not_have(
        self, scene: Scene, kind: str, path: str
    ) -> None:
        answer = scene.house.as_key().post(scene.path(path, kind=kind), json={"permission": "Admin"})
        assert told(answer) == (404, "Not found")


def bulk(client: TestClient, scene: Scene, *entries: Mapping[str, object]) -> httpx2.Response:
    return client.post(scene.path(), json={"permissions": list(entries)})


class TestSettingManyLevels:
    def test_changes_those_who_are_named_and_the_last_counts(self, scene: Scene) -> None:
        client, first = scene.house.as_key(), {"userId": scene.ci, "permission": "Edit"}
        for entries in (
            [first, {"teamId": scene.team, "permission": "Edit"}],
            [
                {"userId": scene.person, "teamId": 9, "builtInRole": "x", "permission": level}
                for level in ("Edit", "Admin")
            ],
            [{"teamId": scene.team, "builtInRole": "Editor"}],
            [],
        ):
            assert told(bulk(client, scene, *entries)) == (200, "Permissions updated")
        assert scene.holders() == [(scene.person, "Admin"), (scene.ci, "Edit")]

    @pytest.mark.parametrize("raw", ["", "null", "{}", '{"permissions":null}', '{"permissions":[]}'])
    def test_changes_nothing_without_entries(self, scene: Scene, unchanged: Unchanged, raw: str) -> None:
        client, headers = scene.house.as_key(), {"Content-Type": "application/json"}
        with unchanged():
            answer = client.post(scene.path(), content=raw, headers=headers)
            assert told(answer) == (200, "Permissions updated")

    def test_changes_nothing_if_one_entry_is_wrong(self, scene: Scene, unchanged: Unchanged) -> None:
        client, good = scene.house.as_key(), {"userId": scene.person, "permission": "Edit"}
        headers = {"Content-Type": "application/json"}
        with unchanged():
            for wrong in (
                {"userId": scene.ci, "permission": "View"},
                {"userId": 999999999, "permission": "Edit"},
                {"teamId": 999999999, "permission": "Edit"},
                {"builtInRole": "Editor", "permission": "Edit"},
                {"builtInRole": "Boss", "permission": "Edit"},
                {"permission": "Edit"},
                {},
            ):
                assert told(bulk(client, scene, good, wrong)) == FAILED[""]
            for of in ("999999999", "abc", "description"):
                answer = client.post(f"{ROOT}/serviceaccounts/{of}", json={"permissions": []})
                assert told(answer) == FAILED[""]
            for raw in (
                "[]",
                "{",
                '{"permissions":{}}',
                '{"permissions":[1]}',
                '{"permissions":[{"userId":"1"}]}',
            ):
                headers = {"Content-Type": "application/json"}
                assert told(client.post(scene.path(), content=raw, headers=headers)) == BAD_DATA
            assert told(client.post(scene.path())) == BAD_DATA


class TestWhoMaySetLevels:
    def test_is_whoever_has_the_right_on_that_object_and_what_they_give_k26(
        self, scene: Scene, unchanged: Unchanged
    ) -> None:
        scope = f"serviceaccounts:id:{scene.ci}"
        write, body = ("serviceaccounts.permissions:write", scope), {"permission": "Edit"}
        path = scene.path("users", scene.person)
        actions = ("serviceaccounts:read", "serviceaccounts:write")
        editor = scene.house.as_holder(Role.VIEWER, write, *((action, scope) for action in actions))
        assert told(editor.post(path, json=body)) == UPDATED
        stranger = scene.house.as_holder(
            Role.VIEWER, ("serviceaccounts.permissions:write", f"serviceaccounts:id:{scene.ci + 1}")
        )
        other = scene.house.as_key(org=scene.house.an_org())
        with unchanged():
            status, message = told(editor.post(path, json={"permission": "Admin"}))
            assert (status, message.split()[-1]) == (403, "serviceaccounts:delete")
            status, message = told(stranger.post(path, json=body))
            assert (status, message.split()[-1]) == (403, "serviceaccounts.permissions:write")
            assert told(other.post(path, json=body)) == FAILED["users"]
            assert told(scene.house.client().post(path, json=body)) == (401, "Unauthorized")


class TestALevelThatSomebodyHas:
    def test_counts_from_the_next_request_on_until_it_is_taken_away(self, scene: Scene) -> None:
        admin, alice = scene.house.as_key(), scene.house.as_person("alice", "canary-alice-password")
        account = f"/api/serviceaccounts/{scene.ci}"
        own, team = scene.path("users", scene.person), scene.path("teams", scene.team)
        in_team = scene.path("users", scene.person, kind="teams")
        for levels in ({own: "Edit"}, {team: "Admin", in_team: "Member"}):
            assert alice.get(account).status_code == 403
            for path, level in levels.items():
                assert told(admin.post(path, json={"permission": level})) == UPDATED
            assert alice.get(account).status_code == 200
            assert told(admin.post(next(iter(levels)), json={"permission": ""})) == REMOVED
        assert alice.get(account).status_code == 403

    def test_goes_with_the_object_k17(self, scene: Scene) -> None:
        admin = scene.house.as_key()
        admin.post(scene.path("users", scene.person), json={"permission": "Edit"})
        assert admin.delete(f"/api/serviceaccounts/{scene.ci}").status_code == 200
        assert scene.entries() == []
        alice = scene.house.as_person("alice", "canary-alice-password")
        assert "serviceaccounts:read" not in alice.get("/api/access-control/user/permissions").json()

    def test_is_admin_for_the_person_who_makes_an_account_and_for_no_key(self, scene: Scene) -> None:
        for client, holders in ((scene.house.as_member(Role.ADMIN), 1), (scene.house.as_key(), 0)):
            made = client.post("/api/serviceaccounts", json={"name": f"by {holders}"}).json()["id"]
            entries = client.get(f"{ROOT}/serviceaccounts/{made}").json()
            assert [entry["permission"] for entry in entries] == ["Admin"] * holders
