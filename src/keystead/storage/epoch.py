"""A counter in shared memory that tells other workers of this host that something changed."""

import mmap
import os
from pathlib import Path

_BYTES = 8


class EpochCounter:
    """Eight bytes that every worker maps: the newest access epoch that was acknowledged.

    Each value is published once, after its commit and before its answer. A look-up that was made under
    the value seen now is therefore as new as every acknowledged change.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._values = memoryview(memory).cast("q")

    def read(self) -> int:
        return self._values[0]

    def publish(self, epoch: int) -> None:
        self._values[0] = epoch


def counter_in_memory() -> EpochCounter:
    """Return a counter for one process alone."""
    return EpochCounter(mmap.mmap(-1, _BYTES))


def open_counter(path: Path) -> EpochCounter:
    """Map the counter's file, which is made when it is not there."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(file).st_size < _BYTES:
            os.ftruncate(file, _BYTES)
        return EpochCounter(mmap.mmap(file, _BYTES))
    finally:
        os.close(file)
