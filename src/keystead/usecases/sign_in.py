"""A name and a password to a person, with the throttling that locks out nobody who knows theirs."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection

from keystead.core.accounts.model import User
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.core.sessions.subject import subject_of_name, subject_of_user
from keystead.core.sessions.throttle import PAIR_LIMIT, Attempt, Judgement, Tally, address_key, judge
from keystead.storage import accounts, passwords, throttle
from keystead.storage.passwords import StoredPassword
from keystead.storage.throttle import ANYWHERE, Failures
from keystead.usecases.address_failures import AddressFailures
from keystead.usecases.guess_budget import tells_no_clients_apart
from keystead.usecases.password_hasher import PasswordHasher
from keystead.usecases.sessions import is_seen_due
from keystead.usecases.success_memory import SuccessMemory
from keystead.usecases.transaction import Transaction
from keystead.usecases.turns import Turns, Waiting

_DAY_S = 24 * 3600
_KNOWN_S = 30 * _DAY_S  # an address from which a person signed in is known for so long
_NAMES_KEPT_S = _DAY_S  # failures of names that nobody has
_LET_PASS = Judgement(is_refused=False, wait_s=0)
_EMPTY = Secret("")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who typed a name, at one moment."""

    user: User | None  # None: nobody has that name
    password: StoredPassword | None
    subject: str
    address: str
    at: UnixSeconds
    by_pair: Failures
    anywhere: Failures
    last_success_at: UnixSeconds | None  # from this address; None: never
    judgement: Judgement = _LET_PASS

    @property
    def may_enter(self) -> bool:
        """Say whether a right password opens the door."""
        dies_at = None if self.password is None else self.password.dies_at
        is_dead = dies_at is not None and dies_at <= self.at
        return self.user is not None and not self.user.is_disabled and not is_dead


class Entrant(NamedTuple):
    """Somebody whose password was right, and what was kept of it then."""

    user: User
    password: StoredPassword


@dataclass(frozen=True, slots=True)
class SignIn:
    """Checks passwords. It blocks, for as long as a hash takes and sometimes for many seconds."""

    read: Transaction
    write: Transaction
    hasher: PasswordHasher
    memory: SuccessMemory
    waiting: Waiting
    clock: Clock
    name_key: Pepper  # under which unknown names are counted
    is_throttled: bool = True  # `disable_brute_force_login_protection` turns it off
    turns: Turns = field(default_factory=Turns)
    by_address: AddressFailures = field(default_factory=AddressFailures)

    def get_entrant_or_none(self, name: str, password: Secret, address: str) -> Entrant | None:
        """Return who signs in; None for everybody else, whatever the reason. Raises HashQueueFull.

        An empty password is not counted. A refused try is not looked at, and not counted either.
        """
        if password == _EMPTY:
            return None
        candidate = self._candidate(name, address)
        if candidate.judgement.is_refused:
            return None
        entrant = self._remembered(candidate, password)
        if entrant is not None:
            return self._let_in(candidate, entrant)
        self.waiting.hold(candidate.judgement.wait_s)
        with self.turns.taken(candidate.subject):
            return self._try(self._candidate(name, address), password)

    def _try(self, candidate: Candidate, password: Secret) -> Entrant | None:
        if candidate.judgement.is_refused:
            return None
        entrant = self._remembered(candidate, password)
        if entrant is not None:
            return self._let_in(candidate, entrant)
        is_match = self.hasher.is_match(candidate.password, password)
        user, kept = candidate.user, candidate.password
        if user is None or kept is None or not (is_match and candidate.may_enter):
            self._count(candidate)
            return None
        if self.hasher.needs_rehash(kept):
            kept = replace(self.hasher.hash(password), dies_at=kept.dies_at)
        self.memory.add(user.id, kept, password)
        return self._let_in(candidate, Entrant(user, kept))

    def _candidate(self, name: str, address: str) -> Candidate:
        now = self.clock()
        place = address_key(address or "local")
        with self.read() as db:
            user = accounts.get_user_by_name_or_none(db, name)
            subject = subject_of_name(self.name_key, name) if user is None else subject_of_user(user.id)
            by_pair, anywhere = throttle.list_failures(db, subject, place)
            candidate = Candidate(
                user=user,
                password=None if user is None else passwords.get_password_or_none(db, user.id),
                subject=subject,
                address=place,
                at=now,
                by_pair=by_pair,
                anywhere=anywhere,
                last_success_at=None
                if user is None
                else throttle.get_last_success_or_none(db, user.id, place),
            )
        return replace(candidate, judgement=self._judge(candidate, address))

    def _judge(self, candidate: Candidate, address: str) -> Judgement:
        if not self.is_throttled:
            return _LET_PASS
        known_at, now = candidate.last_success_at, candidate.at
        attempt = Attempt(
            by_pair=Tally(candidate.by_pair.moments),
            by_address=self.by_address.tally_of(candidate.address),
            failures_in_a_row=candidate.anywhere.in_a_row,
            last_failure_at=candidate.anywhere.last_at,
            is_known_address=known_at is not None and known_at > now - _KNOWN_S,
            is_loopback=tells_no_clients_apart(address),
        )
        return judge(attempt, now)

    def _remembered(self, candidate: Candidate, password: Secret) -> Entrant | None:
        user, kept = candidate.user, candidate.password
        if user is None or kept is None or not candidate.may_enter:
            return None
        return Entrant(user, kept) if self.memory.has(user.id, kept, password) else None

    def _count(self, candidate: Candidate) -> None:
        if not self.is_throttled:
            return
        self.by_address.add(candidate.address, candidate.at)
        with self.write() as db:
            count_failure(db, candidate)

    def _let_in(self, candidate: Candidate, entrant: Entrant) -> Entrant:
        is_new = entrant.password != candidate.password
        if is_new or is_noting_due(candidate, entrant):
            with self.write() as db:
                note_success(db, candidate, entrant)
        return entrant


def is_noting_due(candidate: Candidate, entrant: Entrant) -> bool:
    """Say whether there is anything to write after a success; mostly there is not."""
    is_seen_long_ago = is_seen_due(entrant.user.last_seen_at, candidate.at)
    return candidate.anywhere.in_a_row > 0 or is_address_due(candidate) or is_seen_long_ago


def is_address_due(candidate: Candidate) -> bool:
    known_at = candidate.last_success_at
    return known_at is None or known_at + _DAY_S <= candidate.at


def count_failure(db: Connection, candidate: Candidate) -> None:
    """Count a wrong password by person and address, and by person; forget what is of no use any more."""
    now, subject, address = candidate.at, candidate.subject, candidate.address
    throttle.delete_old_failures(
        db, pairs_until=now - int(PAIR_LIMIT.span_s), names_until=now - _NAMES_KEPT_S
    )
    throttle.add_counters(db, subject, address, at=now)
    by_pair, anywhere = throttle.lock_failures(db, subject, address)
    throttle.set_failures(db, subject, address, one_more(by_pair, now))
    throttle.set_failures(db, subject, ANYWHERE, one_more(anywhere, now))


def one_more(failures: Failures, now: UnixSeconds) -> Failures:
    moments = (*failures.moments, now)[-PAIR_LIMIT.most :]
    return Failures(failures.in_a_row + 1, moments, now)


def note_success(db: Connection, candidate: Candidate, entrant: Entrant) -> None:
    """Note that a person signed in from an address, and keep a hash that was made anew."""
    user, now = entrant.user, candidate.at
    if candidate.anywhere.in_a_row > 0:
        throttle.delete_streak(db, candidate.subject)
    if is_address_due(candidate):
        throttle.delete_old_successes(db, user.id, until=now - _KNOWN_S)
        throttle.set_last_success(db, user.id, candidate.address, at=now)
    if is_seen_due(user.last_seen_at, now):
        accounts.set_last_seen(db, user.id, at=now)
    if candidate.password is not None and entrant.password != candidate.password:
        passwords.set_password(db, user.id, entrant.password, at=now, before=candidate.password.hash)
