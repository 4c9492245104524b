"""Why somebody may do something, or may not: asked of the same functions that decide requests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from keystead.core.access.errors import SubjectNotFound
from keystead.core.access.fixed_roles.catalog import resource_of
from keystead.core.access.given import Grant, Source
from keystead.core.access.grants import Grants
from keystead.core.access.levels import OBJECT_KINDS, Level, ObjectKind
from keystead.core.access.named_roles import NamedRole
from keystead.core.access.permission import Permission, covers
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.path_id import parse_path_id


class Named(NamedTuple):
    """Whom a question is about: the id of an account or, for an API key, of the key."""

    kind: PrincipalKind
    id: int

    @property
    def text(self) -> str:
        """Return it as questions spell it, such as `serviceaccount:14`."""
        return f"{self.kind.value}:{self.id}"


class WayKind(StrEnum):
    """What would be changed, least power first."""

    LEVEL = "level"  # on the one object
    ROLE = "role"  # a fixed or custom one
    BASIC = "basic"  # the basic role


@dataclass(frozen=True, slots=True)
class Way:
    """A change that would allow what is asked for."""

    kind: WayKind
    text: str  # what to do, in a sentence
    role_uid: str = ""  # of the role; "": a level
    level: str = ""
    resource: str = ""  # the object that the level is on, as scopes tell it


@dataclass(frozen=True, slots=True)
class Explanation:
    wanted: Permission
    is_allowed: bool
    covering: tuple[Grant, ...]  # those that meet it
    others: tuple[Grant, ...]  # of the same action, on other scopes
    nearest: Grant | None  # None: it is allowed, or nothing is near

    @property
    def decided_by(self) -> Grant | None:
        return next(iter(self.covering), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Permissions of two, by action, then scope."""

    only_first: tuple[Permission, ...]  # the second may not do all of it
    only_second: tuple[Permission, ...]
    both: tuple[Permission, ...]


def parse_named(text: str) -> Named:
    """Read `user:<id>`, `serviceaccount:<id>` or `apikey:<id>`. Raises SubjectNotFound."""
    kind, _, digits = text.partition(":")
    number = parse_path_id(digits) if digits else None
    if kind not in set(PrincipalKind) or number is None:
        raise SubjectNotFound
    return Named(PrincipalKind(kind), number)


def named_of(by: Principal) -> Named:
    """Return how a question names the caller: a token as its account."""
    return Named(by.kind, by.account_id or by.credential_id or 0)


def explain(listed: Sequence[Grant], held: Grants, wanted: Permission, role: Role | None) -> Explanation:
    """Tell what decides; `listed` are the grants that `held` was compiled from, `role` is the basic role."""
    same = [grant for grant in listed if grant.permission.action == wanted.action]
    covering = [grant for grant in same if meets(grant, wanted)]
    is_allowed = held.allows(*wanted)
    return Explanation(
        wanted=wanted,
        is_allowed=is_allowed,
        covering=(*covering, *_of_applications(wanted.action, role)),
        others=tuple(grant for grant in same if grant not in covering),
        nearest=None if is_allowed else _nearest(listed, wanted),
    )


def meets(grant: Grant, wanted: Permission) -> bool:
    """Say whether this grant would be enough by itself."""
    return Grants.of((grant.permission,)).allows(*wanted)


def compare(first: Grants, second: Grants) -> Comparison:
    """Tell what one of two may do and the other may not; a wider scope includes the narrower ones."""
    only_first = tuple(one for one in first if not second.allows(*one))
    only_second = tuple(one for one in second if not first.allows(*one))
    both = {*first, *second} - {*only_first, *only_second}
    return Comparison(only_first, only_second, tuple(sorted(both)))


def levels_that_allow(wanted: Permission) -> Iterator[tuple[ObjectKind, str, Level]]:
    """Yield levels on the one object that is asked for, with its id or uid, lowest first."""
    name, _, rest = wanted.scope.partition(":")
    kind = OBJECT_KINDS.get(name)
    attribute, _, object_id = rest.partition(":")
    if kind is None or attribute != kind.attribute or object_id in {"", "*"}:
        return
    for level in kind.levels:
        if wanted.action in level.actions:
            yield kind, object_id, level


def roles_that_allow(roles: Iterable[NamedRole], wanted: Permission) -> list[NamedRole]:
    """Return the roles that would be enough by themselves, those with the fewest permissions first."""
    enough = (role for role in roles if Grants.of(role.held).allows(*wanted))
    return sorted(enough, key=lambda role: (len(role.permissions), role.name, role.uid))


def _of_applications(action: str, role: Role | None) -> tuple[Grant, ...]:
    """Return what an Admin holds without its being listed: actions of applications."""
    if not Grants.of((), is_org_admin=role is Role.ADMIN).holds(action):
        return ()
    return (Grant(Permission(action, "*"), Source.BASIC, "basic_admin", "basic:admin", "basic:Admin"),)


def _nearest(listed: Sequence[Grant], wanted: Permission) -> Grant | None:
    """Return a grant of the same action, else of the same resource; the first of those that are closest."""
    near = [grant for grant in listed if grant.permission.action == wanted.action]
    if not near:
        resource = resource_of(wanted.action)
        near = [grant for grant in listed if resource_of(grant.permission.action) == resource]
    return max(near, key=lambda grant: _closeness(grant.permission, wanted), default=None)


def _closeness(held: Permission, wanted: Permission) -> tuple[bool, bool, int]:
    is_same_part = held.action.partition(":")[0] == wanted.action.partition(":")[0]
    pairs = zip(held.scope.split(":"), wanted.scope.split(":"), strict=False)
    return is_same_part, covers(held.scope, wanted.scope), sum(ours == theirs for ours, theirs in pairs)
