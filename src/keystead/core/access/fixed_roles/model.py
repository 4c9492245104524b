"""A fixed role: a named set of permissions that comes with the server and that nobody can change."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from keystead.core.access.permission import Permission

BasicRole: TypeAlias = Literal["Viewer", "Editor", "Admin", "Grafana Admin"]


@dataclass(frozen=True, slots=True)
class FixedRole:
    name: str  # fixed:<family>:<what its holder is>
    display_name: str
    group: str  # the heading it is listed under
    permissions: tuple[Permission, ...]
    granted_to: tuple[BasicRole, ...] = ()  # by the server itself; a higher basic role has them too
    is_hidden: bool = False

    @property
    def uid(self) -> str:
        """Return `fixed_` and the unpadded base64url of the name's SHA-1, as Grafana 9.3.2 makes it."""
        digest = hashlib.sha1(self.name.encode(), usedforsecurity=False).digest()
        return "fixed_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
