"""Which objects of a kind somebody may see in a list."""

from keystead.core.access.grants import Grants
from keystead.core.path_id import parse_path_id


def visible_uids(grants: Grants, action: str, kind: str) -> frozenset[str] | None:
    """Return the uids on which the action is held, of scopes `<kind>:uid:<uid>`; None: on all."""
    prefix = f"{kind}:uid:"
    if grants.allows(action, f"{prefix}*"):
        return None
    held = (scope for scope in grants.scopes(action) if scope.startswith(prefix))
    return frozenset(scope.removeprefix(prefix) for scope in held)


def visible_ids(grants: Grants, action: str, kind: str) -> frozenset[int] | None:
    """Return the ids on which the action is held, of scopes `<kind>:id:<id>`; None: on all."""
    if grants.allows(action, f"{kind}:id:*"):
        return None
    prefix = f"{kind}:id:"
    told = [scope.removeprefix(prefix) for scope in grants.scopes(action) if scope.startswith(prefix)]
    ids = {text: parse_path_id(text) for text in told}
    # an id is spelled as the number it is, or no check of a single object would be met by it
    return frozenset(id_ for text, id_ in ids.items() if id_ is not None and str(id_) == text)
