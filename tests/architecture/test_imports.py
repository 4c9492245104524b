"""Nothing happens at import: no module opens a socket, a process or a database."""

import subprocess
import sys

import pytest

IMPORT_ALL = """
import importlib, pkgutil, socket, sqlite3, subprocess, sys
BANNED = {"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.fork"}
def watch(event, args):
    if event in BANNED:
        raise SystemExit(f"{event} at import")
sys.addaudithook(watch)
import keystead
for module in pkgutil.walk_packages(keystead.__path__, "keystead."):
    if "schema_versions" not in module.name:  # Alembic runs these, with a connection
        importlib.import_module(module.name)
"""


def run(script: str) -> tuple[int, str]:
    answer = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)  # noqa: S603  # our own text
    return answer.returncode, answer.stderr


def test_importing_any_module_opens_nothing() -> None:
    assert run(IMPORT_ALL) == (0, "")


@pytest.mark.parametrize(
    "act",
    ["sqlite3.connect(':memory:')", "subprocess.run(['true'])", "socket.socket().bind(('127.0.0.1', 0))"],
)
def test_a_module_that_opens_something_is_found(act: str) -> None:
    code, told = run(IMPORT_ALL.replace("import keystead\n", f"{act}\nimport keystead\n"))
    assert code == 1
    assert "at import" in told
