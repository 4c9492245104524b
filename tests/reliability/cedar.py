"""A third opinion on scopes: the engine of the Cedar language, which knows groups and no scopes."""

from collections.abc import Iterable, Sequence

import cedarpy

_NONE = ""


def decisions(held: Sequence[tuple[str, str]], asked: Sequence[tuple[str, str]]) -> list[bool]:
    """Say of each (action, scope) that is asked whether these permissions allow it."""
    policies = "\n".join(
        f'permit(principal, action == Action::"{action}", resource in Scope::"{scope}");'
        for action, scope in held
    )
    requests = [
        {"principal": 'Someone::""', "action": f'Action::"{action}"', "resource": f'Scope::"{scope}"'}
        for action, scope in asked
    ]
    entities = entities_of([scope for _, scope in (*held, *asked)], [scope for _, scope in held])
    told = cedarpy.is_authorized_batch([{**one, "context": {}} for one in requests], policies, entities)
    return [one.allowed for one in told]


def entities_of(scopes: Iterable[str], held: Iterable[str]) -> list[dict[str, object]]:
    """Return each scope as a member of the next wider one, and no scope as a member of all that are held."""
    groups: dict[str, set[str]] = {_NONE: set(held) - {_NONE}}
    for scope in scopes:
        inner = scope
        while inner not in {_NONE, "*"}:
            outer = wider(inner)
            groups.setdefault(inner, set()).add(outer)
            inner = outer
    return [entity(scope, groups.get(scope, set())) for scope in {*groups, "*"}]


def wider(scope: str) -> str:
    """Return the wildcard right above a scope: of `teams:id:7` it is `teams:id:*`, of that `teams:*`."""
    parts = scope.split(":")
    if parts[-1] == "*":
        parts.pop()
    return ":".join((*parts[:-1], "*"))


def entity(scope: str, parents: set[str]) -> dict[str, object]:
    groups = [{"type": "Scope", "id": parent} for parent in sorted(parents)]
    return {"uid": {"type": "Scope", "id": scope}, "attrs": {}, "parents": groups}
