"""The verify path's one statement: a digest to the credential, its account and its role. Plain SQL."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import psycopg

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage.epoch import EpochCounter

_COLUMNS = """
SELECT c.digest, c.id, c.org_id, c.account_id, c.name, c.role, c.expires_at, c.revoked_at,
       a.login, a.name, a.is_disabled, m.role"""
_TABLES = """
  FROM credential c
  LEFT JOIN account a ON a.id = c.account_id
  LEFT JOIN membership m ON m.account_id = c.account_id AND m.org_id = c.org_id
"""
BY_DIGEST = f"{_COLUMNS}, NULL {_TABLES} WHERE c.digest = ?"
BY_DIGESTS = f"{_COLUMNS}, extract(epoch FROM clock_timestamp())::bigint {_TABLES} WHERE c.digest = ANY(%s)"
_ANSWER_WITHIN_S = 2.5
_CACHED = 65_536  # entries; a full cache is emptied, which costs one indexed read for each credential in use
_Row: TypeAlias = tuple[
    bytes, int, int, int | None, str, str, int | None, int | None, str, str, bool, str, int
]


@dataclass(frozen=True, slots=True)
class Presented:
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
    now: UnixSeconds | None  # the database's clock; None: ask ours


class LookUp(Protocol):
    """Finds a credential by digest, never from knowledge older than the last acknowledged change."""

    async def find(self, digest: bytes) -> Presented | None:
        """Raises DatabaseUnavailable."""
        ...

    async def close(self) -> None: ...


class SqliteLookUp:
    """Reads on the event loop itself: an indexed read is cheaper than any hop to a thread.

    An entry of the cache counts only while the epoch is the one it was read under.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], epoch: EpochCounter) -> None:
        self._connect = connect
        self._db: sqlite3.Connection | None = None
        self._epoch = epoch
        self._cache: dict[bytes, tuple[int, Presented | None]] = {}

    async def find(self, digest: bytes) -> Presented | None:
        epoch = self._epoch.read()
        entry = self._cache.get(digest)
        if entry is not None and entry[0] == epoch:
            return entry[1]
        found = self._read(digest)
        if found is not None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[digest] = (epoch, found)
        return found

    def _read(self, digest: bytes) -> Presented | None:
        try:
            if self._db is None:
                self._db = self._connect()
            row = self._db.execute(BY_DIGEST, (digest,)).fetchone()
        except sqlite3.Error as error:
            self._db = None
            raise DatabaseUnavailable(type(error).__name__) from None
        return None if row is None else _to_presented(row)

    async def close(self) -> None:
        self._cache.clear()
        if self._db is not None:
            self._db.close()
            self._db = None


class PostgresqlLookUp:
    """Asks on the primary, for every request; requests that arrive meanwhile leave together as one query."""

    def __init__(self, conninfo: Secret) -> None:
        self._conninfo = conninfo
        self._db: psycopg.AsyncConnection[_Row] | None = None
        self._waiting: dict[bytes, list[asyncio.Future[Presented | None]]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, digest: bytes) -> Presented | None:
        answer: asyncio.Future[Presented | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(digest, []).append(answer)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    found = await self._read(list(asked))
            except (psycopg.Error, TimeoutError, OSError) as error:
                await self._forget()
                refuse(asked, DatabaseUnavailable(type(error).__name__))
            else:
                for digest, answers in asked.items():
                    tell(answers, found.get(digest))

    async def _read(self, digests: list[bytes]) -> dict[bytes, Presented]:
        if self._db is None or self._db.closed:
            self._db = await self._connect()
        cursor = await self._db.execute(BY_DIGESTS, (digests,), prepare=True)
        return {row[0]: _to_presented(row) for row in await cursor.fetchall()}

    async def _connect(self) -> psycopg.AsyncConnection[_Row]:
        return await psycopg.AsyncConnection.connect(
            self._conninfo.reveal(),
            autocommit=True,
            connect_timeout=2,
            target_session_attrs="read-write",
            options="-c statement_timeout=2s",
        )

    async def _forget(self) -> None:
        broken, self._db = self._db, None
        if broken is not None:
            with suppress(psycopg.Error):
                await broken.close()

    async def close(self) -> None:
        if self._asking is not None:
            await self._asking
        await self._forget()


def tell(answers: list["asyncio.Future[Presented | None]"], found: Presented | None) -> None:
    for answer in answers:
        if not answer.done():  # its request may have gone away
            answer.set_result(found)


def refuse(asked: dict[bytes, list["asyncio.Future[Presented | None]"]], error: DatabaseUnavailable) -> None:
    for answers in asked.values():
        for answer in answers:
            if not answer.done():
                answer.set_exception(error)


def _to_presented(row: _Row) -> Presented:
    (
        digest,
        id_,
        org,
        owner,
        name,
        role,
        expires_at,
        revoked_at,
        login,
        owner_name,
        disabled,
        owner_role,
        now,
    ) = row
    return Presented(
        digest=digest,
        id=CredentialId(id_),
        org=OrgId(org),
        owner=None if owner is None else AccountId(owner),
        name=name,
        role=Role(role),
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        revoked_at=None if revoked_at is None else UnixSeconds(revoked_at),
        owner_login=login or "",
        owner_name=owner_name or "",
        is_owner_disabled=bool(disabled),
        owner_role=None if owner_role is None else Role(owner_role),
        now=None if now is None else UnixSeconds(now),
    )
