import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_machine

USERS = "/api/users"
BAD_DATA = (400, "bad request data")
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
NOT_FOUND = (404, "user not found")
NOON = "2023-11-14T22:13:20Z"
NO_IDS = ["abc", "1.5", "1e3", "%20", "99999999999999999999"]


@pytest.fixture
def bob(house: House) -> AccountId:
    return house.a_member(Role.VIEWER, login="bob")


@pytest.fixture
def machine(house: House) -> AccountId:
    with house.database.write() as db:
        return a_machine(db, login="sa-ci")


class TestListingPeople:
    def test_shows_each_as_grafana_does(self, house: House, bob: AccountId) -> None:
        assert house.as_admin().get(f"{USERS}?query=bob").json() == [
            {
                "id": bob,
                "name": "Bob",
                "login": "bob",
                "email": "bob@example.com",
                "avatarUrl": "/avatar/4b9bb80620f03eb3719e0a061c14283d",
                "isAdmin": False,
                "isDisabled": False,
                "lastSeenAt": "2013-11-14T22:13:20Z",
                "lastSeenAtAge": "10 years",
                "authLabels": [],
            }
        ]

    @pytest.mark.usefixtures("machine")
    @pytest.mark.parametrize(
        ("query", "counts", "logins"),
        [
            ("", (1, 1000, 3), ["admin", "bob", "carol"]),
            ("?query=", (1, 1000, 3), ["admin", "bob", "carol"]),
            ("?query=CAROL@", (1, 1000, 1), ["carol"]),
            ("?query=_", (1, 1000, 0), []),
            ("?query=sa-ci", (1, 1000, 0), []),
            ("?perpage=2&page=2", (2, 2, 3), ["carol"]),
            ("?perpage=2&page=0", (1, 2, 3), ["admin", "bob"]),
            ("?perpage=2&page=9", (9, 2, 3), []),
            ("?perpage=-5&page=-2", (1, 1000, 3), ["admin", "bob", "carol"]),
            ("?perpage=2.5&page=x", (1, 1000, 3), ["admin", "bob", "carol"]),
            ("?activeLast30Days=true", (1, 1000, 1), ["admin"]),
            ("?activeLast30Days=false", (1, 1000, 3), ["admin", "bob", "carol"]),
        ],
    )
    def test_shows_what_is_asked_for(
        self, house: House, query: str, counts: tuple[int, int, int], logins: list[str]
    ) -> None:
        house.a_member(Role.VIEWER, login="carol")
        house.a_member(Role.VIEWER, login="bob")
        client = house.as_admin()
        found = client.get(f"{USERS}/search{query}").json()
        assert (found["page"], found["perPage"], found["totalCount"]) == counts
        assert [user["login"] for user in found["users"]] == logins
        assert [user["login"] for user in client.get(f"{USERS}{query}").json()] == logins

    @pytest.mark.parametrize("path", [USERS, f"{USERS}/search", f"{USERS}/lookup?loginOrEmail=admin"])
    def test_is_for_server_admins(self, house: House, path: str) -> None:
        for client in (house.as_key(), house.as_member(Role.ADMIN)):
            assert told(client.get(path)) == (403, f"{NEEDS}users:read")
        assert told(house.client().get(path)) == (401, "Unauthorized")


class TestAPerson:
    def test_is_shown_as_grafana_does(self, house: House, bob: AccountId) -> None:
        expected = {
            "id": bob,
            "email": "bob@example.com",
            "name": "Bob",
            "login": "bob",
            "theme": "",
            "orgId": HOME,
            "isGrafanaAdmin": False,
            "isDisabled": False,
            "isExternal": False,
            "authLabels": [],
            "updatedAt": NOON,
            "createdAt": NOON,
            "avatarUrl": "/avatar/4b9bb80620f03eb3719e0a061c14283d",
        }
        client = house.as_admin()
        assert client.get(f"{USERS}/{bob}").json() == expected
        assert client.get(f"{USERS}/+0{bob}/").json() == expected
        assert client.get(f"{USERS}/lookup?loginOrEmail=bob%40example.com").json() == expected | {
            "authLabels": None,
            "avatarUrl": "",
        }

    def test_is_looked_up_by_exact_case(self, house: House, bob: AccountId, machine: AccountId) -> None:
        client = house.as_admin()
        assert client.get(f"{USERS}/lookup?loginOrEmail=bob").json()["id"] == bob
        assert machine
        for name in ("BOB", "sa-ci", "nobody", "", "%00"):
            assert told(client.get(f"{USERS}/lookup?loginOrEmail={name}")) == NOT_FOUND
        assert told(client.get(f"{USERS}/lookup")) == NOT_FOUND

    def test_is_shown_with_what_one_may_do_when_asked(self, house: House, bob: AccountId) -> None:
        held = house.as_admin().get(f"{USERS}/{bob}?accesscontrol=true").json()["accessControl"]
        assert {"users:read", "users:write", "users:delete", "users.password:write"} <= held.keys()
        assert "users:create" not in held

    @pytest.mark.parametrize("text", NO_IDS)
    def test_is_refused_for_what_is_no_id(self, house: House, unchanged: Unchanged, text: str) -> None:
        client, path = house.as_admin(), f"{USERS}/{text}"
        client.get(USERS)
        with unchanged():
            for answer in (
                client.get(path),
                client.get(f"{path}/orgs"),
                client.put(path, json={"login": "x"}),
                client.post(f"{path}/using/1"),
            ):
                assert told(answer) == (400, "id is invalid")

    def test_is_not_found_where_there_is_none(
        self, house: House, machine: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            for who in (0, -1, 999, machine):
                assert told(client.get(f"{USERS}/{who}")) == NOT_FOUND
                assert told(client.put(f"{USERS}/{who}", json={"login": "x"})) == NOT_FOUND
                assert client.get(f"{USERS}/{who}/orgs").json() == []
                answer = client.post(f"{USERS}/{who}/using/1")
                assert told(answer) == (401, "Not a valid organization")

    def test_is_for_server_admins(self, house: House, bob: AccountId, unchanged: Unchanged) -> None:
        client, path = house.as_member(Role.ADMIN), f"{USERS}/{bob}"
        client.get("/api/user")
        with unchanged():
            for answer in (client.get(path), client.get(f"{path}/orgs"), client.get(f"{USERS}/x")):
                assert told(answer) == (403, f"{NEEDS}users:read")
            for answer in (client.put(path, json={"login": "x"}), client.post(f"{path}/using/1")):
                assert told(answer) == (403, f"{NEEDS}users:write")
            nobody = house.client()
            for answer in (nobody.get(path), nobody.put(path, json={}), nobody.post(f"{path}/using/1")):
                assert told(answer) == (401, "Unauthorized")


class TestChangingAPerson:
    def test_takes_what_is_filled_in(self, house: House, bob: AccountId) -> None:
        client = house.as_admin()
        body = {"name": "Ann", "email": " ann@example.com ", "login": "ann", "theme": "dark", "id": 1}
        assert told(client.put(f"{USERS}/{bob}", json=body)) == (200, "User updated")
        assert told(client.put(f"{USERS}/{bob}", json={"login": "ann"})) == (200, "User updated")
        shown = client.get(f"{USERS}/{bob}").json()
        assert (shown["name"], shown["email"], shown["login"], shown["theme"]) == (
            "Ann",
            "ann@example.com",
            "ann",
            "dark",
        )

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, (400, "Validation error, need to specify either username or email")),
            ({"name": "x"}, (400, "Validation error, need to specify either username or email")),
            (
                {"login": " ", "email": " "},
                (400, "Validation error, need to specify either username or email"),
            ),
            ({"login": "admin"}, (409, "Failed to update user")),
            ({"login": "ADMIN@localhost"}, (409, "Failed to update user")),
            ({"login": "bob", "email": "Admin"}, (409, "Failed to update user")),
            ({"login": 7}, BAD_DATA),
            ({"login": "x" * 191}, BAD_DATA),
            ({"login": "a\x00b"}, BAD_DATA),
        ],
    )
    def test_is_refused(
        self,
        house: House,
        bob: AccountId,
        unchanged: Unchanged,
        body: dict[str, object],
        expected: tuple[int, str],
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            assert told(client.put(f"{USERS}/{bob}", json=body)) == expected


class TestWhereAPersonActs:
    @pytest.fixture
    def elsewhere(self, house: House) -> OrgId:
        return house.an_org()

    def test_is_changed_by_a_server_admin(self, house: House, bob: AccountId, elsewhere: OrgId) -> None:
        client = house.as_admin()
        client.post(f"/api/orgs/{elsewhere}/users", json={"loginOrEmail": "bob", "role": "Editor"})
        answer = client.post(f"{USERS}/{bob}/using/{elsewhere}")
        assert told(answer) == (200, "Active organization changed")
        assert client.get(f"{USERS}/{bob}").json()["orgId"] == elsewhere
        assert client.get(f"{USERS}/{bob}/orgs").json() == [
            {"orgId": elsewhere, "name": "Elsewhere", "role": "Editor"},
            {"orgId": HOME, "name": "Main Org.", "role": "Viewer"},
        ]

    def test_is_only_where_they_belong(
        self, house: House, bob: AccountId, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            for org in (elsewhere, 999, 0, -1):
                answer = client.post(f"{USERS}/{bob}/using/{org}")
                assert told(answer) == (401, "Not a valid organization")
            assert told(client.post(f"{USERS}/{bob}/using/x")) == (400, "orgId is invalid")
