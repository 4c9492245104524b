"""Whether the token of a service account can be an API key again, and with which role."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.access.roles import ROLES_ASCENDING, Role, reaches
from keystead.core.accounts.model import ServiceAccount


class Obstacle(StrEnum):
    """What stands against it, in the order in which it is told."""

    NO_TOKEN = "no-token"  # noqa: S105 - a reason
    SEVERAL_TOKENS = "several-tokens"
    DISABLED = "disabled"
    NO_ROLE = "no-role"  # damaged: whoever belongs nowhere may do nothing
    ABOVE_OWN = "above-own"
    CLOSED = "closed"  # the organization has no API keys any more, and this never was one


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account with what else decides about its token."""

    account: ServiceAccount
    tokens: int
    token_name: str
    was_key: bool  # the token is a migrated API key
    stored_role: Role  # of the key that it was; Viewer: it never was one
    is_org_migrated: bool


def obstacle_of(candidate: Candidate, own: Role | None) -> Obstacle | None:
    """Return what stands against it for somebody with this role; None: nothing."""
    role = candidate.account.role
    found = (
        (Obstacle.NO_TOKEN, candidate.tokens == 0),
        (Obstacle.SEVERAL_TOKENS, candidate.tokens > 1),
        (Obstacle.DISABLED, candidate.account.is_disabled),
        (Obstacle.NO_ROLE, role is None),
        (Obstacle.ABOVE_OWN, role is not None and not reaches(own, role)),
        (Obstacle.CLOSED, candidate.is_org_migrated and not candidate.was_key),
    )
    return next((obstacle for obstacle, stands in found if stands), None)


def role_after(candidate: Candidate) -> Role:
    """Return the lower of the key's role and the account's of today: no power comes back."""
    now = candidate.account.role or Role.VIEWER
    return min(candidate.stored_role, now, key=ROLES_ASCENDING.index)
