import csv
import io

import pytest

from keystead.cli.report import counted
from tests.cli.conftest import Keystead, run, told
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
NAME = "=reported"


@pytest.fixture(scope="module")
def keystead(server: str) -> Keystead:
    """`keystead("--json")`: the report, with the key of an Admin, of a token without an end, and others."""
    token = a_key(server, name="caller of the report")
    run(server, token, "accounts", "create", "reported", "--role", "Editor")
    run(server, token, "tokens", "create", "sa-reported", "--name", NAME)
    return lambda *arguments: run(server, token, "report", *arguments)


class TestTheReport:
    def test_is_json_for_programs(self, keystead: Keystead) -> None:
        result = keystead("--reason", "no-expiration", "--json")
        [row] = [row for row in told(result) if row["name"] == NAME]
        assert (row["kind"], row["role"], row["expiration"]) == ("token", "Editor", None)
        assert row["reasons"] == ["never-used", "no-expiration"]
        assert "no-expiration" in result.stderr

    def test_is_a_table_for_people(self, keystead: Keystead) -> None:
        result = keystead("--reason", "never-used", "--unused-days", "90")
        assert result.exit_code == 0
        heading, *rows = result.stdout.splitlines()
        assert heading.split()[:3] == ["kind", "id", "name"]
        assert [row.split()[-2:] for row in rows if NAME in row] == [["never-used", "no-expiration"]]

    def test_is_csv_that_no_spreadsheet_computes(self, keystead: Keystead) -> None:
        result = keystead("--csv")
        assert result.exit_code == 0
        [row] = [row for row in csv.DictReader(io.StringIO(result.stdout)) if NAME in row["name"]]
        assert (row["name"], row["expiration"], row["reasons"]) == (
            f"'{NAME}",
            "",
            "never-used no-expiration",
        )

    @pytest.mark.parametrize("arguments", [["--json", "--csv"], ["--reason", "old"], ["--unused-days", "0"]])
    def test_is_asked_for_in_one_way(self, keystead: Keystead, arguments: list[str]) -> None:
        assert keystead(*arguments).exit_code == 2

    def test_counts_no_further_than_the_server(self) -> None:
        assert (counted(10_000), counted(10_001)) == ("10000", "more than 10,000")
