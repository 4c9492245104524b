"""Which objects of a kind somebody may see in a list."""

from keystead.core.access.grants import Grants
from keystead.core.path_id import parse_path_id


def visible_ids(grants: Grants, action: str, kind: str) -> frozenset[int] | None:
    """Return the ids on which the action is held, of scopes `<kind>:id:<id>`; None: on all."""
    if grants.allows(action, f"{kind}:id:*"):
        return None
    ids = (
        parse_path_id(scope.removeprefix(f"{kind}:id:"))
        for scope in grants.scopes(action)
        if scope.startswith(f"{kind}:id:")
    )
    return frozenset(id_ for id_ in ids if id_ is not None)
