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
