"""Whose a key or token is, as `/auth/verify` tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args
from urllib.parse import unquote

import msgspec

Role: TypeAlias = Literal["Viewer", "Editor", "Admin"]
Kind: TypeAlias = Literal["user", "serviceaccount", "apikey"]
ROLES_ASCENDING: tuple[Role, ...] = get_args(Role)
_MAY_BE_EMPTY = ("org", "role", "id", "credential")


class Permission(NamedTuple):
    action: str  # such as "serviceaccounts:read"
    scope: str = ""  # such as "serviceaccounts:id:7" or "serviceaccounts:*"; "": on whichever scope


@dataclass(frozen=True, slots=True)
class Identity:
    """Who presented a good key or token."""

    kind: Kind
    org: int | None  # None: a person who is in no organization
    role: Role | None  # in that organization; None: no basic role
    id: int | None  # of the person or service account; None: an API key, which is no account
    credential: int | None  # the id of the key or token; None: a person's password or session
    login: str  # "": an API key
    scopes: tuple[Permission, ...] = ()  # the permissions that were asked for, all of them held

    def reaches(self, role: Role) -> bool:
        """Say whether the role is at least this one."""
        return self.role is not None and ROLES_ASCENDING.index(self.role) >= ROLES_ASCENDING.index(role)


def identity_of(headers: Mapping[str, str]) -> Identity:
    """Read the headers of an answer that passes.

    Raises ValueError, ValidationError where any is missing or not as it must be.
    """
    told: dict[str, object] = {name: unquote(_header(headers, name)) or None for name in _MAY_BE_EMPTY}
    told["kind"] = _header(headers, "kind")
    told["login"] = unquote(_header(headers, "user"))
    told["scopes"] = [_permission_of(text) for text in _header(headers, "scopes").split()]
    return msgspec.convert(told, Identity, strict=False)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"x-keystead-{name}")
    if value is None:
        raise ValueError(f"the answer has no X-Keystead-{name.title()}")
    return value


def _permission_of(text: str) -> Permission:
    action, _, scope = text.partition("@")
    return Permission(unquote(action), unquote(scope))
