"""A door before a server that hands each request on, and keeps which it were."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2

_HANDED_ON = ("Authorization", "Content-Type", "X-Grafana-Org-Id")


@dataclass
class Recorded:
    url: str = ""
    asked: list[str] = field(default_factory=list)  # METHOD PATH, without the query


@contextmanager
def a_recorded(server: str) -> Iterator[Recorded]:
    record = Recorded()
    client = httpx2.Client()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            record.asked.append(f"{self.command} {self.path.partition('?')[0]}")
            headers = {name: self.headers[name] for name in _HANDED_ON if name in self.headers}
            answer = client.request(self.command, f"{server}{self.path}", content=body, headers=headers)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = hand_on  # noqa: N815 - the names that it calls

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with client, ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        serving = Thread(target=door.serve_forever, args=(0.01,))
        serving.start()
        record.url = f"http://127.0.0.1:{door.server_port}"
        try:
            yield record
        finally:
            door.shutdown()
            serving.join()
