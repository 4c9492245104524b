"""Pieces of a text that are put in the place of others; every other byte stays."""

from collections.abc import Iterable
from typing import AnyStr, Generic, NamedTuple


class Edit(NamedTuple, Generic[AnyStr]):
    start: int  # in bytes, or characters, of the source
    end: int
    text: AnyStr


def edited(source: AnyStr, edits: Iterable[Edit[AnyStr]], start: int = 0, end: int | None = None) -> AnyStr:
    """Return the source between two places, with the edits that lie between them. None overlaps another."""
    stop = len(source) if end is None else end
    pieces: list[AnyStr] = []
    at = start
    for edit in sorted(edits):
        if start <= edit.start and edit.end <= stop:
            pieces += [source[at : edit.start], edit.text]
            at = edit.end
    pieces.append(source[at:stop])
    return source[:0].join(pieces)
