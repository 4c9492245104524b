"""Scan what is no program: lines of text, YAML, JSON, Markdown, and the programs that stand in them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import dedent

from markdown_it import MarkdownIt
from tree_sitter import Node

from keystead.core.scan.file_types import PLAIN, language_named, language_of
from keystead.core.scan.finding import Found
from keystead.core.scan.grammars import GRAMMARS, is_deep
from keystead.core.scan.pieces import found_in
from keystead.core.scan.rules import API_HOLE, HOLE, MENTION, TERRAFORM, mentions_in
from keystead.core.scan.texts import Piece

Embedded = Callable[[str, str], Iterator[Found]]  # language, text

_SEEDS = re.compile(rb"auth|keys|grafana|serviceaccounts")
_TEMPLATE = re.compile(
    r"\$?\{\{-?\s*\.?(?P<a>[\w.-]+)[^{}\"]*\}\}|\$\{(?!grafana_api_key\b)(?P<b>[\w.-]+)(?::-(?P<default>[^}]*))?\}"
    r"|\$\((?P<c>[\w.]+)\)|\$(?P<d>[A-Za-z_]\w*)"
)
_GIVEN = re.compile(
    r"(?m)^[ \t-]*(?:(?:export|ENV|ARG|set)[ \t]+)?[\"']?([\w.-]{1,100})[\"']?[ \t]*[:?+]?[=:][ \t]*"
    r"([^\s#].{0,500})$"
)
_COMMENT_LINE = re.compile(r"\s*(?:#|//|--\s|;|\*|/\*|<!--|REM\b)")
_COMMENT_BEHIND = re.compile(r"\s(?:#|//)\s")
_QUOTED_OR_COMMAND = re.compile(r"(?i)[\"'`(][^\s\"']*$|\b(?:curl|wget|http)\s")
_LINK = re.compile(
    r"(?m)^ {0,3}\[[^\]\n]+\]:.*$"
)  # where a link leads is told elsewhere than where it stands
_PROMPT = re.compile(r"(?m)^([ \t]*)\$ ")
_PROSE_KEYS = frozenset(
    {
        "name",
        "title",
        "description",
        "summary",
        "comment",
        "comments",
        "note",
        "notes",
        "doc",
        "docs",
        "message",
    }
)
_SCRIPT_KEYS = frozenset(
    {
        *("run", "script", "before_script", "after_script", "command", "cmd", "shell", "bash", "sh"),
        *("args", "entrypoint", "inline", "inlinescript"),
    }
)
_INDENTED_DEEP = re.compile(rb"(?m)^[ \t?:-]{80}")
_OPENING = re.compile(rb"[?:-](?=[ \t\0])")
_MOST_OPENED = 60  # on a line: beside two levels for each of 80 columns the grammar has room for no more
_PATH_KEYS = frozenset({"path", "segments", "pathsegments"})
_SCALARS = frozenset(GRAMMARS["yaml"].texts | {"string"})
_PAIRS = frozenset({"block_mapping_pair", "flow_pair", "pair"})


def values_in(text: str) -> dict[str, str]:
    """Return what `NAME=value`, `name: value` and the like give to names; the first counts."""
    found = {match[1]: match[2] for match in reversed(list(_GIVEN.finditer(text)))}
    return {name: value.split(" #")[0].strip().rstrip(",").strip("\"'") for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Lines:
    """A text read line by line. What names stand for is told by `values_in`."""

    text: str
    wants_all: bool
    values: Mapping[str, str]  # what names stand for
    is_prose: bool = False

    def found(self) -> Iterator[Found]:
        return self.found_at(range(self.text.count("\n") + 1))

    def found_at(self, rows: Collection[int]) -> Iterator[Found]:
        for row, line in enumerate(self.text.split("\n")):
            if row in rows and _SEEDS.search(line.encode()):
                yield from self._in_line(row, line)

    def pieces_of(self, line: str, row: int, depth: int = 0) -> Iterator[Piece]:
        at = 0
        for found in _TEMPLATE.finditer(line):
            yield Piece(line[at : found.start()], row, 0)
            name = _name_of(found)
            value = self.values.get(name) or found["default"]
            if value is None or depth > 3:  # noqa: PLR2004 - names of names of names
                yield Piece(API_HOLE if re.search(r"(?i)api(?!_?key)", name) else HOLE, row, 0)
            else:
                text = "".join(piece.text for piece in self.pieces_of(value, row, depth + 1))
                yield Piece(text, row, found.start() + 1)
            at = found.end()
        yield Piece(line[at:], row, 0)

    def _in_line(self, row: int, line: str) -> Iterator[Found]:
        text = line.replace("\\/", "/")
        pieces = list(self.pieces_of(text, row))
        full = "".join(piece.text for piece in pieces)
        for found in found_in(pieces, wants_all=self.wants_all, is_line=not self.is_prose):
            yield Found(row, found.rule.removesuffix(MENTION) + MENTION) if self._is_told(full) else found
        if self.is_prose:
            for match in mentions_in(
                text, wants_all=self.wants_all, of_terraform="terraform" in self.text.lower()
            ):
                if match.rule == TERRAFORM + MENTION:
                    yield Found(row, match.rule)

    def _is_told(self, line: str) -> bool:
        before = line[: max(line.find("auth"), line.find("grafana_api_key"), 0)]
        if _COMMENT_LINE.match(line) or _COMMENT_BEHIND.search(before):
            return True
        return self.is_prose and not _QUOTED_OR_COMMAND.search(before)


def found_in_markdown(text: str, embedded: Embedded, *, wants_all: bool) -> Iterator[Found]:
    """Yield what stands in sentences as mentions, and what stands in blocks of code as what it is there."""
    of_terraform = "terraform" in text.lower()
    for link in _LINK.finditer(text):
        for match in mentions_in(link[0], wants_all=wants_all, of_terraform=False):
            yield Found(text.count("\n", 0, link.start()), match.rule)
    for token in MarkdownIt("commonmark").disable("inline").parse(text):
        first = token.map[0] if token.map else 0
        if token.type in ("fence", "code_block"):
            language = (
                language_named(token.info.strip("{}. ").split(" ")[0].split(",")[0]) if token.info else PLAIN
            )
            first += token.type == "fence"
            code = _PROMPT.sub(r"\1  ", token.content) if language == "bash" else token.content
            yield from (Found(first + found.row, found.rule) for found in embedded(language, code))
        elif token.type in ("inline", "html_block"):
            for match in mentions_in(token.content, wants_all=wants_all, of_terraform=of_terraform):
                yield Found(first + token.content.count("\n", 0, match.start), match.rule)


def is_nested_deep(source: bytes) -> bool:
    """Say whether a YAML file may be nested deeper than its grammar bears, which crashes at 254 levels."""
    return bool(_INDENTED_DEEP.search(source)) or any(
        len(_OPENING.findall(line)) > _MOST_OPENED for line in source.split(b"\n") if len(line) > _MOST_OPENED
    )


class TreeOfValues:
    """YAML or JSON: keys tell what a value is."""

    def __init__(self, source: bytes, root: Node, embedded: Embedded, *, wants_all: bool) -> None:
        self._source, self._embedded, self._wants_all = source, embedded, wants_all
        text = source.decode(errors="replace")
        self._lines = Lines(text, wants_all, values_in(text))
        self._root = root

    def is_deep(self) -> bool:
        return is_deep(self._root, (word.start() for word in _SEEDS.finditer(self._source)))

    def found(self) -> Iterator[Found]:
        """Yield what stands in values; what the parser could not tell, as in a template, is read by line."""
        seen: set[tuple[int, int]] = set()
        unknown: set[int] = set()
        for word in _SEEDS.finditer(self._source):
            node = self._root.descendant_for_byte_range(*word.span())
            while node is not None and node.type not in _SCALARS | {"comment"}:
                node = node.parent
            if node is None:
                unknown.add(self._source.count(b"\n", 0, word.start()))
            elif (node.start_byte, node.end_byte) not in seen:
                seen.add((node.start_byte, node.end_byte))
                yield from self._in_comment(node) if node.type == "comment" else self._in_value(node)
        yield from self._lines.found_at(unknown)

    def _in_comment(self, node: Node) -> Iterator[Found]:
        text = _text(node)
        for match in mentions_in(text, wants_all=self._wants_all, of_terraform="terraform" in text.lower()):
            yield Found(node.start_point.row + text.count("\n", 0, match.start), match.rule)

    def _in_value(self, node: Node) -> Iterator[Found]:
        keys = list(_keys_above(node))
        if _names_resource(node, keys):
            yield Found(node.start_point.row, TERRAFORM)
            return
        if keys and keys[0].lower() in _PATH_KEYS and node.parent is not None and node.parent.type == "array":
            yield from self._in_segments(node.parent)
            return
        row, text = node.start_point.row, _text(node)
        if node.type == "block_scalar":
            text, row = dedent(text.partition("\n")[2]), row + 1
        elif node.type != "plain_scalar":
            text = re.sub(r"\\([/\"])", r"\1", text[1:-1])
        key = keys[0] if keys else ""
        for found in self._in_text(key, text, is_block=node.type == "block_scalar"):
            is_told = key.lower() in _PROSE_KEYS
            yield Found(
                row + found.row, found.rule.removesuffix(MENTION) + MENTION if is_told else found.rule
            )

    def _in_text(self, key: str, text: str, *, is_block: bool) -> Iterator[Found]:
        lines = replace(self._lines, text=text)
        language = language_of(key, text[:80].encode()) if is_block else PLAIN
        if language == PLAIN and key.lower() in _SCRIPT_KEYS:
            language = "bash"
        if language == PLAIN:
            yield from lines.found()
        else:
            yield from self._embedded(language, _expanded(lines))

    def _in_segments(self, array: Node) -> Iterator[Found]:
        if array.named_children and all(child.type == "string" for child in array.named_children):
            pieces = [
                Piece(_text(child)[1:-1] + "/", child.start_point.row, 0) for child in array.named_children
            ]
            yield from found_in(pieces, wants_all=self._wants_all)


def _name_of(template: re.Match[str]) -> str:
    name: str = template["a"] or template["b"] or template["c"] or template["d"]
    return name.rpartition(".")[2]


def _expanded(lines: Lines) -> str:
    """Return the text with the names that have a value in the document replaced by it."""
    told = ["".join(_value_or_written(lines, line)) for line in lines.text.split("\n")]
    return "\n".join(told)


def _value_or_written(lines: Lines, line: str) -> Iterator[str]:
    def is_given_here(found: re.Match[str]) -> bool:
        return bool(re.search(rf"(?m)\b{re.escape(_name_of(found))}\+?=", lines.text))

    at = 0
    for found in _TEMPLATE.finditer(line):
        value = "".join(piece.text for piece in lines.pieces_of(found[0], 0))
        yield line[at : found.start()]
        is_known = HOLE not in value and API_HOLE not in value and not is_given_here(found)
        yield value if is_known else found[0]
        at = found.end()
    yield line[at:]


def _keys_above(node: Node) -> Iterator[str]:
    """Yield the keys above a value, the nearest first; a key is not above itself."""
    around: Node | None = node
    while around is not None:
        if (
            around.type in _PAIRS
            and (key := around.child_by_field_name("key"))
            and key.end_byte <= node.start_byte
        ):
            yield _text(key).strip("\"'")
        around = around.parent


def _names_resource(node: Node, keys: list[str]) -> bool:
    return _text(node).strip("\"'") == "grafana_api_key" and bool(keys) and keys[0] in ("resource", "type")


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
