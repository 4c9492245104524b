"""The parts that let people in, with a clock moved by hand and hashes that cost next to nothing."""

from dataclasses import dataclass, field

import pytest

from keystead.core.accounts.password import PasswordRules
from keystead.core.clock import UnixSeconds
from keystead.core.sessions.lifetime import SessionRules
from keystead.core.sessions.value import SessionMint
from keystead.storage.engine import Database
from keystead.usecases.doorkeeper import Doorkeeper
from keystead.usecases.password_hasher import HashCost, PasswordHasher
from keystead.usecases.passwords import Passwords
from keystead.usecases.sessions import SessionKeeper
from keystead.usecases.sign_in import SignIn
from keystead.usecases.success_memory import SuccessMemory
from keystead.usecases.turns import Waiting
from tests.makers import NOON, PEPPER, an_installation

HOUR, DAY = 3600, 24 * 3600
CHEAP = HashCost(memory_kib=8, passes=1)
RULES = SessionRules(idle_s=DAY, absolute_s=7 * DAY)


@dataclass
class HandClock:
    now: UnixSeconds = NOON
    waited: list[float] = field(default_factory=list)

    def __call__(self) -> UnixSeconds:
        return self.now

    def ticks(self) -> float:
        return float(self.now)

    def move(self, seconds: int) -> None:
        self.now = UnixSeconds(self.now + seconds)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@dataclass
class HexNumbers:
    """Counts where the real one is random; no two are alike."""

    last: int = 0

    def __call__(self, length: int) -> str:
        self.last += 1
        return f"{self.last:x}".rjust(length, "a") if length < 64 else f"{self.last:016x}".ljust(length, "b")


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def keeper(hand_clock: HandClock) -> SessionKeeper:
    return SessionKeeper(SessionMint(HexNumbers(), PEPPER), RULES, hand_clock)


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher((PEPPER,), cost=CHEAP)


def a_sign_in(database: Database, hasher: PasswordHasher, clock: HandClock) -> SignIn:
    return SignIn(
        read=database.read,
        write=database.write,
        hasher=hasher,
        memory=SuccessMemory(PEPPER, clock.ticks),
        waiting=Waiting(clock.wait),
        clock=clock,
        name_key=PEPPER,
    )


@pytest.fixture
def sign_in(database: Database, hasher: PasswordHasher, hand_clock: HandClock) -> SignIn:
    with database.write() as db:
        an_installation(db)
    return a_sign_in(database, hasher, hand_clock)


@pytest.fixture
def door(database: Database, sign_in: SignIn, keeper: SessionKeeper) -> Doorkeeper:
    return Doorkeeper(database.read, database.write, sign_in, keeper)


@pytest.fixture
def passwords(
    database: Database, hasher: PasswordHasher, keeper: SessionKeeper, hand_clock: HandClock
) -> Passwords:
    rules = PasswordRules(minimum_length=8, refuse_common=True, own_change_minimum=9)
    return Passwords(database.read, database.write, hasher, rules, keeper, hand_clock)
