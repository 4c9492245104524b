"""One caller over one kept connection, and what became of each request: answered, unknown, never sent."""

import base64
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_IDLE_S = 3.0  # the server closes a connection that idles for five seconds


class NotSent(Exception):
    """The server was not there: nothing can have happened."""


class Unanswered(Exception):
    """The request was sent and no answer came back whole: it may have happened or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON of any shape
        return json.loads(self.body)

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def cookie(self) -> str:
        """The session's value, where the answer sets one."""
        return self.headers["set-cookie"].partition("=")[2].partition(";")[0]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"grafana_session={value}"}


NOBODY: Mapping[str, str] = {}


class Client:
    """Asks as one caller. Not for two threads at once."""

    def __init__(self, port: int, who: Mapping[str, str] = NOBODY, *, timeout_s: float = 20) -> None:
        self.port = port
        self.who = dict(who)
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def ask(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] = NOBODY
    ) -> Answer:
        """Raises NotSent, Unanswered."""
        connection = self._connected()
        sent = self.who | dict(headers)
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.headers.items()}
            answer = Answer(response.status, response.read(), told)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(type(error).__name__) from None
        self._used_at = time.monotonic()
        if response.will_close:
            self.close()
        return answer

    def get(self, path: str) -> Answer:
        """Ask once more where the connection was closed meanwhile. Raises NotSent, Unanswered."""
        try:
            return self.ask("GET", path)
        except Unanswered:
            return self.ask("GET", path)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is not None and time.monotonic() - self._used_at > _IDLE_S:
            self.close()
        if self._connection is None:
            fresh = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout_s)
            try:
                fresh.connect()
            except OSError:
                raise NotSent from None
            self._connection = fresh
            self._used_at = time.monotonic()
        return self._connection
