"""Scan source code by its syntax tree: only what the words that are looked for stand in is read."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from keystead.core.scan.bindings import Bindings
from keystead.core.scan.calls import call_of
from keystead.core.scan.finding import Found
from keystead.core.scan.grammars import GRAMMARS, Grammar, is_deep
from keystead.core.scan.pieces import found_in
from keystead.core.scan.rules import CLIENT, MENTION, PULUMI, is_client_call, is_cut_up, mentions_in
from keystead.core.scan.terraform import of_resource
from keystead.core.scan.texts import Texts

_SEEDS = re.compile(
    rb"(?<![A-Za-z0-9])(?:api|auth|keys|serviceaccounts|migrate|migrationstatus|hideApiKeys|revert|ApiKey)"
    rb"(?![A-Za-z0-9])"
)
_QUOTES = re.compile(rb"[\"'`/]")
_PART = re.compile(rb"(?<![\w])(?:api|auth|keys|serviceaccounts)(?![\w-])")
_MOST_FOLLOWED = 100  # names of one file
_IMPORTED = re.compile(
    rb"""(?im)^[^\n]*\b(?:import|from|require\w*|using|use)\b[^\n]*(?:grafana|grabana)"""
    rb"""|^\s*(?:[\w.]+\s+)?"[^"\s]*(?:grafana|grabana)[^"\s]*"\s*$"""
)
_BASE = re.compile(rb"/api/?[\"'`]")  # paths are told without it
_PULUMI = re.compile(rb"(?i)pulumi\w*[/_.-](?:pulumi[-_])?grafana|pulumi/grafana")
_CALLED = re.compile(rb"\b\w*(?i:api_?(?:key|token)|ap_ikey)\w*\b")
_PATHS_OF_FILES = (
    "require",
    "import",
    "require_relative",
    "load",
    "mock",
    "unmock",
    "requireActual",
    "dirname",
)


class CodeScan:
    def __init__(self, language: str, source: bytes, root: Node, *, wants_all: bool) -> None:
        self._language, self._source, self._wants_all = language, source, wants_all
        self._texts = Texts(language, source, root)
        self._grammar: Grammar = GRAMMARS[language]
        self._bindings: Bindings = self._texts.bindings
        self._imports_grafana = bool(_IMPORTED.search(source))
        has_base = bool(_BASE.search(source)) and b"grafana" in source.lower()
        self._is_grafana = self._imports_grafana or has_base
        self._seen: set[tuple[int, int]] = set()
        self._followed: set[str] = set()

    def is_deep(self) -> bool:
        return is_deep(self._texts.root, (found.start() for found in _SEEDS.finditer(self._source)))

    def found(self) -> Iterator[Found]:
        words = _QUOTES if is_cut_up(self._source) else _SEEDS
        seeds = [node for node in map(self._node_at, words.finditer(self._source)) if node is not None]
        while seeds:
            node = seeds.pop()
            whole = self._texts.whole(node)
            yield from self._at(node, whole)
            seeds += self._uses_around(whole)
        yield from self._calls()
        yield from of_resource(self._texts.root, self._source, self._language)

    def _node_at(self, found: re.Match[bytes]) -> Node | None:
        return self._texts.root.descendant_for_byte_range(*found.span())

    def _at(self, node: Node, whole: Node | None) -> Iterator[Found]:
        prose = next((one for one in _upwards(node, 3) if one.type in self._grammar.prose), None)
        whole = prose or whole
        if whole is None or (whole.start_byte, whole.end_byte) in self._seen:
            return
        self._seen.add((whole.start_byte, whole.end_byte))
        if prose is not None:
            yield from self._mentions(prose)
        elif not self._names_a_file(whole):
            is_told = (
                whole.parent is not None
                and whole.parent.type == "expression_statement"
                and whole.type == "string"
            )
            pieces = self._texts.pieces(whole)
            for found in found_in(pieces, wants_all=self._wants_all, is_grafana=self._is_grafana):
                yield Found(found.row, found.rule.removesuffix(MENTION) + MENTION) if is_told else found

    def _mentions(self, node: Node) -> Iterator[Found]:
        text = (node.text or b"").decode(errors="replace")
        of_terraform = self._language == "hcl" or "terraform" in text.lower()
        for match in mentions_in(text, wants_all=self._wants_all, of_terraform=of_terraform):
            yield Found(node.start_point.row + text.count("\n", 0, match.start), match.rule)

    def _uses_around(self, whole: Node | None) -> list[Node]:
        """Return where the name stands that is given a value here: parts of a path are joined there."""
        if whole is None or len(self._followed) >= _MOST_FOLLOWED or not _PART.search(whole.text or b""):
            return []
        names = [name for name in self._bindings.names_bound_by(whole) if name not in self._followed]
        self._followed.update(names)
        return [node for name in names for node in self._bindings.uses_of(name)]

    def _names_a_file(self, whole: Node) -> bool:
        if any(node.type in self._grammar.imports for node in _upwards(whole, 6)):
            return True
        around = whole.parent
        if around is None or around.type == "export_statement":
            return around is not None
        owner = around.parent if around.type in self._grammar.arguments else None
        call = (
            call_of(owner, self._grammar) if owner is not None and owner.type in self._grammar.calls else None
        )
        return call is not None and call.name in _PATHS_OF_FILES

    def _calls(self) -> Iterator[Found]:
        is_pulumi = bool(_PULUMI.search(self._source))
        if not is_pulumi and not self._imports_grafana:
            return
        for found in _CALLED.finditer(self._source):
            node = self._node_at(found)
            if node is not None and self._is_called(node):
                name, of_grafana_api = found[0].decode(errors="replace"), b"grafana_api" in self._source
                if is_pulumi and name in ("ApiKey", "NewApiKey"):
                    yield Found(node.start_point.row, PULUMI)
                elif self._imports_grafana and is_client_call(name, of_grafana_api=of_grafana_api):
                    yield Found(node.start_point.row, CLIENT)

    def _is_called(self, name: Node) -> bool:
        for node in _upwards(name, 3):
            if node.type in self._grammar.calls:
                call = call_of(node, self._grammar)
                is_name = call is not None and call.name.encode() == name.text
                return (
                    is_name
                    and call is not None
                    and (call.owner is not None or call.is_new or name.text == b"ApiKey")
                )
        return False


def _upwards(node: Node | None, most: int) -> Iterator[Node]:
    while node is not None and most:
        yield node
        node, most = node.parent, most - 1
