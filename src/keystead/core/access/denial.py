"""Why something was denied, for the operator: the answer tells the action alone."""

from collections.abc import Iterable
from itertools import islice

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission

_MOST_TOLD = 10  # scopes of one action


def permission_missing(told: str, wanted: Iterable[Permission], grants: Grants) -> PermissionMissing:
    """Return the refusal; `told` is what the answer names, the rest is what the log tells."""
    wanted = tuple(wanted)
    needed = ", ".join(_on(action, [scope]) for action, scope in wanted)
    held = ", ".join(_on(action, sorted(grants.scopes(action))) for action, _scope in wanted)
    asked: tuple[str, str] = next(iter(wanted), ("", ""))
    return PermissionMissing(told, f"needed {needed}; held {held}", asked)


def _on(action: str, scopes: list[str]) -> str:
    if not scopes:
        return f"{action} nowhere"
    more = len(scopes) - _MOST_TOLD
    shown = [scope or "no scope" for scope in islice(scopes, _MOST_TOLD)]
    return f"{action} on {' and '.join(shown)}" + (f" and {more} more" if more > 0 else "")
