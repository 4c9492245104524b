"""Where in a text that is put together a match stands, and whether it is put together there."""

import re
from collections.abc import Iterator

from keystead.core.scan.finding import Found
from keystead.core.scan.rules import MENTION, Match, is_prose, matches_in
from keystead.core.scan.texts import Piece

_COMMENT = re.compile(r"\n[ \t]*(?:#|//)[^\n]*$")  # in a script that stands in a text
_QUOTE = re.compile(r"([\"'`])[^\"'`]*$")


def found_in(
    pieces: list[Piece], *, wants_all: bool, is_grafana: bool = False, is_line: bool = False
) -> Iterator[Found]:
    """Yield what the text holds; what one name alone brings in is found where that gets its value.

    `is_line`: the text is a line of code, in which quotes tell what is a text.
    """
    text = "".join(piece.text for piece in pieces)
    for match in matches_in(text, wants_all=wants_all, is_grafana=is_grafana):
        parts = list(_parts_of(pieces, match.start, match.end))
        origins = {piece.origin for piece, _ in parts}
        if len(origins) > 1 or 0 in origins:
            first, at = parts[0]
            row = first.row + (first.text.count("\n", 0, at) if first.origin == 0 else 0)
            is_told = _is_told(text, match, is_line=is_line)
            yield Found(row, match.rule.removesuffix(MENTION) + MENTION if is_told else match.rule)


def _is_told(text: str, match: Match, *, is_line: bool) -> bool:
    if _COMMENT.search(text[: match.start]):
        return True
    quote = _QUOTE.search(text[: match.start]) if is_line else None
    if quote is None:
        return is_prose(text, match.start, match.end)
    begin = quote.start() + 1
    quoted = text[begin:].partition(quote[1])[0]
    return is_prose(quoted, match.start - begin, match.end - begin)


def _parts_of(pieces: list[Piece], start: int, end: int) -> Iterator[tuple[Piece, int]]:
    """Yield the pieces between start and end, with where in each the match begins."""
    at = 0
    for piece in pieces:
        behind = at + len(piece.text)
        if at < end and behind > start and piece.text:
            yield piece, max(0, start - at)
        at = behind
