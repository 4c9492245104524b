import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keystead.bootstrap import open_database, open_for_writing, open_passwords, plan_server
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import open_sqlite
from keystead.storage.epoch import counter_in_memory
from tests.makers import some_changes

COUNT = 5  # the first start is a change too


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose server is not running, with five rows in its log."""
    monkeypatch.setenv("KEYSTEAD_SECURITY__ADMIN_PASSWORD", "canary old passphrase")
    folder = tmp_path / "data"
    plan_server("serve", None, {"server.data_dir": str(folder)}).prepare()
    database = open_sqlite(folder / "keystead.db", counter_in_memory())
    with database.write() as db:
        some_changes(db, OrgId(1), COUNT - 1)
    database.close()
    return folder


def verify(data_dir: Path) -> Result:
    tools = Tools(plan_server, listen, open_passwords, open_database, open_for_writing)
    return CliRunner().invoke(cli, ["audit", "verify", "--data-dir", str(data_dir)], obj=tools)


def spoil(data_dir: Path, statement: str) -> None:
    with sqlite3.connect(data_dir / "keystead.db") as raw:
        raw.execute(statement)
    raw.close()


class TestVerifyingTheLog:
    def test_says_how_long_it_is_and_where_it_ends(self, data_dir: Path) -> None:
        result = verify(data_dir)
        assert result.exit_code == 0
        first, second = result.stdout.splitlines()
        assert first == "5 changes, and each follows from the one before."
        assert second.startswith("The newest is row 5, hash ")
        assert len(second.split()[-1].rstrip(".")) == 64
        assert "Note the row and its hash elsewhere" in result.stderr

    def test_names_the_first_row_that_breaks_it_and_says_what_to_do(self, data_dir: Path) -> None:
        spoil(data_dir, "UPDATE change SET target_name = 'other' WHERE id = 3")
        result = verify(data_dir)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "row 3 does not follow from what stands before it." in result.stderr
        assert "The 2 rows before are as they were written" in result.stderr
        assert "Keep a copy of it as it is" in result.stderr

    def test_notices_that_the_end_was_cut_off(self, data_dir: Path) -> None:
        spoil(data_dir, "DELETE FROM change WHERE id > 3")
        result = verify(data_dir)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "the log ends at row 3, hash" in result.stderr
        assert "The 2 newest changes were cut off." in result.stderr

    def test_notices_rows_that_nobody_wrote(self, data_dir: Path) -> None:
        spoil(data_dir, "UPDATE installation SET access_epoch = 4")
        result = verify(data_dir)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "The rows from 5 on were put there by somebody else." in result.stderr

    def test_of_a_folder_without_an_installation_says_so(self, tmp_path: Path) -> None:
        result = verify(tmp_path / "nowhere")
        assert result.exit_code != 0
        assert "keystead: " in result.stderr
