"""What a verification is compared with: the bare server, and what Grafana 9.3 does for each request."""

import hashlib
import sqlite3
from pathlib import Path
from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_START: Message = {"type": "http.response.start", "status": 204, "headers": []}
_END: Message = {"type": "http.response.body", "body": b""}
App: TypeAlias = ASGIApp


async def bare(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 204 and do nothing."""
    if scope["type"] == "http":
        await send(_START)
        await send(_END)


def slow(path: Path) -> App:
    """Return an app that hashes slowly, reads a row and writes one, for every request."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE IF NOT EXISTS key (id INTEGER PRIMARY KEY, used INTEGER)")
    db.execute("INSERT OR IGNORE INTO key VALUES (1, 0)")

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 10_000, 50)
        db.execute("SELECT used FROM key WHERE id = 1").fetchone()
        db.execute("UPDATE key SET used = used + 1 WHERE id = 1")
        await send(_START)
        await send(_END)

    return app
