"""Where Terraform names the resource grafana_api_key: in HCL, and in what is written as JSON or YAML."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from keystead.core.scan.finding import Found
from keystead.core.scan.rules import MENTION, TERRAFORM

_NAME = re.compile(rb"(?<![\w.-])grafana_api_key(?![\w-])")
_LET_GO = ("removed", "moved")  # they stay until the state has forgotten the resource


def of_resource(root: Node, source: bytes, language: str) -> Iterator[Found]:
    """Yield each resource, and each reference to one. A variable of the same name is none."""
    if language != "hcl":
        return
    for found in _NAME.finditer(source):
        node = root.descendant_for_byte_range(*found.span())
        if node is not None and node.text == found[0] and (_is_label(node) or _is_reference(node)):
            yield Found(node.start_point.row, TERRAFORM + MENTION if _is_let_go(node) else TERRAFORM)


def _is_label(node: Node) -> bool:
    around = node.parent
    while around is not None and around.type in ("string_lit", "quoted_template", "template_literal"):
        node, around = around, around.parent
    if around is None or around.type != "block" or len(around.children) < 2:  # noqa: PLR2004 - a type and a label
        return False
    return around.children[0].text == b"resource" and around.children[1].id == node.id


def _is_reference(node: Node) -> bool:
    if node.parent is None or node.parent.type != "variable_expr":
        return False
    after = node.parent.next_sibling
    return after is not None and after.type == "get_attr"


def _is_let_go(node: Node) -> bool:
    around: Node | None = node
    while around is not None and around.type != "block":
        around = around.parent
    return around is not None and (around.children[0].text or b"").decode(errors="replace") in _LET_GO
