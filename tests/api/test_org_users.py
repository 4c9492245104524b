import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_machine

USERS = "/api/org/users"
BAD_DATA = (400, "bad request data")
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
NO_SUCH_USER = (404, "Failed update org user")
NOT_REMOVED = (404, "Failed to remove user from organization")


@pytest.fixture
def elsewhere(house: House) -> OrgId:
    return house.an_org()


@pytest.fixture
def bob(house: House) -> AccountId:
    """A Viewer here and nowhere else."""
    return house.a_member(Role.VIEWER, login="bob")


def role_of(house: House, login: str) -> str:
    (member,) = house.as_key().get(f"{USERS}?query={login}").json()
    return str(member["role"])


class TestListingMembers:
    def test_shows_each_as_grafana_does(self, house: House, bob: AccountId) -> None:
        first, second = house.as_key().get(USERS).json()
        assert first["login"] == "admin"
        assert second == {
            "orgId": HOME,
            "userId": bob,
            "email": "bob@example.com",
            "name": "Bob",
            "avatarUrl": "/avatar/4b9bb80620f03eb3719e0a061c14283d",
            "login": "bob",
            "role": "Viewer",
            "lastSeenAt": "2013-11-14T22:13:20Z",
            "lastSeenAtAge": "10 years",
            "isDisabled": False,
        }

    def test_says_how_long_ago_someone_was_seen(self, house: House, bob: AccountId) -> None:
        house.as_person("bob", "canary-bob-password").get("/api/user")
        house.clock.advance(7200)
        (shown,) = house.as_key().get(f"{USERS}?query=bob").json()
        assert shown["userId"] == bob
        assert (shown["lastSeenAt"], shown["lastSeenAtAge"]) == ("2023-11-14T22:13:20Z", "2 hours")

    @pytest.mark.usefixtures("bob")
    @pytest.mark.parametrize(
        ("query", "logins"),
        [
            ("?query=BOB", ["bob"]),
            ("?query=%25", []),
            ("?query=zzz", []),
            ("?limit=1", ["admin"]),
            ("?limit=0", ["admin", "bob"]),
            ("?limit=abc", ["admin", "bob"]),
        ],
    )
    def test_shows_what_is_asked_for(self, house: House, query: str, logins: list[str]) -> None:
        client = house.as_key()
        assert [member["login"] for member in client.get(f"{USERS}{query}").json()] == logins
        assert [member["login"] for member in client.get(f"{USERS}/lookup{query}").json()] == logins

    def test_tells_little_of_them_where_they_are_looked_up(self, house: House, bob: AccountId) -> None:
        assert house.as_key().get(f"{USERS}/lookup?query=bob").json() == [
            {"userId": bob, "login": "bob", "avatarUrl": "/avatar/4b9bb80620f03eb3719e0a061c14283d"}
        ]

    @pytest.mark.usefixtures("bob")
    @pytest.mark.parametrize(
        ("query", "page", "size", "logins"),
        [
            ("", 1, 1000, ["admin", "bob"]),
            ("?perpage=1&page=2", 2, 1, ["bob"]),
            ("?perpage=1&page=9", 9, 1, []),
            ("?perpage=-5&page=-2", 1, 1000, ["admin", "bob"]),
        ],
    )
    def test_counts_all_of_them_on_each_page(
        self, house: House, query: str, page: int, size: int, logins: list[str]
    ) -> None:
        found = house.as_key().get(f"{USERS}/search{query}").json()
        assert found.keys() == {"totalCount", "OrgUsers", "page", "perPage"}
        assert (found["totalCount"], found["page"], found["perPage"]) == (2, page, size)
        assert [member["login"] for member in found["OrgUsers"]] == logins

    def test_tells_what_one_may_do_with_each_when_asked(self, house: House) -> None:
        (shown,) = house.as_key().get(f"{USERS}?accesscontrol=true").json()
        assert {"org.users:add", "org.users:read", "org.users:remove", "org.users:write"} <= shown[
            "accessControl"
        ].keys()
        assert set(shown["accessControl"].values()) == {True}

    def test_leaves_out_machines(self, house: House) -> None:
        with house.database.write() as db:
            a_machine(db, login="sa-ci")
        assert [member["login"] for member in house.as_key().get(USERS).json()] == ["admin"]

    def test_shows_nobody_of_another_organization(self, house: House, elsewhere: OrgId) -> None:
        house.a_member(Role.ADMIN, org=elsewhere, login="foreign")
        assert [member["login"] for member in house.as_key().get(USERS).json()] == ["admin"]

    @pytest.mark.parametrize("path", [USERS, f"{USERS}/search"])
    def test_is_for_admins(self, house: House, path: str) -> None:
        assert told(house.as_key(Role.EDITOR).get(path)) == (403, f"{NEEDS}org.users:read")
        assert told(house.client().get(path)) == (401, "Unauthorized")

    def test_names_all_rights_that_let_look_people_up(self, house: House) -> None:
        managed = [f"{kind}.permissions:write" for kind in ("teams", "folders", "dashboards")]
        rights = ["org.users:read", *managed]
        assert told(house.as_key(Role.VIEWER).get(f"{USERS}/lookup")) == (
            403,
            f"{NEEDS}any of {', '.join(rights)}",
        )
        assert told(house.client().get(f"{USERS}/lookup")) == (401, "Unauthorized")

    def test_from_outside_shows_whom_one_may_see_where_one_acts(self, house: House, elsewhere: OrgId) -> None:
        path = f"/api/orgs/{elsewhere}/users"
        house.a_member(Role.ADMIN, org=elsewhere, login="carol")
        assert [member["login"] for member in house.as_admin().get(path).json()] == ["carol"]
        nowhere = house.as_admin(x_grafana_org_id="999")
        assert [member["login"] for member in nowhere.get(path).json()] == ["carol"]
        assert house.as_admin().get("/api/orgs/999/users").json() == []

    def test_from_outside_is_for_admins_there(self, house: House, elsewhere: OrgId) -> None:
        path = f"/api/orgs/{elsewhere}/users"
        assert told(house.as_member(Role.ADMIN).get(path)) == (403, f"{NEEDS}org.users:read")
        assert told(house.as_member(Role.EDITOR, org=elsewhere).get(path))[0] == 403
        assert told(house.as_key().get(path)) == (403, NEEDS)
        assert told(house.client().get(path)) == (401, "Unauthorized")


class TestAddingAMember:
    @pytest.mark.parametrize("name", ["carol", "carol@example.com"])
    def test_takes_login_and_email(self, house: House, elsewhere: OrgId, name: str) -> None:
        carol = house.a_member(Role.VIEWER, org=elsewhere, login="carol")
        answer = house.as_key().post(USERS, json={"loginOrEmail": name, "role": "editor"})
        assert answer.json() == {"message": "User added to organization", "userId": carol}
        assert role_of(house, "carol") == "Editor"

    def test_works_from_outside(self, house: House, elsewhere: OrgId, bob: AccountId) -> None:
        path = f"/api/orgs/{elsewhere}/users"
        answer = house.as_admin().post(path, json={"loginOrEmail": "bob", "role": ""})
        assert answer.json() == {"message": "User added to organization", "userId": bob}
        assert house.as_person("bob", "canary-bob-password").get("/api/user/orgs").json() == [
            {"orgId": elsewhere, "name": "Elsewhere", "role": "Viewer"},
            {"orgId": HOME, "name": "Main Org.", "role": "Viewer"},
        ]

    def test_makes_it_the_one_where_somebody_acts_who_had_none(self, house: House, elsewhere: OrgId) -> None:
        house.a_member(None, login="dave")
        house.as_admin().post(f"/api/orgs/{elsewhere}/users", json={"loginOrEmail": "dave", "role": "Viewer"})
        assert house.as_person("dave", "canary-dave-password").get("/api/org").json()["id"] == elsewhere

    def test_is_refused_for_who_is_one_already(
        self, house: House, bob: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        with unchanged():
            answer = client.post(USERS, json={"loginOrEmail": "bob", "role": "Editor"})
        assert answer.status_code == 409
        assert answer.json() == {
            "message": "User is already member of this organization",
            "userId": bob,
        }

    @pytest.mark.parametrize("name", ["nobody", "BOB", "sa-ci"])
    @pytest.mark.usefixtures("bob")
    def test_is_refused_for_nobody_known(self, house: House, unchanged: Unchanged, name: str) -> None:
        with house.database.write() as db:
            a_machine(db, login="sa-ci")
        client = house.as_key()
        with unchanged():
            answer = client.post(USERS, json={"loginOrEmail": name, "role": "Viewer"})
        assert told(answer) == (404, "User not found")

    @pytest.mark.parametrize(
        "body",
        [
            {"loginOrEmail": "bob"},
            {"role": "Viewer"},
            {"loginOrEmail": "", "role": "Viewer"},
            {"loginOrEmail": "bob", "role": None},
            {"loginOrEmail": "bob", "role": "Owner"},
            {"loginOrEmail": "bob", "role": "VIEWER"},
            {"loginOrEmail": "bob", "role": 1},
            {"loginOrEmail": "x" * 191, "role": "Viewer"},
        ],
    )
    def test_is_refused_for_what_says_nothing_sensible(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged, body: dict[str, object]
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            assert told(client.post(USERS, json=body)) == BAD_DATA
            assert told(client.post(f"/api/orgs/{elsewhere}/users", json=body)) == BAD_DATA

    @pytest.mark.goal("G20")
    def test_never_goes_above_ones_own_role(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        """A Viewer here who is Admin there acts there only when that is the organization of the request."""
        login = "eve"
        house.a_member(Role.VIEWER, login=login)
        house.as_admin().post(f"/api/orgs/{elsewhere}/users", json={"loginOrEmail": login, "role": "Admin"})
        house.a_member(Role.VIEWER, login="bob")
        path, body = f"/api/orgs/{elsewhere}/users", {"loginOrEmail": "bob", "role": "Editor"}
        here = house.as_person(login, f"canary-{login}-password")
        here.get("/api/org")
        with unchanged():
            assert told(here.post(path, json=body)) == (
                403,
                "Cannot assign a role higher than user's role",
            )
        there = house.as_person(login, f"canary-{login}-password", x_grafana_org_id=str(elsewhere))
        assert told(there.post(path, json=body))[0] == 200

    def test_is_refused_to_an_organization_that_is_not_there(
        self, house: House, bob: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        assert bob
        with unchanged():
            answer = client.post("/api/orgs/999/users", json={"loginOrEmail": "bob", "role": "Viewer"})
        assert told(answer) == (404, "Could not add user to organization")

    @pytest.mark.usefixtures("bob")
    def test_is_for_admins(self, house: House, elsewhere: OrgId, unchanged: Unchanged) -> None:
        body = {"loginOrEmail": "bob", "role": "Viewer"}
        client, member = house.as_key(Role.EDITOR), house.as_member(Role.ADMIN)
        member.get(USERS)
        with unchanged():
            assert told(client.post(USERS, json=body)) == (403, f"{NEEDS}org.users:add")
            path = f"/api/orgs/{elsewhere}/users"
            assert told(member.post(path, json=body)) == (403, f"{NEEDS}org.users:add")
            assert told(house.client().post(USERS, json=body)) == (401, "Unauthorized")
            assert told(house.client().post(path, json=body)) == (401, "Unauthorized")


class TestChangingARole:
    @pytest.mark.parametrize(("text", "role"), [("Admin", "Admin"), ("editor", "Editor"), ("", "Viewer")])
    def test_takes_effect(self, house: House, bob: AccountId, text: str, role: str) -> None:
        for path in (f"{USERS}/{bob}", f"/api/orgs/{HOME}/users/+0{bob}"):
            answer = house.as_admin().patch(path, json={"role": text})
            assert told(answer) == (200, "Organization user updated")
            assert role_of(house, "bob") == role

    @pytest.mark.parametrize("text", ["abc", "1.5", "99999999999999999999"])
    def test_is_refused_for_what_is_no_id(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged, text: str
    ) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            for path in (f"{USERS}/{text}", f"/api/orgs/{elsewhere}/users/{text}"):
                assert told(client.patch(path, json={"role": "Viewer"})) == (400, "userId is invalid")
                assert told(client.patch(path, json={"role": "Boss"})) == BAD_DATA  # the body comes first
                assert told(client.patch(path, json={})) == BAD_DATA
                assert told(client.delete(path)) == (400, "userId is invalid")

    def test_is_refused_for_who_is_not_there(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        foreign = house.a_member(Role.VIEWER, org=elsewhere, login="foreign")
        with house.database.write() as db:
            machine = a_machine(db)
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            for who in (999, 0, -1, foreign, machine):
                assert told(client.patch(f"{USERS}/{who}", json={"role": "Editor"})) == NO_SUCH_USER
                assert told(client.delete(f"{USERS}/{who}")) == NOT_REMOVED
            for path in (f"/api/orgs/{elsewhere}/users/999", "/api/orgs/999/users/1"):
                assert told(client.patch(path, json={"role": "Editor"})) == NO_SUCH_USER
                assert told(client.delete(path)) == NOT_REMOVED

    def test_leaves_an_admin(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_admin()
        client.get(USERS)
        with unchanged():
            for path in (f"{USERS}/1", f"/api/orgs/{HOME}/users/1"):
                assert told(client.patch(path, json={"role": "Editor"})) == (
                    400,
                    "Cannot change role so that there is no organization admin left",
                )
                assert told(client.delete(path)) == (400, "Cannot remove last organization admin")

    def test_is_for_admins(self, house: House, bob: AccountId, unchanged: Unchanged) -> None:
        client = house.as_key(Role.EDITOR)
        with unchanged():
            for path in (f"{USERS}/{bob}", f"{USERS}/x"):
                assert told(client.patch(path, json={"role": "Viewer"})) == (403, f"{NEEDS}org.users:write")
                assert told(client.delete(path)) == (403, f"{NEEDS}org.users:remove")
                assert house.client().patch(path, json={"role": "Viewer"}).status_code == 401
                assert house.client().delete(path).status_code == 401


class TestRemovingAMember:
    def test_deletes_a_person_who_belongs_nowhere_else(self, house: House, bob: AccountId) -> None:
        client = house.as_key()
        assert told(client.delete(f"{USERS}/{bob}")) == (200, "User deleted")
        assert told(client.delete(f"{USERS}/{bob}")) == NOT_REMOVED
        assert told(house.as_admin().get(f"/api/users/{bob}")) == (404, "user not found")

    def test_keeps_a_person_who_belongs_elsewhere_too(
        self, house: House, elsewhere: OrgId, bob: AccountId
    ) -> None:
        house.as_admin().post(f"/api/orgs/{elsewhere}/users", json={"loginOrEmail": "bob", "role": "Viewer"})
        answer = house.as_key().delete(f"{USERS}/{bob}")
        assert told(answer) == (200, "User removed from organization")
        assert house.as_person("bob", "canary-bob-password").get("/api/org").json()["id"] == elsewhere

    def test_from_outside_never_deletes_anybody(self, house: House, bob: AccountId) -> None:
        client = house.as_admin()
        answer = client.delete(f"/api/orgs/{HOME}/users/{bob}")
        assert told(answer) == (200, "User removed from organization")
        assert client.get(f"/api/users/{bob}/orgs").json() == []
        shown = house.as_person("bob", "canary-bob-password").get("/api/user").json()
        assert "orgId" not in shown

    def test_from_outside_is_for_admins_there(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        carol = house.a_member(Role.VIEWER, org=elsewhere, login="carol")
        client, path = house.as_member(Role.ADMIN), f"/api/orgs/{elsewhere}/users/{carol}"
        client.get(USERS)
        with unchanged():
            assert told(client.delete(path)) == (403, f"{NEEDS}org.users:remove")
            assert told(client.patch(path, json={"role": "Admin"})) == (403, f"{NEEDS}org.users:write")
