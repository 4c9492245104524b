import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.storage import changes as log
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_service_account
from tests.rights import a_role, a_team, an_assignment

ROLES = "/api/access-control/roles"
USERS = "/api/access-control/users"
TEAMS = "/api/access-control/teams"
PERMISSIONS = "/api/access-control/user/permissions"
MISSING = "You'll need additional permissions to perform this action. Permissions needed: "
DELEGATE = "permissions:type:delegate"
CREATOR = "fixed:teams:creator"


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.as_key(Role.ADMIN)


@pytest.fixture
def root(house: House) -> TestClient:
    """Return the client of the server admin, who has been seen before."""
    client = house.as_admin()
    client.get("/api/user")
    return client


@pytest.fixture
def alice(house: House) -> AccountId:
    return house.a_member(Role.VIEWER, login="alice")


@pytest.fixture
def ci(house: House) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME)


@pytest.fixture
def team(house: House, ci: AccountId) -> int:
    with house.database.write() as db:
        return a_team(db, HOME, ci)


@pytest.fixture(autouse=True)
def roles(house: House) -> None:
    with house.database.write() as db:
        a_role(db, HOME, ("shop:sell", "orders:*"), name="seller")
        a_role(db, HOME, ("shop:buy", ""), name="buyer")
        a_role(db, None, ("shop:look", ""), name="everybody")


def logged(house: House) -> list[tuple[str, object]]:
    with house.database.read() as db:
        found = [change for change, _hash in log.list_changes(db)]
    return [(one.action, dict(one.detail)) for one in found if one.action.startswith("role.")]


class TestWhoHasARole:
    def test_is_set_and_listed_by_kind(
        self, house: House, admin: TestClient, alice: AccountId, ci: AccountId, team: int
    ) -> None:
        path = f"{ROLES}/seller/assignments"
        body = {"users": [ci, alice], "teams": [team], "service_accounts": None}
        expected = {"role_uid": "seller", "users": [alice], "teams": [team], "service_accounts": [ci]}
        assert admin.put(path, json=body).json() == admin.get(path).json() == expected
        assert [action for action, _ in logged(house)] == ["role.assign"] * 3
        assert admin.put(path, json={"service_accounts": [ci]}).json()["users"] == []
        assert logged(house)[3:] == [
            ("role.unassign", {"account": alice}),
            ("role.unassign", {"team": team}),
        ]
        assert admin.put(path, json={}).json() == {
            **expected,
            "users": [],
            "teams": [],
            "service_accounts": [],
        }

    def test_may_be_asked_of_a_fixed_one_by_its_name(self, admin: TestClient, ci: AccountId) -> None:
        path = f"{ROLES}/{CREATOR}/assignments"
        answer = admin.put(path, json={"service_accounts": [ci]}).json()
        assert answer == admin.get(path).json()
        assert (answer["role_uid"][:6], answer["service_accounts"]) == ("fixed_", [ci])

    @pytest.mark.parametrize(
        ("uid", "body", "expected"),
        [
            ("seller", {"users": [404]}, (400, "invalid assignment")),
            ("seller", {"teams": [404]}, (400, "invalid assignment")),
            ("seller", {"users": ["x"]}, (400, "bad request data")),
            ("nothing", {}, (404, "role not found")),
            ("basic_viewer", {}, (403, "basic and fixed roles cannot be changed")),
            ("everybody", {"users": [1]}, (403, f"{MISSING}users.roles:add")),
        ],
    )
    def test_is_not_set(
        self, admin: TestClient, unchanged: Unchanged, uid: str, body: dict[str, object], expected: object
    ) -> None:
        with unchanged():
            assert told(admin.put(f"{ROLES}/{uid}/assignments", json=body)) == expected

    def test_is_nobody_of_another_organization_but_people(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        other = house.an_org()
        guest = house.a_member(Role.VIEWER, org=other, login="guest")
        with house.database.write() as db:
            machine, team = a_service_account(db, other), a_team(db, other)
        path = f"{ROLES}/seller/assignments"
        with unchanged():
            assert told(admin.put(path, json={"users": [machine]})) == (400, "invalid assignment")
            assert told(admin.put(path, json={"teams": [team]})) == (400, "invalid assignment")
        assert admin.put(path, json={"users": [guest]}).json()["users"] == [guest]
        client = house.as_person("guest", "canary-guest-password")
        assert "shop:sell" not in client.get(PERMISSIONS).json()
        admin.post("/api/org/users", json={"loginOrEmail": "guest", "role": "Viewer"})
        here = house.as_person("guest", "canary-guest-password", x_grafana_org_id=str(HOME))
        assert here.get(PERMISSIONS).json()["shop:sell"] == ["orders:*"]
        admin.delete(f"/api/org/users/{guest}")
        assert admin.get(path).json()["users"] == []

    @pytest.mark.parametrize(
        ("action", "body", "needed"),
        [
            ("users.roles:remove", {"users": [1]}, "users.roles:add"),
            ("users.roles:add", {"users": []}, "teams.roles:remove"),
            ("teams.roles:remove", {"teams": [], "users": [1]}, "users.roles:add"),
        ],
    )
    def test_needs_what_the_change_is(
        self,
        house: House,
        root: TestClient,
        team: int,
        unchanged: Unchanged,
        *,
        action: str,
        body: dict[str, object],
        needed: str,
    ) -> None:
        viewer = house.as_key(Role.VIEWER)
        root.put(f"{ROLES}/buyer/assignments", json={"teams": [team]})
        holder = house.as_holder(Role.VIEWER, (action, DELEGATE), ("shop:buy", ""))
        with unchanged():
            assert told(holder.put(f"{ROLES}/buyer/assignments", json=body)) == (403, f"{MISSING}{needed}")
            assert told(viewer.put(f"{ROLES}/buyer/assignments", json=body))[0] == 403

    def test_is_for_those_to_say_who_hold_what_it_permits(
        self, house: House, alice: AccountId, unchanged: Unchanged
    ) -> None:
        holder = house.as_holder(
            Role.VIEWER, ("users.roles:add", DELEGATE), ("shop:sell", "orders:id:1"), ("shop:buy", "*")
        )
        with unchanged():
            answer = holder.put(f"{ROLES}/seller/assignments", json={"users": [alice]})
            assert told(answer) == (403, f"{MISSING}shop:sell")
        assert holder.put(f"{ROLES}/buyer/assignments", json={"users": [alice]}).status_code == 200


class TestTheRolesOfAUser:
    def test_are_given_listed_and_taken(
        self, house: House, admin: TestClient, alice: AccountId, ci: AccountId
    ) -> None:
        for account in (alice, ci):
            path = f"{USERS}/{account}/roles"
            assert told(admin.post(path, json={"roleUid": "seller"})) == (200, "Role added to the user.")
            assert told(admin.post(path, json={"roleUid": "seller"})) == (200, "Role added to the user.")
            assert told(admin.post(path, json={"roleUid": CREATOR})) == (200, "Role added to the user.")
            listed = admin.get(path).json()
            assert [role["name"] for role in listed] == [CREATOR, "seller"]
            assert [row["action"] for row in listed[1]["permissions"]] == ["shop:sell"]
            assert admin.get(f"{USERS}/{account}/permissions").json()["shop:sell"] == ["orders:*"]
            assert told(admin.put(path, json={"roleUids": ["buyer", CREATOR]})) == (
                200,
                "User roles have been updated.",
            )
            assert [role["name"] for role in admin.get(path).json()] == ["buyer", CREATOR]
            assert told(admin.delete(f"{path}/buyer")) == (200, "Role removed from user.")
            assert told(admin.delete(f"{path}/{CREATOR}")) == (200, "Role removed from user.")
            assert admin.get(path).json() == []
        assert [action for action, _ in logged(house)] == [
            *("role.assign", "role.assign", "role.unassign", "role.assign", "role.unassign", "role.unassign")
        ] * 2

    def test_that_are_hidden_stay_unless_they_are_included(self, admin: TestClient, ci: AccountId) -> None:
        admin.post(ROLES, json={"name": "hidden", "uid": "hidden", "hidden": True})
        path = f"{USERS}/{ci}/roles"
        admin.put(path, json={"roleUids": ["hidden", "seller"]})
        assert [role["name"] for role in admin.get(path).json()] == ["seller"]
        admin.put(path, json={"roleUids": []})
        assert [role["name"] for role in admin.get(f"{path}?includeHidden=true").json()] == ["hidden"]
        admin.put(path, json={"roleUids": [], "includeHidden": True})
        assert admin.get(f"{path}?includeHidden=true").json() == []

    def test_count_everywhere_when_a_server_admin_says_so(
        self, house: House, admin: TestClient, root: TestClient, alice: AccountId, unchanged: Unchanged
    ) -> None:
        path, everywhere = f"{USERS}/{alice}/roles", {"roleUid": "everybody", "global": True}
        with unchanged():
            assert told(admin.post(path, json=everywhere)) == (403, f"{MISSING}users.roles:add")
            assert told(admin.post(path, json={"roleUid": CREATOR, "global": True}))[0] == 403
            own = {"roleUid": "seller", "global": True}
            assert told(root.post(path, json=own)) == (404, "role not found")
        assert told(root.post(path, json=everywhere))[0] == 200
        assert logged(house)[-1] == ("role.assign", {"everywhere": True, "account": alice})
        assert [role["name"] for role in admin.get(path).json()] == ["everybody"]
        elsewhere = house.as_person("alice", "canary-alice-password", x_grafana_org_id=str(house.an_org()))
        assert elsewhere.get(PERMISSIONS).json() == {"shop:look": [""]}
        with unchanged():
            assert told(admin.delete(f"{path}/everybody?global=true"))[0] == 403
            assert told(admin.put(path, json={"roleUids": [], "global": True}))[0] == 403
            assert told(root.delete(f"{path}/everybody")) == (404, "role not found")
        assert told(root.delete(f"{path}/everybody?global=true"))[0] == 200
        assert elsewhere.get(PERMISSIONS).json() == {}

    def test_that_count_everywhere_open_what_is_the_servers(
        self, house: House, root: TestClient, alice: AccountId
    ) -> None:
        client = house.as_person("alice", "canary-alice-password")
        assert client.get("/api/orgs").status_code == 403
        body = {"roleUid": "fixed:organization:maintainer", "global": True}
        assert told(root.post(f"{USERS}/{alice}/roles", json=body))[0] == 200
        assert client.get("/api/orgs").status_code == 200
        assert house.as_key(Role.ADMIN).get("/api/orgs").status_code == 403

    @pytest.mark.parametrize(
        ("method", "path", "body", "expected"),
        [
            ("GET", "x/roles", None, (400, "id is invalid")),
            ("POST", "x/roles", {"roleUid": "seller"}, (400, "id is invalid")),
            ("POST", "404/roles", {"roleUid": "seller"}, (404, "user not found")),
            ("PUT", "404/roles", {"roleUids": []}, (404, "user not found")),
            ("DELETE", "404/roles/seller", None, (404, "user not found")),
            ("DELETE", "1/roles/seller", None, (404, "role not found")),
            ("DELETE", "1/roles/nothing", None, (404, "role not found")),
            ("POST", "1/roles", {"roleUid": "nothing"}, (404, "role not found")),
            ("PUT", "1/roles", {"roleUids": ["seller", "nothing"]}, (404, "role not found")),
            ("POST", "1/roles", {}, (400, "bad request data")),
            (
                "POST",
                "1/roles",
                {"roleUid": "basic_admin"},
                (403, "basic and fixed roles cannot be changed"),
            ),
            ("GET", "x/permissions", None, (400, "id is invalid")),
            ("GET", "404/permissions", None, (404, "user not found")),
        ],
    )
    def test_are_not_found(
        self,
        admin: TestClient,
        unchanged: Unchanged,
        *,
        method: str,
        path: str,
        body: object,
        expected: object,
    ) -> None:
        with unchanged():
            assert told(admin.request(method, f"{USERS}/{path}", json=body)) == expected

    def test_of_nobody_are_none(self, house: House, admin: TestClient) -> None:
        other = house.an_org()
        with house.database.write() as db:
            machine = a_service_account(db, other)
            an_assignment(db, None, CREATOR, account=machine)
        assert admin.get(f"{USERS}/404/roles").json() == admin.get(f"{USERS}/{machine}/roles").json() == []
        assert told(admin.get(f"{USERS}/{machine}/permissions")) == (404, "user not found")
        guest = house.a_member(Role.ADMIN, org=other, login="guest")
        assert admin.get(f"{USERS}/{guest}/permissions").json() == {}

    def test_need_what_is_done_and_all_that_they_permit(
        self, house: House, root: TestClient, alice: AccountId, unchanged: Unchanged
    ) -> None:
        path, both = f"{USERS}/{alice}/roles", "all of users.roles:add, users.roles:remove"
        root.post(path, json={"roleUid": "seller"})
        adds, removes = ("users.roles:add", DELEGATE), ("users.roles:remove", DELEGATE)
        adder = house.as_holder(Role.VIEWER, adds)
        changer = house.as_holder(Role.VIEWER, adds, removes, ("shop:buy", ""))
        with unchanged():
            assert told(adder.put(path, json={"roleUids": []})) == (403, f"{MISSING}{both}")
            assert told(adder.post(path, json={"roleUid": "buyer"})) == (403, f"{MISSING}shop:buy")
            assert told(adder.delete(f"{path}/seller")) == (403, f"{MISSING}users.roles:remove")
            assert told(changer.delete(f"{path}/seller")) == (403, f"{MISSING}shop:sell")
            assert told(changer.put(path, json={"roleUids": ["buyer"]})) == (403, f"{MISSING}shop:sell")
            assert told(adder.get(path)) == (403, f"{MISSING}users.roles:read")
            assert told(adder.get(f"{USERS}/{alice}/permissions")) == (
                403,
                f"{MISSING}users.permissions:read",
            )
        assert told(changer.put(path, json={"roleUids": ["buyer", "seller"]}))[0] == 200

    def test_end_with_the_account(self, admin: TestClient, ci: AccountId) -> None:
        admin.post(f"{USERS}/{ci}/roles", json={"roleUid": "seller"})
        admin.delete(f"/api/serviceaccounts/{ci}")
        assert admin.get(f"{ROLES}/seller/assignments").json()["service_accounts"] == []
        assert told(admin.delete(f"{ROLES}/seller")) == (200, "Role deleted")


class TestTheRolesOfATeam:
    def test_are_given_listed_and_taken(self, admin: TestClient, ci: AccountId, team: int) -> None:
        path = f"{TEAMS}/{team}/roles"
        assert told(admin.post(path, json={"roleUid": "seller"})) == (200, "Role added to the team.")
        assert admin.get(f"{USERS}/{ci}/permissions").json()["shop:sell"] == ["orders:*"]
        assert admin.get(f"{USERS}/{ci}/roles").json() == []
        assert told(admin.put(path, json={"roleUids": [CREATOR]})) == (200, "Team roles have been updated.")
        assert [role["name"] for role in admin.get(path).json()] == [CREATOR]
        assert told(admin.delete(f"{path}/{CREATOR}")) == (200, "Role removed from team.")
        assert admin.get(path).json() == []

    @pytest.mark.parametrize(
        ("method", "path", "body", "expected"),
        [
            ("GET", "x/roles", None, (400, "teamId is invalid")),
            ("GET", "404/roles", None, (404, "Team not found")),
            ("POST", "404/roles", {"roleUid": "seller"}, (404, "Team not found")),
            ("PUT", "404/roles", {"roleUids": []}, (404, "Team not found")),
            ("DELETE", "404/roles/seller", None, (404, "Team not found")),
            ("DELETE", "{team}/roles/seller", None, (404, "role not found")),
        ],
    )
    def test_are_not_found(
        self,
        admin: TestClient,
        team: int,
        unchanged: Unchanged,
        *,
        method: str,
        path: str,
        body: object,
        expected: object,
    ) -> None:
        with unchanged():
            told_ = told(admin.request(method, f"{TEAMS}/{path.format(team=team)}", json=body))
            assert told_ == expected
