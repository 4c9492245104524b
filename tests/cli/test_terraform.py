import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer
from typer.testing import CliRunner, Result

from keystead.cli.app import cli
from keystead.cli.terraform_files import check_writable, replace_file, write_files
from keystead.client import Client
from tests.cli.conftest import run
from tests.cli.recorded import Recorded, a_recorded
from tests.planned import Planned, a_planned_server
from tests.server import an_org

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

BEFORE = """resource "grafana_api_key" "ci" {
  name = "ci"
  role = "Editor"
}

output "key" {
  value     = grafana_api_key.ci.key
  sensitive = true
}
"""
AFTER = """resource "grafana_service_account" "ci" {
  name = "sa-autogen-ci"
  role = "Editor"
}

resource "grafana_service_account_token" "ci" {
  name               = "ci"
  service_account_id = grafana_service_account.ci.id
}

output "key" {
  value     = grafana_service_account_token.ci.key
  sensitive = true
}
"""
IN_9_3 = [  # routes that a Grafana 9.3 has
    "GET /api/auth/keys",
    "GET /api/org",
    "GET /api/serviceaccounts/search",
    r"GET /api/serviceaccounts/\d+/tokens",
    r"POST /api/serviceaccounts/migrate/\d+",
]


@pytest.fixture
def token(server: str, request: pytest.FixtureRequest) -> str:
    """A token of an Admin, in an organization of its own."""
    return an_org(server, name=request.node.nodeid[-190:])


@pytest.fixture
def recorded(server: str) -> Iterator[Recorded]:
    with a_recorded(server) as record:
        yield record
    for one in record.asked:
        assert any(re.fullmatch(route, one) for route in IN_9_3), one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m/.terraform").mkdir(parents=True)
    (tmp_path / "m/main.tf").write_text(BEFORE)
    (tmp_path / "m/.terraform/copy.tf").write_text(BEFORE)
    (tmp_path / "m/main.tf~").write_text(BEFORE)
    (tmp_path / "versions.tf").write_text("terraform {}\n")
    return tmp_path


def migrate(recorded: Recorded, token: str, *words: str, typed: str = "") -> Result:
    environ = {"KEYSTEAD_URL": recorded.url, "KEYSTEAD_TOKEN": token}
    return CliRunner().invoke(cli, ["migrate", *words], env=environ, input=typed)


def a_state(key: int, secret: str, *, org: int = 0) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "id": f"{org}:{key}",
        "key": secret,
        "name": "ci",
        "role": "Editor",
        "org_id": f"{org}",
    }
    attributes |= {"expiration": None, "seconds_to_live": None}
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    resource: dict[str, Any] = {"mode": "managed", "type": "grafana_api_key", "name": "ci"}
    resource |= {"provider": 'provider["registry.terraform.io/grafana/grafana"]', "instances": [instance]}
    return {"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": [resource]}


def attributes_in(state: str) -> list[dict[str, Any]]:
    return [one["instances"][0]["attributes"] for one in json.loads(state)["resources"]]


def a_key(server: str, token: str) -> tuple[int, str]:
    with Client(server, token) as client:
        issued = client.keys.create("ci", role="Editor", lifetime_s=86_400)
        return issued.id, issued.secret.reveal()


class TestTakingKeysOver:
    def test_offers_to_migrate_and_writes_the_configuration_after_a_yes(
        self, server: str, token: str, recorded: Recorded, folder: Path
    ) -> None:
        a_key(server, token)
        check = migrate(recorded, token, "terraform", str(folder), "--check")
        assert (check.exit_code, check.stdout) == (1, "")
        assert (
            "m/main.tf:1: grafana_api_key.ci is left as it is: the API key ci is not migrated" in check.stderr
        )
        unsure = migrate(recorded, token, "terraform", str(folder), typed="n\n")
        assert unsure.exit_code == 3
        assert "---" not in unsure.stdout
        shown = migrate(recorded, token, "terraform", str(folder), typed="y\nn\n")
        assert shown.exit_code == 1
        assert "Not migrated yet: ci\nMigrate these 1 API keys now? [y/N]" in shown.stderr
        assert "--- a/m/main.tf\n+++ b/m/main.tf\n" in shown.stdout
        assert (folder / "m/main.tf").read_text() == BEFORE
        to_do = migrate(recorded, token, "terraform", str(folder), "--check")
        assert to_do.exit_code == 1
        assert to_do.stdout in shown.stdout
        assert migrate(recorded, token, "terraform", str(folder), typed="y\n").exit_code == 0
        assert (folder / "m/main.tf").read_text() == AFTER
        assert (folder / "m/.terraform/copy.tf").read_text() == (folder / "m/main.tf~").read_text() == BEFORE
        again = migrate(recorded, token, "terraform", str(folder), "--check")
        assert (again.exit_code, again.stdout) == (0, "")
        assert "there is nothing to do" in again.stderr

    def test_gives_a_state_with_the_same_secret_once(
        self, server: str, token: str, recorded: Recorded, folder: Path
    ) -> None:
        key, secret = a_key(server, token)
        before, out = folder / "before.json", folder / "after.json"
        before.write_text(json.dumps(a_state(key, secret)))
        early = migrate(recorded, token, "terraform-state", str(before))
        assert (early.exit_code, early.stdout) == (1, "")
        assert "not migrated, or not of this server: grafana_api_key.ci\n" in early.stderr
        assert run(server, token, "migrate", "run").exit_code == 0
        adopted = migrate(recorded, token, "terraform-state", str(before), "--out", str(out))
        assert (adopted.exit_code, adopted.output) == (0, "")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        account, its_token = attributes_in(out.read_text())
        with Client(server, token) as client:
            [owner] = client.accounts.search("sa-autogen-ci")
        assert account["id"] == its_token["service_account_id"] == f"{owner.org_id}:{owner.id}"
        assert (account["name"], account["role"], account["org_id"]) == (
            "sa-autogen-ci",
            "Editor",
            str(owner.org_id),
        )
        assert (its_token["id"], its_token["key"], its_token["has_expired"]) == (str(key), secret, False)
        second = migrate(recorded, token, "terraform-state", str(out))
        assert (second.exit_code, second.stdout) == (1, "")
        assert "There is nothing to rewrite" in second.stderr

    def test_is_undone_once_the_server_has_keys_again(
        self, server: str, token: str, recorded: Recorded
    ) -> None:
        key, secret = a_key(server, token)
        run(server, token, "migrate", "run", "--key", "ci")
        before = json.dumps(a_state(key, secret))
        after = migrate(recorded, token, "terraform-state", typed=before).stdout
        early = migrate(recorded, token, "terraform-state", "--undo", typed=after)
        assert (early.exit_code, early.stdout) == (1, "")
        assert run(server, token, "migrate", "undo", "--key", "ci").exit_code == 0
        undone = migrate(recorded, token, "terraform-state", "--undo", typed=after)
        assert undone.exit_code == 0, undone.output
        [own] = attributes_in(undone.stdout)
        org = attributes_in(after)[0]["org_id"]
        assert (own["id"], own["key"], own["role"], own["org_id"]) == (f"{org}:{key}", secret, "Editor", org)
        assert json.loads(undone.stdout)["serial"] == 3

    def test_asks_as_a_person_in_each_organization(
        self, server: str, token: str, recorded: Recorded, folder: Path
    ) -> None:
        key, secret = a_key(server, token)
        org = httpx2.get(f"{server}/api/org", headers={"Authorization": f"Bearer {token}"}).json()["id"]
        (folder / "m/main.tf").write_text(BEFORE.replace("{\n", f"{{\n  org_id = {org}\n", 1))
        other = an_org(server, name="another of these tests")
        wrong = migrate(recorded, other, "terraform", str(folder), "--write")
        assert wrong.exit_code == 2
        assert f"and there are keys of {org}. Ask with --user." in wrong.stderr

        (folder / "password").write_text("admin\n")
        words = [
            "migrate",
            "terraform",
            str(folder),
            "--write",
            "--migrate",
            "--user",
            "admin",
            "--url",
            recorded.url,
        ]
        rewritten = CliRunner().invoke(cli, [*words, "--password-file", str(folder / "password")])
        assert rewritten.exit_code == 0, rewritten.output
        words = ["migrate", "terraform-state", "--way-b", "--user", "admin", "--url", recorded.url]
        state = json.dumps(a_state(key, secret, org=org))
        blocks = CliRunner().invoke(cli, words, env={"KEYSTEAD_PASSWORD": "admin"}, input=state)
        assert blocks.exit_code == 0, blocks.output
        assert "  from = grafana_api_key.ci\n" in blocks.stdout
        assert f'  to = grafana_service_account.ci\n  id = "{org}:' in blocks.stdout
        assert secret not in blocks.output
        asked = CliRunner().invoke(cli, words, input=f"{state}")
        assert asked.exit_code == 1  # the first line of the state is no password
        assert secret not in asked.output


class TestAServerLikeGrafana:
    @pytest.fixture
    def planned(self) -> Iterator[Planned]:
        with a_planned_server() as plan:
            yield plan

    def answer(self, planned: Planned, tokens: dict[int, tuple[str, list[str]]], *, page: int = 1) -> None:
        accounts = [
            {"id": account, "name": name, "login": f"sa-{account}", "orgId": 1, "isDisabled": False}
            | {"role": "Editor", "tokens": len(names), "avatarUrl": "/avatar/x", "accessControl": None}
            for account, (name, names) in tokens.items()
        ]
        found = {"totalCount": len(accounts), "serviceAccounts": accounts, "page": page, "perPage": 1000}
        planned.plan(200, json.dumps(found))

    def answer_tokens(self, planned: Planned, *names: str) -> None:
        one: dict[str, Any] = {"created": "2026-11-23T02:29:54Z", "lastUsedAt": None, "expiration": None}
        one |= {"secondsUntilExpiration": 0, "hasExpired": False, "isRevoked": False}
        planned.plan(
            200, json.dumps([{"id": number, "name": name} | one for number, name in enumerate(names, 1)])
        )

    def test_is_asked_for_the_tokens_of_likely_accounts_first(self, planned: Planned, folder: Path) -> None:
        tokens = {7: ("deploy", ["x"]), 8: ("sa-autogen-ci-2", ["ci"]), 9: ("empty", [])}
        planned.plan(200, "[]")
        self.answer(planned, tokens)
        self.answer_tokens(planned, "ci")
        written = run(planned.url, "glsa_x", "migrate", "terraform", str(folder), "--write")
        assert written.exit_code == 0, written.output
        assert 'name = "sa-autogen-ci-2"' in (folder / "m/main.tf").read_text()
        assert [path for _, path, _, _ in planned.asked] == [
            "/api/auth/keys?includeExpired=true",
            "/api/serviceaccounts/search?query=&perpage=1000&page=1",
            "/api/serviceaccounts/8/tokens",
        ]

    def test_is_asked_for_all_others_then_and_two_are_one_too_many(
        self, planned: Planned, folder: Path
    ) -> None:
        planned.plan(200, "[]")
        self.answer(planned, {7: ("deploy", ["ci"]), 8: ("build", ["ci"])})
        self.answer_tokens(planned, "ci")
        self.answer_tokens(planned, "ci")
        left = run(planned.url, "glsa_x", "migrate", "terraform", str(folder), "--write")
        assert (left.exit_code, left.stdout) == (3, "")
        assert "several accounts have a token ci: deploy, build" in left.stderr
        assert (folder / "m/main.tf").read_text() == BEFORE

    def test_may_list_keys_without_when_they_were_made(self, planned: Planned, folder: Path) -> None:
        planned.plan(200, '[{"id":3,"name":"ci","role":"Editor"},{"id":4,"name":"cd","role":"Viewer"}]')
        planned.plan(200, '{"message":"Service accounts migrated"}')
        self.answer(planned, {8: ("sa-autogen-ci", ["ci"])})
        self.answer_tokens(planned, "ci")
        written = run(planned.url, "glsa_x", "migrate", "terraform", str(folder), "--write", "--migrate")
        assert written.exit_code == 0, written.output
        assert [f"{method} {path}" for method, path, _, _ in planned.asked][:2] == [
            "GET /api/auth/keys?includeExpired=true",
            "POST /api/serviceaccounts/migrate/3",
        ]

    def test_may_have_a_token_that_is_called_like_a_key(self, planned: Planned, folder: Path) -> None:
        planned.plan(200, '[{"id":3,"name":"ci","role":"Editor"}]')
        self.answer(planned, {7: ("deploy", ["ci"])})
        left = run(planned.url, "glsa_x", "migrate", "terraform", str(folder), "--write")
        assert (left.exit_code, left.stdout) == (3, "")
        assert "the API key ci is not migrated" in left.stderr

    def test_that_refuses_ends_the_command_with_advice(self, planned: Planned, folder: Path) -> None:
        planned.plan(403, '{"message":"You\'ll need additional permissions"}')
        refused = run(planned.url, "glsa_x", "migrate", "terraform", str(folder), "--write")
        assert refused.exit_code == 1
        assert "Use an Admin's credential" in refused.stderr


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["terraform", "nowhere"], "nowhere is no folder."),
            (["terraform-state", "nowhere"], "nowhere cannot be read: No such file or directory."),
            (["terraform-state", "--undo", "--way-b"], "--way-b and --undo do not go together."),
            (["terraform-state", "a", "--out", "a"], "the old state is your way back."),
            (["terraform", "one", "--url", "x"], "the address of the server must begin"),
            (["terraform", "one", "--url", "x", "--user", "u"], "the address of the server must begin"),
            (["terraform", "one", "--user", "u", "--password-file", "no"], "no cannot be read as text."),
            (["terraform", "one", "--token", ""], "there is no credential"),
            (["terraform", "two"], "The API keys belong to several providers; say with --provider which"),
        ],
        ids=range(9),
    )
    def test_is_told_before_anything_is_done(
        self, words: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "one").mkdir()
        (tmp_path / "one/a.tf").write_text(BEFORE)
        (tmp_path / "two").mkdir()
        (tmp_path / "two/a.tf").write_text(BEFORE + BEFORE.replace('ci" {', 'cd" {\n  provider = grafana.x'))
        result = CliRunner().invoke(
            cli,
            ["migrate", *words],
            env={"KEYSTEAD_TOKEN": "" if "--token" in words else "t", "KEYSTEAD_PASSWORD": "p"},
        )
        assert result.exit_code == 2
        assert why in result.stderr.replace("\n", " ")

    def test_includes_bytes_that_are_no_text(self) -> None:
        result = CliRunner().invoke(cli, ["migrate", "terraform-state"], input=b"\xff secret")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.endswith("nothing was written: it is not UTF-8\n")

    def test_includes_files_that_changed_meanwhile(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before, after = {"versions.tf": b"", "m/main.tf": b""}, {"m/main.tf": b"x"}
        with pytest.raises(typer.Exit):
            write_files(folder, before, after)
        assert "m/main.tf was changed meanwhile. Nothing was written" in capsys.readouterr().err
        assert (folder / "m/main.tf").read_text() == BEFORE

    def test_includes_places_where_no_file_can_be(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(typer.Exit):
            replace_file(tmp_path / "nowhere/a", b"secret", mode=0o600)
        with pytest.raises(typer.Exit):
            replace_file(tmp_path, b"secret", mode=0o600)
        assert capsys.readouterr().err.count("cannot be written") == 2
        assert list(tmp_path.parent.glob(f".{tmp_path.name}.*")) == []

    def test_includes_a_state_on_a_screen(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        with pytest.raises(typer.Exit):
            check_writable(None, None)
        assert "a state is full of secrets" in capsys.readouterr().err
