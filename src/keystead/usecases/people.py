"""What the doors need to know of people: who signs in, and what they may do elsewhere."""

from dataclasses import dataclass
from typing import Protocol

from keystead.core.access.grants import Grants
from keystead.core.access.principal import Origin, Principal
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Identified:
    """A person who showed who they are."""

    principal: Principal
    new_cookie: Secret | None = None  # the session's value was rotated: the answer must carry the new one
    is_password_change_due: bool = False  # until then every other request is refused


class People(Protocol):
    """Blocking: call it on a thread."""

    def by_password(self, name: str, password: Secret, org: OrgId | None, origin: Origin) -> Identified:
        """`org` overrides the stored active organization; in one that is not theirs they have no role.

        Raises BasicRefused, HashQueueFull, DatabaseUnavailable.
        """
        ...

    def by_session(self, cookie: Secret, org: OrgId | None, origin: Origin) -> Identified:
        """Raises SessionUnknown, DatabaseUnavailable."""
        ...

    def grants_in(self, by: Principal, org: OrgId | None) -> Grants:
        """Return what somebody may do in another organization than the request's; None: in all of them.

        Raises DatabaseUnavailable.
        """
        ...
