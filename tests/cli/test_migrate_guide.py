"""The lines of docs/migrate.md do what it says, each as it stands and in its order."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from keystead.bootstrap import open_database, open_for_writing, open_passwords, plan_server
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from tests.server import ADMIN, a_key, a_server, an_admins_token, environment

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

GUIDE = (Path(__file__).parents[2] / "docs/migrate.md").read_text()
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`\$(\w+)` is the `(\w+)` of (?:the first in )?(?:`(\w+)` of )?the answer")
LOCAL, DATA = "http://127.0.0.1:3000", "/var/lib/keystead"


@dataclass
class Reader:
    """Types what the guide tells, and remembers what it names."""

    url: str
    folder: Path
    known: dict[str, str]
    answers: dict[str, Any] = field(default_factory=dict)  # by line, of the last time

    def follow(self, guide: str) -> None:
        """Type all lines; after each block, name what the text behind it names of the last answer."""
        _before, *parts = BLOCK.split(guide)
        for block, text in zip(parts[::2], parts[1::2], strict=True):
            lines = dedent(block).splitlines()
            for line in lines:
                self.answers[line] = self.answer(line)
            for name, member, within in NAMED.findall(text):
                told = self.answers[lines[-1]]
                told = told[within] if within else told
                self.known[name] = str((told[0] if isinstance(told, list) else told)[member])

    def answer(self, line: str) -> Any:  # noqa: ANN401 - JSON of any shape
        typed = line.replace(LOCAL, self.url).replace(DATA, str(self.folder / "data"))
        if line.startswith("export "):
            name, value = line.removeprefix("export ").split("=")
            self.known[name] = self.known[value.strip('"$')]
            return None
        return self.curl(typed) if line.startswith("curl ") else self.keystead(shlex.split(typed)[1:])

    def curl(self, typed: str) -> Any:  # noqa: ANN401 - JSON of any shape
        environ = environment() | self.known | {"CURL_HOME": str(self.folder)}
        done = subprocess.run(["bash", "-c", typed], env=environ, capture_output=True, text=True, check=False)  # noqa: S603, S607 - a line of ours
        assert done.returncode == 0, f"{typed}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def keystead(self, words: list[str]) -> str:
        tools = Tools(plan_server, listen, open_passwords, open_database, open_for_writing)
        result = CliRunner().invoke(cli, words, obj=tools, env={**self.known, "KEYSTEAD_URL": self.url})
        assert result.exit_code == 0, f"{words}\n{result.output}"
        return result.output


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Somebody with a new server, two API keys on it, and a curl that tells when it was refused."""
    (tmp_path / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    with a_server(tmp_path) as url:
        known = {"ADMIN": an_admins_token(url)}
        known |= {"CI": a_key(url, name="ci-deploy", role="Editor"), "LAPTOP": a_key(url, name="old-laptop")}
        yield Reader(url, tmp_path, known)


def test_the_guide_leads_from_keys_to_accounts_and_back(reader: Reader) -> None:
    reader.follow(GUIDE)
    told = {line.replace(LOCAL, ""): answer for line, answer in reader.answers.items()}
    plan = told["curl -u admin:admin -X POST '/api/serviceaccounts/migrate?dryRun=true'"]
    assert [(one["name"], one["status"]) for one in plan["results"]] == [
        ("ci-deploy", "planned"),
        ("old-laptop", "planned"),
    ]
    all_ = told["curl -u admin:admin -X POST /api/serviceaccounts/migrate"]
    assert (all_["remaining"], all_["failed"]) == (0, 0)
    assert told["curl -u admin:admin /api/serviceaccounts/migrate/jobs/$JOB"]["state"] == "done"
    status = told["curl -u admin:admin /api/serviceaccounts/migrationstatus"]
    assert (status["migrated"], status["hidden"]) == (True, False)
    callers = told["curl -u admin:admin /api/serviceaccounts/migrate/callers"]
    assert ("admin", "/api/auth/keys") in {(one["name"], one["route"]) for one in callers}
    assert told["curl -u admin:admin /api/auth/keys/$KEY/usage"]["lastUsedAt"] is None
    with httpx2.Client(base_url=reader.url, auth=ADMIN) as admin:
        assert [key["name"] for key in admin.get("/api/auth/keys").json()] == ["ci-deploy"]
        assert not admin.get("/api/serviceaccounts/migrationstatus").json()["hidden"]
    for name in ("CI", "LAPTOP", "TOKEN"):
        bearer = {"Authorization": f"Bearer {reader.known[name]}"}
        assert httpx2.get(f"{reader.url}/api/org", headers=bearer).status_code == 200


def test_every_line_of_the_guide_is_one_that_is_run() -> None:
    lines = [line for block in BLOCK.findall(GUIDE) for line in dedent(block).splitlines()]
    assert {line.split()[0] for line in lines} == {"curl", "export", "keystead"}
    assert len(re.findall(r"^ *```\w", GUIDE, re.MULTILINE)) == len(BLOCK.findall(GUIDE))
    assert [line for line in GUIDE.splitlines() if "curl " in line and line.strip() not in lines] == []
