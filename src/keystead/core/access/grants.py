"""What one principal holds in one organization, compiled for fast questions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, final

from keystead.core.access.fixed_roles.catalog import KNOWN_RESOURCES, resource_of
from keystead.core.access.permission import Permission

_Held: TypeAlias = Mapping[str, frozenset[str]]
_NONE: frozenset[str] = frozenset()
_ALL = frozenset({"*"})


@final
class Grants:
    """An immutable set of permissions; asking costs the segments of the scope, not the number of scopes held.

    An organization's Admin also holds every action of applications, on any scope, without its being listed:
    those whose resource occurs in no fixed role (and so in no basic role).
    """

    __slots__ = ("_common", "_is_org_admin", "_own")

    def __init__(self, common: _Held, own: _Held, *, is_org_admin: bool) -> None:
        """`common` is shared with others; of an action that stands in both, `own` has all the scopes."""
        self._common = common
        self._own = own
        self._is_org_admin = is_org_admin

    @classmethod
    def of(cls, permissions: Iterable[Permission], *, is_org_admin: bool = False) -> "Grants":
        """Compile permissions; `is_org_admin` says that the basic role is Admin."""
        nothing = cls({}, {}, is_org_admin=is_org_admin)
        return cls(nothing.plus(permissions)._own, {}, is_org_admin=is_org_admin)  # noqa: SLF001 - its own kind

    def plus(self, permissions: Iterable[Permission]) -> "Grants":
        """Return grants with these beside; whatever they do not touch is shared, not copied."""
        more: dict[str, set[str]] = {}
        for action, scope in permissions:
            if action not in more:
                more[action] = set(self._listed(action))
            more[action].add(scope)
        own = {**self._own, **{action: frozenset(scopes) for action, scopes in more.items()}}
        return Grants(self._common, own, is_org_admin=self._is_org_admin)

    def allows(self, action: str, scope: str) -> bool:
        """Say whether the action is held on this scope; "" asks for it on any.

        A scope with a wildcard is held only by an equal or a wider one.
        """
        held = self._listed(action)
        if held and (not scope or scope in held or not held.isdisjoint(_wildcards_over(scope))):
            return True
        return self._is_an_applications(action)

    def holds(self, action: str) -> bool:
        """Say whether the action is held on any scope, or without one."""
        return bool(self._listed(action)) or self._is_an_applications(action)

    def scopes(self, action: str) -> frozenset[str]:
        """Return the scopes on which the action is held; empty when it is not, "" in it for no scope."""
        listed = self._listed(action)
        return listed | _ALL if self._is_an_applications(action) else listed

    def actions(self) -> list[str]:
        """Return every action that is listed, in order."""
        return sorted(self._common.keys() | self._own.keys())

    def first_missing(self, permissions: Iterable[Permission]) -> Permission | None:
        """Return the first of these that is not held, None when all are: nobody grants above their own."""
        return next((wanted for wanted in permissions if not self.allows(wanted.action, wanted.scope)), None)

    def __iter__(self) -> Iterator[Permission]:
        """Yield what is listed, by action, then scope."""
        return (
            Permission(action, scope) for action in self.actions() for scope in sorted(self._listed(action))
        )

    def as_mapping(self) -> dict[str, list[str]]:
        """Return a fresh mapping from action to its sorted scopes, for listings."""
        return {action: sorted(self._listed(action)) for action in self.actions()}

    def _listed(self, action: str) -> frozenset[str]:
        own = self._own.get(action)
        return self._common.get(action, _NONE) if own is None else own

    def _is_an_applications(self, action: str) -> bool:
        """Say whether it is held, on any scope, as what an application brings."""
        return self._is_org_admin and resource_of(action) not in KNOWN_RESOURCES


def _wildcards_over(scope: str) -> Iterator[str]:
    """Yield every scope that ends in `*` and covers this one, widest first."""
    yield "*"
    end = scope.find(":")
    while end != -1:
        yield f"{scope[: end + 1]}*"
        end = scope.find(":", end + 1)


NO_GRANTS = Grants.of(())
