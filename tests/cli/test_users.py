import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keystead.bootstrap import open_database, open_for_writing, open_passwords, plan_server
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from keystead.core.accounts.errors import UserNotFound
from keystead.core.secret import Secret
from keystead.storage import accounts
from keystead.storage import passwords as rows

OLD, NEW = "canary old passphrase", "canary new passphrase"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose server is not running."""
    monkeypatch.setenv("KEYSTEAD_SECURITY__ADMIN_PASSWORD", OLD)
    folder = tmp_path / "data"
    plan_server("serve", None, {"server.data_dir": str(folder)}).prepare()
    return folder


def reset(data_dir: Path, *words: str, typed: str = "") -> Result:
    tools = Tools(plan_server, listen, open_passwords, open_database, open_for_writing)
    command = ["admin", "reset-password", *words, "--data-dir", str(data_dir)]
    return CliRunner().invoke(cli, command, obj=tools, input=typed)


def opens(data_dir: Path, password: str, *, name: str = "admin") -> bool:
    """Say whether the person's password is this one."""
    with open_passwords(None, {"server.data_dir": str(data_dir)}) as passwords:
        with passwords.read() as db:
            user = accounts.get_user_by_name_or_none(db, name)
            if user is None:
                raise UserNotFound
            kept = rows.get_password_or_none(db, user.id)
        return passwords.hasher.is_match(kept, Secret(password))


class TestResettingAPassword:
    def test_asks_for_it_twice(self, data_dir: Path) -> None:
        result = reset(data_dir, typed=f"{NEW}\n{NEW}\n")
        assert (result.exit_code, result.stdout.strip()) == (0, "")
        assert "admin has a new password" in result.stderr
        assert NEW not in result.stderr
        assert opens(data_dir, NEW)
        assert not opens(data_dir, OLD)

    def test_takes_an_email_address_too(self, data_dir: Path) -> None:
        assert reset(data_dir, "admin@localhost", typed=f"{NEW}\n{NEW}\n").exit_code == 0
        assert opens(data_dir, NEW)

    def test_makes_one_up_and_prints_nothing_else_to_standard_output(self, data_dir: Path) -> None:
        result = reset(data_dir, "admin", "--generate")
        assert result.exit_code == 0
        (password,) = result.stdout.splitlines()
        assert len(password) >= 24
        assert opens(data_dir, password)

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("short\nshort\n", "New password is too short"),
            (f"{NEW}\nanother\n", "do not match"),
            ("", "New password"),
        ],
    )
    def test_changes_nothing_for_one_that_will_not_do(self, data_dir: Path, typed: str, told: str) -> None:
        result = reset(data_dir, typed=typed)
        assert result.exit_code != 0
        assert told in result.stderr
        assert opens(data_dir, OLD)

    def test_says_that_nobody_has_the_name(self, data_dir: Path) -> None:
        result = reset(data_dir, "nobody", "--generate")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "keystead: user not found\n"

    def test_says_that_there_is_no_installation_and_makes_none(self, tmp_path: Path) -> None:
        result = reset(tmp_path / "nowhere", "--generate")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("keystead: The secrets file is missing")
        assert not (tmp_path / "nowhere").exists()

    def test_says_that_there_is_no_database_and_makes_none(self, data_dir: Path) -> None:
        (data_dir / "keystead.db").unlink()
        result = reset(data_dir, "--generate")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "there is no database" in result.stderr
        assert not (data_dir / "keystead.db").exists()

    def test_is_refused_with_the_secrets_of_another_installation(
        self, data_dir: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other"
        plan_server("serve", None, {"server.data_dir": str(other)}).prepare()
        shutil.copy(other / "secrets.json", data_dir / "secrets.json")
        result = reset(data_dir, "--generate")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Traceback" not in result.stderr
