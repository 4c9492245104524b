import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, MakeHouse, Unchanged, told

USER = "/api/user"
BOB, BOBS = "bob", "canary-bob-password"
NEW = "canary-another-password"
BAD_DATA = (400, "bad request data")
UNAUTHORIZED = (401, "Unauthorized")
NOON = "2023-11-14T22:13:20Z"


@pytest.fixture
def bob(house: House) -> AccountId:
    return house.a_member(Role.VIEWER, login=BOB)


@pytest.fixture
def elsewhere(house: House) -> OrgId:
    return house.an_org()


class TestOneself:
    def test_is_shown_as_grafana_does(self, house: House, bob: AccountId) -> None:
        client = house.as_person(BOB, BOBS)
        assert client.get(USER).json() == {
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
        assert client.get(f"{USER}/orgs").json() == [{"orgId": HOME, "name": "Main Org.", "role": "Viewer"}]

    def test_is_shown_with_what_one_may_do_when_asked(self, house: House, bob: AccountId) -> None:
        assert bob
        assert "accessControl" not in house.as_person(BOB, BOBS).get(f"{USER}?accesscontrol=true").json()
        assert house.as_admin().get(f"{USER}?accesscontrol=true").json()["accessControl"]["users:write"]

    def test_acts_in_the_stored_organization_whatever_the_request_is_about(
        self, house: House, elsewhere: OrgId
    ) -> None:
        assert house.as_admin(x_grafana_org_id=str(elsewhere)).get(USER).json()["orgId"] == HOME

    def test_changes_what_is_filled_in(self, house: House, bob: AccountId) -> None:
        client = house.as_person(BOB, BOBS)
        body = {"login": " robert ", "email": "r@example.com", "name": "Robert", "theme": "light"}
        assert told(client.put(USER, json=body)) == (200, "User updated")
        client = house.as_person("robert", BOBS)
        assert told(client.put(USER, json={"email": "r@example.com"})) == (200, "User updated")
        shown = house.as_person("r@example.com", BOBS).get(USER).json()
        assert (shown["id"], shown["login"], shown["name"], shown["theme"]) == (
            bob,
            "r@example.com",
            "Robert",
            "light",
        )

    @pytest.mark.usefixtures("bob")
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, (400, "Validation error, need to specify either username or email")),
            ({"login": "ADMIN"}, (409, "Failed to update user")),
            ({"login": "bob", "email": "admin"}, (409, "Failed to update user")),
            ({"theme": 1}, BAD_DATA),
        ],
    )
    def test_is_not_changed(
        self,
        house: House,
        unchanged: Unchanged,
        body: dict[str, object],
        expected: tuple[int, str],
    ) -> None:
        client = house.as_person(BOB, BOBS)
        client.get(USER)
        with unchanged():
            assert told(client.put(USER, json=body)) == expected

    def test_is_nobody_for_keys(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            assert told(client.get(USER)) == (404, "user not found")
            assert told(client.put(USER, json={"login": "x"})) == (404, "user not found")
            assert client.get(f"{USER}/orgs").json() == []
            assert told(client.post(f"{USER}/using/{HOME}")) == (401, "Not a valid organization")
            assert told(client.get(f"{USER}/auth-tokens")) == (404, "User not found")
            answer = client.post(f"{USER}/revoke-auth-token", json={"authTokenId": 1})
            assert told(answer) == (404, "User not found")
            answer = client.put(f"{USER}/password", json={"oldPassword": "x", "newPassword": NEW})
            assert told(answer) == (404, "Could not read user from database")

    def test_is_nobody_without_a_credential(self, house: House, unchanged: Unchanged) -> None:
        client = house.client()
        with unchanged():
            for path in (USER, f"{USER}/orgs", f"{USER}/auth-tokens"):
                assert told(client.get(path)) == UNAUTHORIZED
            for path in (USER, f"{USER}/password"):
                assert told(client.put(path, json={})) == UNAUTHORIZED
            for path in (f"{USER}/using/1", f"{USER}/revoke-auth-token"):
                assert told(client.post(path, json={})) == UNAUTHORIZED


class TestTheActiveOrganization:
    def test_is_one_of_ones_own(self, house: House, bob: AccountId, elsewhere: OrgId) -> None:
        body = {"loginOrEmail": BOB, "role": "Editor"}
        house.as_admin().post(f"/api/orgs/{elsewhere}/users", json=body)
        client = house.as_person(BOB, BOBS)
        assert told(client.post(f"{USER}/using/{elsewhere}")) == (200, "Active organization changed")
        assert client.get(USER).json() | {"id": bob, "orgId": elsewhere} == client.get(USER).json()

    def test_is_no_other(self, house: House, bob: AccountId, elsewhere: OrgId, unchanged: Unchanged) -> None:
        client = house.as_person(BOB, BOBS)
        assert client.get(USER).json()["id"] == bob
        with unchanged():
            for org in (elsewhere, 999, 0, -1):
                answer = client.post(f"{USER}/using/{org}", content=b"{broken")
                assert told(answer) == (401, "Not a valid organization")
            assert told(client.post(f"{USER}/using/abc")) == (400, "id is invalid")

    def test_is_not_changed_by_another_site(self, house: House, bob: AccountId, unchanged: Unchanged) -> None:
        client = house.as_person(BOB, BOBS, origin="https://evil.example")
        assert client.get(USER).json()["id"] == bob
        with unchanged():
            assert told(client.post(f"{USER}/using/{HOME}")) == (403, "origin not allowed")

    def test_may_be_none(self, house: House) -> None:
        house.a_member(None, login="dave")
        client = house.as_person("dave", "canary-dave-password")
        assert "orgId" not in client.get(USER).json()
        assert client.get("/api/org").status_code == 403


@pytest.mark.usefixtures("bob")
class TestOnesOwnPassword:
    def test_is_changed(self, house: House) -> None:
        client = house.as_person(BOB, BOBS)
        answer = client.put(f"{USER}/password", json={"oldPassword": BOBS, "newPassword": NEW})
        assert told(answer) == (200, "User password changed")
        assert told(client.get(USER)) == (401, "invalid username or password")
        assert house.as_person(BOB, NEW).get(USER).status_code == 200

    def test_ends_other_sessions_and_gives_this_one_a_new_value(self, house: House) -> None:
        one, other = signed_in(house), signed_in(house)
        before = one.cookies["grafana_session"]
        answer = one.put(f"{USER}/password", json={"oldPassword": BOBS, "newPassword": NEW})
        assert told(answer) == (200, "User password changed")
        assert one.cookies["grafana_session"] != before
        assert one.get(USER).status_code == 200
        assert told(other.get(USER)) == UNAUTHORIZED
        assert told(house.client(cookie=f"grafana_session={before}").get(USER)) == UNAUTHORIZED

    def test_sets_one_value_where_the_session_was_due_for_another(self, house: House) -> None:
        client = signed_in(house)
        house.clock.advance(601)
        answer = client.put(f"{USER}/password", json={"oldPassword": BOBS, "newPassword": NEW})
        assert len(answer.headers.get_list("set-cookie")) == 1
        assert client.get(USER).status_code == 200

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, (401, "Invalid old password")),
            ({"oldPassword": "nope", "newPassword": NEW}, (401, "Invalid old password")),
            ({"oldPassword": BOBS, "newPassword": "short"}, (400, "New password is too short")),
            ({"oldPassword": BOBS}, (400, "New password is too short")),
            ({"oldPassword": BOBS, "newPassword": "x" * 1025}, (400, "New password is too long")),
            ({"oldPassword": 1, "newPassword": NEW}, BAD_DATA),
        ],
    )
    def test_is_not_changed(
        self,
        house: House,
        unchanged: Unchanged,
        body: dict[str, object],
        expected: tuple[int, str],
    ) -> None:
        client = house.as_person(BOB, BOBS)
        client.get(USER)
        with unchanged():
            assert told(client.put(f"{USER}/password", json=body)) == expected

    def test_may_be_short_where_it_may_be_in_grafana(self, make_house: MakeHouse) -> None:
        house = make_house(server__compatibility="grafana-9.3")
        house.a_member(Role.VIEWER, login="carol")
        client = house.as_person("carol", "canary-carol-password")
        body = {"oldPassword": "canary-carol-password", "newPassword": "1234"}
        assert told(client.put(f"{USER}/password", json=body)) == (400, "New password is too short")
        answer = client.put(f"{USER}/password", json=body | {"newPassword": "12345"})
        assert told(answer) == (200, "User password changed")


class TestOnesOwnSessions:
    def test_are_shown_oldest_first(self, house: House, bob: AccountId) -> None:
        assert bob
        one, other = signed_in(house), signed_in(house)
        first, second = one.get(f"{USER}/auth-tokens").json()
        assert first == {
            "id": first["id"],
            "isActive": True,
            "clientIp": "testclient",
            "device": "Other",
            "os": "Other",
            "osVersion": "",
            "browser": "Other",
            "browserVersion": "",
            "createdAt": NOON,
            "seenAt": NOON,
        }
        assert first["id"] < second["id"]
        assert not second["isActive"]
        assert [shown["isActive"] for shown in other.get(f"{USER}/auth-tokens").json()] == [False, True]
        by_basic = house.as_person(BOB, BOBS).get(f"{USER}/auth-tokens").json()
        assert not any(shown["isActive"] for shown in by_basic)

    def test_are_ended_one_by_one(self, house: House, bob: AccountId) -> None:
        assert bob
        one, other = signed_in(house), signed_in(house)
        _own, wanted = one.get(f"{USER}/auth-tokens").json()
        answer = one.post(f"{USER}/revoke-auth-token", json={"authTokenId": wanted["id"]})
        assert told(answer) == (200, "User auth token revoked")
        assert told(other.get(USER)) == UNAUTHORIZED
        assert one.get(USER).status_code == 200

    @pytest.mark.usefixtures("bob")
    def test_are_not_ended(self, house: House, unchanged: Unchanged) -> None:
        client = signed_in(house)
        (own,) = client.get(f"{USER}/auth-tokens").json()
        foreign = signed_in(house, "admin", "canary-admin-password").get(f"{USER}/auth-tokens").json()[0]
        for token, expected in (
            (own["id"], (400, "Cannot revoke active user auth token")),
            (foreign["id"], (404, "User auth token not found")),
            (999, (404, "User auth token not found")),
            (None, (404, "User auth token not found")),
            ("x", BAD_DATA),
            (2**63, BAD_DATA),
        ):
            with unchanged():
                answer = client.post(f"{USER}/revoke-auth-token", json={"authTokenId": token})
            assert told(answer) == expected

    @pytest.mark.usefixtures("bob")
    def test_get_their_next_value_with_a_refusal_too(self, house: House) -> None:
        client = signed_in(house)
        house.clock.advance(601)
        assert client.get("/api/nope").status_code == 404
        house.clock.advance(61)
        assert client.get(USER).status_code == 200


class TestSigningUp:
    @pytest.mark.parametrize("is_assigned", [True, False])
    def test_tells_where_one_would_belong(self, make_house: MakeHouse, is_assigned: bool) -> None:  # noqa: FBT001
        client = make_house(users__auto_assign_org=is_assigned).client()
        assert client.get(f"{USER}/signup/options").json() == {
            "verifyEmailEnabled": False,
            "autoAssignOrg": is_assigned,
        }

    @pytest.mark.parametrize("body", [b"", b"{", b'{"email":"eve@example.com"}'])
    def test_is_refused(self, house: House, unchanged: Unchanged, body: bytes) -> None:
        with unchanged():
            answer = house.client().post(f"{USER}/signup", content=body)
        assert told(answer) == (401, "User signup is disabled")


def signed_in(house: House, name: str = BOB, password: str = BOBS) -> TestClient:
    """Return the client of a browser."""
    client = house.client(sec_fetch_site="same-origin")
    assert client.post("/login", json={"user": name, "password": password}).status_code == 200
    return client
