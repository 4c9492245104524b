"""Which endpoint answers: exact methods, fixed members before variable ones, nothing redirected."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from keystead.http.endpoint import Endpoint


@dataclass(slots=True)
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    variable: "_Node | None" = None
    endpoint: Endpoint | None = None


class Router:
    """A tree for each method, so that a fixed word without the method falls through to the variable one."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._trees: dict[str, _Node] = {}
        for endpoint in endpoints:
            node = self._trees.setdefault(endpoint.method, _Node())
            for member in _split(endpoint.path):
                node = _step(node, member)
            if node.endpoint is not None:
                raise TypeError(f"{endpoint.method} {endpoint.path} is declared twice")
            node.endpoint = endpoint

    def find(self, method: str, members: tuple[str, ...]) -> tuple[Endpoint, dict[str, str]] | None:
        """Return the endpoint and what its variable members say; HEAD is answered where GET is."""
        tree = self._trees.get("GET" if method == "HEAD" else method)
        found = None if tree is None else _find(tree, members)
        if found is None:
            return None
        endpoint, values = found
        return endpoint, dict(zip(endpoint.variables, values, strict=True))


def _split(path: str) -> list[str]:
    return [member for member in path.split("/") if member]


def _step(node: _Node, member: str) -> _Node:
    if not member.startswith("{"):
        return node.fixed.setdefault(member, _Node())
    if node.variable is None:
        node.variable = _Node()
    return node.variable


def _find(node: _Node, members: tuple[str, ...]) -> tuple[Endpoint, tuple[str, ...]] | None:
    if not members:
        return None if node.endpoint is None else (node.endpoint, ())
    first, rest = members[0], members[1:]
    if first in node.fixed and (found := _find(node.fixed[first], rest)) is not None:
        return found
    if node.variable is None or (found := _find(node.variable, rest)) is None:
        return None
    endpoint, values = found
    return endpoint, (first, *values)
