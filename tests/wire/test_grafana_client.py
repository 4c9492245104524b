"""grafana-client from PyPI, unmodified, finds in Keystead the Grafana that it was written for."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.server import ADMIN, a_key, a_server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv-grafana-client"
LOCK = ROOT / "requirements/grafana-client.lock"
CALLER = Path(__file__).with_name("grafana_client_caller.py")
Credential: TypeAlias = str | tuple[str, str]

_numbers = count(1)


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter that has grafana-client, as the lock wants it."""
    python, installed = HOME / "bin/python", HOME / "lock"
    if python.exists() and installed.exists() and installed.read_bytes() == LOCK.read_bytes():
        return python
    told = f"{HOME.name} is not as {LOCK.name} says: ./run test tests/wire sets it up"
    if os.environ.get("CI") == "true":  # noqa: TID251 - there nothing may be left out
        pytest.fail(told)
    pytest.skip(told)


@pytest.fixture(scope="session")
def server(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert python.exists()
    with a_server(tmp_path_factory.mktemp("wire")) as url:
        yield url


class Failed(Exception):
    """What grafana-client raised."""

    def __init__(self, kind: str, status: int | None, told: Any) -> None:  # noqa: ANN401 - JSON of any shape
        super().__init__(kind, status, told)
        self.kind, self.status, self.told = kind, status, told


@dataclass(frozen=True, slots=True)
class GrafanaClient:
    process: "subprocess.Popen[str]"
    kind: str
    port: int

    def call(
        self,
        credential: Credential,
        method: str,
        /,
        *,
        org: int | None = None,
        **arguments: Any,  # noqa: ANN401 - JSON of any shape
    ) -> Any:  # noqa: ANN401 - likewise
        """Return what the method returns. Raises Failed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = [self.kind, self.port, credential, org, method, arguments]
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answered = json.loads(self.process.stdout.readline())
        if "failed" in answered:
            raise Failed(answered["failed"], answered["status"], answered["told"])
        return answered["answer"]


@pytest.fixture(scope="module")
def process(python: Path) -> Iterator["subprocess.Popen[str]"]:
    pipe = subprocess.PIPE
    with subprocess.Popen([python, CALLER], stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - our own
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(params=["GrafanaApi", "AsyncGrafanaApi"])
def grafana(request: pytest.FixtureRequest, process: "subprocess.Popen[str]", server: str) -> GrafanaClient:
    return GrafanaClient(process, request.param, int(server.rpartition(":")[2]))


@pytest.fixture
def key(server: str, request: pytest.FixtureRequest) -> str:
    """The API key of an Admin: the client has no call that makes one."""
    return a_key(server, name=f"caller of {request.node.name}")


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"robot{next(_numbers)}"


def failed(grafana: GrafanaClient, credential: Credential, method: str, **arguments: Any) -> Failed:  # noqa: ANN401 - likewise
    with pytest.raises(Failed) as raised:
        grafana.call(credential, method, **arguments)
    return raised.value


class TestServiceAccounts:
    def test_are_created_read_changed_and_deleted(self, grafana: GrafanaClient, key: str, name: str) -> None:
        wanted = {"name": name, "role": "Editor"}
        made = grafana.call(key, "serviceaccount.create", service_account=wanted)
        assert (made["name"], made["login"], made["role"]) == (name, f"sa-{name}", "Editor")
        assert (made["orgId"], made["isDisabled"], made["tokens"]) == (1, False, 0)
        read = grafana.call(key, "serviceaccount.get", service_account_id=made["id"])
        assert (read["id"], read["name"], read["role"]) == (made["id"], name, "Editor")
        assert read["accessControl"]["serviceaccounts:write"] is True
        changes = {"name": f"{name} changed", "role": "Viewer"}
        changed = grafana.call(
            key, "serviceaccount.update", service_account_id=made["id"], service_account=changes
        )
        assert changed["message"] == "Service account updated"
        assert changed["serviceaccount"]["login"] == f"sa-{name}"
        read = grafana.call(key, "serviceaccount.get", service_account_id=made["id"])
        assert (read["name"], read["role"]) == (f"{name} changed", "Viewer")
        deleted = grafana.call(key, "serviceaccount.delete", service_account_id=made["id"])
        assert deleted == {"message": "Service account deleted"}
        gone = failed(grafana, key, "serviceaccount.get", service_account_id=made["id"])
        assert (gone.kind, gone.status) == ("GrafanaClientError", 404)
        assert gone.told["message"] == "Failed to retrieve service account"

    def test_are_found_page_by_page(self, grafana: GrafanaClient, key: str, name: str) -> None:
        logins = [f"sa-{name}-of-{number}" for number in range(3)]
        for number in range(3):
            wanted = {"name": f"{name} of {number}"}
            grafana.call(key, "serviceaccount.create", service_account=wanted)
        all_pages = grafana.call(key, "serviceaccount.search", query=f"{name} of", perpage=2)
        assert [len(page["serviceAccounts"]) for page in all_pages] == [2, 1, 0]
        assert {page["totalCount"] for page in all_pages} == {3}
        [second] = grafana.call(key, "serviceaccount.search", query=f"{name} of", page=2, perpage=2)
        assert (second["page"], second["perPage"]) == (2, 2)
        assert [account["login"] for account in second["serviceAccounts"]] == logins[2:]
        if grafana.kind == "AsyncGrafanaApi":  # below, it forgets to await its own search
            return
        found = grafana.call(key, "serviceaccount.search_all", query=f"{name} of", perpage=1)
        assert [account["login"] for account in found] == logins
        found = grafana.call(key, "serviceaccount.search_one", service_account_name=f"{name} of 1")
        assert found["login"] == logins[1]
        several = failed(grafana, key, "serviceaccount.search_one", service_account_name=f"{name} of")
        assert (several.kind, several.told) == ("ValueError", "More than one service account matched")
        none = failed(grafana, key, "serviceaccount.search_one", service_account_name=f"{name} of 3")
        assert (none.kind, none.told) == ("ValueError", "No service account matched")

    def test_are_all_found_without_a_query(self, grafana: GrafanaClient, key: str, name: str) -> None:
        grafana.call(key, "serviceaccount.create", service_account={"name": name})
        everything = grafana.call(key, "serviceaccount.search")
        told = [account["login"] for page in everything for account in page["serviceAccounts"]]
        assert f"sa-{name}" in told
        assert len(told) == everything[0]["totalCount"]

    def test_are_refused_as_grafana_refuses_them(
        self, grafana: GrafanaClient, server: str, key: str, name: str
    ) -> None:
        grafana.call(key, "serviceaccount.create", service_account={"name": name})
        taken = failed(grafana, key, "serviceaccount.create", service_account={"name": name})
        assert (taken.kind, taken.status) == ("GrafanaBadInputError", 400)
        unknown = failed(grafana, key, "serviceaccount.delete", service_account_id=2_000_000_000)
        assert (unknown.kind, unknown.status) == ("GrafanaClientError", 404)
        viewer = a_key(server, name=f"viewer {name} {grafana.kind}", role="Viewer")
        denied = failed(grafana, viewer, "serviceaccount.search", query=name)
        assert (denied.kind, denied.status) == ("GrafanaClientError", 403)
        assert denied.told["message"].startswith("You'll need additional permissions")


class TestTokens:
    def test_act_as_their_account_until_they_are_deleted(
        self, grafana: GrafanaClient, key: str, name: str
    ) -> None:
        owner = grafana.call(key, "serviceaccount.create", service_account={"name": name, "role": "Admin"})[
            "id"
        ]
        content = {"name": f"{name} token", "secondsToLive": 3600}
        made = grafana.call(key, "serviceaccount.create_token", service_account_id=owner, content=content)
        assert made.keys() == {"id", "name", "key"}
        token = made["key"]
        assert grafana.call(token, "organization.get_current_organization")["id"] == 1
        [told] = grafana.call(token, "serviceaccount.get_tokens", service_account_id=owner)
        assert (told["id"], told["name"], told["hasExpired"]) == (made["id"], f"{name} token", False)
        assert told["lastUsedAt"] is not None
        taken = failed(grafana, key, "serviceaccount.create_token", service_account_id=owner, content=content)
        assert (taken.kind, taken.status) == ("GrafanaClientError", 409)
        arguments = {"service_account_id": owner, "service_account_token_id": made["id"]}
        deleted = grafana.call(key, "serviceaccount.delete_token", **arguments)
        assert deleted == {"message": "Service account token deleted"}
        dead = failed(grafana, token, "organization.get_current_organization")
        assert (dead.kind, dead.status) == ("GrafanaUnauthorizedError", 401)
        assert grafana.call(key, "serviceaccount.get_tokens", service_account_id=owner) == []

    def test_stop_with_their_account(self, grafana: GrafanaClient, key: str, name: str) -> None:
        owner = grafana.call(key, "serviceaccount.create", service_account={"name": name})["id"]
        made = grafana.call(
            key, "serviceaccount.create_token", service_account_id=owner, content={"name": f"{name} token"}
        )
        me: tuple[str, str] = (made["key"], "organization.get_current_organization")
        assert grafana.call(*me)["id"] == 1
        for is_disabled in (True, False):
            grafana.call(
                key,
                "serviceaccount.update",
                service_account_id=owner,
                service_account={"isDisabled": is_disabled},
            )
            if is_disabled:
                assert failed(grafana, *me).kind == "GrafanaUnauthorizedError"
        assert grafana.call(*me)["id"] == 1
        grafana.call(key, "serviceaccount.delete", service_account_id=owner)
        assert failed(grafana, *me).kind == "GrafanaUnauthorizedError"


class TestEverythingElseThatKeysteadHas:
    def test_connecting_tells_the_version(self, grafana: GrafanaClient) -> None:
        assert grafana.call(ADMIN, "connect")["version"].startswith("9.3.")

    def test_people(self, grafana: GrafanaClient, name: str) -> None:
        wanted = {
            "name": name,
            "email": f"{name}@example.com",
            "login": name,
            "password": "canary kettle nine",
        }
        made = grafana.call(ADMIN, "admin.create_user", user=wanted)
        assert made["message"] == "User created"
        person = made["id"]
        assert grafana.call(ADMIN, "users.find_user", login_or_email=f"{name}@example.com")["id"] == person
        assert grafana.call(ADMIN, "users.get_user", user_id=person)["login"] == name
        [found] = grafana.call(ADMIN, "users.search_users", query=name)
        assert found["id"] == person
        changes = {"name": f"{name} changed", "login": name, "email": f"{name}@example.com"}
        grafana.call(ADMIN, "users.update_user", user_id=person, user=changes)
        grafana.call(ADMIN, "admin.change_user_password", user_id=person, password="canary kettle ten")
        themselves = (name, "canary kettle ten")
        assert grafana.call(themselves, "user.get_actual_user")["name"] == f"{name} changed"
        assert [org["orgId"] for org in grafana.call(themselves, "user.get_actual_user_organisations")] == [1]
        grafana.call(ADMIN, "admin.change_user_permissions", user_id=person, is_grafana_admin=True)
        assert grafana.call(themselves, "user.get_actual_user")["isGrafanaAdmin"] is True
        grafana.call(ADMIN, "admin.delete_user", user_id=person)
        assert failed(grafana, themselves, "user.get_actual_user").kind == "GrafanaUnauthorizedError"

    def test_organizations(self, grafana: GrafanaClient, name: str) -> None:
        made = grafana.call(ADMIN, "organization.create_organization", organization={"name": name})
        org = made["orgId"]
        assert grafana.call(ADMIN, "organization.find_organization", org_name=name)["id"] == org
        here = grafana.call(ADMIN, "organization.get_current_organization", org=org)
        assert here["name"] == name
        grafana.call(
            ADMIN,
            "organizations.update_organization",
            organization_id=org,
            organization={"name": f"{name}-changed"},
        )
        listed = grafana.call(ADMIN, "organizations.list_organization")
        assert {"id": org, "name": f"{name}-changed"} in listed
        [member] = grafana.call(ADMIN, "organizations.organization_user_list", organization_id=org)
        assert (member["login"], member["role"]) == ("admin", "Admin")
        made = grafana.call(ADMIN, "serviceaccount.create", org=org, service_account={"name": name})
        assert made["orgId"] == org
        grafana.call(ADMIN, "organizations.delete_organization", organization_id=org)
        gone = failed(grafana, ADMIN, "organization.find_organization", org_name=f"{name}-changed")
        assert (gone.kind, gone.status) == ("GrafanaClientError", 404)
