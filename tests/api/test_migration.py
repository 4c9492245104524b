"""What the routes of the migration answer, and what a key may do before and after."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, update
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.http.deps import Deps
from keystead.storage import changes as log
from keystead.storage import migration as rows
from keystead.storage.schema import account, credential
from tests.doors import HOME, House, MakeHouse, Unchanged, told
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_api_key_with_secret

ACCOUNTS = "/api/serviceaccounts"
MIGRATE = f"{ACCOUNTS}/migrate"
STATUS = f"{ACCOUNTS}/migrationstatus"
KEYS = "/api/auth/keys"
NO_KEY = (404, "Error converting API key")
ABOVE = (403, "can not migrate a key above your role")
NOT_REVERTED = "error reverting to API key"
CLOSED = (
    403,
    "API keys can no longer be created in this organization. Create a service account token instead.",
)


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Keys may live for ever here."""
    return make_house(auth__api_key_max_seconds_to_live=-1)


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.as_admin()


def some_keys(house: House, *names: str, role: Role = Role.VIEWER, org: OrgId = HOME) -> list[CredentialId]:
    with house.database.write() as db:
        return [an_api_key(db, org, name=name, role=role) for name in names]


def a_known_key(house: House, name: str, role: Role = Role.EDITOR) -> tuple[CredentialId, Secret]:
    with house.database.write() as db:
        return an_api_key_with_secret(db, HOME, name=name, role=role)


def answers(client: TestClient) -> list[tuple[int, str]]:
    """Return what somebody hears who reads much, and may change little."""
    asked = [
        client.get("/api/access-control/user/permissions"),
        client.get("/api/org"),
        client.get("/api/user"),
        client.get(f"{ACCOUNTS}/999999"),
        client.get("/api/user/orgs"),
        client.get("/api/teams/search"),
        client.post(KEYS, json={"name": "x", "role": "Owner"}),
    ]
    return [
        (answer.status_code, answer.text if answer.status_code == 200 else answer.json()["message"])
        for answer in asked
    ]


class TestMigratingOneKey:
    def test_tells_what_became_of_it(self, house: House, admin: TestClient) -> None:
        key, left = some_keys(house, "My CI", "left")
        planned = admin.post(f"{MIGRATE}/{key}?dryRun=true").json()
        done = admin.post(f"{MIGRATE}/{key}", content=b"{not json").json()
        owner = done["serviceAccounts"][str(key)]
        result = {
            "keyId": key,
            "name": "My CI",
            "role": "Viewer",
            "status": "migrated",
            "serviceAccountId": owner,
            "serviceAccountName": "sa-autogen-My CI",
            "login": f"sa-autogen-{HOME}-My CI",
            "error": None,
        }
        assert done == {
            "message": "Service accounts migrated",
            "dryRun": False,
            "remaining": 1,
            "failed": 0,
            "results": [result],
            "serviceAccounts": {str(key): owner},
        }
        assert planned == done | {
            "dryRun": True,
            "remaining": 2,
            "results": [result | {"status": "planned", "serviceAccountId": None}],
            "serviceAccounts": {},
        }
        again = admin.post(f"{MIGRATE}/{key}").json()
        assert again == done | {"results": [result | {"status": "already-migrated"}]}
        assert [one["id"] for one in admin.get(KEYS).json()] == [left]
        assert admin.get(STATUS).json() == {"migrated": False, "hidden": False, "remaining": 1}

    def test_changes_no_answer_that_the_key_gets(self, house: House, admin: TestClient) -> None:
        for role in Role:
            key, secret = a_known_key(house, f"of {role}", role)
            ways = (
                house.with_secret(secret.reveal()),
                house.as_person("api_key", secret.reveal()),
            )
            before = [answers(client) for client in ways]
            assert [status for status, _ in before[0]][:2] == [200, 200]
            assert admin.post(f"{MIGRATE}/{key}").status_code == 200
            assert [answers(client) for client in ways] == before

    def test_gives_a_token_as_any_other(self, house: House, admin: TestClient) -> None:
        key, secret = a_known_key(house, "ci")
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        (token,) = admin.get(f"{ACCOUNTS}/{owner}/tokens").json()
        assert (token["id"], token["name"], token["expiration"]) == (key, "ci", None)
        assert told(admin.delete(f"{KEYS}/{key}")) == (404, "Failed to delete API key")
        assert told(admin.get(f"{KEYS}/{key}")) == (404, "API key not found")
        caller = house.with_secret(secret.reveal())
        assert caller.get("/api/org").status_code == 200
        assert admin.patch(f"{ACCOUNTS}/{owner}", json={"isDisabled": True}).status_code == 200
        assert told(caller.get("/api/org")) == (401, "Service account is disabled")
        assert admin.patch(f"{ACCOUNTS}/{owner}", json={"isDisabled": False}).status_code == 200
        assert admin.delete(f"{ACCOUNTS}/{owner}/tokens/{key}").status_code == 200
        assert told(caller.get("/api/org")) == (401, "invalid API key")

    @pytest.mark.goal("F14")
    def test_is_refused_for_what_is_no_key_here(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        (foreign,) = some_keys(house, "theirs", org=house.an_org())
        with house.database.write() as db:
            token = a_token(db, HOME, a_service_account(db, HOME))
        admin.get("/api/org")  # whoever signs in is seen
        with unchanged():
            for id_ in (foreign, token, 999_999, 0, -1):
                assert told(admin.post(f"{MIGRATE}/{id_}")) == NO_KEY
            assert told(admin.post(f"{MIGRATE}/x")) == (400, "Key ID is invalid")
            assert told(admin.post(f"{MIGRATE}/99999999999999999999")) == (400, "Key ID is invalid")

    def test_is_refused_without_the_right_or_above_ones_role(
        self, house: House, unchanged: Unchanged
    ) -> None:
        (key,) = some_keys(house, "boss", role=Role.ADMIN)
        viewer = house.as_token(Role.VIEWER)
        holder = house.as_holder(Role.EDITOR, ("serviceaccounts:create", ""))
        with unchanged():
            for path in (MIGRATE, f"{MIGRATE}/{key}", f"{MIGRATE}/x", f"{ACCOUNTS}/hideApiKeys"):
                assert viewer.post(path).status_code == 403
            assert viewer.get(STATUS).status_code == 403
            assert viewer.get(f"{MIGRATE}/jobs/1").status_code == 403
            for path in (MIGRATE, f"{MIGRATE}?dryRun=1", f"{MIGRATE}?async=1", f"{MIGRATE}/{key}"):
                assert told(holder.post(path)) == ABOVE
        assert house.client().post(MIGRATE).status_code == 401


class TestMigratingAllKeys:
    def test_waits_and_tells_of_each(self, house: House, admin: TestClient) -> None:
        keys = dict(zip("cab", some_keys(house, "c", "a", "b"), strict=True))
        plan = admin.post(f"{MIGRATE}?dryRun=true").json()
        assert (plan["dryRun"], plan["remaining"], plan["serviceAccounts"]) == (True, 3, {})
        assert [(one["name"], one["status"]) for one in plan["results"]] == [
            (name, "planned") for name in "abc"
        ]
        answer = admin.post(MIGRATE)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        done = answer.json()
        assert (done["message"], done["dryRun"]) == ("API keys migrated to service accounts", False)
        assert (done["remaining"], done["failed"]) == (0, 0)
        assert [one["keyId"] for one in done["results"]] == [keys[name] for name in "abc"]
        assert done["serviceAccounts"] == {
            str(one["keyId"]): one["serviceAccountId"] for one in done["results"]
        }
        assert [one["login"] for one in done["results"]] == [one["login"] for one in plan["results"]]
        assert admin.get(STATUS).json() == {
            "migrated": True,
            "hidden": False,
            "remaining": 0,
            "jobId": done["jobId"],
        }
        job = admin.get(f"{MIGRATE}/jobs/{done['jobId']}").json()
        assert job == {
            "id": done["jobId"],
            "state": "done",
            "dryRun": False,
            "total": 3,
            "done": 3,
            "failed": 0,
            "startedAt": "2023-11-14T22:13:20Z",
            "finishedAt": "2023-11-14T22:13:20Z",
            "results": done["results"],
        }
        short = admin.get(f"{MIGRATE}/jobs/{done['jobId']}?results=false").json()
        assert short == job | {"results": []}
        again = admin.post(MIGRATE).json()
        assert (again["message"], again["results"]) == ("API keys migrated to service accounts", [])

    def test_ends_the_making_of_keys(self, house: House, admin: TestClient, unchanged: Unchanged) -> None:
        assert admin.post(MIGRATE).status_code == 200
        with unchanged():
            for body in (
                {"name": "x", "role": "Viewer"},
                {"name": "x", "role": "Admin", "secondsToLive": -1},
            ):
                assert told(admin.post(KEYS, json=body)) == CLOSED
        assert told(admin.post(KEYS, json={"name": "x", "role": "Owner"})) == (400, "bad request data")
        editor = house.as_holder(Role.EDITOR, ("apikeys:create", ""))
        above = (403, "Cannot assign a role higher than user's role")
        assert told(editor.post(KEYS, json={"name": "x", "role": "Admin"})) == above

    @pytest.mark.goal("F13")
    def test_goes_on_past_one_that_fails(self, house: House, admin: TestClient) -> None:
        a, b, _c = some_keys(house, "a", "b", "c")
        with house.database.write() as db:
            db.execute(update(credential).where(credential.c.id == b).values(role="Owner"))
        answer = admin.post(MIGRATE)
        assert told(answer) == (409, "Some API keys could not be migrated")
        found = answer.json()
        assert (found["remaining"], found["failed"]) == (1, 1)
        assert [one["status"] for one in found["results"]] == ["migrated", "failed", "migrated"]
        assert found["results"][1]["error"] == "Something went wrong; the log of the server tells more."
        assert (str(a) in found["serviceAccounts"], str(b) in found["serviceAccounts"]) == (True, False)
        assert admin.get(STATUS).json()["migrated"] is False
        with house.database.write() as db:
            db.execute(update(credential).where(credential.c.id == b).values(role="Editor"))
        assert admin.post(KEYS, json={"name": "new", "role": "Viewer"}).status_code == 200
        assert admin.post(MIGRATE).json()["remaining"] == 0

    def test_need_not_be_waited_for(self, house: House, admin: TestClient) -> None:
        some_keys(house, "a", "b")
        started = admin.post(f"{MIGRATE}?async=true").json()
        assert started.keys() == {"message", "jobId"}
        assert started["message"] == "Migration started"
        path = f"{MIGRATE}/jobs/{started['jobId']}"
        found = admin.get(path).json()
        assert (found["state"], found["total"], found["done"], found["finishedAt"]) == ("running", 2, 0, None)
        assert found["results"] == []
        assert admin.post(f"{MIGRATE}?async=true").json() == started
        house.deps.migrations.continue_some()
        assert admin.get(path).json()["state"] == "done"

    def test_is_not_found_elsewhere(self, house: House, admin: TestClient) -> None:
        job = admin.post(MIGRATE).json()["jobId"]
        stranger = house.as_key(Role.ADMIN, org=house.an_org())
        for client, id_ in ((stranger, job), (admin, "999"), (admin, "x"), (admin, "-1")):
            assert told(client.get(f"{MIGRATE}/jobs/{id_}")) == (404, "Migration not found")

    def test_lets_only_so_many_wait(self, house: House, admin: TestClient) -> None:
        some_keys(house, "a")
        with held(house.deps):
            message = "Too many wait for a migration; ask for its job instead"
            assert told(admin.post(MIGRATE)) == (429, message)
        assert admin.post(MIGRATE).status_code == 200


@contextmanager
def held(deps: Deps) -> Iterator[None]:
    """Let as many wait as may."""
    places = deps.migrations.places
    count = 0
    while places.acquire(blocking=False):
        count += 1
    yield
    for _ in range(count):
        places.release()


class TestReverting:
    def test_gives_the_key_back(self, house: House, admin: TestClient) -> None:
        key, secret = a_known_key(house, "ci")
        owner = admin.post(MIGRATE).json()["serviceAccounts"][str(key)]
        assert told(admin.post(f"{ACCOUNTS}/{owner}/revert/{key}")) == (
            200,
            "reverted service account to API key",
        )
        (listed,) = admin.get(KEYS).json()
        assert (listed["id"], listed["name"], listed["role"]) == (key, "ci", "Editor")
        assert admin.get(f"{ACCOUNTS}/{owner}").status_code == 404
        assert house.with_secret(secret.reveal()).get("/api/org").status_code == 200
        assert told(admin.post(KEYS, json={"name": "x", "role": "Viewer"})) == CLOSED
        assert admin.get(STATUS).json()["remaining"] == 1
        assert admin.delete(f"{KEYS}/{key}").status_code == 200

    @pytest.mark.goal("F2")
    def test_brings_no_lowered_role_back(self, house: House, admin: TestClient) -> None:
        key, secret = a_known_key(house, "boss", Role.ADMIN)
        caller = house.with_secret(secret.reveal())
        assert caller.get(f"{ACCOUNTS}/search").status_code == 200
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        assert admin.patch(f"{ACCOUNTS}/{owner}", json={"role": "Viewer"}).status_code == 200
        assert admin.post(f"{ACCOUNTS}/{owner}/revert/{key}").status_code == 200
        assert caller.get(f"{ACCOUNTS}/search").status_code == 403

    @pytest.mark.goal("F3")
    def test_is_refused_until_the_account_is_enabled(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        key, secret = a_known_key(house, "ci")
        caller = house.with_secret(secret.reveal())
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        path = f"{ACCOUNTS}/{owner}/revert/{key}"
        admin.patch(f"{ACCOUNTS}/{owner}", json={"isDisabled": True})
        with unchanged():
            assert told(admin.post(path)) == (409, NOT_REVERTED)
        assert caller.get("/api/org").status_code == 401
        admin.patch(f"{ACCOUNTS}/{owner}", json={"isDisabled": False})
        assert admin.post(path).status_code == 200
        assert caller.get("/api/org").status_code == 200

    @pytest.mark.goal("F4")
    def test_is_refused_beside_another_token(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        (key,) = some_keys(house, "ci")
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        assert admin.post(f"{ACCOUNTS}/{owner}/tokens", json={"name": "second"}).status_code == 200
        with unchanged():
            assert told(admin.post(f"{ACCOUNTS}/{owner}/revert/{key}")) == (409, NOT_REVERTED)

    @pytest.mark.goal("F1")
    def test_is_refused_for_what_is_not_there(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        (key, left) = some_keys(house, "ci", "left")
        person = house.a_member(Role.VIEWER)
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        stranger = house.as_key(Role.ADMIN, org=house.an_org())
        with unchanged():
            for client, account_id, key_id in (
                (stranger, owner, key),
                (admin, 999_999, key),
                (admin, person, key),
                (admin, 0, key),
                (admin, owner, left),
                (admin, owner, -1),
            ):
                answer = told(client.post(f"{ACCOUNTS}/{account_id}/revert/{key_id}"))
                assert answer == (404, NOT_REVERTED)
            assert told(admin.post(f"{ACCOUNTS}/x/revert/y")) == (400, "key ID is invalid")
            assert told(admin.post(f"{ACCOUNTS}/x/revert/1")) == (400, "service account ID is invalid")

    def test_is_refused_above_ones_own_role_and_without_the_right(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        (key,) = some_keys(house, "boss", role=Role.ADMIN)
        owner = admin.post(f"{MIGRATE}/{key}").json()["serviceAccounts"][str(key)]
        holder = house.as_holder(Role.EDITOR, ("serviceaccounts:delete", "serviceaccounts:*"))
        other = house.as_holder(Role.EDITOR, ("serviceaccounts:delete", "serviceaccounts:id:999999"))
        path = f"{ACCOUNTS}/{owner}/revert/{key}"
        with unchanged():
            assert told(holder.post(path)) == (403, "can not revert a key above your role")
            assert other.post(path).status_code == 403

    def test_makes_no_key_of_a_token_in_a_migrated_organization(
        self, house: House, admin: TestClient, unchanged: Unchanged
    ) -> None:
        with house.database.write() as db:
            owner = a_service_account(db, HOME)
            token = a_token(db, HOME, owner)
            rows.set_migrated(db, HOME, at=NOON)
        admin.get("/api/org")
        with unchanged():
            assert told(admin.post(f"{ACCOUNTS}/{owner}/revert/{token}")) == CLOSED


class TestHiding:
    def test_is_a_mark_and_nothing_else(self, house: House, admin: TestClient) -> None:
        for _ in range(2):
            assert told(admin.post(f"{ACCOUNTS}/hideApiKeys")) == (200, "API keys hidden")
        assert admin.get(STATUS).json()["hidden"] is True
        assert admin.get(KEYS).status_code == 200
        with house.database.read() as db:
            actions = [entry.action for entry, _hash in log.list_changes(db)]
        assert actions.count("apikeys.hide") == 1


def test_fixed_words_and_ids_are_told_apart(house: House, admin: TestClient) -> None:
    for path in (MIGRATE, f"{ACCOUNTS}/hideApiKeys", f"{ACCOUNTS}/migrationStatus"):
        assert told(admin.get(path)) == (400, "Service Account ID is invalid")
    assert told(admin.post(STATUS)) == (404, "Not found")
    assert admin.get(f"{STATUS}/").status_code == 200
    with house.database.read() as db:
        assert is_untouched(db)


def is_untouched(db: Connection) -> bool:
    return db.execute(account.select().where(account.c.kind == "serviceaccount")).all() == []
