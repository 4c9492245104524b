"""A credential to its principal: the hot path, and the only place that says whether a credential is good."""

import hmac
from dataclasses import dataclass
from functools import cache

from keystead.core.access.grants import Grants
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role, basic_permissions
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.errors import (
    CredentialExpired,
    CredentialRevoked,
    CredentialUnknown,
    ServiceAccountDisabled,
)
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.presented import PresentedKey, PresentedToken, parse_presented
from keystead.core.secret import Secret
from keystead.core.usage.buffer import UseBuffer
from keystead.core.usage.model import LastUse, Outcome
from keystead.storage.verify import LookUp, Presented

NO_ACCOUNT = AccountId(0)


@dataclass(frozen=True, slots=True)
class Verifier:
    """Says who presents a secret. Every door asks here."""

    look_up: LookUp
    mint: Mint
    clock: Clock
    uses: UseBuffer

    async def find_principal(self, secret: Secret, origin: Origin) -> Principal:
        """Return who presents this secret.

        Raises CredentialUnknown, CredentialExpired, CredentialRevoked, ServiceAccountDisabled,
        DatabaseUnavailable.
        """
        presented = parse_presented(secret, self.mint.prefix)
        found = await self._find(presented)
        now = self.clock() if found.now is None else found.now
        self._check(found, now, origin)
        return to_principal(found, origin)

    async def _find(self, presented: PresentedToken | PresentedKey) -> Presented:
        for digest in self.mint.digests(presented):
            found = await self.look_up.find(digest.value)
            if found is None or not hmac.compare_digest(found.digest, digest.value):
                continue
            if isinstance(presented, PresentedKey) and (found.org, found.name) != (
                presented.org,
                presented.name,
            ):
                raise CredentialUnknown(f"credential={found.id}")
            return found
        raise CredentialUnknown

    def _check(self, found: Presented, now: UnixSeconds, origin: Origin) -> None:
        """What is refused is counted here; what is let pass by the door, when it knows the outcome."""
        if found.expires_at is not None and found.expires_at <= now:
            self.uses.count_refusal(found.id, now)
            raise CredentialExpired(f"credential={found.id}")
        if found.revoked_at is not None:
            self.uses.count_refusal(found.id, now)
            raise CredentialRevoked(f"credential={found.id}")
        if found.owner is not None and found.is_owner_disabled:  # a use all the same, as in Grafana 9.3
            use = LastUse(now, origin.address, origin.agent, origin.route)
            self.uses.count_use(found.id, Outcome.REFUSED, use)
            raise ServiceAccountDisabled(f"credential={found.id}")
        if found.owner is not None and found.owner_role is None:
            raise CredentialUnknown(f"credential={found.id} has an account without membership")


def to_principal(found: Presented, origin: Origin) -> Principal:
    is_key = found.owner is None
    role = found.role if is_key else found.owner_role
    return Principal(
        kind=PrincipalKind.API_KEY if is_key else PrincipalKind.SERVICE_ACCOUNT,
        account_id=found.owner or NO_ACCOUNT,
        credential_id=found.id,
        session_id=None,
        org=found.org,
        role=role,
        login=found.owner_login,
        name=found.name if is_key else found.owner_name,
        is_server_admin=False,
        grants=basic_grants(role, is_server_admin=False),
        origin=origin,
    )


@cache
def basic_grants(role: Role | None, *, is_server_admin: bool) -> Grants:
    """Return what a basic role gives, compiled once: there are eight of them."""
    permissions = basic_permissions(role, is_server_admin=is_server_admin)
    return Grants.of(permissions, is_org_admin=role is Role.ADMIN)
