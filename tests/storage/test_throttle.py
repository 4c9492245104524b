from sqlalchemy import Connection

from keystead.core.clock import UnixSeconds
from keystead.storage import throttle
from keystead.storage.engine import Database
from keystead.storage.throttle import ANYWHERE, Failures
from tests.makers import NOON, a_person

HERE, THERE = "192.0.2.1", "192.0.2.2"
LATER = UnixSeconds(NOON + 60)
COUNTED = Failures(2, (NOON, LATER), LATER)
NEVER = Failures()


def counted(db: Connection, subject: str, address: str, *, at: UnixSeconds = NOON) -> None:
    throttle.add_counters(db, subject, address, at=at)
    throttle.set_failures(db, subject, address, COUNTED)
    throttle.set_failures(db, subject, ANYWHERE, COUNTED)


class TestFailures:
    def test_are_counted_by_subject_and_address(self, database: Database) -> None:
        with database.write() as db:
            counted(db, "user:1", HERE)
            assert throttle.list_failures(db, "user:1", HERE) == (COUNTED, COUNTED)
            assert throttle.lock_failures(db, "user:1", HERE) == (COUNTED, COUNTED)
            assert throttle.list_failures(db, "user:1", THERE) == (NEVER, COUNTED)
            assert throttle.list_failures(db, "user:2", HERE) == (NEVER, NEVER)

    def test_begin_once(self, database: Database) -> None:
        with database.write() as db:
            counted(db, "user:1", HERE)
            throttle.add_counters(db, "user:1", HERE, at=LATER)
            throttle.add_counters(db, "user:1", THERE, at=LATER)
            assert throttle.list_failures(db, "user:1", HERE) == (COUNTED, COUNTED)
            assert throttle.list_failures(db, "user:1", THERE) == (Failures(0, (), LATER), COUNTED)

    def test_in_a_row_are_forgotten_apart(self, database: Database) -> None:
        with database.write() as db:
            counted(db, "user:1", HERE)
            throttle.delete_streak(db, "user:1")
            assert throttle.list_failures(db, "user:1", HERE) == (COUNTED, NEVER)

    def test_of_one_subject_are_forgotten_together(self, database: Database) -> None:
        with database.write() as db:
            counted(db, "user:1", HERE)
            counted(db, "user:2", HERE)
            throttle.delete_failures(db, "user:1")
            assert throttle.list_failures(db, "user:1", HERE) == (NEVER, NEVER)
            assert throttle.list_failures(db, "user:2", HERE) == (COUNTED, COUNTED)

    def test_are_forgotten_with_time_but_for_the_streaks_of_people(self, database: Database) -> None:
        with database.write() as db:
            counted(db, "user:1", HERE)
            counted(db, "name:x", HERE)
            throttle.delete_old_failures(db, pairs_until=LATER, names_until=NOON)
            assert throttle.list_failures(db, "user:1", HERE) == (NEVER, COUNTED)
            assert throttle.list_failures(db, "name:x", HERE) == (NEVER, COUNTED)
            throttle.delete_old_failures(db, pairs_until=NOON, names_until=LATER)
            assert throttle.list_failures(db, "user:1", HERE) == (NEVER, COUNTED)
            assert throttle.list_failures(db, "name:x", HERE) == (NEVER, NEVER)


class TestKnownAddresses:
    def test_are_those_of_a_persons_successes(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db), a_person(db, login="bob")
            throttle.set_last_success(db, alice, HERE, at=NOON)
            throttle.set_last_success(db, alice, HERE, at=LATER)
            throttle.set_last_success(db, bob, HERE, at=NOON)
            assert throttle.get_last_success_or_none(db, alice, HERE) == LATER
            assert throttle.get_last_success_or_none(db, alice, THERE) is None
            assert throttle.get_last_success_or_none(db, bob, HERE) == NOON

    def test_are_forgotten_with_time(self, database: Database) -> None:
        with database.write() as db:
            alice, bob = a_person(db), a_person(db, login="bob")
            throttle.set_last_success(db, alice, HERE, at=NOON)
            throttle.set_last_success(db, alice, THERE, at=LATER)
            throttle.set_last_success(db, bob, HERE, at=NOON)
            throttle.delete_old_successes(db, alice, until=NOON)
            assert throttle.get_last_success_or_none(db, alice, HERE) is None
            assert throttle.get_last_success_or_none(db, alice, THERE) == LATER
            assert throttle.get_last_success_or_none(db, bob, HERE) == NOON
