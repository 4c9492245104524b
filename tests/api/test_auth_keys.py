import json

import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.credentials.lifetime import MAX_LIFETIME_S
from keystead.usecases import credentials
from tests.doors import HOME, House, MakeHouse, Unchanged
from tests.makers import NOON, an_api_key

KEYS = "/api/auth/keys"
NOON_TEXT = "2023-11-14T22:13:20Z"
BAD_DATA = "bad request data"


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Keys may live for ever here, except where a test sets the limit itself."""
    return make_house(auth__api_key_max_seconds_to_live=-1)


def told(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["message"]


def presented(client: TestClient, secret: str) -> httpx2.Response:
    return client.get(KEYS, headers={"Authorization": f"Bearer {secret}"})


class TestCreatingAKey:
    def test_answers_with_the_secret_that_opens_the_door(self, house: House) -> None:
        client = house.as_key()
        response = client.post(KEYS, json={"name": "ci", "role": "Admin"})
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        created = response.json()
        assert created.keys() == {"id", "name", "key"}
        assert created["name"] == "ci"
        assert presented(client, created["key"]).status_code == 200

    def test_shows_the_secret_never_again(self, house: House) -> None:
        client = house.as_key()
        created = client.post(KEYS, json={"name": "ci", "role": "Viewer"}).json()
        for path in (KEYS, f"{KEYS}/{created['id']}"):
            shown = client.get(path).text
            assert created["key"] not in shown
            assert "canary" not in shown

    def test_writes_the_secret_to_no_log(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        client = house.as_key()
        key = client.post(KEYS, json={"name": "ci", "role": "Admin"}).json()["key"]
        presented(client, key)
        assert caplog.records
        assert not any(key in str(record.__dict__) for record in caplog.records)

    @pytest.mark.parametrize(
        ("text", "role"),
        [
            ("Viewer", "Viewer"),
            ("viewer", "Viewer"),
            ("", "Viewer"),
            ("editor", "Editor"),
            ("Admin", "Admin"),
        ],
    )
    def test_takes_a_role_with_a_small_letter_and_none_for_viewer(
        self, house: House, text: str, role: str
    ) -> None:
        client = house.as_key()
        created = client.post(KEYS, json={"name": "ci", "role": text}).json()
        assert client.get(f"{KEYS}/{created['id']}").json()["role"] == role

    @pytest.mark.parametrize(
        "name", ["   ", " ci ", "<b>", "a/b", "é", "e\u0301", "a\nb", "x" * 190, "🔑" * 190]
    )
    def test_takes_a_name_as_it_is(self, house: House, name: str) -> None:
        client = house.as_key()
        created = client.post(KEYS, json={"name": name, "role": "Viewer"}).json()
        assert created["name"] == name
        assert presented(client, created["key"]).status_code == 403  # known, but a Viewer may not list

    def test_makes_it_expire_at_the_asked_second(self, house: House) -> None:
        client = house.as_key()
        body = {"name": "ci", "role": "Admin", "secondsToLive": 3600}
        created = client.post(KEYS, json=body).json()
        assert client.get(f"{KEYS}/{created['id']}").json()["expiration"] == "2023-11-14T23:13:20Z"
        house.clock.advance(3599)
        assert presented(client, created["key"]).status_code == 200
        house.clock.advance(1)
        assert told(presented(client, created["key"])) == (401, "Expired API key")

    @pytest.mark.parametrize("lifetime_s", [0, None, 1, MAX_LIFETIME_S])
    def test_takes_any_lifetime_where_none_is_required(self, house: House, lifetime_s: int | None) -> None:
        response = house.as_key().post(
            KEYS, json={"name": "ci", "role": "Viewer", "secondsToLive": lifetime_s}
        )
        assert response.status_code == 200

    def test_takes_a_name_again_after_its_key_was_deleted(self, house: House) -> None:
        client, body = house.as_key(), {"name": "ci", "role": "Viewer"}
        first = client.post(KEYS, json=body).json()
        client.delete(f"{KEYS}/{first['id']}")
        assert client.post(KEYS, json=body).json()["id"] > first["id"]


class TestAPerson:
    def test_creates_keys_where_they_are_admin_and_is_remembered_as_their_maker(self, house: House) -> None:
        client = house.as_member(Role.ADMIN)
        created = client.post(KEYS, json={"name": "ci", "role": "Editor"})
        assert created.status_code == 200
        with house.database.read() as db:
            maker = credentials.get_maker_name_or_none(db, house.admin, created.json()["id"])
        assert maker == client.get("/api/user").json()["login"]

    def test_creates_none_where_they_are_not(self, house: House, unchanged: Unchanged) -> None:
        elsewhere = house.an_org()
        for client in (
            house.as_member(Role.EDITOR),
            house.as_member(Role.ADMIN, x_grafana_org_id=str(elsewhere)),
        ):
            client.get("/api/user")  # is seen, which is written
            with unchanged():
                assert client.post(KEYS, json={"name": "ci", "role": "Viewer"}).status_code == 403


class TestAKeyIsRefused:
    """One clear sentence each, and nothing changed."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"{}",
            b"[]",
            b"{",
            b'{"name":"ci"}',
            b'{"role":"Viewer"}',
            b'{"name":"","role":"Viewer"}',
            b'{"name":null,"role":"Viewer"}',
            b'{"name":7,"role":"Viewer"}',
            b'{"name":["ci"],"role":"Viewer"}',
            b'{"name":"a\\u0000b","role":"Viewer"}',
            b'{"name":"a\x00b","role":"Viewer"}',
            b'{"name":"ci","role":null}',
            b'{"name":"ci","role":1}',
            b'{"name":"ci","role":"Owner"}',
            b'{"name":"ci","role":"None"}',
            b'{"name":"ci","role":"VIEWER"}',
            b'{"name":"ci","role":" Viewer"}',
            b'{"name":"ci","role":"Grafana Admin"}',
            b'{"name":"ci","role":"Viewer","secondsToLive":"60"}',
            b'{"name":"ci","role":"Viewer","secondsToLive":1.5}',
            b'{"name":"ci","role":"Viewer","secondsToLive":true}',
            b'{"name":"ci","role":"Viewer","secondsToLive":2147483648}',
            b'{"name":"ci","role":"Viewer","secondsToLive":9223372036854775808}',
            b'{"name":"ci","role":"Viewer","secondsToLive":-9223372036854775809}',
            b'{"name":"ci","role":"Viewer","secondsToLive":NaN}',
            json.dumps({"name": "x" * 191, "role": "Viewer"}).encode(),
        ],
        ids=lambda body: body[:60].decode("latin-1"),
    )
    def test_for_a_body_that_says_nothing_sensible(
        self, house: House, unchanged: Unchanged, body: bytes
    ) -> None:
        client = house.as_key()
        with unchanged():
            response = client.post(KEYS, content=body, headers={"content-type": "application/json"})
        assert told(response) == (400, BAD_DATA)

    @pytest.mark.parametrize("media", [None, "", "text/plain", "application/x-www-form-urlencoded", "*/*"])
    def test_for_another_media_type(self, house: House, unchanged: Unchanged, media: str | None) -> None:
        client, body = house.as_key(), b'{"name":"ci","role":"Viewer"}'
        headers = {} if media is None else {"content-type": media}
        with unchanged():
            assert told(client.post(KEYS, content=body, headers=headers)) == (400, BAD_DATA)

    def test_for_a_name_of_a_mebibyte(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            response = client.post(KEYS, json={"name": "x" * 2**20, "role": "Viewer"})
        assert told(response) == (413, "Request body is too large")

    def test_for_a_name_that_is_taken(self, house: House, unchanged: Unchanged) -> None:
        client, body = house.as_key(), {"name": "ci", "role": "Viewer"}
        client.post(KEYS, json=body)
        with unchanged():
            response = client.post(KEYS, json=body)
        assert told(response) == (409, "API key, organization ID and name must be unique")
        assert response.json()["messageId"] == "apikeys.name-taken"

    @pytest.mark.parametrize(
        ("limit_s", "lifetime_s", "message"),
        [
            (-1, -1, "negative value for SecondsToLive"),
            (-1, -(2**63), "negative value for SecondsToLive"),
            (3600, -1, "negative value for SecondsToLive"),
            (3600, 0, "Number of seconds before expiration should be set"),
            (3600, None, "Number of seconds before expiration should be set"),
            (3600, 3601, "Number of seconds before expiration is greater than the global limit"),
        ],
    )
    def test_for_a_lifetime_outside_the_limits(
        self, make_house: MakeHouse, unchanged: Unchanged, limit_s: int, lifetime_s: int | None, message: str
    ) -> None:
        client = make_house(auth__api_key_max_seconds_to_live=limit_s).as_key()
        with unchanged():
            response = client.post(KEYS, json={"name": "ci", "role": "Viewer", "secondsToLive": lifetime_s})
        assert told(response) == (400, message)

    def test_to_whoever_may_not_create_any(self, house: House, unchanged: Unchanged) -> None:
        for role in (Role.VIEWER, Role.EDITOR):
            client = house.as_key(role)
            with unchanged():
                status, message = told(client.post(KEYS, content=b"{"))
            assert status == 403
            assert message.endswith("Permissions needed: apikeys:create")

    def test_to_nobody_known(self, house: House, unchanged: Unchanged) -> None:
        with unchanged():
            response = house.client().post(KEYS, json={"name": "ci", "role": "Viewer"})
        assert told(response) == (401, "Unauthorized")


class TestListingKeys:
    def test_shows_them_by_name_with_what_is_known(self, house: House) -> None:
        client = house.as_key()
        client.post(KEYS, json={"name": "b", "role": "Viewer"})
        created = client.post(KEYS, json={"name": "a", "role": "Editor", "secondsToLive": 60}).json()
        house.clock.advance(30)
        presented(client, created["key"])
        shown = client.get(KEYS).json()
        assert [key["name"] for key in shown] == ["a", "b", "caller 1"]
        assert shown[0] == {
            "id": created["id"],
            "name": "a",
            "role": "Editor",
            "expiration": "2023-11-14T22:14:20Z",
            "created": NOON_TEXT,
            "lastUsedAt": "2023-11-14T22:13:50Z",
            "isRevoked": False,
        }
        assert "expiration" not in shown[1]
        assert shown[1]["lastUsedAt"] is None

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["caller 1"]),
            ("?includeExpired=false", ["caller 1"]),
            ("?includeExpired=yes", ["caller 1"]),
            ("?includeExpired=true", ["caller 1", "dead"]),
            ("?includeExpired=1", ["caller 1", "dead"]),
            ("?includeexpired=true", ["caller 1"]),
        ],
    )
    def test_leaves_out_expired_ones_unless_asked(self, house: House, query: str, names: list[str]) -> None:
        with house.database.write() as db:
            an_api_key(db, HOME, name="dead", expires_at=NOON)
        assert [key["name"] for key in house.as_key().get(f"{KEYS}{query}").json()] == names

    def test_is_complete_however_many_there_are(self, house: House) -> None:
        with house.database.write() as db:
            for number in range(120):
                an_api_key(db, HOME, name=f"{number:03}")
        assert len(house.as_key().get(KEYS).json()) == 121

    def test_tells_what_one_may_do_with_each_when_asked(self, house: House) -> None:
        client = house.as_key()
        assert "accessControl" not in client.get(KEYS).json()[0]
        (shown,) = client.get(f"{KEYS}?accesscontrol=true").json()
        assert shown["accessControl"].keys() >= {"apikeys:read", "apikeys:delete"}
        assert "apikeys:create" not in shown["accessControl"]

    def test_shows_nothing_of_another_organization(self, house: House) -> None:
        elsewhere = house.an_org()
        with house.database.write() as db:
            an_api_key(db, elsewhere, name="foreign")
        assert [key["name"] for key in house.as_key().get(KEYS).json()] == ["caller 1"]

    def test_is_refused_to_whoever_may_not_read_them(self, house: House) -> None:
        assert house.as_key(Role.EDITOR).get(KEYS).status_code == 403
        assert told(house.client().get(KEYS)) == (401, "Unauthorized")


class TestOneKey:
    def test_is_told(self, house: House) -> None:
        client = house.as_key()
        created = client.post(KEYS, json={"name": "ci", "role": "Viewer"}).json()
        shown = client.get(f"{KEYS}/{created['id']}?accesscontrol=true").json()
        assert (shown["id"], shown["name"], shown["role"]) == (created["id"], "ci", "Viewer")
        assert shown["accessControl"]["apikeys:delete"] is True

    @pytest.mark.parametrize("spelled", ["{id}", "+{id}", "00{id}", "{id}/"])
    def test_is_found_by_every_spelling_of_its_id(self, house: House, spelled: str) -> None:
        client = house.as_key()
        key_id = client.get(KEYS).json()[0]["id"]
        assert client.get(f"{KEYS}/{spelled.format(id=key_id)}").json()["id"] == key_id

    @pytest.mark.parametrize("text", ["x", "1.5", "1e3", "٣", "9223372036854775808", "7x", "%20"])
    def test_is_refused_for_what_is_no_id(self, house: House, unchanged: Unchanged, text: str) -> None:
        client = house.as_key()
        client.get(KEYS)
        with unchanged():
            assert told(client.delete(f"{KEYS}/{text}")) == (400, "id is invalid")
        assert told(client.get(f"{KEYS}/{text}")) == (400, "id is invalid")

    @pytest.mark.parametrize("key_id", ["0", "-1", "999999", "9223372036854775807", "foreign"])
    def test_is_refused_for_foreign_and_unknown_ones(
        self, house: House, unchanged: Unchanged, key_id: str
    ) -> None:
        elsewhere = house.an_org()
        with house.database.write() as db:
            foreign = an_api_key(db, elsewhere)
        client, path = house.as_key(), f"{KEYS}/{foreign if key_id == 'foreign' else key_id}"
        with unchanged():
            assert told(client.delete(path)) == (404, "Failed to delete API key")
        assert told(client.get(path)) == (404, "API key not found")

    def test_is_refused_to_whoever_may_not_see_it_before_it_is_looked_for(
        self, house: House, unchanged: Unchanged
    ) -> None:
        client = house.as_key(Role.VIEWER)
        with unchanged():
            for key_id in ("1", "999999", "x"):
                assert client.get(f"{KEYS}/{key_id}").status_code == 403
                assert client.delete(f"{KEYS}/{key_id}").status_code == 403
                assert house.client().delete(f"{KEYS}/{key_id}").status_code == 401


class TestDeletingAKey:
    def test_shuts_the_door_at_once(self, house: House) -> None:
        client = house.as_key()
        created = client.post(KEYS, json={"name": "ci", "role": "Admin"}).json()
        assert presented(client, created["key"]).status_code == 200
        assert told(client.delete(f"{KEYS}/{created['id']}")) == (200, "API key deleted")
        assert told(presented(client, created["key"])) == (401, "invalid API key")
        assert client.delete(f"{KEYS}/{created['id']}").status_code == 404

    def test_is_possible_for_an_expired_one(self, house: House) -> None:
        with house.database.write() as db:
            key_id = an_api_key(db, HOME, name="dead", expires_at=NOON)
        assert house.as_key().delete(f"{KEYS}/{key_id}").status_code == 200

    def test_may_end_the_callers_own(self, house: House) -> None:
        client = house.as_key()
        own = client.get(KEYS).json()[0]["id"]
        assert client.delete(f"{KEYS}/{own}").status_code == 200
        assert client.get(KEYS).status_code == 401
