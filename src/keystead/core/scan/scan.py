"""Find in one file what still uses API keys."""

import re
from collections.abc import Iterator
from functools import partial

from keystead.core.scan.code import CodeScan
from keystead.core.scan.documents import Lines, TreeOfValues, found_in_markdown, is_nested_deep, values_in
from keystead.core.scan.file_types import MARKDOWN, PLAIN, PROSE_ENDINGS, language_of
from keystead.core.scan.finding import Finding, Found
from keystead.core.scan.grammars import parse_or_none
from keystead.core.scan.rules import MENTION, instead_of, is_cut_up

_LONGEST = 200  # characters of a line that are shown
_CLIENT = re.compile(rb"(?i)api_?keys?|ap_ikey|api_token")
_PROSE_NAMES = re.compile(
    r"(?i)(?:readme|changelog|changes|license|notice|todo|authors|contributing|history)[^/.]*$"
)


def may_hold(content: bytes, *, wants_all: bool) -> bool:
    """Say whether a file is worth parsing; cheap, and never a no to one that holds something."""
    if b"keys" in content and b"auth" in content:
        return True
    if b"rafana" in content and _CLIENT.search(content):
        return True
    if wants_all and b"serviceaccounts" in content:
        return True
    return is_cut_up(content)


def is_binary(content: bytes) -> bool:
    """Say, as git does, whether the file is no text: it has a zero byte early on, and is no UTF-16."""
    return b"\0" in content[:8000] and not content.startswith((b"\xff\xfe", b"\xfe\xff"))


def scan(path: str, content: bytes, *, wants_all: bool = False) -> list[Finding]:
    """Return what stands in a file, in order of its lines. `path` tells the language; any bytes are read.

    `wants_all`: the endpoints of the migration too, which have no use when it is over.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="replace").encode()
    if not may_hold(content, wants_all=wants_all):
        return []
    text = (
        content.removeprefix(b"\xef\xbb\xbf")
        .decode(errors="replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    lines = text.split("\n")
    found = set(_found(path, text, wants_all=wants_all))
    kept = {
        one
        for one in found
        if not (one.rule.endswith(MENTION) and Found(one.row, one.rule.removesuffix(MENTION)) in found)
    }
    return [_finding(one, lines) for one in sorted(kept)]


def _found(path: str, text: str, *, wants_all: bool) -> Iterator[Found]:
    language = language_of(path, text[:200].encode())
    if language == MARKDOWN:
        return found_in_markdown(text, partial(_in_code, wants_all=wants_all), wants_all=wants_all)
    if language == PLAIN:
        is_prose = path.lower().endswith(PROSE_ENDINGS) or bool(_PROSE_NAMES.search(path))
        return Lines(text, wants_all, values_in(text), is_prose=is_prose).found()
    return _in_code(language, text, wants_all=wants_all)


def _in_code(language: str, text: str, *, wants_all: bool) -> Iterator[Found]:
    """Read what is too deep or too tangled for its grammar line by line, like what has none."""
    source = text.encode(errors="replace")
    is_hard = language == PLAIN or (language == "yaml" and is_nested_deep(source))
    root = None if is_hard else parse_or_none(language, source)
    tree: CodeScan | TreeOfValues | None = None
    if root is not None and language in ("json", "yaml"):
        tree = TreeOfValues(source, root, partial(_in_code, wants_all=wants_all), wants_all=wants_all)
    elif root is not None:
        tree = CodeScan(language, source, root, wants_all=wants_all)
    if tree is None or tree.is_deep():
        return Lines(text, wants_all, values_in(text)).found()
    return tree.found()


def _finding(found: Found, lines: list[str]) -> Finding:
    code = lines[found.row].strip() if found.row < len(lines) else ""
    shown = code if len(code) <= _LONGEST else code[: _LONGEST - 1] + "…"
    return Finding(found.row + 1, found.rule, shown, instead_of(found.rule, code))
