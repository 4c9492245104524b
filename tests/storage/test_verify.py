import asyncio
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import insert, update

from keystead.core.access.roles import Role
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage import credentials, postgresql, verify
from keystead.storage.engine import Database
from keystead.storage.epoch import EpochCounter, counter_in_memory
from keystead.storage.grants import NOTHING
from keystead.storage.schema import credential, installation
from keystead.storage.verify import (
    BY_DIGEST,
    BY_DIGESTS,
    BY_DIGESTS_WITH_GIVEN,
    OPTIONS,
    PostgresqlLookUp,
    SqliteLookUp,
)
from tests.coroutines import awaited
from tests.makers import MINT, an_api_key_with_secret, an_installation, an_org
from tests.rights import an_assignment


@pytest.fixture
def org(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


def a_key(database: Database, org: OrgId, name: str = "ci") -> tuple[CredentialId, bytes]:
    with database.write() as db:
        key_id, _secret = an_api_key_with_secret(db, org, name=name)
        digest = db.execute(credential.select().where(credential.c.id == key_id)).one().digest
    return key_id, bytes(digest)


class OnSqlite:
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    @pytest.fixture
    def epoch(self) -> EpochCounter:
        return counter_in_memory()


class OnPostgresql:
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database

    @pytest.fixture
    def conninfo(self, database: Database) -> Secret:
        url = database.writer.url.render_as_string(hide_password=False)
        return postgresql.look_up_conninfo(Secret(url))

    @pytest.fixture
    def raw(self, conninfo: Secret) -> Iterator[psycopg.Connection[tuple[str]]]:
        with psycopg.connect(conninfo.reveal(), autocommit=True) as raw:
            yield raw


class TestLookingUpOnSqlite(OnSqlite):
    def test_finds_by_digest_through_its_index(self, sqlite_raw: sqlite3.Connection) -> None:
        plan = sqlite_raw.execute(f"EXPLAIN QUERY PLAN {BY_DIGEST}", (bytes(32),)).fetchall()
        told = [row[3] for row in plan]
        assert told[0].startswith("SEARCH c USING INDEX")
        assert "digest=?" in told[0]
        assert {step for step in told if step.startswith("SCAN")} <= {"SCAN assigned", "SCAN given"}

    def test_tells_what_was_given_and_asks_again_under_another_epoch(
        self, database: Database, sqlite_raw: sqlite3.Connection, epoch: EpochCounter, org: OrgId
    ) -> None:
        _id, digest = a_key(database, org)
        look_up = SqliteLookUp(lambda: sqlite_raw, epoch, monotonic=lambda: 0.0)

        async def given() -> str | None:
            found = await look_up.find(digest)
            return found and found.presented.given

        assert awaited(given()) == NOTHING
        with database.write() as db:
            an_assignment(db, org, "fixed:teams:writer", basic_role=Role.VIEWER)
        assert awaited(given()) == NOTHING  # nobody has acknowledged it yet
        epoch.publish(epoch.read() + 1)
        assert awaited(given()) == '[["fixed:teams:writer",null,null]]'

    def test_trusts_what_it_knows_only_under_the_same_epoch(
        self, database: Database, sqlite_raw: sqlite3.Connection, epoch: EpochCounter, org: OrgId
    ) -> None:
        key_id, digest = a_key(database, org)
        look_up = SqliteLookUp(lambda: sqlite_raw, epoch, monotonic=lambda: 0.0)

        async def found() -> bool:
            return await look_up.find(digest) is not None

        assert awaited(found())
        with database.write() as db:
            credentials.delete_key(db, org, key_id)
        assert awaited(found())  # nobody has acknowledged it yet
        epoch.publish(epoch.read() + 1)
        assert not awaited(found())

    def test_notices_within_a_second_what_nobody_published(
        self, database: Database, sqlite_raw: sqlite3.Connection, epoch: EpochCounter, org: OrgId
    ) -> None:
        key_id, digest = a_key(database, org)
        now = [0.0]
        look_up = SqliteLookUp(lambda: sqlite_raw, epoch, monotonic=lambda: now[0])
        assert awaited(look_up.find(digest)) is not None
        with database.write() as db:
            credentials.delete_key(db, org, key_id)
            db.execute(update(installation).values(access_epoch=7))
        now[0] = 1.0
        assert awaited(look_up.find(digest)) is None

    def test_is_bounded(
        self,
        database: Database,
        sqlite_raw: sqlite3.Connection,
        epoch: EpochCounter,
        org: OrgId,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(verify, "_ROOM", 2_000)
        look_up = SqliteLookUp(lambda: sqlite_raw, epoch, monotonic=lambda: 0.0)
        for name in ("one", "two"):
            _id, digest = a_key(database, org, name)
            assert awaited(look_up.find(digest)) is not None

    def test_tells_that_the_database_is_away(
        self, sqlite_raw: sqlite3.Connection, epoch: EpochCounter
    ) -> None:
        look_up = SqliteLookUp(lambda: sqlite_raw, epoch)
        with pytest.raises(DatabaseUnavailable):  # there is no installation in it
            awaited(look_up.find(bytes(32)))
        sqlite3.Connection.close(sqlite_raw)
        with pytest.raises(DatabaseUnavailable):
            awaited(look_up.find(bytes(32)))
        awaited(look_up.close())


class TestLookingUpOnPostgresql(OnPostgresql):
    def test_finds_by_digest_through_its_index(
        self, database: Database, raw: psycopg.Connection[tuple[str]], org: OrgId
    ) -> None:
        with database.write() as db:
            rows = [
                {
                    "org_id": org,
                    "name": f"key {number}",
                    "search_key": "",
                    "role": "Viewer",
                    "digest": MINT.new_key(f"key {number}", org).digest.value,
                    "pepper_id": 1,
                    "created_at": 1,
                    "created_by_kind": "user",
                    "created_by_id": 1,
                }
                for number in range(3_000)
            ]
            db.execute(insert(credential), rows)
        raw.execute("ANALYZE credential")
        plan = raw.execute(b"EXPLAIN " + BY_DIGESTS, ([bytes(32)],)).fetchall()
        told = "\n".join(row[0] for row in plan)
        assert "uq_credential_digest" in told
        assert "Seq Scan on credential" not in told

    def test_finds_what_was_given_through_indexes_however_few_rows_there_are(self, conninfo: Secret) -> None:
        with psycopg.connect(conninfo.reveal(), options=OPTIONS) as db:
            plan = db.execute(b"EXPLAIN " + BY_DIGESTS_WITH_GIVEN, ([bytes(32)],)).fetchall()
        told = "\n".join(row[0] for row in plan)
        assert "ix_role_assignment_account_id" in told
        assert "Seq Scan" not in told

    def test_answers_many_at_once_each_with_its_own(
        self, database: Database, conninfo: Secret, org: OrgId
    ) -> None:
        keys = [a_key(database, org, f"key {number}") for number in range(5)]

        async def found() -> list[CredentialId | None]:
            look_up = PostgresqlLookUp(conninfo)
            digests = [*(digest for _id, digest in keys), bytes(32), keys[0][1]]
            answers = await asyncio.gather(*(look_up.find(digest) for digest in digests))
            await look_up.close()
            return [None if answer is None else answer.presented.id for answer in answers]

        assert awaited(found()) == [*(key_id for key_id, _digest in keys), None, keys[0][0]]

    def test_asks_what_was_given_only_when_the_epoch_has_moved(
        self, database: Database, conninfo: Secret, org: OrgId
    ) -> None:
        digests = [a_key(database, org, name)[1] for name in ("one", "two")]

        async def given() -> list[str]:
            found = await asyncio.gather(*(look_up.find(digest) for digest in [*digests, bytes(32)]))
            return [one.presented.given for one in found if one is not None]

        async def told() -> list[list[str]]:
            answers = [await given()]
            with database.write() as db:
                an_assignment(db, org, "fixed:teams:writer", basic_role=Role.VIEWER)
            answers.append(await given())
            with database.write() as db:
                db.execute(update(installation).values(access_epoch=installation.c.access_epoch + 1))
            answers += [await given(), await given()]
            await look_up.close()
            return answers

        look_up = PostgresqlLookUp(conninfo)
        writer = '[["fixed:teams:writer", null, null]]'
        assert awaited(told()) == [[NOTHING] * 2, [NOTHING] * 2, [writer] * 2, [writer] * 2]

    def test_brings_the_time_of_the_database(self, database: Database, conninfo: Secret, org: OrgId) -> None:
        _id, digest = a_key(database, org)

        async def now() -> int | None:
            look_up = PostgresqlLookUp(conninfo)
            found = await look_up.find(digest)
            await look_up.close()
            return None if found is None else found.now

        told = awaited(now())
        assert told is not None
        assert told > 1_700_000_000

    def test_sees_a_deletion_at_once(self, database: Database, conninfo: Secret, org: OrgId) -> None:
        key_id, digest = a_key(database, org)

        async def found_before_and_after() -> list[bool]:
            look_up = PostgresqlLookUp(conninfo)
            told = [await look_up.find(digest) is not None]
            with database.write() as db:
                credentials.delete_key(db, org, key_id)
            told.append(await look_up.find(digest) is not None)
            await look_up.close()
            return told

        assert awaited(found_before_and_after()) == [True, False]

    def test_comes_back_after_its_connection_was_cut(
        self, database: Database, conninfo: Secret, raw: psycopg.Connection[tuple[str]], org: OrgId
    ) -> None:
        _id, digest = a_key(database, org)

        async def told() -> list[str]:
            look_up = PostgresqlLookUp(conninfo)
            answers = []
            for _ in range(3):
                try:
                    answers.append("found" if await look_up.find(digest) is not None else "unknown")
                except DatabaseUnavailable:
                    answers.append("away")
                if len(answers) == 1:
                    raw.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND query LIKE '%SELECT c.digest%'"
                        " AND pid <> pg_backend_pid()"
                    )
            await look_up.close()
            return answers

        assert awaited(told()) == ["found", "away", "found"]

    def test_tells_that_the_database_is_away(self) -> None:
        async def find() -> None:
            look_up = PostgresqlLookUp(Secret("postgresql:///nothing?host=/nowhere"))
            try:
                await look_up.find(bytes(32))
            finally:
                await look_up.close()

        with pytest.raises(DatabaseUnavailable):
            awaited(find())

    def test_lets_only_so_many_wait(self, conninfo: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify, "_MOST_WAITING", 0)
        with pytest.raises(DatabaseUnavailable):
            awaited(PostgresqlLookUp(conninfo).find(bytes(32)))


class TestTheEngineOfPostgresql(OnPostgresql):
    def test_keeps_what_was_acknowledged(self, database: Database, org: OrgId) -> None:
        engine = postgresql.engine_of(Secret(database.writer.url.render_as_string(hide_password=False)))
        with engine.begin() as db:
            postgresql.without_limits(db)
            postgresql.lock_schema(db)
            assert db.execute(credential.select().where(credential.c.org_id == org)).all() == []
        engine.dispose()
