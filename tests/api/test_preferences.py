import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from tests.doors import HOME, House, Unchanged, told
from tests.makers import a_team

ORG, OWN = "/api/org/preferences", "/api/user/preferences"
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
UPDATED = (200, "Preferences updated")
EMPTY = {
    "theme": "",
    "homeDashboardId": 0,
    "timezone": "",
    "weekStart": "",
    "locale": "",
    "navbar": {"savedItems": None},
    "queryHistory": {"homeTab": ""},
}
BAD = [
    ({"theme": "purple"}, (400, "Invalid theme")),
    ({"theme": 7}, (400, "bad request data")),
    ({"homeDashboardUID": "none"}, (404, "Dashboard not found")),
    ({"homeDashboardId": 7}, (404, "Dashboard not found")),
]


def changed(client: TestClient, path: str) -> None:
    """Put everything, patch one thing, put nothing."""
    wanted = {
        "theme": "light",
        "timezone": "utc",
        "weekStart": "monday",
        "locale": "en",
        "homeDashboardId": 0,
    }
    assert client.get(path).json() == EMPTY
    assert told(client.put(path, json=wanted)) == UPDATED
    assert client.get(path).json() == EMPTY | wanted
    if "teams" not in path:
        assert told(client.patch(path, json={"theme": "dark", "homeDashboardUID": ""})) == UPDATED
        assert client.get(path).json() == EMPTY | wanted | {"theme": "dark"}
        everything = {"timezone": "browser", "weekStart": "", "locale": ""}
        assert told(client.patch(path, json=everything | {"theme": None})) == UPDATED
        assert client.get(path).json() == EMPTY | everything | {"theme": "dark"}
    assert told(client.put(path, json={})) == UPDATED
    assert client.get(path).json() == EMPTY


class TestPreferences:
    def test_of_the_organization_are_changed_by_its_admins(self, house: House, unchanged: Unchanged) -> None:
        changed(house.as_key(), ORG)
        editor = house.as_key(Role.EDITOR)
        with unchanged():
            assert told(editor.get(ORG)) == (403, f"{NEEDS}orgs.preferences:read")
            for method in ("PUT", "PATCH"):
                answer = editor.request(method, ORG, json={"theme": "light"})
                assert told(answer) == (403, f"{NEEDS}orgs.preferences:write")

    @pytest.mark.parametrize("kind", ["as_member", "as_token"])
    def test_of_oneself_are_ones_own(self, house: House, kind: str) -> None:
        client = getattr(house, kind)(Role.VIEWER)
        changed(client, OWN)
        assert client.put(OWN, json={"theme": "dark"}).status_code == 200
        assert house.as_member(Role.VIEWER).get(OWN).json() == EMPTY
        assert house.as_key().get(ORG).json() == EMPTY

    def test_of_oneself_have_the_theme_that_the_user_has(self, house: House) -> None:
        client = house.as_member(Role.VIEWER)
        assert client.put("/api/user", json={"theme": "dark", "login": "x"}).status_code == 200
        client = house.as_person("x", "canary-member1-password")
        assert client.get(OWN).json()["theme"] == "dark"
        assert client.patch(OWN, json={"theme": "light"}).status_code == 200
        assert client.get("/api/user").json()["theme"] == "light"

    @pytest.mark.goal("F27")
    def test_of_the_organization_are_a_keys_to_see_only_k6(self, house: House, unchanged: Unchanged) -> None:
        assert house.as_key().put(ORG, json={"theme": "dark"}).status_code == 200
        key = house.as_key(Role.ADMIN)
        assert key.get(OWN).json() == EMPTY | {"theme": "dark"}
        with unchanged():
            for method in ("PUT", "PATCH"):
                answer = key.request(method, OWN, json={"theme": "light"})
                assert told(answer) == (404, "user not found")

    def test_of_a_team_are_changed_by_who_may_write_it(self, house: House, unchanged: Unchanged) -> None:
        with house.database.write() as db:
            team = a_team(db, HOME)
        admin, path = house.as_key(), f"/api/teams/{team}/preferences"
        changed(admin, path)
        assert admin.put(path, json={"theme": "dark"}).status_code == 200
        with unchanged():
            viewer = told(house.client().get(path))
            assert viewer == (401, "Unauthorized")
            assert told(admin.patch(path, json={"theme": "light"})) == (404, "Not found")
            assert admin.get("/api/teams/999999999/preferences").json() == EMPTY
            answer = admin.put("/api/teams/999999999/preferences", json={"theme": "light"})
            assert told(answer) == (404, "Team not found")
            assert told(admin.get("/api/teams/abc/preferences")) == (400, "teamId is invalid")
        assert told(house.as_key(Role.VIEWER).get(path)) == (403, f"{NEEDS}teams:read")

    @pytest.mark.parametrize(("body", "refused"), BAD)
    def test_are_refused_as_grafana_does(
        self, house: House, unchanged: Unchanged, body: dict[str, object], refused: tuple[int, str]
    ) -> None:
        person, admin = house.as_member(Role.VIEWER), house.as_key()
        assert person.get(OWN).json() == EMPTY
        with unchanged():
            for method in ("PUT", "PATCH"):
                assert told(person.request(method, OWN, json=body)) == refused
                assert told(admin.request(method, ORG, json=body)) == refused
