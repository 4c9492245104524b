from keystead.core.access.roles import Role
from tests.doors import House, told

CALLERS = "/api/serviceaccounts/migrate/callers"


def called_by(house: House) -> list[tuple[str, str, str, str, int]]:
    found = house.as_admin().get(CALLERS).json()
    return [(one["kind"], one["name"], one["method"], one["route"], one["count"]) for one in found]


class TestWhoCallsTheApiOfApiKeys:
    def test_is_told_with_how_often_and_from_where(self, house: House) -> None:
        key, machine = house.as_key(user_agent="curl/8"), house.as_token(Role.VIEWER)
        for _ in range(2):
            assert key.get("/api/auth/keys").status_code == 200
        assert machine.get("/api/auth/keys").status_code == 403
        assert key.get("/api/auth/keys/99").status_code == 404
        assert key.get("/api/org").status_code == 200
        assert house.client().get("/api/auth/keys").status_code == 401
        house.clock.advance(1)
        assert key.head("/api/auth/keys").status_code == 200
        found = house.as_admin().get(CALLERS).json()
        assert [(one["kind"], one["name"], one["method"], one["route"], one["count"]) for one in found] == [
            ("apikey", "caller 1", "HEAD", "/api/auth/keys", 1),
            ("apikey", "caller 1", "GET", "/api/auth/keys", 2),
            ("apikey", "caller 1", "GET", "/api/auth/keys/{id}", 1),
            ("serviceaccount", "sa-machine-2", "GET", "/api/auth/keys", 1),
        ]
        assert found[1].keys() >= {"id", "lastAt", "lastFrom", "lastUserAgent"}
        assert (found[1]["lastUserAgent"], found[1]["lastFrom"]) == ("curl/8", "testclient")
        assert found[1]["lastAt"] == "2023-11-14T22:13:20Z"

    def test_is_told_of_the_callers_organization_alone(self, house: House) -> None:
        there = house.an_org()
        house.as_key(org=there).get("/api/auth/keys")
        assert called_by(house) == []
        assert len(house.as_key(org=there).get(CALLERS).json()) == 1

    def test_is_not_told_to_whoever_may_not_read_keys(self, house: House) -> None:
        assert house.as_key(Role.EDITOR).get(CALLERS).status_code == 403
        assert told(house.client().get(CALLERS)) == (401, "Unauthorized")
