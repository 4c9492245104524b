"""Throttling: who is refused, who is held, and that nobody who knows their password is locked out."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from keystead.core.accounts.errors import HashQueueFull
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.storage import accounts, passwords, throttle
from keystead.storage.engine import Database
from keystead.storage.schema import sign_in_failure
from keystead.usecases.address_failures import AddressFailures
from keystead.usecases.password_hasher import PasswordHasher
from keystead.usecases.sign_in import SignIn
from keystead.usecases.turns import Turns, Waiting
from tests.makers import NOON, PEPPER, a_machine, a_person, an_installation
from tests.usecases.conftest import CHEAP, DAY, HandClock, a_sign_in

RIGHT, WRONG = Secret("canary right"), Secret("canary wrong")
HERE, THERE, LOOPBACK = "192.0.2.1", "198.51.100.7", "127.0.0.1"
ADDRESSES = [f"203.0.113.{n}" for n in range(256)]


@pytest.fixture
def alice(database: Database, sign_in: SignIn, hasher: PasswordHasher) -> AccountId:
    del sign_in
    with database.write() as db:
        return a_person(db, login="alice", password=hasher.hash(RIGHT))


def enters(sign_in: SignIn, name: str = "alice", password: Secret = RIGHT, address: str = HERE) -> bool:
    return sign_in.get_entrant_or_none(name, password, address) is not None


def fail(sign_in: SignIn, times: int, name: str = "alice", address: str = HERE) -> None:
    for _ in range(times):
        assert not enters(sign_in, name, WRONG, address)


def fail_everywhere(sign_in: SignIn, times: int) -> None:
    """Fail so often in a row that no address or pair is the reason for what follows."""
    for n in range(times):
        fail(sign_in, 1, address=ADDRESSES[n])


@pytest.mark.usefixtures("alice")
class TestSigningIn:
    @pytest.mark.parametrize("name", ["alice", "alice@example.com"])
    def test_takes_login_or_email(self, sign_in: SignIn, name: str) -> None:
        assert enters(sign_in, name)

    @pytest.mark.parametrize("name", ["Alice", "", "nobody", "alice\0", "sa-ci", "x" * 5000])
    def test_is_refused_for_nobody_after_one_hash(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, name: str
    ) -> None:
        with database.write() as db:
            a_machine(db)
        before = hasher.runs
        assert not enters(sign_in, name)
        assert hasher.runs == before + 1

    def test_is_refused_without_a_password_and_not_counted(
        self, sign_in: SignIn, hasher: PasswordHasher
    ) -> None:
        for _ in range(6):
            assert not enters(sign_in, password=Secret(""))
        assert enters(sign_in)
        assert hasher.runs == 1

    def test_is_refused_for_a_disabled_person_after_one_hash(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, alice: AccountId
    ) -> None:
        assert enters(sign_in)
        with database.write() as db:
            accounts.set_disabled(db, alice, is_disabled=True, at=NOON)
        assert not enters(sign_in)
        assert hasher.runs == 2

    def test_is_refused_for_a_person_without_a_password(self, database: Database, sign_in: SignIn) -> None:
        with database.write() as db:
            a_person(db, login="bob")
        assert not enters(sign_in, "bob")

    def test_with_a_first_password_ends_when_that_dies(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        with database.write() as db:
            bob = a_person(db, login="bob")
            dies_at = UnixSeconds(NOON + 60)
            kept = hasher.hash(RIGHT)
            passwords.set_password(db, bob, type(kept)(kept.hash, kept.pepper_id, dies_at), at=NOON)
        hand_clock.move(59)
        assert enters(sign_in, "bob")
        hand_clock.move(1)
        assert not enters(sign_in, "bob")

    def test_hashes_once_a_minute(
        self, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        for _ in range(5):
            assert enters(sign_in)
        assert hasher.runs == 1
        hand_clock.move(60)
        assert enters(sign_in)
        assert hasher.runs == 2

    def test_with_the_former_password_ends_when_it_is_changed(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, alice: AccountId
    ) -> None:
        assert enters(sign_in)
        with database.write() as db:
            passwords.set_password(db, alice, hasher.hash(Secret("canary new")), at=NOON)
        assert not enters(sign_in)

    def test_makes_the_hash_anew_under_a_newer_pepper(
        self, database: Database, hand_clock: HandClock, alice: AccountId
    ) -> None:
        newer = PasswordHasher((Pepper.of(2, bytes(32)), PEPPER), cost=CHEAP)
        assert enters(a_sign_in(database, newer, hand_clock))
        with database.read() as db:
            kept = passwords.get_password_or_none(db, alice)
        assert kept is not None
        assert kept.pepper_id == 2
        assert newer.is_match(kept, RIGHT)

    def test_notes_when_someone_was_seen_at_most_every_five_minutes(
        self, database: Database, sign_in: SignIn, hand_clock: HandClock, alice: AccountId
    ) -> None:
        for seconds, seen in ((0, 0), (299, 0), (1, 300)):
            hand_clock.move(seconds)
            assert enters(sign_in)
            with database.read() as db:
                assert accounts.find_user(db, alice).last_seen_at == NOON + seen

    def test_writes_nothing_when_nothing_is_due(self, sign_in: SignIn, database: Database) -> None:
        assert enters(sign_in)
        with (
            database.read() as db
        ):  # while the only connection reads, a write would begin a second transaction
            before = db.execute(sign_in_failure.select()).all()
        assert enters(sign_in)
        with database.read() as db:
            assert db.execute(sign_in_failure.select()).all() == before


@pytest.mark.usefixtures("alice")
class TestGuessingFromOneAddress:
    def test_ends_at_five_in_five_minutes_also_for_the_right_password(
        self, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        fail(sign_in, 4)
        assert enters(sign_in)
        fail(sign_in, 1)  # the success in between did not count anew
        runs = hasher.runs
        assert not enters(sign_in)
        assert not enters(sign_in, "alice@example.com")
        assert hasher.runs == runs
        hand_clock.move(299)
        assert not enters(sign_in)
        hand_clock.move(1)
        assert enters(sign_in)

    def test_hinders_nobody_elsewhere(self, sign_in: SignIn) -> None:
        fail(sign_in, 5)
        assert enters(sign_in, address=THERE)

    def test_counts_the_addresses_of_one_home_together(self, sign_in: SignIn) -> None:
        for n in range(5):
            fail(sign_in, 1, address=f"2001:db8:0:1::{n}")
        assert not enters(sign_in, address="2001:db8:0:1:ffff::")
        assert enters(sign_in, address="2001:db8:0:2::1")

    def test_counts_those_without_an_address_together(self, sign_in: SignIn) -> None:
        fail(sign_in, 5, address="")
        assert not enters(sign_in, address="")

    def test_goes_on_after_a_restart(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        fail(sign_in, 5)
        assert not enters(a_sign_in(database, hasher, hand_clock))

    def test_ends_for_unknown_names_alike(self, sign_in: SignIn, hasher: PasswordHasher) -> None:
        for name in ("ghost", "GHOST", "Ghost", "ghosT", "ghost"):
            fail(sign_in, 1, name=name)
        runs = hasher.runs
        fail(sign_in, 1, name="ghost")
        assert hasher.runs == runs

    def test_keeps_no_unknown_name(self, database: Database, sign_in: SignIn) -> None:
        fail(sign_in, 1, name="ghost")
        with database.read() as db:
            assert "ghost" not in repr(db.execute(sign_in_failure.select()).all())

    def test_ends_at_twenty_a_minute_over_all_names(
        self, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        for n in range(20):
            fail(sign_in, 1, name=f"ghost{n}")
        runs = hasher.runs
        assert not enters(sign_in)
        assert hasher.runs == runs
        assert enters(sign_in, address=THERE)
        hand_clock.move(60)
        assert enters(sign_in)

    def test_has_no_such_end_where_an_address_tells_nobody_apart(self, sign_in: SignIn) -> None:
        for n in range(25):
            fail(sign_in, 1, name=f"ghost{n}", address=LOOPBACK)
        assert enters(sign_in, address=LOOPBACK)

    def test_is_free_where_the_protection_is_off(
        self, database: Database, sign_in: SignIn, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        del sign_in
        free = SignIn(
            database.read,
            database.write,
            hasher,
            a_sign_in(database, hasher, hand_clock).memory,
            Waiting(hand_clock.wait),
            hand_clock,
            PEPPER,
            is_throttled=False,
        )
        fail(free, 25)
        assert enters(free)


@pytest.mark.usefixtures("alice")
class TestGuessingFromManyAddresses:
    def test_is_slowed_from_ten_in_a_row(self, sign_in: SignIn, hand_clock: HandClock) -> None:
        fail_everywhere(sign_in, 10)
        assert hand_clock.waited == []
        assert enters(sign_in, address=THERE)
        assert hand_clock.waited == [1]

    def test_starts_anew_after_a_success(self, sign_in: SignIn, hand_clock: HandClock) -> None:
        fail_everywhere(sign_in, 9)
        assert enters(sign_in)
        fail_everywhere(sign_in, 9)
        assert enters(sign_in, address=THERE)
        assert hand_clock.waited == []

    def test_hinders_nobody_where_they_signed_in_before(self, sign_in: SignIn, hand_clock: HandClock) -> None:
        assert enters(sign_in)
        fail_everywhere(sign_in, 101)
        waited = len(hand_clock.waited)
        assert not enters(sign_in, address=THERE)
        assert enters(sign_in)
        assert len(hand_clock.waited) == waited

    def test_ends_at_a_hundred_in_a_row(self, sign_in: SignIn, hasher: PasswordHasher) -> None:
        fail_everywhere(sign_in, 100)
        runs = hasher.runs
        assert not enters(sign_in, address=THERE)
        assert hasher.runs == runs

    def test_is_no_longer_known_after_thirty_days(
        self, database: Database, sign_in: SignIn, hand_clock: HandClock, alice: AccountId
    ) -> None:
        assert enters(sign_in)
        hand_clock.move(30 * DAY)
        fail_everywhere(sign_in, 100)
        assert not enters(sign_in)
        with database.read() as db:
            assert throttle.get_last_success_or_none(db, alice, HERE) == NOON


class TestGuessingAtOnce:
    def test_looks_at_no_more_than_five(
        self, postgresql_database: Database, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        database = postgresql_database
        with database.write() as db:
            an_installation(db)
            a_person(db, login="alice", password=hasher.hash(RIGHT))
        sign_in = a_sign_in(database, hasher, hand_clock)
        with ThreadPoolExecutor(8) as pool:
            entered = list(pool.map(lambda _: enters(sign_in, password=WRONG), range(24)))
        assert not any(entered)
        assert hasher.runs == 5

    def test_lets_a_right_password_in_each_time(
        self, postgresql_database: Database, hasher: PasswordHasher, hand_clock: HandClock
    ) -> None:
        database = postgresql_database
        with database.write() as db:
            an_installation(db)
            a_person(db, login="alice", password=hasher.hash(RIGHT))
        sign_in = a_sign_in(database, hasher, hand_clock)
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda _: enters(sign_in), range(24)))
        assert hasher.runs == 1

    def test_counts_every_failure_of_two_processes(
        self, postgresql_database: Database, hand_clock: HandClock
    ) -> None:
        database = postgresql_database
        with database.write() as db:
            an_installation(db)
        both = [a_sign_in(database, PasswordHasher((PEPPER,), cost=CHEAP), hand_clock) for _ in range(2)]

        def guess(n: int) -> None:
            fail(both[n % 2], 1, name="ghost", address=ADDRESSES[n])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(guess, range(9)))
        with database.read() as db:
            counted = db.execute(sign_in_failure.select().where(sign_in_failure.c.address == "")).one()
        assert counted[2] == 9


def interrupted(sign_in: SignIn, act: Callable[[SignIn], object]) -> SignIn:
    """Return the same, but for what another process does while a try waits for its turn."""
    opened = itertools.count()

    @contextmanager
    def read() -> Iterator[Connection]:
        if next(opened) == 1:  # the first time was before the turn
            act(replace(sign_in, turns=Turns()))
        with sign_in.read() as db:
            yield db

    return replace(sign_in, read=read)


@pytest.mark.usefixtures("alice")
class TestWaitingForATurn:
    def test_ends_in_a_refusal_when_others_failed_too_often_meanwhile(self, sign_in: SignIn) -> None:
        assert not enters(interrupted(sign_in, lambda other: fail(other, 5)))

    def test_needs_no_hash_when_another_was_right_meanwhile(
        self, sign_in: SignIn, hasher: PasswordHasher
    ) -> None:
        assert enters(interrupted(sign_in, enters))
        assert hasher.runs == 1


class TestAddressFailures:
    def test_forget_the_address_that_failed_longest_ago(self) -> None:
        failures = AddressFailures(most_addresses=2)
        for address in ("a", "b", "a", "c"):
            failures.add(address, NOON)
        assert [len(failures.tally_of(address).moments) for address in "abc"] == [2, 0, 1]


class TestWaiting:
    def test_holds_so_many_only(self) -> None:
        began, end = threading.Event(), threading.Event()

        def pause(_seconds: float) -> None:
            began.set()
            end.wait()

        waiting = Waiting(pause, most=1)
        holder = threading.Thread(target=waiting.hold, args=(1,))
        holder.start()
        began.wait()
        waiting.hold(0)
        with pytest.raises(HashQueueFull):
            waiting.hold(1)
        end.set()
        holder.join()
        waiting.hold(1)


class TestTurns:
    def test_are_taken_one_after_the_other(self) -> None:
        turns, inside, alone = Turns(), threading.Lock(), []

        def take(_: int) -> None:
            with turns.taken("user:1"):
                alone.append(inside.acquire(blocking=False))
                inside.release()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(take, range(50)))
        assert all(alone)
