"""pip's settings reach uv."""

import subprocess
from pathlib import Path

from tools.pip_settings import exports, settings


def test_a_variable_wins_over_the_command_and_the_command_over_all() -> None:
    lines = [
        ":env:.index-url='https://c/simple'",
        "global.index-url='https://a/simple'",
        "install.index-url='https://b'",
    ]
    assert settings(lines) == {"index-url": "https://c/simple"}
    assert settings(lines[1:]) == {"index-url": "https://b"}


def test_other_settings_are_left_alone() -> None:
    assert list(exports(["global.no-color='true'", "wheel.cert='/x'", "", "not a setting"])) == []


def test_folders_that_do_not_exist_are_left_out(tmp_path: Path) -> None:
    line = f"global.find-links={f'{tmp_path} {tmp_path}/gone https://x/wheels'!r}"
    assert list(exports([line])) == [f"export UV_FIND_LINKS=${{UV_FIND_LINKS:-{tmp_path},https://x/wheels}}"]


def test_what_a_shell_reads_is_the_very_value() -> None:
    value = "https://user:it's}$HOME@host/simple"
    (line,) = exports([f"global.index-url={value!r}"])
    script = f'{line}; printf %s "$UV_DEFAULT_INDEX"'
    told = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, env={})  # noqa: S603  # our own text
    assert told.stdout.decode() == value


def test_a_variable_that_is_set_is_left_as_it_is() -> None:
    (line,) = exports(["global.index-url='https://a'"])
    script = f'UV_DEFAULT_INDEX=mine; {line}; printf %s "$UV_DEFAULT_INDEX"'
    told = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, env={})  # noqa: S603  # our own text
    assert told.stdout == b"mine"
