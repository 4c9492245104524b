"""Coroutines of our own, awaited from plain tests."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

import pytest

Found = TypeVar("Found")
Awaited: TypeAlias = Callable[[Coroutine[object, object, Found]], Found]


@pytest.fixture
def awaited() -> Awaited[Found]:
    """`awaited(read_body(...))`: in a thread of its own, which no other event loop has touched."""

    def run(coroutine: Coroutine[object, object, Found]) -> Found:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, coroutine).result()

    return run
