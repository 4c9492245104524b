"""The real server, in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest

HERE = "127.0.0.1"
PASSWORD = "hush" * 4
pytestmark = [pytest.mark.allow_hosts([HERE])]
Start: TypeAlias = Callable[..., "Running"]


class Running:
    """A started server: its address, and its processes as one group."""

    def __init__(self, method: str, workers: int) -> None:
        with socket.socket() as probe:
            probe.bind((HERE, 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://{HERE}:{self.port}/"
        command = [sys.executable, str(Path(__file__).with_name("slow_server.py")), str(self.port)]
        self.process = subprocess.Popen(  # noqa: S603 - our own
            [*command, method, str(workers)],
            env={
                "PATH": os.defpath,
                "KEYSTEAD_SECURITY__ADMIN_PASSWORD": PASSWORD,
                "EXPECTED": PASSWORD,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_answering(self) -> bool:
        try:
            return httpx2.get(self.url).status_code == 200
        except httpx2.TransportError:
            return False

    def wait_until_ready(self) -> None:
        for _ in range(200):
            if self.is_answering():
                return
            time.sleep(0.05)
        pytest.fail("the server did not start")

    def stop(self) -> str:
        """Ask it to end, and return what it printed."""
        self.process.send_signal(signal.SIGTERM)
        printed, _ = self.process.communicate(timeout=15)
        return str(printed, "utf-8")


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Running] = []

    def a_server(method: str = "fork", workers: int = 1) -> Running:
        running.append(Running(method, workers))
        running[-1].wait_until_ready()
        return running[-1]

    yield a_server
    for server in running:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.communicate()


class TestWorkers:
    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_get_the_settings_with_their_secrets_and_show_none(self, start: Start, method: str) -> None:
        server = start(method, workers=2)
        assert httpx2.get(server.url).text == "True"
        command_lines = [
            path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if is_readable(path)
        ]
        assert not any(PASSWORD.encode() in line for line in command_lines)
        assert PASSWORD not in server.stop()


@pytest.mark.goal("G44")
class TestSigterm:
    def test_lets_a_request_finish_and_then_ends_the_server(self, start: Start) -> None:
        server = start(workers=2)
        with ThreadPoolExecutor() as pool:
            under_way = pool.submit(httpx2.get, f"{server.url}?seconds=1.5")
            time.sleep(0.5)
            asked_at = time.monotonic()
            server.stop()
            assert under_way.result().status_code == 200
        assert server.process.returncode == 0
        assert time.monotonic() - asked_at < 10
        assert not server.is_answering()

    def test_does_not_wait_for_a_connection_that_says_nothing(self, start: Start) -> None:
        server = start()
        with socket.create_connection((HERE, server.port)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(100).startswith(b"HTTP/1.1 200")
            asked_at = time.monotonic()
            server.stop()
        assert time.monotonic() - asked_at < 5


class TestLimits:
    @pytest.mark.parametrize(
        "headers",
        [{"X-Long": "x" * 17_000}, {f"X-{number}": "x" for number in range(120)}],
        ids=["16 KiB of headers", "100 headers"],
    )
    def test_of_headers_are_answered_with_431(self, start: Start, headers: dict[str, str]) -> None:
        assert httpx2.get(start().url, headers=headers).status_code == 431

    def test_of_time_end_a_request_whose_headers_do_not_end(self, start: Start) -> None:
        with socket.create_connection((HERE, start().port), timeout=8) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
            while slow.recv(1000):
                pass  # until it is closed; the time-out of the socket fails the test

    def test_of_protocols_leave_websockets_and_http2_out(self, start: Start) -> None:
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        answer = httpx2.get(start().url, headers=upgrade | {"Sec-WebSocket-Key": "a" * 22 + "=="})
        assert answer.status_code == 200
        assert answer.http_version == "HTTP/1.1"


def is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True
