import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_member, a_service_account, a_team

TEAMS = "/api/teams"
BAD_DATA = (400, "bad request data")
TEXT_ID = (400, "teamId is invalid")
NOT_FOUND = (404, "Team not found")
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
NOBODY = 999_999_999


@pytest.fixture
def elsewhere(house: House) -> OrgId:
    return house.an_org()


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.as_key()


@pytest.fixture
def team(house: House) -> TeamId:
    return team_in(house, HOME)


@pytest.fixture
def foreign(house: House, elsewhere: OrgId) -> TeamId:
    return team_in(house, elsewhere)


@pytest.fixture
def bob(house: House) -> AccountId:
    """A Viewer here and nowhere else."""
    return house.a_member(Role.VIEWER, login="bob")


def team_in(house: House, org: OrgId, name: str = "builders") -> TeamId:
    with house.database.write() as db:
        return a_team(db, org, name=name)


def member(house: House, team: TeamId, account: AccountId, org: OrgId = HOME) -> None:
    with house.database.write() as db:
        a_member(db, org, team, account)


class TestCreatingATeam:
    def test_makes_the_person_its_admin(self, house: House) -> None:
        client = house.as_member(Role.ADMIN)
        answer = client.post(TEAMS, json={"NAME": "Builders", "eMail": "b@example.com", "orgId": 7})
        made = answer.json()
        assert (answer.status_code, made["message"]) == (200, "Team created")
        assert client.get(f"{TEAMS}/{made['teamId']}").json() == {
            "id": made["teamId"],
            "uid": made["uid"],
            "orgId": HOME,
            "name": "Builders",
            "email": "b@example.com",
            "avatarUrl": "/avatar/d3d7ebb9768eb6f1d6cee6d0cefd341b",
            "memberCount": 1,
            "permission": 0,
            "accessControl": None,
        }
        (first,) = client.get(f"{TEAMS}/{made['teamId']}/members").json()
        assert (first["login"], first["permission"]) == ("member1", 4)

    def test_adds_nobody_for_a_key_or_token(self, house: House) -> None:
        for client in (house.as_key(), house.as_token()):
            made = client.post(TEAMS, json={"name": f"of {client.headers['authorization'][:20]}"}).json()
            assert client.get(f"{TEAMS}/{made['teamId']}").json()["memberCount"] == 0

    @pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 7}, {"name": "x" * 191}, {"name": "a\0"}])
    def test_needs_a_name(self, admin: TestClient, unchanged: Unchanged, body: dict[str, object]) -> None:
        with unchanged():
            assert told(admin.post(TEAMS, json=body)) == BAD_DATA

    def test_needs_a_name_of_its_own_byte_by_byte(
        self, admin: TestClient, team: TeamId, foreign: TeamId, unchanged: Unchanged
    ) -> None:
        with unchanged():
            assert told(admin.post(TEAMS, json={"name": "builders"})) == (409, "Team name taken")
        assert admin.post(TEAMS, json={"name": "Builders"}).status_code == 200
        assert team != foreign

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
    def test_is_for_admins(self, house: House, unchanged: Unchanged, role: Role) -> None:
        clients = (house.as_key(role), house.as_token(role), house.as_member(role))
        assert clients[-1].get("/api/user/teams").json() == []
        with unchanged():
            for client in clients:
                assert told(client.post(TEAMS, json={"name": "x"})) == (403, f"{NEEDS}teams:create")
            assert told(house.client().post(TEAMS, json={"name": "x"})) == (401, "Unauthorized")


class TestFindingTeams:
    def test_pages_by_name_and_counts_all(self, house: House, admin: TestClient) -> None:
        for name in ("b", "C", "a%", "a"):
            team_in(house, HOME, name)
        team_in(house, house.an_org(), "foreign")

        def found(query: str) -> tuple[int, list[str]]:
            answer = admin.get(f"{TEAMS}/search?{query}").json()
            assert set(answer) == {"totalCount", "teams", "page", "perPage"}
            return answer["totalCount"], [team["name"] for team in answer["teams"]]

        assert found("") == (4, ["C", "a", "a%", "b"])
        assert found("perpage=3&page=2") == (4, ["b"])
        assert found("page=9") == (4, [])
        assert found("query=c") == (1, ["C"])
        assert found("query=%25") == (1, ["a%"])
        assert found("name=c") == (0, [])
        assert found("name=C") == (1, ["C"])
        assert admin.get(f"{TEAMS}/search?perpage=1.5&page=2.5").json()["perPage"] == 1000
        assert told(admin.get(TEAMS)) == (404, "Not found")

    def test_tells_what_the_caller_may_do_when_asked(self, admin: TestClient, team: TeamId) -> None:
        held = {
            "teams.permissions:read",
            "teams.permissions:write",
            "teams.roles:read",
            "teams:delete",
            "teams:read",
            "teams:write",
        }
        one = admin.get(f"{TEAMS}/{team}?accesscontrol=true").json()
        (listed,) = admin.get(f"{TEAMS}/search?accesscontrol=true").json()["teams"]
        assert set(one["accessControl"]) == set(listed["accessControl"]) == held

    def test_shows_only_those_that_one_may_read(self, house: House, team: TeamId) -> None:
        team_in(house, HOME, "others")
        reader = house.as_holder(Role.VIEWER, ("teams:read", f"teams:id:{team}"))
        answer = reader.get(f"{TEAMS}/search").json()
        assert (answer["totalCount"], [one["id"] for one in answer["teams"]]) == (1, [team])
        refused = house.as_key(Role.EDITOR).get(f"{TEAMS}/search")
        assert told(refused) == (403, f"{NEEDS}teams:read")

    def test_takes_a_uid_for_the_id_t1(self, house: House, team: TeamId, foreign: TeamId) -> None:
        reader = house.as_holder(Role.VIEWER, ("teams:read", f"teams:id:{team}"))
        uid = reader.get(f"{TEAMS}/{team}").json()["uid"]
        assert reader.get(f"{TEAMS}/{uid}").json()["id"] == team
        assert house.as_key().put(f"{TEAMS}/{uid}", json={"email": "e@x"}).status_code == 200
        assert house.as_key().get(f"{TEAMS}/{uid}/members").json() == []
        refused = reader.get(f"{TEAMS}/unknown")
        assert told(refused) == (403, f"{NEEDS}teams:read")
        assert foreign != team

    def test_finds_nothing_that_is_not_there(
        self, house: House, admin: TestClient, foreign: TeamId, elsewhere: OrgId
    ) -> None:
        for wanted in (NOBODY, 0, -1, foreign):
            assert told(admin.get(f"{TEAMS}/{wanted}")) == NOT_FOUND
        their_uid = house.as_key(org=elsewhere).get(f"{TEAMS}/{foreign}").json()["uid"] + "x"
        for wanted_text in ("abc", their_uid, "1e3"):
            assert told(admin.get(f"{TEAMS}/{wanted_text}")) == TEXT_ID

    def test_shows_ones_own_and_a_persons(
        self, house: House, team: TeamId, bob: AccountId, elsewhere: OrgId
    ) -> None:
        member(house, team, bob)
        client = house.as_person("bob", "canary-bob-password")
        assert [one["id"] for one in client.get("/api/user/teams").json()] == [team]
        with house.database.write() as db:
            machine = a_service_account(db, HOME)
        member(house, team, machine)
        root = house.as_admin()
        assert [one["memberCount"] for one in root.get(f"/api/users/{bob}/teams").json()] == [2]
        for nobody in (machine, NOBODY):
            assert root.get(f"/api/users/{nobody}/teams").json() == []
        assert told(root.get("/api/users/abc/teams")) == (400, "id is invalid")
        there = house.as_admin(x_grafana_org_id=str(elsewhere))
        assert there.get(f"/api/users/{bob}/teams").json() == []
        nowhere = house.as_admin(x_grafana_org_id="77")
        assert nowhere.get(f"/api/users/{bob}/teams").json() == []
        assert house.as_key().get("/api/user/teams").json() == []
        lost = house.a_member(None, login="lost")
        assert house.as_person("lost", "canary-lost-password").get("/api/user/teams").json() == []
        assert told(house.as_member(Role.ADMIN).get(f"/api/users/{lost}/teams"))[0] == 403


class TestChangingATeam:
    def test_writes_the_email_always_and_the_name_if_there_is_one(
        self, admin: TestClient, team: TeamId
    ) -> None:
        path = f"{TEAMS}/{team}"
        for body, name, email in (
            ({"name": "New", "email": "e@x"}, "New", "e@x"),
            ({"email": "f@x"}, "New", "f@x"),
            ({"name": "", "email": "f@x"}, "New", "f@x"),
            ({}, "New", ""),
        ):
            assert told(admin.put(path, json=body)) == (200, "Team updated")
            shown = admin.get(path).json()
            assert (shown["name"], shown["email"]) == (name, email)

    def test_is_refused_for_a_name_that_is_taken(
        self, house: House, admin: TestClient, team: TeamId, unchanged: Unchanged
    ) -> None:
        team_in(house, HOME, "others")
        with unchanged():
            answer = admin.put(f"{TEAMS}/{team}", json={"name": "others"})
        assert told(answer) == (400, "Team name taken")

    @pytest.mark.goal("F28")
    def test_never_reaches_another_organization_k2(
        self, admin: TestClient, foreign: TeamId, unchanged: Unchanged
    ) -> None:
        with unchanged():
            for wanted in (foreign, NOBODY):
                answer = admin.put(f"{TEAMS}/{wanted}", json={"name": "stolen"})
                assert told(answer) == (404, "Failed to update Team")
                answer = admin.delete(f"{TEAMS}/{wanted}")
                assert told(answer) == (404, "Failed to delete Team. ID not found")
            assert told(admin.put(f"{TEAMS}/abc", json={"name": "z"})) == TEXT_ID
            assert told(admin.delete(f"{TEAMS}/abc")) == TEXT_ID


class TestDeletingATeam:
    def test_is_final(self, house: House, admin: TestClient, team: TeamId, bob: AccountId) -> None:
        member(house, team, bob)
        assert told(admin.delete(f"{TEAMS}/{team}")) == (200, "Team deleted")
        assert told(admin.delete(f"{TEAMS}/{team}")) == (404, "Failed to delete Team. ID not found")
        assert told(admin.get(f"{TEAMS}/{team}")) == NOT_FOUND
        assert house.as_person("bob", "canary-bob-password").get("/api/user/teams").json() == []
        assert admin.post(TEAMS, json={"name": "builders"}).json()["teamId"] > team


class TestMembers:
    def test_join_as_member_rise_and_leave(self, admin: TestClient, team: TeamId, bob: AccountId) -> None:
        path = f"{TEAMS}/{team}/members"
        assert told(admin.post(path, json={"userId": bob, "permission": 4})) == (200, "Member added to Team")
        expected = {
            "orgId": HOME,
            "teamId": team,
            "userId": bob,
            "auth_module": "",
            "email": "bob@example.com",
            "name": "Bob",
            "login": "bob",
            "avatarUrl": "/avatar/4b9bb80620f03eb3719e0a061c14283d",
            "labels": [],
            "permission": 0,
        }
        assert admin.get(path).json() == [expected]
        updated = (200, "Team member updated")
        assert told(admin.put(f"{path}/{bob}", json={"permission": 4})) == updated
        assert admin.get(path).json() == [expected | {"permission": 4}]
        assert told(admin.put(f"{path}/{bob}", json={})) == updated
        assert told(admin.delete(f"{path}/{bob}")) == (200, "Team Member removed")
        assert admin.get(path).json() == []

    def test_may_be_machines_which_only_count(self, house: House, admin: TestClient, team: TeamId) -> None:
        with house.database.write() as db:
            machine = a_service_account(db, HOME)
        path = f"{TEAMS}/{team}/members"
        assert admin.post(path, json={"userId": machine}).status_code == 200
        assert admin.get(path).json() == []
        assert admin.get(f"{TEAMS}/{team}").json()["memberCount"] == 1
        assert told(admin.delete(f"{path}/{machine}")) == (200, "Team Member removed")

    @pytest.mark.goal("F28")
    def test_are_those_of_the_organization_k22(
        self, house: House, team: TeamId, bob: AccountId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        admin = house.as_key()
        foreigner = house.a_member(Role.VIEWER, org=elsewhere, login="foreigner")
        member(house, team, bob)
        path = f"{TEAMS}/{team}/members"
        failed = (404, "Failed to add Member to Team")
        with unchanged():
            for account in (foreigner, NOBODY, -1):
                assert told(admin.post(path, json={"userId": account})) == failed
                assert told(admin.delete(f"{path}/{account}")) == (404, "Failed to remove Member from Team")
                answer = admin.put(f"{path}/{account}", json={"permission": 4})
                assert told(answer) == (404, "Team member not found.")
            assert told(admin.post(f"{TEAMS}/{NOBODY}/members", json={"userId": bob})) == failed
            answer = admin.post(path, json={"userId": bob})
            assert told(answer) == (400, "User is already added to this team")

    def test_are_refused_as_grafana_does(
        self, house: House, admin: TestClient, team: TeamId, bob: AccountId, unchanged: Unchanged
    ) -> None:
        member(house, team, bob)
        ann = house.a_member(Role.VIEWER, login="ann")
        path = f"{TEAMS}/{team}/members"
        with unchanged():
            for body in ({}, {"userId": "5"}, {"userId": 0}, {"userId": 1.0}):
                assert told(admin.post(path, json=body)) == BAD_DATA
            assert told(admin.post(f"{TEAMS}/abc/members", json={"userId": bob})) == TEXT_ID
            answer = admin.put(f"{path}/{bob}", json={"permission": 1})
            assert told(answer) == (400, "Failed to update team member.")
            text = (400, "userId is invalid")
            assert told(admin.put(f"{path}/abc", json={"permission": 4})) == text
            assert told(admin.delete(f"{path}/abc")) == text
            assert told(admin.delete(f"{path}/{ann}")) == (404, "Team member not found")
            assert told(admin.delete(f"{TEAMS}/{NOBODY}/members/{bob}")) == NOT_FOUND
            assert admin.get(f"{TEAMS}/{NOBODY}/members").json() == []
            assert told(admin.get(f"{TEAMS}/abc/members")) == TEXT_ID
        viewer = house.as_key(Role.VIEWER)
        with unchanged():
            assert told(viewer.get(path)) == (403, f"{NEEDS}teams.permissions:read")
            answer = viewer.post(path, json={"userId": bob})
            assert told(answer) == (403, f"{NEEDS}teams.permissions:write")

    def test_are_not_told_to_who_may_not_read_people(
        self, house: House, team: TeamId, bob: AccountId
    ) -> None:
        member(house, team, bob)
        reader = house.as_holder(Role.VIEWER, ("teams.permissions:read", f"teams:id:{team}"))
        assert reader.get(f"{TEAMS}/{team}/members").json() == []

    def test_leave_with_the_organization_k22(
        self, house: House, admin: TestClient, team: TeamId, bob: AccountId
    ) -> None:
        member(house, team, bob)
        house.an_org("second")
        assert told(admin.delete(f"/api/org/users/{bob}"))[0] == 200
        assert admin.get(f"{TEAMS}/{team}").json()["memberCount"] == 0


class TestGroups:
    def test_come_and_go_by_path_and_query_t6(self, admin: TestClient, team: TeamId) -> None:
        path = f"{TEAMS}/{team}/groups"
        first, second = "cn=a/b,dc=x", "cn=c d,dc=x"
        for group in (first, second):
            assert told(admin.post(path, json={"groupId": group})) == (200, "Group added to Team")
        shown = [{"orgId": HOME, "teamId": team, "groupId": group} for group in (first, second)]
        assert admin.get(path).json() == shown
        removed = (200, "Team Group removed")
        assert told(admin.delete(f"{path}/cn=a%2Fb,dc=x")) == removed
        assert told(admin.delete(f"{path}?groupId=cn%3Dc+d%2Cdc%3Dx")) == removed
        assert admin.get(path).json() == []

    def test_are_refused_twice_and_where_there_is_nothing(
        self, admin: TestClient, team: TeamId, foreign: TeamId, unchanged: Unchanged
    ) -> None:
        path = f"{TEAMS}/{team}/groups"
        assert admin.post(path, json={"groupId": "g"}).status_code == 200
        with unchanged():
            answer = admin.post(path, json={"groupId": "g"})
            assert told(answer) == (400, "Group is already added to this team")
            assert told(admin.post(path, json={"groupId": ""})) == BAD_DATA
            for gone in (f"{path}/h", f"{path}?groupId=h", path):
                assert told(admin.delete(gone)) == (404, "Group not found")
            for wanted in (foreign, NOBODY):
                there = f"{TEAMS}/{wanted}/groups"
                assert told(admin.get(there)) == NOT_FOUND
                assert told(admin.post(there, json={"groupId": "g"})) == NOT_FOUND
                assert told(admin.delete(f"{there}/g")) == NOT_FOUND
