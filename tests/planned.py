"""A server that answers what a test planned."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Planned:
    """Answers in turn what a test planned, and keeps what it was asked."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def plan(self, status: int, body: str = "{}", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body.encode()))


@contextmanager
def a_planned_server() -> Iterator[Planned]:
    plan = Planned()

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            plan.asked.append((self.command, self.path, dict(self.headers), body))
            status, headers, told = plan.answers.pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(told)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 - the names that it calls

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        serving = Thread(target=door.serve_forever, args=(0.01,))
        serving.start()
        plan.url = f"http://127.0.0.1:{door.server_port}"
        try:
            yield plan
        finally:
            door.shutdown()
            serving.join()
