"""Coroutines of our own, awaited from plain tests."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


def awaited(coroutine: Coroutine[object, object, Found]) -> Found:
    """Run it in a thread of its own, which no other event loop has touched."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class OwnLoop:
    """One event loop in a thread of its own, for coroutines that share what belongs to a loop.

    A test thread in which a browser was started has a running loop, and takes no second one.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()

    def run(self, coroutine: Coroutine[object, object, Found]) -> Found:
        return self._thread.submit(self._runner.run, coroutine).result()

    def close(self) -> None:
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()
