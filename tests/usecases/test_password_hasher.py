import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from keystead.core.accounts.errors import HashQueueFull
from keystead.core.accounts.model import AccountId
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.usecases.password_hasher import FULL_COST, Gate, HashCost, PasswordHasher, imported_from_grafana
from keystead.usecases.success_memory import SuccessMemory
from tests.makers import PEPPER
from tests.usecases.conftest import CHEAP, HandClock

RIGHT, WRONG = Secret("canary right"), Secret("canary wrong")
NEWER = Pepper.of(2, bytes(32))
ALICE, BOB = AccountId(1), AccountId(2)


class TestAHash:
    def test_matches_its_password_alone(self, hasher: PasswordHasher) -> None:
        kept = hasher.hash(RIGHT)
        assert hasher.is_match(kept, RIGHT)
        assert not hasher.is_match(kept, WRONG)
        assert not hasher.needs_rehash(kept)

    def test_is_composed_text_under_a_pepper(self, hasher: PasswordHasher) -> None:
        kept = hasher.hash(Secret("canary e\u0301"))
        assert hasher.is_match(kept, Secret("canary \u00e9"))
        assert not PasswordHasher((NEWER,), cost=CHEAP).is_match(
            replace(kept, pepper_id=2), Secret("canary \u00e9")
        )

    def test_of_nobody_matches_nothing_at_the_same_cost(self, hasher: PasswordHasher) -> None:
        assert not hasher.is_match(None, RIGHT)
        assert hasher.runs == 1

    def test_costs_what_was_decided(self) -> None:
        assert HashCost(memory_kib=19_456, passes=2, lanes=1) == FULL_COST
        kept = PasswordHasher((PEPPER,)).hash(RIGHT)
        assert kept.hash.reveal().startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_that_is_no_hash_matches_nothing(self, hasher: PasswordHasher) -> None:
        assert not hasher.is_match(replace(hasher.hash(RIGHT), hash=Secret("x")), RIGHT)

    def test_lives_as_long_as_its_pepper(self, hasher: PasswordHasher) -> None:
        kept = hasher.hash(RIGHT)
        both = PasswordHasher((NEWER, PEPPER), cost=CHEAP)
        assert both.is_match(kept, RIGHT)
        assert both.needs_rehash(kept)
        assert not PasswordHasher((NEWER,), cost=CHEAP).is_match(kept, RIGHT)

    def test_is_made_anew_when_the_cost_is_another(self, hasher: PasswordHasher) -> None:
        dearer = PasswordHasher((PEPPER,), cost=replace(CHEAP, passes=2))
        kept = hasher.hash(RIGHT)
        assert dearer.is_match(kept, RIGHT)
        assert dearer.needs_rehash(kept)

    def test_of_grafana_is_good_until_it_is_replaced(self, hasher: PasswordHasher) -> None:
        kept = imported_from_grafana(
            "abcdefghij",
            "038aae4bee0c5bdeba9de5c2cc26c00841abca898620785f9a1e6f50903b117682a810c00a1cfc02d2b432b7d660956a65af",
        )
        assert hasher.is_match(kept, Secret("admin"))
        assert not hasher.is_match(kept, WRONG)
        assert hasher.needs_rehash(kept)


class TestTheGate:
    def test_lets_two_in_at_a_time(self) -> None:
        gate, inside, most = Gate(), threading.Semaphore(2), []

        def enter(_: int) -> None:
            with gate.entered():
                most.append(inside.acquire(blocking=False))
                inside.release()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(enter, range(100)))
        assert all(most)

    def test_turns_away_whom_the_queue_has_no_place_for(self, hasher: PasswordHasher) -> None:
        gate = Gate(at_once=1, waiting=0)
        guarded = PasswordHasher((PEPPER,), cost=CHEAP, gate=gate)
        kept = hasher.hash(RIGHT)
        acts: tuple[Callable[[], object], ...] = (
            lambda: guarded.hash(RIGHT),
            lambda: guarded.is_match(kept, RIGHT),
        )
        for act in acts:
            with gate.entered(), pytest.raises(HashQueueFull):
                act()
            act()


class TestTheMemoryOfSuccesses:
    def test_lasts_a_minute(self, hasher: PasswordHasher, hand_clock: HandClock) -> None:
        memory, kept = SuccessMemory(PEPPER, hand_clock.ticks), hasher.hash(RIGHT)
        memory.add(ALICE, kept, RIGHT)
        hand_clock.move(59)
        assert memory.has(ALICE, kept, RIGHT)
        hand_clock.move(1)
        assert not memory.has(ALICE, kept, RIGHT)

    def test_is_of_one_person_password_and_hash(self, hasher: PasswordHasher, hand_clock: HandClock) -> None:
        memory, kept = SuccessMemory(PEPPER, hand_clock.ticks), hasher.hash(RIGHT)
        memory.add(ALICE, kept, RIGHT)
        assert not memory.has(BOB, kept, RIGHT)
        assert not memory.has(ALICE, kept, WRONG)
        assert not memory.has(ALICE, hasher.hash(RIGHT), RIGHT)

    def test_forgets_the_oldest_when_it_is_full(self, hasher: PasswordHasher, hand_clock: HandClock) -> None:
        memory, kept = SuccessMemory(PEPPER, hand_clock.ticks, most=2), hasher.hash(RIGHT)
        for account in (AccountId(1), AccountId(2), AccountId(3)):
            memory.add(account, kept, RIGHT)
        assert [memory.has(AccountId(n), kept, RIGHT) for n in (1, 2, 3)] == [False, True, True]
