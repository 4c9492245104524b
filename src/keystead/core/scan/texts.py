"""Texts that source code puts together, with what only the running program knows left as holes."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from tree_sitter import Node

from keystead.core.scan.bindings import Binding, Bindings, is_added
from keystead.core.scan.calls import LISTS, Call, Kind, call_of, kind_of, named
from keystead.core.scan.grammars import GRAMMARS, QUOTES, Grammar
from keystead.core.scan.rules import API_HOLE, HOLE

_LONGEST_NAME = 60  # characters of an expression that can still be one
_DEEPEST = 24
_MOST_PIECES = 2_000
_HOLES = (HOLE, API_HOLE, "")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": HOLE}
_API_NAME = re.compile(r"(?i)api(?!_?(?:key|token|secret))")
_PERCENT = re.compile(r"%(?:\((?P<name>\w+)\))?(?:\[\d+\])?[-+#0 .\d]*[a-zA-Z]")
_BRACES = re.compile(r"\{(?P<name>\w*)[^{}]*\}")


class Piece(NamedTuple):
    text: str
    row: int  # of the file, from 0, where the text begins in the expression
    origin: int  # 0: written here; else, the place of the name that stands for it


class Texts:
    """The texts of one source file."""

    def __init__(self, language: str, source: bytes, root: Node) -> None:
        self.grammar, self._is_python = GRAMMARS[language], language == "python"
        self.root = root
        self.bindings = Bindings(self.grammar, source, self.root)
        self._operators = {"+", "<<", "||", "??", "or", "%"} | ({"/"} if self._is_python else set())

    def whole(self, node: Node) -> Node | None:
        """Return the largest expression around a node that makes one text; None where there is none."""
        best = node if self._is_text(node) else None
        while (around := node.parent) is not None and self._passes(around):
            node = around
            best = node if self._is_text(node) else best
        return best

    def pieces(self, node: Node, depth: int = 0) -> list[Piece]:
        """Return the text of an expression in pieces; one hole for what is no text."""
        if depth > _DEEPEST:
            return self._hole(node)
        kind, grammar = node.type, self.grammar
        if kind in grammar.texts:
            return list(self._literal(node, depth))
        if kind in grammar.operations:
            return self._operation(node, depth)
        if kind in grammar.joined or (kind in grammar.bindings and is_added(node)):
            return self._one_after_other(named(node), depth)
        if kind in grammar.calls and (call := call_of(node, grammar)) and (called := kind_of(call)):
            return self._called(node, call, called, depth)
        return self._named(node, depth)

    def _is_text(self, node: Node) -> bool:
        grammar = self.grammar
        known = grammar.texts | grammar.operations | grammar.joined | grammar.names | grammar.members.keys()
        return (
            node.type in known
            or node.type in grammar.calls
            or (node.type in grammar.bindings and is_added(node))
        )

    def _passes(self, around: Node) -> bool:
        """Say whether the text of a node goes into that of this node around it."""
        kind, grammar = around.type, self.grammar
        if kind in grammar.operations:
            return _sign(around) in self._operators
        if kind in grammar.bindings:
            return is_added(around)
        if kind in grammar.calls:
            call = call_of(around, grammar)
            return call is not None and (kind_of(call) is not None or call.owner_text in LISTS)
        if kind in grammar.lists | grammar.arguments | grammar.members.keys():
            return around.parent is not None and self._passes(around.parent)
        known = grammar.texts | grammar.interpolations | grammar.joined | grammar.wrappers
        return kind in known or kind in ("keyword_argument", "variable_expr", "get_attr")

    def _literal(self, node: Node, depth: int) -> Iterator[Piece]:
        text, at, row = node.text or b"", node.start_byte, node.start_point.row
        for child in node.children:
            yield from _raw(text[at - node.start_byte : child.start_byte - node.start_byte], row)
            yield from self._part(child, depth)
            at, row = child.end_byte, child.end_point.row
        yield from _raw(text[at - node.start_byte :] if node.child_count else _unquoted(node.type, text), row)

    def _part(self, child: Node, depth: int) -> Iterable[Piece]:
        if child.type in QUOTES:
            return []
        if child.type == "escape_sequence":
            written = _text(child)[1:]
            return [Piece(_ESCAPES.get(written, written), child.start_point.row, 0)]
        if child.type in self.grammar.interpolations:
            inner = named(child)
            return self._first_known(inner[:2], depth + 1) if inner else self._hole(child)
        if child.type in self.grammar.texts:
            return self._literal(child, depth)
        return _raw(child.text or b"", child.start_point.row)

    def _operation(self, node: Node, depth: int) -> list[Piece]:
        """Long sums lean to the left, so their operands are collected in a loop."""
        operands: list[Node] = []
        sign = _sign(node)
        left: Node | None = node
        while left is not None and left.type == node.type and _sign(left) == sign:
            right = left.child_by_field_name("right")
            operands[:0] = [] if right is None else [right]
            left = left.child_by_field_name("left")
        operands[:0] = [] if left is None else [left]
        if sign in ("||", "??", "or"):
            return self._first_known(operands, depth + 1)
        if sign == "%" and len(operands) > 1:
            values = named(operands[1]) if operands[1].type in self.grammar.lists else operands[1:]
            return self._filled(operands[0], values, _PERCENT, depth)
        if sign == "/":
            return self._with_slashes(operands, depth)
        return self._one_after_other(operands, depth) if sign in ("+", "<<") else self._hole(node)

    def _called(self, node: Node, call: Call, kind: Kind, depth: int) -> list[Piece]:
        owner = [] if call.owner is None else [call.owner]
        if kind is Kind.FORMAT:
            return self._formatted(owner, call.arguments, depth) or self._hole(node)
        if kind is Kind.APPEND:
            return self._one_after_other([*owner, *call.arguments], depth)
        if kind is Kind.PASS:
            return self._first_known([*owner, *call.arguments[:1]], depth + 1)
        if kind is Kind.DEFAULT:
            return self.pieces(call.arguments[-1], depth + 1) if call.arguments else self._hole(node)
        return self._joined(call, [*owner, *call.arguments], depth)

    def _formatted(self, owner: list[Node], arguments: list[Node], depth: int) -> list[Piece]:
        """A method of a template fills it; any other function is given the template first."""
        is_method = bool(owner) and any(
            piece.text not in _HOLES for piece in self.pieces(owner[0], depth + 1)
        )
        parts = [*owner, *arguments] if is_method else arguments
        pattern = _BRACES if self._is_python else _PERCENT
        return self._filled(parts[0], parts[1:], pattern, depth) if parts else []

    def _joined(self, call: Call, parts: list[Node], depth: int) -> list[Piece]:
        if call.is_new and len(call.arguments) > 1:
            parts = call.arguments[1::-1]  # new URL(path, base)
        for part in parts:
            if (found := self._items(part, depth)) is not None:
                separator = self._separator([other for other in parts if other is not part], depth)
                pieces = self._with_separator(found, separator if call.name.lower() == "join" else "/", depth)
                if part.type in self.grammar.names:  # the list is elsewhere, and is joined here
                    return [piece._replace(row=part.start_point.row, origin=0) for piece in pieces]
                return pieces
        if call.owner_text == "String" and call.arguments:
            between = "".join(piece.text for piece in self.pieces(call.arguments[0], depth + 1))
            return self._with_separator(call.arguments[1:], between, depth)
        return self._with_slashes(parts, depth)

    def _separator(self, parts: list[Node], depth: int) -> str:
        texts = ["".join(piece.text for piece in self.pieces(part, depth + 1)) for part in parts]
        return next((text for text in texts if HOLE not in text and API_HOLE not in text), ",")

    def _items(self, node: Node, depth: int) -> list[Node] | None:
        """Return the members of a list, also of one that a name stands for."""
        if node.type == "composite_literal":
            body = node.child_by_field_name("body")
            return None if body is None else named(body)
        if node.type in self.grammar.lists:
            return named(node)
        if node.type in self.grammar.wrappers and node.named_child_count == 1:
            return self._items(node.named_children[0], depth)
        if node.type in self.grammar.calls and (call := call_of(node, self.grammar)):
            return call.arguments if call.owner_text in LISTS else None
        binding = self._binding_of(node) if depth < _DEEPEST else None
        return (
            self._items(binding.value, depth + 8)
            if binding is not None and binding.value is not None
            else None
        )

    def _with_slashes(self, parts: list[Node], depth: int) -> list[Piece]:
        return self._with_separator(parts, "/", depth)

    def _with_separator(self, parts: list[Node], separator: str, depth: int) -> list[Piece]:
        found: list[Piece] = []
        for part in parts:
            pieces = self.pieces(part, depth + 1)
            if found and pieces:
                found.append(Piece(separator, pieces[0].row, pieces[0].origin or found[-1].origin))
            found += pieces
        return found[:_MOST_PIECES]

    def _one_after_other(self, parts: list[Node], depth: int) -> list[Piece]:
        return list(chain.from_iterable(self.pieces(part, depth + 1) for part in parts))[:_MOST_PIECES]

    def _first_known(self, nodes: list[Node], depth: int) -> list[Piece]:
        found: list[Piece] = []
        for node in nodes:
            found = self.pieces(node, depth)
            if any(piece.text not in _HOLES for piece in found):
                return found
        return found

    def _filled(self, template: Node, values: list[Node], holes: re.Pattern[str], depth: int) -> list[Piece]:
        left = iter(node for node in values if node.type != "keyword_argument")
        found: list[Piece] = []
        for piece in self.pieces(template, depth + 1):
            at = 0
            for hole in holes.finditer(piece.text):
                found.append(_part_of(piece, at, hole.start()))
                value = _given(hole["name"] or "", values) or next(left, None)
                found += self._hole(template) if value is None else self.pieces(value, depth + 1)
                at = hole.end()
            found.append(_part_of(piece, at, len(piece.text)))
        return found[:_MOST_PIECES]

    def _named(self, node: Node, depth: int) -> list[Piece]:
        binding = self._binding_of(node)
        if binding is None:
            inner = named(node) if node.type in self.grammar.wrappers else []
            return self.pieces(inner[0], depth + 1) if len(inner) == 1 else self._hole(node)
        if binding.value is None:
            return self._hole(node)
        pieces = self.pieces(binding.owner if binding.is_added else binding.value, depth + 4)
        return [Piece(piece.text, node.start_point.row, node.start_byte + 1) for piece in pieces]

    def _binding_of(self, node: Node) -> Binding | None:
        name, is_member = _name_in(node, self.grammar)
        return self.bindings.get_or_none(name, node.start_byte, is_member=is_member) if name else None

    def _hole(self, node: Node) -> list[Piece]:
        text = (node.text or b"")[:200].decode(errors="replace")
        is_api = len(text) < _LONGEST_NAME and bool(_API_NAME.search(text))
        return [Piece(API_HOLE if is_api else HOLE, node.start_point.row, 0)]


def _part_of(piece: Piece, start: int, end: int) -> Piece:
    return Piece(piece.text[start:end], piece.row + piece.text.count("\n", 0, start), piece.origin)


def _given(name: str, values: list[Node]) -> Node | None:
    """Return the value for a hole that has a number or a name."""
    if name.isdigit():
        return values[int(name)] if int(name) < len(values) else None
    for node in values:
        field = node.child_by_field_name("name")
        if name and field is not None and _text(field) == name:
            return node.child_by_field_name("value")
    return None


def _sign(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return "" if operator is None else operator.type


def _raw(text: bytes, row: int) -> list[Piece]:
    return [Piece(text.decode(errors="replace").replace("\\/", "/"), row, 0)] if text else []


def _unquoted(kind: str, text: bytes) -> bytes:
    return text[text.find(b"'") + 1 : -1] if kind in ("raw_string", "ansi_c_string") else text


def _name_in(node: Node, grammar: Grammar) -> tuple[str, bool]:
    """Return the name that an expression is, and whether it is that of a member; no text when it is none."""
    if node.type in grammar.names:
        return _text(node), node.type in ("instance_variable", "class_variable")
    if node.type in grammar.members:
        name = node.child_by_field_name(grammar.members[node.type][1])
        return ("" if name is None else _text(name)), True
    if node.type in ("simple_expansion", "expansion"):
        return next(
            (_text(child) for child in node.named_children if child.type == "variable_name"), ""
        ), False
    if node.type == "expression" and node.named_child_count > 1 and node.named_children[1].type == "get_attr":
        owner, attribute = _text(node.named_children[0]), _text(node.named_children[1]).lstrip(".")
        return (attribute, True) if owner in ("local", "var") else ("", False)
    return "", False


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
