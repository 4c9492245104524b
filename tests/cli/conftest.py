"""One running server for all commands that ask one, and how a command is called."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from keystead.cli.app import cli
from tests.server import a_server

Keystead: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_server(tmp_path_factory.mktemp("dev")) as url:
        yield url


def run(url: str, token: str, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"KEYSTEAD_URL": url, "KEYSTEAD_TOKEN": token})


def told(result: Result) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return what a command that succeeded printed with --json."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
