"""JSON as a text in which each value has its place, so that the rest of the text can stay as it is."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | float | int | bool | None


class Value(NamedTuple):
    start: int  # in characters
    end: int
    json: Json


class Member(NamedTuple):
    start: int  # of the name
    name: str
    value: Value


def value_at(text: str, at: int) -> Value:
    """Return the value that begins behind spaces. Raises ValueError where there is none."""
    start = behind_space(text, at)
    try:
        found, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return Value(start, end, found)


def behind_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def members(text: str, of: Value) -> Iterator[Member]:
    """Yield the members of an object that was read, in their order; one name may come twice."""
    at = behind_space(text, of.start + 1)
    while at < of.end - 1:
        name = value_at(text, at)
        value = value_at(text, behind_space(text, name.end) + 1)
        yield Member(at, str(name.json), value)
        at = behind_space(text, behind_space(text, value.end) + 1)


def items(text: str, of: Value) -> Iterator[Value]:
    """Yield the items of an array that was read."""
    at = behind_space(text, of.start + 1)
    while at < of.end - 1:
        value = value_at(text, at)
        yield value
        at = behind_space(text, behind_space(text, value.end) + 1)


def line_at(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def places_of(token: str) -> list[int]:
    """Return where each character of a string stands in its text, which may hold escapes; then its end."""
    places, at = [], 1
    while at < len(token) - 1:
        places.append(at)
        escape = _ESCAPE.match(token, at)
        at = at + 1 if escape is None else escape.end()
        if escape is not None and is_pair(token, escape.group(), at):
            at += 6
    return [*places, at]


def is_pair(token: str, escape: str, at: int) -> bool:
    """Say whether the escape behind makes one character with this one."""
    return (
        escape[:1] == "\\" and escape[2:4].lower() in {"d8", "d9", "da", "db"} and token.startswith("\\u", at)
    )


def rebuilt(text: str, of: Value, told: Iterable[str], raw: Callable[[int, int], str]) -> str:
    """Return an object or array with other members, spaced as it is; `raw` gives text between two places."""
    own = spans(text, of)
    pieces = list(told)
    if not own or not pieces:
        return f"{text[of.start]}{', '.join(pieces)}{text[of.end - 1]}"
    (first, first_end), (_, last_end) = own[0], own[-1]
    lead = raw(of.start, first)
    between = raw(first_end, own[1][0]) if len(own) > 1 else "," + (lead[1:] if "\n" in lead else " ")
    return lead + between.join(pieces) + raw(last_end, of.end)


def spans(text: str, of: Value) -> list[tuple[int, int]]:
    """Return where each member, or item, begins and ends."""
    if isinstance(of.json, dict):
        return [(member.start, member.value.end) for member in members(text, of)]
    return [(item.start, item.end) for item in items(text, of)]
