"""A scan by several processes, each with a batch of files at a time."""

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import chain, islice

from keystead.cli.scan_files import Listed, Scanned, scan_files

BATCH = 200
_ALONE = 1_000  # so few files are read before other processes have started
_WAITING = 4  # batches for each process, so that a listing of many files is never held whole


def scanned(
    listed: Iterable[Listed], *, wants_all: bool, most_bytes: int, workers: int = 0
) -> Iterator[list[Scanned]]:
    """Yield what was found, batch by batch in order. `workers`: 0 is one for each core."""
    work = partial(scan_files, wants_all=wants_all, most_bytes=most_bytes)
    files = iter(listed)
    first = list(islice(files, _ALONE))
    workers = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0])
    if len(first) < _ALONE or workers == 1:
        yield from map(work, _batches(chain(first, files)))
        return
    yield from _by_processes(work, chain(first, files), workers)


def _by_processes(
    work: partial[list[Scanned]], files: Iterable[Listed], workers: int
) -> Iterator[list[Scanned]]:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[Future[list[Scanned]]] = deque()
        for batch in _batches(files):
            waiting.append(pool.submit(work, batch))
            if len(waiting) >= workers * _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batches(files: Iterable[Listed]) -> Iterator[list[Listed]]:
    files = iter(files)
    while batch := list(islice(files, BATCH)):
        yield batch
