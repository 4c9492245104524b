"""Passwords that were right a moment ago: programs that send one with every request pay once a minute."""

import threading
from typing import final

from keystead.core.accounts.model import AccountId
from keystead.core.clock import Ticks
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.storage.passwords import StoredPassword

_REMEMBERED_S = 60
_MOST = 10_000


@final
class SuccessMemory:
    """Holds digests under a key that is made at the start of the process and dies with it.

    The stored hash is a part of what is digested, so a changed password is unknown here at once. Ask only
    after the person was read anew: what is remembered grants nothing that the row does not.
    """

    def __init__(self, key: Pepper, ticks: Ticks, *, most: int = _MOST) -> None:
        self._key = key
        self._ticks = ticks
        self._most = most
        self._until: dict[bytes, float] = {}  # in the order in which they end
        self._lock = threading.Lock()

    def has(self, account_id: AccountId, stored: StoredPassword, password: Secret) -> bool:
        until = self._until.get(self._digest(account_id, stored, password))
        return until is not None and self._ticks() < until

    def add(self, account_id: AccountId, stored: StoredPassword, password: Secret) -> None:
        digest, now = self._digest(account_id, stored, password), self._ticks()
        with self._lock:
            self._until.pop(digest, None)
            while self._until and (len(self._until) >= self._most or next(iter(self._until.values())) <= now):
                del self._until[next(iter(self._until))]
            self._until[digest] = now + _REMEMBERED_S

    def _digest(self, account_id: AccountId, stored: StoredPassword, password: Secret) -> bytes:
        return self._key.digest(
            f"{account_id}\0{stored.hash.reveal()}\0{password.reveal()}".encode(errors="surrogatepass")
        )
