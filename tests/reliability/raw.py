"""Requests written byte by byte, because clients tidy what a test of odd requests needs."""

import socket
from collections.abc import Iterable


def request(path: bytes, headers: Iterable[bytes], method: bytes = b"GET") -> bytes:
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: 127.0.0.1", *headers, b"", b""]
    return b"\r\n".join(lines)


class RawConnection:
    """A kept connection, made anew when the server closes it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None
        self._rest = b""

    def ask(self, sent: bytes) -> int:
        """Return the status; 0 when the connection ended without one, twice."""
        return self._ask_once(sent) or self._ask_once(sent)

    def _ask_once(self, sent: bytes) -> int:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=20)
                self._rest = b""
            self._socket.sendall(sent)
            return self._answer()
        except OSError:
            self.close()
            return 0

    def _answer(self) -> int:
        head = self._until(b"\r\n\r\n")
        if not head:
            self.close()
            return 0
        lowered = head.lower()
        length = int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(self._rest) < length and (more := self._more()):
            self._rest += more
        self._rest = self._rest[length:]
        if b"\r\nconnection: close" in lowered or b"content-length:" not in lowered:
            self.close()
        return int(head.split(b" ", 2)[1])

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            more = self._more()
            if not more:
                return b""
            self._rest += more
        head, _, self._rest = self._rest.partition(mark)
        return head

    def _more(self) -> bytes:
        return self._socket.recv(65_536) if self._socket is not None else b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
