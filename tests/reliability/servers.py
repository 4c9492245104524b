"""Real servers as child processes, each in a process group of its own, on a real disk, on loopback."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.client import Client, NotSent, Unanswered, cookie

ROOT = Path(__file__).parents[2]
ADMIN_PASSWORD = "canary horse battery staple"
READY_WITHIN_S = 30
GONE_WITHIN_S = 20


class NotReady(Exception):
    """The server did not answer in time; the text is what it said."""


@dataclass(slots=True)
class Server:
    """A running server: its group is signalled as a whole, by its id."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def kill(self) -> None:
        """End it as a crash would: the parent and its workers, at once."""
        self.signal(signal.SIGKILL)
        self.process.wait(GONE_WITHIN_S)

    def terminate(self) -> float:
        """Ask it to stop; return how long that took. Raises TimeoutExpired."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(GONE_WITHIN_S)
        return time.monotonic() - asked

    def signal(self, number: signal.Signals) -> None:
        """Send it to the whole group, which may have gone already."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def workers(self) -> list[int]:
        """Return the ids of the processes in its group."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid:
                found.append(int(folder.name))
        return found

    def resident_bytes(self) -> int:
        return sum(resident_bytes_of(pid) for pid in self.workers())


def resident_bytes_of(pid: int) -> int:
    try:
        told = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(told[1]) * 1024 if told else 0


@dataclass(slots=True)
class Installation:
    """A data folder with its settings; servers are started on it, one after the other or several at once."""

    folder: Path
    database_url: str = ""
    fault: str | None = None
    level: str = "warning"
    workers: int = 1
    word: str = "serve"
    config: str | None = None  # None: a known first password
    umask: int = 0o022
    servers: list[Server] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "keystead.db"

    def start(self) -> Server:
        """Start one more server and wait until it is ready. Raises NotReady."""
        port = free_port()
        log = self.folder / f"server-{len(self.servers)}.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                command(self.fault, self.word, *self._arguments(port)),
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=self.umask,
            )
        server = Server(process, port, log)
        self.servers.append(server)
        wait_until_ready(server)
        return server

    def _arguments(self, port: int) -> list[str]:
        config = self.folder / "keystead.toml"
        if not config.exists():
            private(self.folder / "admin-password", ADMIN_PASSWORD)
            named = f'[security]\nadmin_password_file = "{self.folder / "admin-password"}"\n'
            private(
                config, (named if self.config is None else self.config) + f'[log]\nlevel = "{self.level}"\n'
            )
        arguments = ["--config", str(config), "--port", str(port), "--data-dir", str(self.data)]
        if self.database_url:
            arguments += ["--database-url", self.database_url]
        if self.workers > 1:
            arguments += ["--workers", str(self.workers)]
        return arguments

    def close(self) -> None:
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment() -> dict[str, str]:
    """Return this process's variables, with compiled modules kept: a server is started many times."""

    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {"PYTHONPYCACHEPREFIX": str(ROOT / ".pytest_cache/bytecode")}


def command(fault: str | None, *arguments: str) -> list[str]:
    """Return how to start the real command, with one fault put in or with none."""
    if fault is None:
        return [sys.executable, "-m", "keystead", *arguments]
    return [sys.executable, "-m", "tests.reliability.faults", fault, "--", *arguments]


def run_to_its_end(fault: str | None, *arguments: str, within_s: float = 10) -> tuple[int | None, str]:
    """Return exit code and all it said; None: it was still running, and was ended."""
    process = subprocess.Popen(
        command(fault, *arguments),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        told, _ = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        told, _ = process.communicate()
        return None, told.decode(errors="replace")
    return process.returncode, told.decode(errors="replace")


def wait_until_ready(server: Server) -> None:
    """Raises NotReady."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.process.poll() is None:
        client = Client(server.port, timeout_s=2)
        try:
            if client.ask("GET", "/readyz").status == 200:
                return
        except (NotSent, Unanswered):
            time.sleep(0.02)
        finally:
            client.close()
    server.signal(signal.SIGKILL)
    raise NotReady(server.log.read_text(errors="replace")[-2000:])


def admin_session(port: int) -> str:
    """Sign the first administrator in; return the cookie's value once it is good.

    A fault may let even the sign-in come late, and that is judged elsewhere.
    """
    client = Client(port)
    value = client.ask("POST", "/login", {"user": "admin", "password": ADMIN_PASSWORD}).cookie
    for _ in range(40):
        if client.ask("GET", "/api/user/orgs", headers=cookie(value)).is_good:
            break
        time.sleep(0.05)
    client.close()
    return value


def new_folder() -> Path:
    """Make a private folder on a real disk: memory survives no power cut and hides what a sync costs."""
    folder = Path(tempfile.mkdtemp(prefix="keystead-goal-"))
    kind = subprocess.run(
        ["/usr/bin/stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=True
    ).stdout.strip()
    if kind in {"tmpfs", "ramfs"}:
        raise RuntimeError(f"{folder} is on {kind}; set TMPDIR to a folder on a disk")
    return folder


def private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tail(path: Path, lines: int = 30) -> Sequence[str]:
    return path.read_text(errors="replace").splitlines()[-lines:]
