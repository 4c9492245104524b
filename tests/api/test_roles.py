from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.core.access.fixed_roles.catalog import FIXED_ROLES
from keystead.core.access.roles import Role
from keystead.storage import changes as log
from tests.doors import House, Unchanged, told
from tests.rights import a_role

ROLES = "/api/access-control/roles"
READS = {"action": "teams:read", "scope": "teams:*"}
SELLS = {"action": "shop:sell", "scope": ""}
MISSING = "You'll need additional permissions to perform this action. Permissions needed: "
NEVER = "0001-01-01T00:00:00Z"
NOON = "2023-11-14T22:13:20Z"
WRITES = ("roles:write", "permissions:type:delegate")


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.as_key(Role.ADMIN)


@pytest.fixture
def root(house: House) -> TestClient:
    """Return the client of the server admin, who has been seen before."""
    client = house.as_admin()
    client.get("/api/user")
    return client


def made(client: TestClient, **given: object) -> httpx2.Response:
    return client.post(ROLES, json={"name": "custom:seller", "uid": "seller", **given})


def names(response: httpx2.Response) -> list[str]:
    return [role["name"] for role in response.json()]


class TestMakingARole:
    def test_tells_all_of_it(self, house: House, admin: TestClient) -> None:
        body = {
            "version": 3,
            "displayName": "Seller",
            "description": "sells",
            "group": "Shop",
            "permissions": [SELLS, READS, SELLS],
        }
        answer = made(admin, **body)
        assert answer.status_code == 201
        dates = {"created": NOON, "updated": NOON}
        assert answer.json() == {
            **body,
            **dates,
            "uid": "seller",
            "name": "custom:seller",
            "hidden": False,
            "global": False,
            "permissions": [SELLS | dates, READS | dates],
        }
        assert admin.get(f"{ROLES}/seller").json() == answer.json()
        with house.database.read() as db:
            entry = [change for change, _hash in log.list_changes(db)][-1]
        assert (entry.action, entry.target_id, entry.target_name) == (
            "role.create",
            "seller",
            "custom:seller",
        )
        assert entry.detail == {"version": 3, "permissions": 2, "is_global": False}

    def test_needs_no_more_than_a_name(self, admin: TestClient) -> None:
        answer = made(admin, permissions=None).json()
        assert (answer["version"], answer["permissions"], answer["displayName"]) == (0, [], "")

    @pytest.mark.goal("F21")
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"name": "fixed:seller"}, "role name is reserved"),
            ({"name": "serviceaccounts:7:scopes"}, "role name is reserved"),
            ({"permissions": [{"action": "Sell"}]}, "invalid permission"),
            ({"permissions": [{"action": "shop:sell", "scope": "orders:id:1*"}]}, "invalid permission"),
            ({"permissions": [{"scope": "*"}]}, "bad request data"),
            ({"name": ""}, "bad request data"),
            ({"name": "x" * 191}, "bad request data"),
            ({"uid": "a b"}, "bad request data"),
            ({"uid": "x" * 41}, "bad request data"),
            ({"version": -1}, "bad request data"),
            ({"description": "x" * 1025}, "bad request data"),
        ],
    )
    def test_is_refused_for_what_makes_no_role(
        self, admin: TestClient, unchanged: Unchanged, given: dict[str, object], message: str
    ) -> None:
        with unchanged():
            assert told(made(admin, **given)) == (400, message)

    def test_is_refused_above_ones_own(self, house: House, unchanged: Unchanged) -> None:
        holder = house.as_holder(Role.VIEWER, WRITES, ("teams:read", "teams:id:1"))
        editor = house.as_key(Role.EDITOR)
        with unchanged():
            answer = made(holder, permissions=[{"action": "teams:read", "scope": "teams:id:1"}, SELLS])
            assert told(answer) == (403, f"{MISSING}shop:sell")
            assert told(made(holder, permissions=[READS])) == (403, f"{MISSING}teams:read")
            assert told(made(editor)) == (403, f"{MISSING}roles:write")
        assert made(holder, permissions=[{"action": "teams:read", "scope": "teams:id:1"}]).status_code == 201

    def test_is_refused_twice(
        self, house: House, admin: TestClient, root: TestClient, unchanged: Unchanged
    ) -> None:
        made(admin)
        conflict = (409, "role with the same name or uid already exists")
        fixed = FIXED_ROLES["fixed:teams:creator"].uid
        with unchanged():
            assert told(made(admin, name="other")) == conflict
            assert told(made(admin, uid="other")) == conflict
            assert told(made(admin, uid=fixed, name="other")) == conflict
            assert told(made(root, **{"global": True})) == conflict
        elsewhere = house.as_key(Role.ADMIN, org=house.an_org())
        assert made(elsewhere).status_code == 201

    def test_for_the_whole_server_is_for_server_admins(
        self, house: House, admin: TestClient, root: TestClient, unchanged: Unchanged
    ) -> None:
        with unchanged():
            assert told(made(admin, **{"global": True})) == (403, f"{MISSING}roles:write")
        assert made(root, **{"global": True}).json()["global"] is True
        elsewhere = house.as_key(Role.ADMIN, org=house.an_org())
        assert elsewhere.get(f"{ROLES}/seller").status_code == 200
        with unchanged():
            assert told(made(elsewhere))[0] == 409
            assert told(elsewhere.put(f"{ROLES}/seller", json={"name": "mine"})) == (
                403,
                f"{MISSING}roles:write",
            )

    @pytest.mark.usefixtures("root")
    def test_is_refused_in_an_organization_that_is_not_there(
        self, house: House, unchanged: Unchanged
    ) -> None:
        with unchanged():
            nowhere = house.as_admin(x_grafana_org_id="404")
            assert told(made(nowhere)) == (404, "Organization not found")


class TestListingRoles:
    def test_tells_those_of_the_server_and_of_the_organization_by_name(
        self, house: House, admin: TestClient
    ) -> None:
        other = house.an_org()
        with house.database.write() as db:
            a_role(db, other, name="foreign")
            a_role(db, None, name="everybody's")
        made(admin, permissions=[SELLS])
        listed = admin.get(ROLES)
        assert names(listed) == sorted(names(listed))
        shown = [role.name for role in FIXED_ROLES.values() if not role.is_hidden]
        basic = [f"basic:{name}" for name in ("viewer", "editor", "admin", "grafana_admin")]
        assert {*names(listed)} == {*shown, *basic, "everybody's", "custom:seller"}
        assert not any("permissions" in role for role in listed.json())
        by_name = {role["name"]: role for role in listed.json()}
        assert by_name["fixed:teams:creator"]["uid"] == FIXED_ROLES["fixed:teams:creator"].uid
        assert by_name["basic:grafana_admin"] == {
            "uid": "basic_grafana_admin",
            "name": "basic:grafana_admin",
            "displayName": "Grafana Admin",
            "description": "",
            "group": "Basic",
            "version": 0,
            "hidden": False,
            "global": True,
            "created": NEVER,
            "updated": NEVER,
        }

    def test_tells_hidden_ones_when_asked(self, admin: TestClient) -> None:
        made(admin, hidden=True)
        assert "custom:seller" not in names(admin.get(ROLES))
        assert "custom:seller" in names(admin.get(f"{ROLES}?includeHidden=true"))

    def test_tells_only_what_one_may_read(self, house: House, admin: TestClient) -> None:
        made(admin)
        fixed = FIXED_ROLES["fixed:teams:creator"]
        reader = house.as_holder(
            Role.VIEWER, ("roles:read", "roles:uid:seller"), ("roles:read", f"roles:uid:{fixed.uid}")
        )
        assert names(reader.get(ROLES)) == ["custom:seller", fixed.name]
        assert reader.get(f"{ROLES}/{fixed.name}").json()["uid"] == fixed.uid
        assert told(reader.get(f"{ROLES}/basic_viewer")) == (403, f"{MISSING}roles:read")
        assert told(reader.get(f"{ROLES}/nothing")) == (403, f"{MISSING}roles:read")

    def test_tells_only_what_one_may_give_when_asked(self, house: House, admin: TestClient) -> None:
        made(admin, permissions=[SELLS])
        with house.database.write() as db:
            a_role(db, None, name="everybody's")
        assert {"custom:seller", "fixed:teams:creator"} <= {*names(admin.get(f"{ROLES}?delegatable=true"))}
        assert "everybody's" not in names(admin.get(f"{ROLES}?delegatable=true"))
        assert "everybody's" in names(house.as_admin().get(f"{ROLES}?delegatable=true"))
        reader = house.as_holder(Role.VIEWER, ("roles:read", "roles:*"), ("teams:create", ""))
        given = names(reader.get(f"{ROLES}?delegatable=true"))
        assert "custom:seller" not in given
        assert not any(name.startswith("basic:") for name in given)

    def test_of_one_that_is_not_there_tells_so(self, house: House, admin: TestClient) -> None:
        other = house.an_org()
        with house.database.write() as db:
            a_role(db, other, name="foreign")
        for uid in ("nothing", "foreign", "fixed:gone"):
            assert told(admin.get(f"{ROLES}/{uid}")) == (404, "role not found")


class TestChangingARole:
    @pytest.fixture(autouse=True)
    def seller(self, house: House, admin: TestClient) -> None:
        made(admin, permissions=[SELLS, READS], description="sells")
        house.clock.advance(60)

    def put(self, client: TestClient, of: str = "seller", **given: object) -> httpx2.Response:
        return client.put(f"{ROLES}/{of}", json={"name": "custom:seller", **given})

    def test_replaces_all_and_counts_on(self, admin: TestClient) -> None:
        buys = {"action": "shop:buy", "scope": "orders:*"}
        answer = self.put(admin, name="custom:buyer", permissions=[SELLS, buys], uid="ignored").json()
        assert (answer["uid"], answer["name"], answer["version"]) == ("seller", "custom:buyer", 1)
        assert answer["description"] == ""
        dates: list[Any] = [(row["action"], row["created"]) for row in answer["permissions"]]
        assert dates == [("shop:buy", "2023-11-14T22:14:20Z"), ("shop:sell", NOON)]
        assert (answer["created"], answer["updated"]) == (NOON, "2023-11-14T22:14:20Z")
        assert admin.get(f"{ROLES}/seller").json() == answer

    def test_wants_a_greater_version(self, admin: TestClient, unchanged: Unchanged) -> None:
        assert self.put(admin, version=7).json()["version"] == 7
        with unchanged():
            assert told(self.put(admin, version=7)) == (400, "role version must be greater")

    @pytest.mark.parametrize(
        ("uid", "given", "expected"),
        [
            ("nothing", {}, (404, "role not found")),
            ("nothing", {"name": "fixed:x"}, (400, "role name is reserved")),
            ("nothing", {"permissions": [{"action": "x"}]}, (400, "invalid permission")),
            ("seller", {"name": "fixed:x"}, (400, "role name is reserved")),
            ("seller", {"global": True}, (404, "role not found")),
            ("seller", {"name": "other"}, (409, "role with the same name or uid already exists")),
            ("basic_viewer", {}, (403, "basic and fixed roles cannot be changed")),
            ("fixed:teams:creator", {}, (403, "basic and fixed roles cannot be changed")),
        ],
    )
    def test_is_refused(
        self, admin: TestClient, unchanged: Unchanged, uid: str, given: dict[str, object], expected: object
    ) -> None:
        made(admin, uid="other", name="other")
        with unchanged():
            assert told(self.put(admin, uid, **given)) == expected

    @pytest.mark.parametrize(
        ("held", "permissions", "needed"),
        [
            ([("shop:sell", "")], [SELLS], "teams:read"),
            ([("shop:sell", ""), ("teams:read", "teams:*")], [SELLS, {"action": "shop:buy"}], "shop:buy"),
        ],
    )
    def test_is_refused_above_ones_own_before_and_after(
        self,
        house: House,
        unchanged: Unchanged,
        held: list[tuple[str, str]],
        permissions: list[dict[str, str]],
        needed: str,
    ) -> None:
        holder = house.as_holder(Role.VIEWER, WRITES, *held)
        with unchanged():
            assert told(self.put(holder, permissions=permissions)) == (403, f"{MISSING}{needed}")

    def test_holds_at_once_for_whoever_has_it(self, house: House, admin: TestClient) -> None:
        machine = house.as_token(Role.VIEWER)
        account = admin.get("/api/serviceaccounts/search").json()["serviceAccounts"][0]["id"]
        path = f"/api/access-control/users/{account}/roles"
        assert machine.get("/api/teams/search").status_code == 403
        admin.post(path, json={"roleUid": "seller"})
        assert machine.get("/api/teams/search").status_code == 200
        self.put(admin, permissions=[SELLS])
        assert machine.get("/api/teams/search").status_code == 403


class TestDeletingARole:
    def test_takes_it_away(self, house: House, admin: TestClient, unchanged: Unchanged) -> None:
        made(admin, permissions=[SELLS])
        holder = house.as_holder(Role.VIEWER, ("roles:delete", "permissions:type:delegate"))
        with unchanged():
            assert told(admin.delete(f"{ROLES}/seller?global=true")) == (404, "role not found")
            assert told(admin.delete(f"{ROLES}/nothing")) == (404, "role not found")
            assert told(admin.delete(f"{ROLES}/basic_admin")) == (
                403,
                "basic and fixed roles cannot be changed",
            )
            assert told(holder.delete(f"{ROLES}/seller")) == (403, f"{MISSING}shop:sell")
        assert told(admin.delete(f"{ROLES}/seller")) == (200, "Role deleted")
        assert told(admin.get(f"{ROLES}/seller")) == (404, "role not found")

    def test_from_whoever_has_it_is_by_force(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        made(admin, permissions=[SELLS])
        alice = house.a_member(Role.VIEWER, login="alice")
        admin.post(f"/api/access-control/users/{alice}/roles", json={"roleUid": "seller"})
        with unchanged():
            assert told(admin.delete(f"{ROLES}/seller")) == (409, "role is assigned")
        assert told(admin.delete(f"{ROLES}/seller?force=true")) == (200, "Role deleted")
        person = house.as_person("alice", "canary-alice-password")
        assert "shop:sell" not in person.get("/api/access-control/user/permissions").json()

    def test_of_the_whole_server_is_for_server_admins(
        self, admin: TestClient, root: TestClient, unchanged: Unchanged
    ) -> None:
        made(root, **{"global": True})
        with unchanged():
            assert told(admin.delete(f"{ROLES}/seller?global=true")) == (403, f"{MISSING}roles:delete")
            assert told(root.delete(f"{ROLES}/seller")) == (404, "role not found")
        assert told(root.delete(f"{ROLES}/seller?global=true")) == (200, "Role deleted")
