"""What one principal holds in one organization, compiled for fast questions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from keystead.core.access.fixed_roles.catalog import KNOWN_RESOURCES, resource_of
from keystead.core.access.permission import Permission

_NONE: frozenset[str] = frozenset()
_ALL = frozenset({"*"})


@final
class Grants:
    """An immutable set of permissions; asking costs the segments of the scope, not the number of scopes held.

    An organization's Admin also holds every action of applications, on any scope, without its being listed:
    those whose resource occurs in no fixed role (and so in no basic role).
    """

    __slots__ = ("_held", "_is_org_admin")

    def __init__(self, held: Mapping[str, frozenset[str]], *, is_org_admin: bool) -> None:
        self._held = held
        self._is_org_admin = is_org_admin

    @classmethod
    def of(cls, permissions: Iterable[Permission], *, is_org_admin: bool = False) -> "Grants":
        """Compile permissions; `is_org_admin` says that the basic role is Admin."""
        held: dict[str, set[str]] = {}
        for action, scope in permissions:
            held.setdefault(action, set()).add(scope)
        return cls({action: frozenset(held[action]) for action in sorted(held)}, is_org_admin=is_org_admin)

    def allows(self, action: str, scope: str) -> bool:
        """Say whether the action is held on this scope; "" asks for it on any."""
        held = self.scopes(action)
        return bool(held) and (not scope or scope in held or not held.isdisjoint(_wildcards_over(scope)))

    def holds(self, action: str) -> bool:
        """Say whether the action is held on any scope, or without one."""
        return bool(self.scopes(action))

    def scopes(self, action: str) -> frozenset[str]:
        """Return the scopes on which the action is held; empty when it is not, "" in it for no scope."""
        if action in self._held:
            return self._held[action]
        is_foreign = self._is_org_admin and resource_of(action) not in KNOWN_RESOURCES
        return _ALL if is_foreign else _NONE

    def first_missing(self, permissions: Iterable[Permission]) -> Permission | None:
        """Return the first of these that is not held, None when all are: nobody grants above their own."""
        return next((wanted for wanted in permissions if not self.allows(wanted.action, wanted.scope)), None)

    def __iter__(self) -> Iterator[Permission]:
        """Yield what is listed, by action, then scope."""
        return (Permission(action, scope) for action, held in self._held.items() for scope in sorted(held))

    def as_mapping(self) -> dict[str, list[str]]:
        """Return a fresh mapping from action to its sorted scopes, for listings."""
        return {action: sorted(held) for action, held in self._held.items()}


def _wildcards_over(scope: str) -> Iterator[str]:
    """Yield every scope that ends in `*` and covers this one, widest first."""
    yield "*"
    end = scope.find(":")
    while end != -1:
        yield f"{scope[: end + 1]}*"
        end = scope.find(":", end + 1)


NO_GRANTS = Grants.of(())
