"""The slow hash of passwords: so many at a time, and at the same cost for everybody."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from keystead.core.accounts.errors import HashQueueFull
from keystead.core.accounts.password import password_input
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.storage.passwords import StoredPassword

_SALT_BYTES, _HASH_BYTES = 16, 32
_GRAFANA = "grafana$"  # then the salt, "$", and Grafana 9.3's hash as hex digits
_GRAFANA_ROUNDS, _GRAFANA_BYTES = 10_000, 50


@dataclass(frozen=True, slots=True)
class HashCost:
    """What Argon2id costs. A stored hash tells its own, and is made anew when that is another."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


FULL_COST = HashCost()


@final
class Gate:
    """Lets two in at a time; so many more may wait."""

    def __init__(self, *, at_once: int = 2, waiting: int = 32) -> None:
        self.inside = 0  # at work or waiting: for eyes, not for decisions
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._seats = threading.BoundedSemaphore(at_once)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Raises HashQueueFull."""
        if not self._places.acquire(blocking=False):
            raise HashQueueFull
        self.inside += 1
        try:
            with self._seats:
                yield
        finally:
            self.inside -= 1
            self._places.release()


@final
class PasswordHasher:
    """Makes and checks hashes. It blocks: call it on a thread, and outside any transaction."""

    def __init__(
        self, peppers: tuple[Pepper, ...], *, cost: HashCost = FULL_COST, gate: Gate | None = None
    ) -> None:
        self._peppers = {pepper.id: pepper for pepper in peppers}
        self._newest = peppers[0]
        self._argon2 = argon2.PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self._nobodys = StoredPassword(_unreachable(cost), self._newest.id)
        self.gate = gate or Gate()
        self.runs = 0  # how often a password was tried against a hash: what throttling is there to bound

    def hash(self, password: Secret) -> StoredPassword:
        """Return what is to be kept. Raises HashQueueFull."""
        with self.gate.entered():
            text = self._argon2.hash(password_input(self._newest, password))
        return StoredPassword(Secret(text), self._newest.id)

    def is_match(self, stored: StoredPassword | None, password: Secret) -> bool:
        """Say whether this is the password; None is nobody's, at the same cost. Raises HashQueueFull."""
        with self.gate.entered():
            self.runs += 1
            if stored is not None and stored.hash.reveal().startswith(_GRAFANA):
                is_good = _is_match_of_grafana(stored, password)
                self._is_match(self._nobodys, password)
                return is_good
            return self._is_match(stored or self._nobodys, password)

    def needs_rehash(self, stored: StoredPassword) -> bool:
        text = stored.hash.reveal()
        is_old = stored.pepper_id != self._newest.id or text.startswith(_GRAFANA)
        return is_old or self._argon2.check_needs_rehash(text)

    def _is_match(self, stored: StoredPassword, password: Secret) -> bool:
        pepper = self._peppers.get(stored.pepper_id)
        known = stored if pepper is not None else self._nobodys
        try:
            self._argon2.verify(known.hash.reveal(), password_input(pepper or self._newest, password))
        except (VerificationError, InvalidHashError):
            return False
        return True


def imported_from_grafana(salt: str, hex_hash: str) -> StoredPassword:
    """Wrap a hash of Grafana 9.3's: good for one sign-in, which replaces it."""
    return StoredPassword(Secret(f"{_GRAFANA}{salt}${hex_hash}"), pepper_id=0)


def _is_match_of_grafana(stored: StoredPassword, password: Secret) -> bool:
    salt, _, hex_hash = stored.hash.reveal().removeprefix(_GRAFANA).rpartition("$")
    made = hashlib.pbkdf2_hmac(
        "sha256", password.reveal().encode(), salt.encode(), _GRAFANA_ROUNDS, _GRAFANA_BYTES
    )
    return hmac.compare_digest(made.hex(), hex_hash)


def _unreachable(cost: HashCost) -> Secret:
    """Return a hash that no password has: its bytes are all zero."""
    salt, made = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES))
    parameters = f"m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
    return Secret(f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${parameters}${salt}${made}")
