"""What the well-known functions do that put texts together, in all languages."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from tree_sitter import Node

from keystead.core.scan.grammars import Grammar


class Kind(Enum):
    JOIN = auto()  # with slashes, or with a separator that is told
    APPEND = auto()  # one after the other
    FORMAT = auto()  # into the holes of a template
    PASS = auto()  # what went in comes out
    DEFAULT = auto()  # the last argument, unless a setting says otherwise


@dataclass(frozen=True, slots=True)
class Call:
    owner: Node | None  # of the method; a module counts as one
    name: str
    arguments: list[Node]
    is_new: bool

    @property
    def owner_text(self) -> str:
        return (
            "" if self.owner is None or self.owner.text is None else self.owner.text.decode(errors="replace")
        )


_KINDS = {
    Kind.JOIN: "join joinpath pathjoin urljoin joinurl joinpaths urlpathjoin resolve path url uri purepath "
    "pathsegment pathsegments addpathsegment addpathsegments addencodedpathsegments appendpath segment "
    "segments appendpathsegment appendpathsegments pureposixpath posixpath create parse fromuri "
    "fromuristring fromhttpurl frompath",
    Kind.APPEND: "concat append",
    Kind.FORMAT: "format sprintf formatted printf",
    Kind.PASS: "strip rstrip lstrip trim trimend trimstart trimleft trimright trimsuffix trimprefix "
    "removesuffix chomp freeze tostring tos str string encode decode build touri tourl encodeuri quote "
    "dedent trimspace",
    Kind.DEFAULT: "getenv getordefault",
}
LISTS = ("List", "Arrays", "Stream")  # what owns the makers of lists
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_SETTINGS = re.compile(r"(?i)\b(?:environ|env|settings|config)$")
_PATHS = ("Paths", "Path")  # of Java
_FETCHED = ("get", "fetch")  # a default comes last where settings are asked


def kind_of(call: Call) -> Kind | None:
    name = call.name.lower().replace("_", "").rstrip("!?")
    if name in _FETCHED and len(call.arguments) > 1 and _SETTINGS.search(call.owner_text):
        return Kind.DEFAULT
    return Kind.JOIN if name == "get" and call.owner_text in _PATHS else _KIND_OF.get(name)


def call_of(node: Node, grammar: Grammar) -> Call | None:
    """Return the call that a node is; None when what is called has no name."""
    function, arguments = grammar.calls[node.type]
    if node.type == "command":
        return _printf(node)
    if not function:  # HCL has no fields
        first = node.named_children[0]
        return Call(
            None,
            _text(first),
            named(node.named_children[-1]) if node.named_child_count > 1 else [],
            is_new=False,
        )
    called = node.child_by_field_name(function)
    given = node.child_by_field_name(arguments)
    owner = node.child_by_field_name("object") or node.child_by_field_name("receiver")
    if called is not None and called.type in grammar.members:
        fields = grammar.members[called.type]
        owner, called = called.child_by_field_name(fields[0]), called.child_by_field_name(fields[1])
    if called is None or not re.fullmatch(r"[\w.!?]+", _text(called)):
        return None
    is_new = node.type in ("new_expression", "object_creation_expression")
    return Call(owner, _text(called), [] if given is None else named(given), is_new=is_new)


def _printf(command: Node) -> Call | None:
    """Return a call of printf, the one command whose arguments make one text."""
    words = named(command)
    if not words or _text(words[0]) != "printf":
        return None
    into = 2 if len(words) > 2 and _text(words[1]) == "-v" else 0  # noqa: PLR2004 - printf -v NAME
    return Call(None, "printf", words[1 + into :], is_new=False)


def named(node: Node) -> list[Node]:
    return [child for child in node.named_children if "comment" not in child.type]


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
