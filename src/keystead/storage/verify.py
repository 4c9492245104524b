"""The verify path's statements: digests to the credential, its account, its role and what it was given.

Plain SQL, prepared.
"""

import asyncio
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import msgspec
import psycopg

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.kept import Kept
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage.epoch import EpochCounter
from keystead.storage.grants import GIVEN_TO_PRESENTED, NOTHING

_EPOCH = "SELECT access_epoch FROM installation WHERE id = 1"
_COLUMNS = f"""
SELECT c.digest, c.id, c.org_id, c.account_id, c.name, c.role, c.expires_at, c.revoked_at,
       a.login, a.name, a.is_disabled, m.role, ({_EPOCH})"""
_TABLES = """
  FROM credential c
  LEFT JOIN account a ON a.id = c.account_id
  LEFT JOIN membership m ON m.account_id = c.account_id AND m.org_id = c.org_id
"""
BY_DIGEST = f"{_COLUMNS}, NULL, ({GIVEN_TO_PRESENTED['sqlite']}) {_TABLES} WHERE c.digest = ?"
_NOW = "floor(extract(epoch FROM clock_timestamp()))::bigint"
_AMONG = f"{_TABLES} WHERE c.digest = ANY(%s)"
BY_DIGESTS = f"{_COLUMNS}, {_NOW}, NULL {_AMONG}".encode()
BY_DIGESTS_WITH_GIVEN = f"{_COLUMNS}, {_NOW}, ({GIVEN_TO_PRESENTED['postgresql']}) {_AMONG}".encode()
_ROLES = {role.value: role for role in Role}
_ROOM = 64 * 1024 * 1024  # characters of what was given, and for each entry as many as it takes beside that
_ENTRY = 1024
_LOOKS_EVERY_S = 1.0
_ANSWER_WITHIN_S = 2.2  # twice that, for who comes while another query hangs, is below five seconds
_MOST_WAITING = 4096
_PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"  # planning costs five times what looking up does
_BY_INDEX = (
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"  # however few rows there are
)
OPTIONS = f"-c statement_timeout=2s {_PLANNED_ONCE} {_BY_INDEX}"
_Row: TypeAlias = tuple[
    bytes, int, int, int | None, str, str, int | None, int | None, str, str, bool, str, int, int, str
]  # from the thirteenth: the access epoch, the database's time, what was given
_NEVER = (-1, NOTHING)
_File: TypeAlias = tuple[int, int] | None  # device and inode


class Presented(msgspec.Struct, frozen=True, gc=False):
    """A credential as it is stored, with what decides whether it is good. The caller compares the digest."""

    digest: bytes
    id: CredentialId
    org: OrgId
    owner: AccountId | None  # None: an API key
    name: str
    role: Role  # of an API key
    expires_at: UnixSeconds | None
    revoked_at: UnixSeconds | None
    owner_login: str
    owner_name: str
    is_owner_disabled: bool
    owner_role: Role | None  # None: no membership
    given: str  # beside the basic role, as `storage.grants` tells it


class Found(NamedTuple):
    presented: Presented
    now: UnixSeconds | None  # by the database's clock; None: ask ours


class LookUp(Protocol):
    """Finds a credential by digest, never from knowledge older than the last acknowledged change."""

    async def find(self, digest: bytes) -> Found | None:
        """Raises DatabaseUnavailable."""
        ...

    async def close(self) -> None: ...


class SqliteLookUp:
    """Reads on the event loop itself: an indexed read is cheaper than any hop to a thread.

    An entry of the cache counts only while the counter shows the epoch it was read under. A writer that died
    between its commit and the counter acknowledged nothing; a look once a second finds its change anyway.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        epoch: EpochCounter,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._db: sqlite3.Connection | None = None
        self._path = ""
        self._file: _File = None
        self._epoch = epoch
        self._cache: Kept[bytes, tuple[int, Found]] = Kept(_ROOM)
        self._monotonic = monotonic
        self._look_at = 0.0
        self._stored_epoch = -1

    async def find(self, digest: bytes) -> Found | None:
        """Raises DatabaseUnavailable."""
        if self._monotonic() >= self._look_at:
            self._look()
        epoch = self._epoch.read()
        entry = self._cache.get_or_none(digest)
        if entry is not None and entry[0] == epoch:
            return entry[1]
        row = self._read(BY_DIGEST, (digest,))
        if row is None:
            return None
        found = _to_found(row, row[14])
        self._cache.keep(digest, (epoch, found), _ENTRY + len(found.presented.given))
        return found

    def _look(self) -> None:
        """Forget all entries when there is a change that the counter does not tell, or another file."""
        self._look_at = 0.0  # until this has worked, every request tries it
        if self._db is not None and _file_at(self._path) != self._file:
            self._forget()
        row = self._read(_EPOCH, ())
        if row is None:
            raise DatabaseUnavailable("no installation")
        stored = int(row[0])
        if stored not in {self._stored_epoch, self._epoch.read()}:
            self._cache.forget()
        self._stored_epoch = stored
        self._look_at = self._monotonic() + _LOOKS_EVERY_S

    def _read(self, statement: str, values: tuple[bytes, ...]) -> _Row | None:
        try:
            if self._db is None:
                self._db = self._connect()
                ((_number, _name, self._path),) = self._db.execute("PRAGMA database_list").fetchall()
                self._file = _file_at(self._path)
            row: _Row | None = self._db.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            self._forget()
            raise DatabaseUnavailable(type(error).__name__) from None
        return row

    def _forget(self) -> None:
        self._cache.forget()
        broken, self._db = self._db, None
        if broken is not None:
            with suppress(sqlite3.Error):
                broken.close()

    async def close(self) -> None:
        self._forget()


def _file_at(path: str) -> _File:
    """Tell a database's file from another that was put in its place; None when there is none."""
    try:
        told = Path(path).stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


class PostgresqlLookUp:
    """Asks on the primary, for every request; requests that arrive meanwhile leave together as one query.

    What somebody was given is asked again only when the epoch has moved, which the same row tells.
    """

    def __init__(self, conninfo: Secret) -> None:
        self._conninfo = conninfo
        self._db: psycopg.AsyncConnection[_Row] | None = None
        self._given: Kept[bytes, tuple[int, str]] = Kept(_ROOM)
        self._waiting: list[_Waiting] = []
        self._asking: asyncio.Task[None] | None = None

    async def find(self, digest: bytes) -> Found | None:
        """Raises DatabaseUnavailable."""
        if len(self._waiting) >= _MOST_WAITING:
            raise DatabaseUnavailable("too many wait")
        answer: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(digest, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                found = await self._read({waiting.digest for waiting in asked})
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
                await self._forget()
                refuse(asked, type(error).__name__)
            else:
                tell(asked, found)

    async def _read(self, digests: Iterable[bytes]) -> dict[bytes, Found]:
        """Raises TimeoutError, psycopg.Error, OSError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ANSWER_WITHIN_S
        if self._db is None or self._db.closed:
            async with asyncio.timeout_at(deadline):
                self._db = await self._connect()
        hanging_up = loop.call_at(deadline, hang_up, self._db)
        try:
            return await self._read_on(self._db, digests)
        finally:
            hanging_up.cancel()

    async def _read_on(
        self, db: psycopg.AsyncConnection[_Row], digests: Iterable[bytes]
    ) -> dict[bytes, Found]:
        found, changed = {}, []
        for row in await rows_of(db, BY_DIGESTS, digests):
            epoch, given = self._given.get_or_none(row[0]) or _NEVER
            if epoch == row[12]:
                found[row[0]] = _to_found(row, given)
            else:
                changed.append(row[0])
        if changed:
            for row in await rows_of(db, BY_DIGESTS_WITH_GIVEN, changed):
                told = found[row[0]] = _to_found(row, row[14])
                given = told.presented.given
                self._given.keep(row[0], (row[12], given), _ENTRY + len(given))
        return found

    async def _connect(self) -> psycopg.AsyncConnection[_Row]:
        return await psycopg.AsyncConnection.connect(
            self._conninfo.reveal(),
            autocommit=True,
            connect_timeout=2,
            tcp_user_timeout=3000,
            target_session_attrs="read-write",
            options=OPTIONS,
        )

    async def _forget(self) -> None:
        broken, self._db = self._db, None
        self._given.forget()  # behind the next connection may be another database
        if broken is not None:
            with suppress(psycopg.Error, OSError):
                await broken.close()

    async def close(self) -> None:
        if self._asking is not None:
            await self._asking
        await self._forget()


class _Waiting(NamedTuple):
    digest: bytes
    answer: "asyncio.Future[Found | None]"


async def rows_of(
    db: psycopg.AsyncConnection[_Row], statement: bytes, digests: Iterable[bytes]
) -> list[_Row]:
    cursor = db.cursor(binary=True)
    await cursor.execute(statement, (list(digests),), prepare=True)
    return await cursor.fetchall()


def hang_up(db: psycopg.AsyncConnection[_Row]) -> None:
    """End a connection whose other side does not answer: what waits on it fails at once.

    Cancelling would first ask that other side to cancel, and wait for it.
    """
    with suppress(psycopg.Error, OSError), closing(socket.socket(fileno=os.dup(db.fileno()))) as line:
        line.shutdown(socket.SHUT_RDWR)


def tell(asked: "list[_Waiting]", found: dict[bytes, Found]) -> None:
    for digest, answer in asked:
        if not answer.done():  # its request may have gone away
            answer.set_result(found.get(digest))


def refuse(asked: "list[_Waiting]", cause: str) -> None:
    for _digest, answer in asked:
        if not answer.done():
            answer.set_exception(DatabaseUnavailable(cause))


def _to_found(row: _Row, given: str) -> Found:
    digest, id_, org, owner, name, role, expires, revoked = row[:8]
    login, full_name, disabled, owner_role, _epoch, now, _given = row[8:]
    presented = Presented(
        digest=digest,
        id=CredentialId(id_),
        org=OrgId(org),
        owner=None if owner is None else AccountId(owner),
        name=name,
        role=_ROLES[role],
        expires_at=None if expires is None else UnixSeconds(expires),
        revoked_at=None if revoked is None else UnixSeconds(revoked),
        owner_login=login or "",
        owner_name=full_name or "",
        is_owner_disabled=bool(disabled),
        owner_role=None if owner_role is None else _ROLES[owner_role],
        given=sys.intern(given),  # many are given the same: one text, which is compared at once
    )
    return Found(presented, None if now is None else UnixSeconds(now))
