import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keystead.bootstrap import open_database, open_for_writing, open_passwords, plan_server
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from keystead.client import Client
from keystead.core.orgs.model import OrgId
from keystead.usecases import migration
from tests.cli.conftest import Keystead, run, told
from tests.makers import NOON, a_principal
from tests.planned import Planned, a_planned_server
from tests.server import an_org, environment

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def token(server: str, request: pytest.FixtureRequest) -> str:
    """A token of an Admin, in an organization of its own."""
    return an_org(server, name=request.node.nodeid[-190:])


@pytest.fixture
def keystead(server: str, token: str) -> Keystead:
    return lambda *arguments: run(server, token, *arguments)


def keys_made(server: str, token: str, *names: str) -> dict[str, str]:
    """Make API keys, and return their secrets by name."""
    with Client(server, token) as client:
        return {name: client.keys.create(name, lifetime_s=86_400).secret.reveal() for name in names}


def rows_of(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()[1:]]


class TestPlanning:
    def test_tells_what_would_become_of_each_key(self, server: str, token: str, keystead: Keystead) -> None:
        keys_made(server, token, "b", "a")
        keystead("accounts", "create", "sa-autogen-b")  # another login: no name is taken
        result = keystead("migrate", "plan")
        assert result.exit_code == 0
        assert [row[1:4] for row in rows_of(result)] == [
            ["a", "Viewer", "planned"],
            ["b", "Viewer", "planned"],
        ]
        assert "never used" in result.stdout
        assert "stays so" in result.stdout
        assert result.stderr == "2 API keys. Nothing has been changed: keystead migrate run\n"
        whole = told(keystead("migrate", "plan", "--json"))
        assert (whole["dryRun"], whole["remaining"]) == (True, 2)
        assert [one["serviceAccountName"] for one in whole["results"]] == ["sa-autogen-a", "sa-autogen-b"]
        [one] = told(keystead("migrate", "plan", "--key", "b", "--json"))["results"]
        assert one["name"] == "b"
        assert len(told(keystead("keys", "list", "--json"))) == 2

    def test_is_refused_to_whoever_may_not(self, server: str, token: str, keystead: Keystead) -> None:
        with Client(server, token) as client:
            viewer = client.keys.create("viewer", lifetime_s=60).secret.reveal()
        refused = run(server, viewer, "migrate", "plan")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert keystead("migrate", "plan", "--fast").exit_code == 2


class TestRunning:
    def test_migrates_all_and_once_more_says_the_same(
        self, server: str, token: str, keystead: Keystead
    ) -> None:
        secrets = keys_made(server, token, "ci", "cd")
        result = keystead("migrate", "run")
        assert result.exit_code == 0, result.output
        assert [row[1:4] for row in rows_of(result)] == [
            ["cd", "Viewer", "migrated"],
            ["ci", "Viewer", "migrated"],
        ]
        assert "2 migrated. Each key works as before" in result.stderr
        assert "API keys can no longer be created" in result.stderr
        assert told(run(server, secrets["ci"], "explain", "orgs:read", "--json"))["allowed"] is True
        assert keystead("migrate", "run").exit_code == 0
        assert keystead("keys", "create", "new", "--ttl", "1h").exit_code == 1
        shown = told(keystead("migrate", "status", "--json"))
        assert (shown["migrated"], shown["hidden"], shown["remaining"]) == (True, False, 0)
        assert (shown["state"], shown["failed"]) == ("done", 0)
        whole = told(keystead("migrate", "run", "--json"))
        assert (whole["remaining"], whole["failed"]) == (0, 0)

    def test_migrates_one_by_name_or_id_and_undoes_it(
        self, server: str, token: str, keystead: Keystead
    ) -> None:
        keys_made(server, token, "ci", "cd")
        ids = {key["name"]: str(key["id"]) for key in told(keystead("keys", "list", "--json"))}
        assert keystead("migrate", "run", "--key", "ci").stderr.startswith("1 migrated.")
        again = keystead("migrate", "run", "--key", "ci")
        assert (again.exit_code, rows_of(again)[0][3]) == (0, "already-migrated")
        assert keystead("migrate", "run", "--key", ids["cd"]).exit_code == 0
        assert told(keystead("migrate", "status", "--json"))["migrated"] is False
        for words in (["ci"], [ids["cd"]]):
            undone = keystead("migrate", "undo", "--key", *words)
            assert (undone.exit_code, undone.stdout) == (0, ""), undone.output
            assert "is an API key again" in undone.stderr
        assert len(told(keystead("keys", "list", "--json"))) == 2
        refused = keystead("migrate", "undo", "--key", ids["ci"])
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "is an API key already" in refused.stderr

    def test_undoes_a_token_of_an_account_that_is_named(self, keystead: Keystead) -> None:
        keystead("accounts", "create", "native", "--token-name", "first", "--ttl", "1h")
        assert keystead("migrate", "undo", "--key", "second", "--account", "sa-native").exit_code == 1
        undone = keystead("migrate", "undo", "--key", "first", "--account", "sa-native")
        assert undone.exit_code == 0, undone.output
        assert [key["name"] for key in told(keystead("keys", "list", "--json"))] == ["first"]

    @pytest.mark.parametrize("words", [["run", "--key", "nobody"], ["undo", "--key", "999999"]])
    def test_says_that_there_is_no_such_key(self, keystead: Keystead, words: list[str]) -> None:
        refused = keystead("migrate", *words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "keystead keys list" in refused.stderr or "keystead accounts list" in refused.stderr


class TestTheCallers:
    def test_are_listed(self, keystead: Keystead) -> None:
        keystead("keys", "list")
        [caller] = told(keystead("migrate", "callers", "--json"))
        assert (caller["name"], caller["route"], caller["count"]) == ("sa-caller", "/api/auth/keys", 1)
        assert "sa-caller" in keystead("migrate", "callers").stdout


def a_job(state: str, done: int, failed: int = 0, *, results: bool = False) -> str:
    told: dict[str, object] = {"id": "7", "state": state, "dryRun": False, "total": 3, "done": done}
    told |= {"failed": failed, "startedAt": "2026-11-22T20:31:02Z", "finishedAt": None}
    one = {"keyId": 5, "name": "wiki", "role": "Viewer", "status": "failed", "serviceAccountId": None}
    one |= {"serviceAccountName": None, "login": None, "error": "The database was busy."}
    return json.dumps(told | {"results": [one] if results else []})


@pytest.fixture
def planned() -> Iterator[Planned]:
    with a_planned_server() as plan:
        plan.plan(200, '{"message":"Migration started","jobId":"7"}')
        yield plan


def plan_end(planned: Planned, failed: int) -> None:
    planned.plan(200, a_job("failed" if failed else "done", 3 - failed, failed))
    planned.plan(200, a_job("failed" if failed else "done", 3 - failed, failed, results=True))
    planned.plan(200, f'{{"migrated":false,"hidden":false,"remaining":{failed},"jobId":"7"}}')


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear of Ctrl+C: what a shell runs in the background ignores it, and hands that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class TestFollowingAMigration:
    def test_ends_with_3_when_some_keys_failed(self, planned: Planned) -> None:
        planned.plan(200, a_job("running", 1))
        plan_end(planned, failed=1)
        result = run(planned.url, "token", "migrate", "run")
        assert result.exit_code == 3
        assert result.stderr.splitlines() == [
            "1 of 3",
            "0 migrated, 1 failed. Try those again: keystead migrate run",
        ]
        assert rows_of(result) == [["5", "wiki", "Viewer", "failed", "The", "database", "was", "busy."]]
        assert [path for _, path, _, _ in planned.asked] == [
            "/api/serviceaccounts/migrate?async=true",
            "/api/serviceaccounts/migrate/jobs/7?results=false",
            "/api/serviceaccounts/migrate/jobs/7?results=false",
            "/api/serviceaccounts/migrate/jobs/7",
            "/api/serviceaccounts/migrationstatus",
        ]

    def test_waits_for_a_server_that_is_away(self, planned: Planned) -> None:
        planned.plan(502, "<h1>Bad gateway</h1>")
        plan_end(planned, failed=0)
        assert run(planned.url, "token", "migrate", "run", "--json").exit_code == 0

    def test_ends_where_the_server_refuses_to_tell(self, planned: Planned) -> None:
        planned.plan(404, '{"message":"Migration not found"}')
        result = run(planned.url, "token", "migrate", "run")
        assert (result.exit_code, result.stdout) == (1, "")

    def test_shows_a_bar_where_a_person_looks(self, planned: Planned) -> None:
        plan_end(planned, failed=0)
        terminal = {"KEYSTEAD_URL": planned.url, "KEYSTEAD_TOKEN": "token", "FORCE_COLOR": "1"}
        result = CliRunner().invoke(cli, ["migrate", "run"], env=terminal)
        assert result.exit_code == 0
        assert "3/3" in result.stderr

    @pytest.mark.usefixtures("interruptible")
    def test_goes_on_without_whoever_interrupts_it(self, planned: Planned) -> None:
        for _ in range(100):
            planned.plan(200, a_job("running", 1))
        command = [sys.executable, "-m", "keystead", "migrate", "run", "--url", planned.url]
        environ = environment() | {"KEYSTEAD_TOKEN": "token"}
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environ, text=True) as running:  # noqa: S603 - our own command
            assert running.stderr is not None
            assert running.stderr.readline() == "1 of 3\n"
            running.send_signal(signal.SIGINT)
            told = running.stderr.read()
        assert running.returncode == 130
        assert (
            told
            == "keystead: the migration goes on without this command. Look at it: keystead migrate status\n"
        )


class TestHiding:
    def test_asks_before_it_hides(self, server: str, token: str, keystead: Keystead) -> None:
        environ = {"KEYSTEAD_URL": server, "KEYSTEAD_TOKEN": token}
        unsure = CliRunner().invoke(cli, ["migrate", "hide"], env=environ, input="n\n")
        assert unsure.exit_code == 1
        assert "for everyone in the organization?" in unsure.stderr
        assert told(keystead("migrate", "status", "--json"))["hidden"] is False
        hidden = keystead("migrate", "hide", "--yes")
        assert (hidden.exit_code, hidden.stdout, hidden.stderr) == (0, "", "API keys hidden\n")
        assert told(keystead("migrate", "status", "--json"))["hidden"] is True
        assert keystead("migrate", "hide", "--yes").exit_code == 0


class TestShowingAgain:
    def test_is_done_on_the_host_by_the_name_of_the_organization(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KEYSTEAD_SECURITY__ADMIN_PASSWORD", "canary old passphrase")
        folder = str(tmp_path / "data")
        plan_server("serve", None, {"server.data_dir": folder}).prepare()
        with open_for_writing(None, {"server.data_dir": folder}) as write, write() as db:
            migration.hide_keys(db, a_principal(OrgId(1)), clock=lambda: NOON)
        tools = Tools(plan_server, listen, open_passwords, open_database, open_for_writing)

        def unhide(org: str) -> Result:
            command = ["migrate", "unhide", "--org", org, "--data-dir", folder]
            return CliRunner().invoke(cli, command, obj=tools)

        results = [unhide(org) for org in ("Nobody", "Main Org.", "Main Org.")]
        assert [result.exit_code for result in results] == [1, 0, 0]
        assert [result.stderr for result in results] == [
            "keystead: Organization not found\n",
            "API keys are shown again in Main Org.\n",
            "API keys were not hidden in Main Org.\n",
        ]
