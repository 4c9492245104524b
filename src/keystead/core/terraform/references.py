"""Where a configuration refers to API keys, and what each reference becomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from keystead.core.terraform.hcl import ACCOUNT, KEY, TOKEN, child_of, line_of, nodes, text_of

_TARGETS = {
    "key": TOKEN,
    "expiration": TOKEN,
    "name": TOKEN,
    "seconds_to_live": TOKEN,
    "role": ACCOUNT,
    "org_id": ACCOUNT,
}
OF_WHOLE = {"depends_on", "replace_triggered_by"}  # arguments that take a resource, not one of its values
_INTROS = {"for_intro", "template_for_start"}
_STEPS = {"get_attr", "index", "splat"}


@dataclass(frozen=True, slots=True)
class Reference:
    start: int  # where the type of the resource stands, in bytes
    line: int
    label: str  # "": it is not known which key is meant
    target: str  # the type that it becomes; "": it is not known, or none
    text: str


def references(root: Node, argument: str = "") -> Iterator[Reference]:
    """Yield what refers to API keys below a node; `argument` is the one whose value the node is."""
    waiting = [(root, argument)]
    while waiting:
        node, argument = waiting.pop()
        if node.type == "attribute":
            argument = text_of(node.children[0])
        if is_shadowed(node):
            yield Reference(node.start_byte, line_of(node), "", "", text_of(node))
            continue
        for place, child in enumerate(node.children):
            if child.type == "variable_expr" and text_of(child) == KEY:
                yield reference(child, steps_of(node.children[place + 1 :]), argument)
        waiting += ((child, argument) for child in reversed(node.children))


def is_shadowed(node: Node) -> bool:
    """Say whether it is a `for` with a variable of its own that is called like the resources."""
    names = (name for intro in node.children if intro.type in _INTROS for name in intro.children)
    return any(name.type == "identifier" and text_of(name) == KEY for name in names)


def steps_of(siblings: Sequence[Node]) -> list[Node]:
    """Return the steps behind a variable: names and indexes, with those of a splat behind it."""
    found: list[Node] = []
    for sibling in siblings:
        if sibling.type not in _STEPS:
            break
        found.append(sibling)
        if sibling.type == "splat":
            found += (node for node in sibling.children[0].children if node.type in _STEPS)
    return found


def reference(variable: Node, steps: Sequence[Node], argument: str) -> Reference:
    """Return what `grafana_api_key.LABEL[INDEX].NAME` refers to."""
    names = [name_of(step) for step in steps]
    label = names[0] if names else ""
    behind = names[1:]
    if behind and not behind[0]:
        behind = behind[1:]  # one index or splat
    of_whole = TOKEN if label and argument in OF_WHOLE else ""
    target = _TARGETS.get(behind[0], "") if behind else of_whole
    told = "".join(text_of(step) for step in steps if step.parent == variable.parent)
    return Reference(variable.start_byte, line_of(variable), label, target, text_of(variable) + told)


def name_of(step: Node) -> str:
    """Return the name behind a dot; "" for an index and a splat."""
    found = child_of(step, "identifier") if step.type == "get_attr" else None
    return "" if found is None else text_of(found)


def uses_self(node: Node) -> set[str]:
    """Return the names of the own values that a block uses; "" stands for a use as a whole."""
    found = set()
    for variable in nodes(node, "variable_expr"):
        if text_of(variable) == "self":
            behind = variable.next_sibling
            found.add("" if behind is None else name_of(behind))
    return found
