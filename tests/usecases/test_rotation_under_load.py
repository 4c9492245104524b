"""A client that swaps its token at any moment of the grace is never refused."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from keystead.core.access.principal import Origin
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.rotation import RotationAsked
from keystead.core.errors import Unauthenticated
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.usage.buffer import UseBuffer
from keystead.storage import sqlite
from keystead.storage.engine import Database, open_sqlite
from keystead.storage.epoch import EpochCounter, counter_in_memory
from keystead.storage.upgrade import upgrade_schema
from keystead.storage.verify import SqliteLookUp
from keystead.usecases import rotation
from keystead.usecases.tokens import TokenRules
from keystead.usecases.verify import Verifier
from tests.doors import Ticking
from tests.makers import (
    MINT,
    a_service_account,
    a_token_with_secret,
    an_installation,
    an_org,
    somebody,
)

ORIGIN = Origin("192.0.2.1", "r1", "agent", "/api/org")
ROUNDS, GRACE_S, CLIENTS = 12, 60, 3


@dataclass(slots=True)
class Client:
    """Calls without a pause; what it presents may be changed at any moment."""

    secret: Secret
    stop: Event
    good: int = 0
    refused: list[str] = field(default_factory=list)

    def run(self, path: Path, epoch: EpochCounter, clock: Ticking) -> None:
        look_up = SqliteLookUp(sqlite.connector_for_look_ups(path), epoch)  # as a worker has its own
        asyncio.run(self.call(look_up, Verifier(look_up, MINT, clock, UseBuffer())))

    async def call(self, look_up: SqliteLookUp, verifier: Verifier) -> None:
        while not self.stop.is_set():
            try:
                await verifier.find_good(self.secret, ORIGIN)
                self.good += 1
            except Unauthenticated as error:
                self.refused.append(error.message)
        await look_up.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keystead.db"


@pytest.fixture
def epoch() -> EpochCounter:
    return counter_in_memory()


@pytest.fixture
def database(path: Path, epoch: EpochCounter) -> Iterator[Database]:
    database = open_sqlite(path, epoch)
    upgrade_schema(database)
    yield database
    database.close()


def a_home(database: Database) -> tuple[OrgId, AccountId]:
    with database.write() as db:
        an_installation(db)
        org = an_org(db)
        return org, a_service_account(db, org)


class TestRotationUnderLoad:
    def test_refuses_no_client(self, database: Database, path: Path, epoch: EpochCounter) -> None:
        clock, stop, (org, owner) = Ticking(), Event(), a_home(database)
        rules = TokenRules(LifetimeLimit(-1), AboveRole.DENY, MINT, clock)
        with database.write() as db:
            token, secret = a_token_with_secret(db, org, owner)
        clients = [Client(secret, stop) for _ in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as threads:
            running = [threads.submit(client.run, path, epoch, clock) for client in clients]
            try:
                for _round in range(ROUNDS):
                    asked = RotationAsked(grace_s=GRACE_S)
                    with database.write() as db:
                        rotated = rotation.rotate_token(db, somebody(org), owner, token, asked, rules=rules)
                    for client in clients:  # each at another moment of the grace, the last in its last second
                        clock.advance(GRACE_S // CLIENTS - 1)
                        self.wait_for_calls(clients)
                        client.secret = rotated.successor.secret
                    self.wait_for_calls(clients)
                    with database.write() as db:
                        rotation.finish_rotation(db, somebody(org), owner, token, clock=clock)
                    token = rotated.successor.id
            finally:
                stop.set()
            for done in running:
                done.result()
        assert [client.refused for client in clients] == [[]] * CLIENTS
        assert min(client.good for client in clients) >= ROUNDS

    def wait_for_calls(self, clients: list[Client]) -> None:
        """Until each has called twice: once more, at least, with what it presents now."""
        before = [client.good + len(client.refused) for client in clients]
        while any(
            client.good + len(client.refused) < calls + 2
            for client, calls in zip(clients, before, strict=True)
        ):
            Event().wait(0.001)
