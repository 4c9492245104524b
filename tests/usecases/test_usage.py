from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection

from keystead.core.access.principal import Origin
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.usage.buffer import UseBuffer
from keystead.core.usage.model import HourlyUse, LastUse, Outcome, hour_of
from keystead.core.usage.span import DAY_S, Bucket, day_of, last_days
from keystead.storage import credentials, usage, use_counts
from keystead.storage.engine import Database
from keystead.usecases.usage import CHUNK, FORGOTTEN_AT_ONCE, UseHistory, UseWriter
from tests.doors import Ticking
from tests.makers import NOON, an_api_key, an_org

ORIGIN = Origin("192.0.2.1", "r1", "curl/8", "/api/org")
HOUR = hour_of(NOON)


def a_writer(database: Database) -> UseWriter:
    return UseWriter(UseBuffer(), database.write, Ticking())


class Away(AbstractContextManager[Connection]):
    """A transaction that cannot be opened."""

    def __enter__(self) -> Connection:
        raise DatabaseUnavailable

    def __exit__(self, *_failure: object) -> None: ...


class TestWritingUses:
    def test_keeps_the_last_and_counts_by_hour(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key = an_api_key(db, org)
        writer = a_writer(database)
        for _ in range(2):
            for outcome in (Outcome.ALLOWED, Outcome.ALLOWED, Outcome.DENIED):
                writer.count(key, outcome, ORIGIN)
            writer.buffer.count_refusal(key, UnixSeconds(HOUR + 3600))
            assert writer.flush()
        with database.read() as db:
            assert credentials.find_key(db, org, key).last_use == LastUse(
                NOON, "192.0.2.1", "curl/8", "/api/org"
            )
            assert usage.list_uses(db, key) == [
                HourlyUse(HOUR, allowed=4, denied=2),
                HourlyUse(UnixSeconds(HOUR + 3600), refused=2),
            ]

    def test_counts_what_is_no_use_without_one(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key = an_api_key(db, org)
        writer = a_writer(database)
        writer.buffer.count_refusal(key, NOON)
        writer.flush()
        with database.read() as db:
            assert credentials.find_key(db, org, key).last_use is None
            assert usage.list_uses(db, key) == [HourlyUse(HOUR, refused=1)]

    def test_forgets_credentials_that_are_gone(self, database: Database) -> None:
        with database.write() as db:
            key = an_api_key(db, an_org(db))
        writer = a_writer(database)
        for credential in (CredentialId(2**62), key):
            writer.count(credential, Outcome.ALLOWED, ORIGIN)
        assert writer.flush()
        writer.count(CredentialId(2**62), Outcome.ALLOWED, ORIGIN)
        assert writer.flush()
        with database.read() as db:
            assert usage.list_uses(db, key) == [HourlyUse(HOUR, allowed=1)]

    def test_goes_chunk_by_chunk(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            keys = [an_api_key(db, org, name=str(number)) for number in range(CHUNK + 1)]
        opened = []

        @contextmanager
        def write() -> Iterator[Connection]:
            opened.append(1)
            with database.write() as db:
                yield db

        writer = UseWriter(UseBuffer(), write, Ticking())
        for key in keys:
            writer.count(key, Outcome.ALLOWED, ORIGIN)
        assert writer.flush()
        assert len(opened) == 2
        with database.read() as db:
            assert all(usage.list_uses(db, key) for key in keys)

    def test_loses_nothing_while_the_database_is_away(self, database: Database) -> None:
        with database.write() as db:
            key = an_api_key(db, an_org(db))

        buffer = UseBuffer()
        writer = UseWriter(buffer, Away, Ticking())
        writer.count(key, Outcome.ALLOWED, ORIGIN)
        assert not writer.flush()
        assert UseWriter(buffer, database.write, Ticking()).flush()
        with database.read() as db:
            assert usage.list_uses(db, key) == [HourlyUse(HOUR, allowed=1)]

    def test_adds_up_what_an_organization_does(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            one, two = an_api_key(db, org, name="a"), an_api_key(db, org, name="b")
            theirs = an_api_key(db, other)
        writer = a_writer(database)
        for _ in range(2):
            for key, outcome in ((one, Outcome.ALLOWED), (two, Outcome.DENIED), (theirs, Outcome.ALLOWED)):
                writer.count(key, outcome, ORIGIN)
            writer.buffer.count_refusal(two, UnixSeconds(NOON - DAY_S))
            assert writer.flush()
        with database.read() as db:
            today = day_of(NOON)
            assert use_counts.list_org_buckets(db, org, last_days(30, NOON)) == [
                Bucket(UnixSeconds(today - DAY_S), 0, 0, 2),
                Bucket(today, 2, 2, 0),
            ]
            assert use_counts.list_org_buckets(db, other, last_days(30, NOON)) == [Bucket(today, 2, 0, 0)]


class TestForgettingWhatIsOld:
    def test_keeps_whole_days_and_tells_whether_there_is_more(self, database: Database) -> None:
        clock = Ticking()
        history = UseHistory(31, database.write, clock)
        known_from = history.known_from()
        assert known_from == day_of(NOON) - 31 * DAY_S
        with database.write() as db:
            org = an_org(db)
            key = an_api_key(db, org)
            hours = [
                HourlyUse(UnixSeconds(known_from - 3600 * ago), 1) for ago in range(FORGOTTEN_AT_ONCE + 1)
            ]
            usage.add_uses(db, {key: hours})
            usage.add_org_uses(db, {org: hours[:2]})
        assert not history.forget_some()
        assert history.forget_some()
        with database.read() as db:
            assert usage.list_uses(db, key) == [hours[0]]
            assert len(use_counts.list_org_buckets(db, org, last_days(60, NOON))) == 1
        clock.advance(DAY_S)
        assert history.forget_some()
        with database.read() as db:
            assert usage.list_uses(db, key) == []

    def test_is_tried_again_while_the_database_is_away(self) -> None:
        assert not UseHistory(31, Away, Ticking()).forget_some()
