"""HCL, Terraform's language, as a tree that knows the bytes of each of its parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

KEY = "grafana_api_key"
ACCOUNT = "grafana_service_account"
TOKEN = "grafana_service_account_token"  # noqa: S105 - a type of resource

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HEREDOC = "KEYSTEAD"
HEREDOC_AT = len(f"<<{HEREDOC}\n")  # where a template begins in its node
HEREDOC_END = len(f"\n{HEREDOC}")  # what the node has behind it
TEMPLATE_AT = len("x=") + HEREDOC_AT  # and in what is parsed


@dataclass(frozen=True, slots=True)
class Block:
    node: Node
    type: str
    labels: tuple[str, ...]
    body: Node | None  # None: there is nothing in it

    @property
    def line(self) -> int:
        return line_of(self.node)


@cache
def _language() -> Language:
    return Language(tree_sitter_hcl.language())


def parse(source: bytes) -> Node:
    """Return the root; where it `has_error`, the text is no HCL, or not all of it was understood."""
    if source.startswith(_BYTE_ORDER_MARK):
        source = b"   " + source[3:]
    return Parser(_language()).parse(source).root_node


def parse_template(text: str) -> Node:
    """Return the node whose children are the parts of a template, from a text such as JSON has.

    Each `start_byte` counts from the beginning of the text in UTF-8 when `TEMPLATE_AT` is taken away.
    """
    root = parse(f"x=<<{HEREDOC}\n{text}\n{HEREDOC}\n".encode())
    return root if root.has_error else next(nodes(root, "heredoc_template"), root)


def text_of(node: Node) -> str:
    return (node.text or b"").decode()


def line_of(node: Node) -> int:
    return node.start_point.row + 1


def nodes(root: Node, kind: str) -> Iterator[Node]:
    """Yield the nodes of a kind, none of which is inside another that is yielded."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == kind:
            yield node
        else:
            waiting += reversed(node.children)


def error_line(root: Node) -> int:
    """Return the line of the first part that was not understood."""
    node = root
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error)
    return line_of(node)


def child_of(node: Node, kind: str) -> Node | None:
    return next((child for child in node.children if child.type == kind), None)


def blocks(body: Node | None) -> Iterator[Block]:
    """Yield the blocks that stand in a body, and not those within them."""
    for node in () if body is None else body.children:
        if node.type == "block":
            name, *labels = (child for child in node.children if child.type in {"identifier", "string_lit"})
            yield Block(
                node, text_of(name), tuple(label_of(label) for label in labels), child_of(node, "body")
            )


def label_of(node: Node) -> str:
    return text_of(node).strip('"')


def attributes(body: Node | None) -> dict[str, Node]:
    """Return the nodes of attributes by name."""
    found = () if body is None else (node for node in body.children if node.type == "attribute")
    return {text_of(node.children[0]): node for node in found}


def value_of(attribute: Node) -> Node:
    return attribute.children[-1]
