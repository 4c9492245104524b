"""A call as a value: what is sent, and how the answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

import httpx2
import msgspec

from keystead.client.secret import Secret

Answer = TypeVar("Answer")
Row = TypeVar("Row")
Read: TypeAlias = Callable[
    [httpx2.Response], Answer
]  # raises MsgspecError, ValueError: not as Keystead answers


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    method: str
    path: str  # below the address of the server
    read: Read[Answer]
    query: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    body: Mapping[str, object] | None = None
    token: Secret | None = None  # None: the client's own
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: frozenset[int] = frozenset()  # statuses that are no refusal here, beside those of success

    @property
    def is_safe(self) -> bool:
        """Say whether it changes nothing, so that it may be sent again."""
        return self.method == "GET"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some of the rows, and the place that the page behind begins at; "": there is none."""

    rows: list[Row]
    behind: str = ""


class Told(msgspec.Struct):
    message: str
    also_revoked: int = msgspec.field(name="alsoRevoked", default=0)


def as_json(kind: type[Answer]) -> Read[Answer]:
    return lambda response: msgspec.json.decode(response.content, type=kind, dec_hook=_to_secret)


def no_more(response: httpx2.Response) -> None:
    """Read an answer that tells nothing but that it is done. Raises MsgspecError."""
    msgspec.json.decode(response.content, type=Told)


def also_revoked(response: httpx2.Response) -> int:
    """Read how many credentials ended with the one that was ended. Raises MsgspecError."""
    return msgspec.json.decode(response.content, type=Told).also_revoked


def cascading(cascade: bool) -> Mapping[str, str]:  # noqa: FBT001 - as it is called
    return {"cascade": "true"} if cascade else {}


def _to_secret(kind: type, value: object) -> Secret:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError("no key or token stands where one must")
