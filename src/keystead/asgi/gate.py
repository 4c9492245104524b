"""What one request must still show after it was let in, and whether it was refused."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from keystead.asgi.refusal import NO_TOKEN, ROLE_TOO_LOW, Refusal
from keystead.asgi.types import Scope
from keystead.client import Identity, Permission, Role

IDENTITY = "keystead"
GATE = "keystead.gate"
_PLACE = re.compile(r"\{(\w+)\}")
_ESCAPES = str.maketrans({"%": "%25", ":": "%3A", "*": "%2A"})  # as Keystead writes names into scopes
Ask: TypeAlias = Callable[[Permission], Awaitable[Identity]]  # raises Refused


class Refused(Exception):
    """The request may not go on. The middleware answers it, whatever else the application says."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status, refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Need:
    role: Role | None
    action: str | None
    scope: str

    def __post_init__(self) -> None:
        """Raises TypeError, ValueError where it would ask for nothing, or for a role that is none."""
        if self.role is None and self.action is None:
            raise TypeError("nothing is required: name a role or an action")
        if self.scope and self.action is None:
            raise TypeError("a scope is required without its action")
        if self.role is not None and self.role not in get_args(Role):
            raise ValueError(f"there is no role {self.role}: {', '.join(get_args(Role))}")

    def permission(self, path: dict[str, Any]) -> Permission | None:
        """Return what is asked of Keystead, with `{name}` filled from the path; None: nothing.

        Raises KeyError where the path has no such name.
        """
        if self.action is None:
            return None
        filled = _PLACE.sub(lambda place: str(path[place[1]]).translate(_ESCAPES), self.scope)
        return Permission(self.action, filled)


@dataclass(slots=True)
class Gate:
    """Belongs to one request."""

    identity: Identity | None  # None: let in without a token
    ask: Ask
    refusal: Refusal | None = None

    def check_role(self, need: Need) -> Identity:
        """Raises Refused."""
        if self.identity is None:
            raise self.refused(NO_TOKEN)
        if need.role is not None and not self.identity.reaches(need.role):
            raise self.refused(ROLE_TOO_LOW)
        return self.identity

    async def check(self, need: Need, scope: Scope) -> Identity:
        """Raises Refused."""
        identity = self.check_role(need)
        permission = need.permission(scope.get("path_params", {}))
        if permission is None:
            return identity
        try:
            return await self.ask(permission)
        except Refused as error:
            raise self.refused(error.refusal) from None

    def refused(self, refusal: Refusal) -> Refused:
        """From here on the application's own answer is dropped."""
        self.refusal = refusal
        return Refused(refusal)
