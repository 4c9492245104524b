from sqlalchemy import Connection

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.sessions.model import SessionId
from keystead.storage import sessions
from keystead.storage.engine import Database
from tests.makers import NOON, a_person

LATER = UnixSeconds(NOON + 60)
EVER = 0


def a_session(
    db: Connection, person: AccountId, *, series: bytes = b"s", digest: bytes = b"d", at: UnixSeconds = NOON
) -> SessionId:
    return sessions.add_session(
        db, person, series=series, digest=digest, address="192.0.2.1", agent="Firefox", at=at
    )


def ids(db: Connection, person: AccountId, *, seen_after: int = EVER, created_after: int = EVER) -> list[int]:
    found = sessions.list_sessions_of(db, person, seen_after=seen_after, created_after=created_after)
    return [session.id for session in found]


class TestASession:
    def test_is_found_by_its_series(self, database: Database) -> None:
        with database.write() as db:
            person = a_person(db)
            id_ = a_session(db, person)
            found = sessions.get_session_or_none(db, b"s")
            assert found is not None
            assert (found.session.id, found.session.account_id) == (id_, person)
            assert (found.session.address, found.session.user_agent) == ("192.0.2.1", "Firefox")
            assert (found.session.created_at, found.session.seen_at, found.session.rotated_at) == (NOON,) * 3
            assert (found.digest, found.former_digest) == (b"d", None)
            assert sessions.get_session_or_none(db, b"t") is None

    def test_gets_its_next_value_once(self, database: Database) -> None:
        with database.write() as db:
            id_ = a_session(db, a_person(db))
            assert sessions.set_digest(db, id_, b"e", before=b"d", at=LATER)
            assert not sessions.set_digest(db, id_, b"f", before=b"d", at=LATER)
            found = sessions.get_session_or_none(db, b"s")
            assert found is not None
            assert (found.digest, found.former_digest, found.session.rotated_at) == (b"e", b"d", LATER)

    def test_gets_a_series_that_shuts_all_former_values_out(self, database: Database) -> None:
        with database.write() as db:
            id_ = a_session(db, a_person(db))
            sessions.set_digest(db, id_, b"e", before=b"d", at=NOON)
            sessions.set_series(db, id_, series=b"t", digest=b"f", at=LATER)
            assert sessions.get_session_or_none(db, b"s") is None
            found = sessions.get_session_or_none(db, b"t")
            assert found is not None
            assert (found.digest, found.former_digest) == (b"f", None)

    def test_is_seen_later_and_never_earlier(self, database: Database) -> None:
        with database.write() as db:
            id_ = a_session(db, a_person(db))
            sessions.set_seen(db, id_, at=LATER)
            sessions.set_seen(db, id_, at=NOON)
            found = sessions.get_session_or_none(db, b"s")
            assert found is not None
            assert found.session.seen_at == LATER


class TestListingSessions:
    def test_shows_a_persons_own_oldest_first_without_dead_ones(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db), a_person(db, login="bob")
            first = a_session(db, alice)
            second = a_session(db, alice, series=b"t", at=LATER)
            a_session(db, bob, series=b"u")
            assert ids(db, alice) == [first, second]
            assert ids(db, alice, seen_after=NOON) == [second]
            assert ids(db, alice, created_after=NOON) == [second]


class TestEndingSessions:
    def test_ends_one_of_the_persons_own(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db), a_person(db, login="bob")
            id_ = a_session(db, alice)
            assert not sessions.delete_session(db, bob, id_)
            assert sessions.delete_session(db, alice, id_)
            assert not sessions.delete_session(db, alice, SessionId(2**62))

    def test_ends_all_of_a_person_or_all_but_one(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db), a_person(db, login="bob")
            kept = a_session(db, alice)
            a_session(db, alice, series=b"t")
            others = a_session(db, bob, series=b"u")
            assert sessions.delete_sessions_of(db, alice, but=kept) == 1
            assert ids(db, alice) == [kept]
            assert sessions.delete_sessions_of(db, alice) == 1
            assert ids(db, bob) == [others]

    def test_ends_what_is_dead(self, database: Database) -> None:
        with database.write() as db:
            alice = a_person(db)
            a_session(db, alice)
            young = a_session(db, alice, series=b"t", at=LATER)
            assert sessions.delete_dead_sessions(db, seen_until=NOON, created_until=EVER) == 1
            assert sessions.delete_dead_sessions(db, seen_until=EVER, created_until=NOON) == 0
            assert ids(db, alice) == [young]
