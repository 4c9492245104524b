"""What the keys of one block are called, as far as the configuration tells it without being run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from tree_sitter import Node

from keystead.core.terraform.hcl import HEREDOC, HEREDOC_AT, HEREDOC_END, child_of, text_of

Round: TypeAlias = Mapping[str, str]  # what `each.key` and the like are in one instance
ONCE: Round = {}
_ESCAPED = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|(\$\$|%%)(?=\{)')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_AS_TEXT = {"string_lit", "quoted_template", "heredoc_template"}
_TRANSPARENT = {"expression", "literal_value", "template_expr", "collection_value"}
_MOST_INSTANCES = 10_000


def inner(node: Node) -> Node:
    """Return what an expression consists of, without the nodes around it that say nothing."""
    while node.type in _TRANSPARENT and len(node.children) == 1:
        node = node.children[0]
    return node


def rounds_of(for_each: Node | None, count: Node | None) -> Sequence[Round] | None:
    """Return what each instance of a block sees; None: only running the configuration tells it."""
    if for_each is not None:
        return each_of(inner(for_each))
    if count is None:
        return [ONCE]
    told = text_of(count)
    if not (told.isascii() and told.isdigit()) or int(told) > _MOST_INSTANCES:
        return None
    return [{"count.index": str(number)} for number in range(int(told))]


def each_of(node: Node) -> Sequence[Round] | None:
    if node.type == "function_call" and text_of(node.children[0]) == "toset":
        given = child_of(node, "function_arguments")
        items = [] if given is None else [inner(child) for child in given.children]
        return members_of(items[0]) if len(items) == 1 else None
    return properties_of(node) if node.type == "object" else None


def members_of(node: Node) -> Sequence[Round] | None:
    if node.type != "tuple":
        return None
    told = [text(child, ONCE) for child in node.children if child.type == "expression"]
    known = [name for name in told if name is not None]
    if len(known) != len(told):
        return None
    return [{"each.key": name, "each.value": name} for name in known]


def properties_of(node: Node) -> Sequence[Round] | None:
    """Return the rounds over an object whose keys and values stand there."""
    rounds: list[Round] = []
    for element in (child for child in node.children if child.type == "object_elem"):
        key, value = (child for child in element.children if child.type == "expression")
        name = property_name(key)
        values = dict(values_of(inner(value)))
        if name is None or not values:
            return None
        rounds.append({"each.key": name} | {f"each.value{path}": told for path, told in values.items()})
    return rounds


def property_name(key: Node) -> str | None:
    """`a = ` and `"a" = ` are names; `(a) = ` is an expression."""
    found = inner(key)
    return text_of(found) if found.type == "variable_expr" else text(found, ONCE)


def values_of(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the texts that a value consists of, by what stands behind `each.value` for them."""
    own = text(node, ONCE)
    if own is not None:
        yield "", own
    for element in (child for child in node.children if child.type == "object_elem"):
        key, value = (child for child in element.children if child.type == "expression")
        name, told = property_name(key), text(value, ONCE)
        if name is not None and told is not None:
            yield f".{name}", told


def text(expression: Node, seen: Round) -> str | None:
    """Return the text that an expression is in an instance; None: only running it tells."""
    node = inner(expression)
    if node.type == "heredoc_template" and text_of(node.children[1]) != HEREDOC:
        return None  # one that somebody wrote; how far its lines are indented decides
    if node.type in _AS_TEXT:
        return template_text(node, seen, is_quoted=node.type != "heredoc_template")
    return seen.get(text_of(node))


def template_text(template: Node, seen: Round, *, is_quoted: bool) -> str | None:
    """Return the text that a template is in an instance; None: only running it tells.

    Spaces beside an interpolation belong to no node, so what stands between two of them is read as it is.
    """
    whole, first = template.text or b"", template.start_byte
    at, end = (1, len(whole) - 1) if is_quoted else (HEREDOC_AT, len(whole) - HEREDOC_END)
    plain = unescaped if is_quoted else undoubled
    parts = []
    for part in template.children:
        if part.type == "template_directive" or is_trimming(part):
            return None
        if part.type == "template_interpolation":
            found = text(part.children[1], seen)
            if found is None:
                return None
            parts += [plain(whole[at : part.start_byte - first].decode()), found]
            at = part.end_byte - first
    return "".join((*parts, plain(whole[at:end].decode())))


def is_trimming(part: Node) -> bool:
    """Say whether it takes the space beside it away, as `${~ x ~}` does."""
    ends = {text_of(child) for child in part.children if child.type.startswith("template_interpolation_")}
    return bool(ends - {"${", "}"})


def unescaped(literal: str) -> str:
    def plain(found: re.Match[str]) -> str:
        letter, short, long, doubled = found.groups()
        if doubled:
            return str(doubled[0])
        return _PLAIN[letter] if letter else chr(int(short or long, 16))

    return _ESCAPED.sub(plain, literal)


def undoubled(literal: str) -> str:
    """A text outside quotes knows no escapes but those of `${` and `%{`."""
    return literal.replace("$${", "${").replace("%%{", "%{")
