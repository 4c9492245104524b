"""Descriptions of calls become methods: of a client that waits, and of one that is awaited."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Generic, ParamSpec, Self, TypeAlias, TypeVar, overload

from keystead.client.calls import Answer, Call, Page, Row

P = ParamSpec("P")


class Blocking(ABC):
    """Sends a call and waits for its answer."""

    @abstractmethod
    def send(self, call: Call[Answer]) -> Answer:
        """Raises CallFailed."""


class Awaiting(ABC):
    """Sends a call whose answer is awaited."""

    @abstractmethod
    async def send(self, call: Call[Answer]) -> Answer:
        """Raises CallFailed."""


Sender_co = TypeVar("Sender_co", bound=Blocking | Awaiting, covariant=True)


class Group(Generic[Sender_co]):
    """Calls about one noun."""

    def __init__(self, sender: Sender_co) -> None:
        self._sender = sender

    @property
    def sender(self) -> Sender_co:
        return self._sender


_Blocking: TypeAlias = Group[Blocking] | Blocking
_Awaiting: TypeAlias = Group[Awaiting] | Awaiting


class Method(Generic[P, Answer]):
    """One call, described by a function of its arguments."""

    def __init__(self, describe: Callable[P, Call[Answer]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, on: None, owner: type) -> Self: ...
    @overload
    def __get__(self, on: _Blocking, owner: type) -> Callable[P, Answer]: ...
    @overload
    def __get__(self, on: _Awaiting, owner: type) -> Callable[P, Coroutine[Any, Any, Answer]]: ...
    def __get__(self, on: _Blocking | _Awaiting | None, owner: type) -> object:
        if on is None:
            return self
        sender = on.sender if isinstance(on, Group) else on

        @wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return sender.send(self._describe(*args, **kwargs))

        return method


class Listing(Generic[P, Row]):
    """All rows of all pages, one after the other; described by a function of arguments, then of a place."""

    def __init__(self, describe: Callable[P, Callable[[str], Call[Page[Row]]]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, on: None, owner: type) -> Self: ...
    @overload
    def __get__(self, on: _Blocking, owner: type) -> Callable[P, Iterator[Row]]: ...
    @overload
    def __get__(self, on: _Awaiting, owner: type) -> Callable[P, AsyncIterator[Row]]: ...
    def __get__(self, on: _Blocking | _Awaiting | None, owner: type) -> object:
        if on is None:
            return self
        sender = on.sender if isinstance(on, Group) else on

        @wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            page = self._describe(*args, **kwargs)
            return rows_of(sender, page) if isinstance(sender, Blocking) else rows_later_of(sender, page)

        return method


def rows_of(sender: Blocking, page: Callable[[str], Call[Page[Row]]]) -> Iterator[Row]:
    found = sender.send(page(""))
    yield from found.rows
    while found.behind:
        found = sender.send(page(found.behind))
        yield from found.rows


async def rows_later_of(sender: Awaiting, page: Callable[[str], Call[Page[Row]]]) -> AsyncIterator[Row]:
    found = await sender.send(page(""))
    for row in found.rows:
        yield row
    while found.behind:
        found = await sender.send(page(found.behind))
        for row in found.rows:
            yield row
