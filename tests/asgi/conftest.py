"""A running Keystead with one key for each role."""

from collections.abc import Iterator, Mapping

import pytest

from tests.server import a_key, a_server


@pytest.fixture(scope="session")
def keystead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_server(tmp_path_factory.mktemp("keystead")) as url:
        yield url


@pytest.fixture(scope="session")
def keys(keystead: str) -> Mapping[str, str]:
    """The text of a key by its role."""
    return {role: a_key(keystead, name=f"the {role}", role=role) for role in ("Viewer", "Editor", "Admin")}
