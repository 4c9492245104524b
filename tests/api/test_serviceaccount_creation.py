from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from keystead.bootstrap import make_app
from keystead.core.access.roles import Role
from keystead.storage import changes as log
from tests.described import AsDescribed
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_service_account, a_token

ACCOUNTS = "/api/serviceaccounts"
PERMISSIONS = "/api/access-control/user/permissions"
MISSING = "You'll need additional permissions to perform this action. Permissions needed: "
SELL = {"action": "shop:sell", "scope": "orders:id:1"}
CREATE = {"action": "serviceaccounts:create"}
READ = {"action": "teams:read", "scope": "teams:id:1"}


@pytest.fixture(autouse=True)
def uids(house: House) -> None:
    """Make uids that may be in an address, and so in the log: what is random here is a secret."""
    house.deps = replace(house.deps, new_uid=lambda: "own-role")
    house.app = AsDescribed(make_app(house.deps))


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.as_key(Role.ADMIN)


class TestMakingAnAccountWithAllItNeeds:
    def test_gives_it_permissions_and_a_token_at_once(self, house: House, admin: TestClient) -> None:
        body = {"name": "ci", "role": "Viewer", "permissions": [SELL, READ], "token": {"name": "first"}}
        answer = admin.post(ACCOUNTS, json=body)
        assert answer.status_code == 201
        account = answer.json()
        assert {**account["token"], "id": 0, "key": ""} == {"id": 0, "name": "first", "key": ""}
        shown = house.with_secret(account["token"]["key"]).get(PERMISSIONS).json()
        assert shown["shop:sell"] == ["orders:id:1"]
        assert shown["teams:read"] == ["teams:id:1"]
        with house.database.read() as db:
            told_ = [change.action for change, _hash in log.list_changes(db)]
        assert told_[-4:] == ["serviceaccount.create", "role.create", "role.assign", "token.create"]

    def test_keeps_them_in_a_hidden_role_that_is_its_alone(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        account = admin.post(ACCOUNTS, json={"name": "ci", "permissions": [SELL]}).json()
        assert "token" not in account
        path, name = (
            f"/api/access-control/users/{account['id']}/roles",
            f"serviceaccounts:{account['id']}:scopes",
        )
        assert admin.get(path).json() == []
        [role] = admin.get(f"{path}?includeHidden=true").json()
        assert (role["name"], role["hidden"], role["version"]) == (name, True, 1)
        with house.database.write() as db:
            other = a_service_account(db, HOME, name="other")
        with unchanged():
            assert told(
                admin.post(f"/api/access-control/users/{other}/roles", json={"roleUid": role["uid"]})
            ) == (400, "invalid assignment")
        one = f"/api/access-control/roles/{role['uid']}"
        assert (
            admin.put(one, json={"name": name, "hidden": True, "permissions": [READ]}).json()["version"] == 2
        )
        assert name not in [listed["name"] for listed in admin.get("/api/access-control/roles").json()]
        admin.delete(f"{ACCOUNTS}/{account['id']}")
        assert told(admin.get(one)) == (404, "role not found")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"permissions": [{"action": "x"}]}, (400, "invalid permission")),
            ({"permissions": [{"action": "a:b", "scope": "a*"}]}, (400, "invalid permission")),
            ({"token": {}}, (400, "Bad request data")),
            ({"token": [{"name": "x"}]}, (400, "Bad request data")),
            ({"token": {"name": "x", "secondsToLive": -1}}, (400, "invalid SecondsToLive value")),
            (
                {"token": {"name": "taken"}},
                (409, "service account token with given name already exists in the organization"),
            ),
            ({"name": "taken", "permissions": [SELL]}, (400, "Failed to create service account")),
            ({"permissions": [{"action": "orgs:create"}]}, (403, f"{MISSING}orgs:create")),
        ],
    )
    def test_makes_nothing_when_anything_is_wrong(
        self, house: House, admin: TestClient, unchanged: Unchanged, body: dict[str, object], expected: object
    ) -> None:
        with house.database.write() as db:
            a_token(db, HOME, a_service_account(db, HOME, name="taken"), name="taken")
        with unchanged():
            wanted = {"name": "ci", "permissions": [SELL], "token": {"name": "t"}} | body
            assert told(admin.post(ACCOUNTS, json=wanted)) == expected

    @pytest.mark.goal("F19")
    def test_gives_nothing_that_one_does_not_hold(self, house: House, unchanged: Unchanged) -> None:
        creator = ("serviceaccounts:create", "")
        holder = house.as_holder(Role.VIEWER, creator, ("teams:read", "teams:id:1"))
        body = {"name": "ci", "permissions": [READ], "token": {"name": "t"}}
        with unchanged():
            more = {**body, "permissions": [READ, SELL]}
            assert told(holder.post(ACCOUNTS, json=more)) == (403, f"{MISSING}shop:sell")
            wide = {**body, "permissions": [{"action": "teams:read", "scope": "teams:*"}]}
            assert told(holder.post(ACCOUNTS, json=wide)) == (403, f"{MISSING}teams:read")
        assert holder.post(ACCOUNTS, json=body).status_code == 201

    @pytest.mark.goal("R5")
    def test_again_under_its_name_gives_nothing_of_what_was_before(
        self, house: House, admin: TestClient
    ) -> None:
        alice = house.a_member(Role.EDITOR, login="alice")
        house.as_admin().post(
            f"/api/access-control/users/{alice}/roles", json={"roleUid": "fixed:serviceaccounts:creator"}
        )
        client = house.as_person("alice", "canary-alice-password")
        first = client.post(ACCOUNTS, json={"name": "ci", "permissions": [CREATE]}).json()["id"]
        assert client.get(f"{ACCOUNTS}/{first}").status_code == 200
        admin.delete(f"{ACCOUNTS}/{first}")
        body = {"name": "ci", "token": {"name": "t", "SECONDSTOLIVE": 60}}
        again = admin.post(ACCOUNTS, json=body).json()
        assert again["login"] == "sa-ci"
        assert client.get(f"{ACCOUNTS}/{again['id']}").status_code == 403
        assert client.get(ACCOUNTS + "/search").status_code == 403
        shown = house.with_secret(again["token"]["key"]).get(PERMISSIONS).json()
        assert "orgs:read" in shown
        assert CREATE["action"] not in shown

    def test_gives_a_person_who_does_so_all_rights_on_it(self, house: House) -> None:
        alice = house.a_member(Role.VIEWER, login="alice")
        root = house.as_admin()
        root.post(
            f"/api/access-control/users/{alice}/roles", json={"roleUid": "fixed:serviceaccounts:creator"}
        )
        client = house.as_person("alice", "canary-alice-password")
        account = client.post(ACCOUNTS, json={"name": "ci"}).json()["id"]
        assert client.get(f"{ACCOUNTS}/{account}").status_code == 200
        assert client.delete(f"{ACCOUNTS}/{account}").status_code == 200
