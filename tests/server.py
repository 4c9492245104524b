"""A real server in a process of its own, as `keystead dev` starts it, for tests from outside."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

ADMIN = ("admin", "admin")
_READY_WITHIN_S = 30
_BYTECODE = Path(__file__).parents[1] / ".pytest_cache/bytecode"


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def a_server(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """Yield the address; the folder keeps its data, so that it can be started there again."""
    port = a_free_port() if port is None else port
    command = [
        sys.executable,
        "-m",
        "keystead",
        "dev",
        "--port",
        str(port),
        "--data-dir",
        str(folder / "data"),
    ]
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment()) as running,  # noqa: S603 - our own command
    ):
        try:
            wait_for(url := f"http://127.0.0.1:{port}")
            yield url
        finally:
            running.terminate()


def environment() -> dict[str, str]:
    """Return this process's variables, with compiled modules kept: a server is started many times."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # noqa: TID251 - handed on
    return inherited | {"PYTHONPYCACHEPREFIX": str(_BYTECODE)}


def wait_for(url: str) -> None:
    for _ in range(_READY_WITHIN_S * 10):
        try:
            httpx2.get(f"{url}/readyz").raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{url} does not answer")


def a_key(url: str, *, name: str, role: str = "Admin", lifetime_s: int = 3600) -> str:
    """Make an API key as the server's first administrator."""
    body = {"name": name, "role": role, "secondsToLive": lifetime_s}
    response = httpx2.post(f"{url}/api/auth/keys", json=body, auth=ADMIN)
    key: str = response.json()["key"]
    return key


def an_admins_token(url: str, *, org: int = 1) -> str:
    """Make a service account with the role Admin, as the server's first administrator; return its token."""
    token = {"name": "caller", "secondsToLive": 3600}
    body = {"name": "caller", "role": "Admin", "token": token}
    headers = {"X-Grafana-Org-Id": str(org)}
    response = httpx2.post(f"{url}/api/serviceaccounts", json=body, auth=ADMIN, headers=headers)
    key: str = response.json()["token"]["key"]
    return key


def an_org(url: str, *, name: str) -> str:
    """Make an organization, and return the token of an Admin's service account in it."""
    response = httpx2.post(f"{url}/api/orgs", json={"name": name}, auth=ADMIN)
    return an_admins_token(url, org=response.json()["orgId"])
