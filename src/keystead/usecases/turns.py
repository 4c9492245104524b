"""Who must wait for whom when passwords are tried."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

from keystead.core.accounts.errors import HashQueueFull


@final
class Turns:
    """One try at a time for each subject, so that guesses made side by side see each other's failures."""

    def __init__(self, stripes: int = 256) -> None:
        self._locks = tuple(threading.Lock() for _ in range(stripes))

    @contextmanager
    def taken(self, subject: str) -> Iterator[None]:
        with self._locks[hash(subject) % len(self._locks)]:
            yield


@final
class Waiting:
    """Holds tries that are due later, and so many of them only: each takes a thread."""

    def __init__(self, pause: Callable[[float], None], most: int = 8) -> None:
        self._pause = pause
        self._places = threading.BoundedSemaphore(most)

    def hold(self, wait_s: float) -> None:
        """Return when the wait is over. Raises HashQueueFull."""
        if wait_s <= 0:
            return
        if not self._places.acquire(blocking=False):
            raise HashQueueFull
        try:
            self._pause(wait_s)
        finally:
            self._places.release()
