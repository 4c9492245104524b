"""Which value a name of a source file stands for, told by the assignments in the same file."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from keystead.core.scan.grammars import Grammar

_WORD = re.compile(rb"\w+")
_WORDS = re.compile(r"[@$]*\w+")
_LISTS = ("expression_list", "pattern_list", "left_assignment_list")
_MOST_USES = 200  # of one name that are looked at
_MOST_LOOKED_UP = 5_000
_MOST_NAMES = 200  # of one file: source that machines have written may have more than can be looked up


@dataclass(frozen=True, slots=True)
class Binding:
    owner: Node  # the assignment, or the list of parameters
    value: Node | None  # None: only the running program knows
    scope: tuple[int, int]
    is_added: bool  # += and the like


class Bindings:
    def __init__(self, grammar: Grammar, source: bytes, root: Node) -> None:
        self._grammar, self._source, self._root = grammar, source, root
        self._known: dict[str, list[Binding]] = {}
        self._looked_up = 0

    def uses_of(self, name: str) -> Iterator[Node]:
        """Yield where the name stands, in order of the file; not all, when it stands everywhere."""
        word = name.lstrip("@$").encode()
        for at in self._words[word][:_MOST_USES]:
            node = self._root.descendant_for_byte_range(at, at + len(word))
            if node is not None and node.text == name.encode():
                yield node

    @cached_property
    def _words(self) -> dict[bytes, list[int]]:
        """Where each word stands; made when a name is first looked up."""
        places: dict[bytes, list[int]] = defaultdict(list)
        for found in _WORD.finditer(self._source):
            places[found[0]].append(found.start())
        return places

    def get_or_none(self, name: str, at: int, *, is_member: bool) -> Binding | None:
        """Return the last assignment before a place that can be seen from there, else the first behind it."""
        self._looked_up += 1
        if self._looked_up > _MOST_LOOKED_UP or (name not in self._known and len(self._known) >= _MOST_NAMES):
            return None
        if name not in self._known:
            self._known[name] = [found for node in self.uses_of(name) if (found := self._bound_by(node))]
        seen = [
            binding
            for binding in self._known[name]
            if (binding.scope == self._everywhere if is_member else _holds(binding.scope, at))
        ]
        before = [binding for binding in seen if binding.owner.end_byte <= at]
        after = [binding for binding in seen if binding.owner.start_byte > at]
        return before[-1] if before else after[0] if after else None

    def names_bound_by(self, value: Node) -> list[str]:
        """Return the names that an assignment gives to the value, or to what is around it."""
        owner: Node | None = value
        for _ in range(8):
            if owner is None:
                break
            if owner.type in self._grammar.bindings:
                name = _name_and_value(owner, self._grammar)[0]
                listed = [] if name is None else name.named_children if name.type in _LISTS else [name]
                return [words[-1] for one in listed if (words := _WORDS.findall(_text(one)))]
            owner = owner.parent
        return []

    @property
    def _everywhere(self) -> tuple[int, int]:
        return (0, len(self._source))

    def _bound_by(self, node: Node) -> Binding | None:
        target, is_member = node, node.type in ("instance_variable", "class_variable", "global_variable")
        for _ in range(4):
            owner = target.parent
            if owner is None:
                return None
            if owner.type in self._grammar.parameters:
                return Binding(owner, None, self._scope_of(owner), is_added=False)
            if owner.type in self._grammar.bindings:
                is_member |= owner.type in ("pair", "object_elem")
                return self._binding(owner, target, node, is_member=is_member)
            is_member |= owner.type in self._grammar.members
            if owner.type == "block":
                return _default_of(owner, self._everywhere)
            target = owner
        return None

    def _binding(self, owner: Node, target: Node, node: Node, *, is_member: bool) -> Binding | None:
        name, value = _name_and_value(owner, self._grammar)
        if name is None or name.start_byte > target.start_byte or name.end_byte < target.end_byte:
            return None
        if name.type in _LISTS and name.named_child_count != 1:
            value = _at_same_place(name, value, node)
        scope = self._everywhere if is_member else self._scope_of(owner)
        return Binding(owner, value, scope, is_added=is_added(owner))

    def _scope_of(self, node: Node) -> tuple[int, int]:
        around = node.parent
        while around is not None and around.type not in self._grammar.scopes:
            around = around.parent
        return self._everywhere if around is None else (around.start_byte, around.end_byte)


def is_added(owner: Node) -> bool:
    return any(child.type in ("+=", "<<=") for child in owner.children)


def _holds(scope: tuple[int, int], at: int) -> bool:
    return scope[0] <= at < scope[1]


def _name_and_value(owner: Node, grammar: Grammar) -> tuple[Node | None, Node | None]:
    name, value = grammar.bindings[owner.type]
    if name:
        return owner.child_by_field_name(name), owner.child_by_field_name(value)
    return owner.named_child(0), owner.named_child(owner.named_child_count - 1)


def _at_same_place(names: Node, values: Node | None, name: Node) -> Node | None:
    if values is None or values.named_child_count != names.named_child_count:
        return None
    places = [child.start_byte for child in names.named_children]
    return dict(zip(places, values.named_children, strict=True)).get(name.start_byte)


def _default_of(block: Node, scope: tuple[int, int]) -> Binding | None:
    """Return the default of a `variable` block of Terraform."""
    if block.named_child_count and _text(block.named_children[0]) == "variable":
        for attribute in block.named_children[-2].named_children:
            if attribute.type == "attribute" and _text(attribute.named_children[0]) == "default":
                return Binding(block, attribute.named_children[-1], scope, is_added=False)
    return None


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
