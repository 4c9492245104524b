"""docs/scan.md shows what the command prints, and knows each rule."""

import re
from pathlib import Path

from typer.testing import CliRunner

from keystead.cli.app import cli
from keystead.core.scan.rules import MENTION, RULES

GUIDE = (Path(__file__).parents[2] / "docs" / "scan.md").read_text()
SAMPLE = {
    "deploy/rotate.sh": '#!/bin/sh\nAUTH=/api/auth\ncurl -X POST -d @key.json "$GRAFANA_URL$AUTH/keys"\n',
    "docs/keys.md": "Keys are listed by `/api/auth/keys`.\n",
    "infra/keys.tf": 'resource "grafana_api_key" "ci" {\n  name = "ci"\n}\n',
}


def test_its_output_is_what_the_command_prints(tmp_path: Path) -> None:
    for path, content in SAMPLE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    result = CliRunner().invoke(cli, ["scan", str(tmp_path)])
    assert f"```text\n{result.stdout}{result.stderr}```" in GUIDE


def test_it_tells_each_rule() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE) == [
        *("auth-keys", "terraform-api-key", "pulumi-api-key", "client-api-key", "migration-endpoint")
    ]
    assert {rule for rule in RULES if not rule.endswith(MENTION)} == {
        *re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE)
    }
