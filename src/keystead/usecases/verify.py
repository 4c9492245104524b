"""A credential to its principal: the hot path, and the only place that says whether a credential is good."""

import hmac
from contextlib import suppress
from typing import NamedTuple, final

from keystead.core.access.given import NO_ACCOUNT
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.errors import (
    CredentialExpired,
    CredentialRevoked,
    CredentialUnknown,
    ServiceAccountDisabled,
)
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.presented import PresentedKey, parse_presented
from keystead.core.errors import Unauthenticated
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.usage.buffer import UseBuffer
from keystead.core.usage.model import Outcome
from keystead.storage.verify import Found, LookUp, Presented
from keystead.usecases.grants import compiled
from keystead.usecases.guess_budget import GuessBudget

_MOST_READ = 65_536


class Wanted(NamedTuple):
    """What a row must be to belong to a text: follows from the text alone, so it never gets old."""

    digest: bytes
    key_of: tuple[OrgId, str] | None  # the organization and name in a key; None: a token


@final
class Verifier:
    """Says who presents a secret. Every door asks here."""

    def __init__(self, look_up: LookUp, mint: Mint, clock: Clock, uses: UseBuffer) -> None:
        self._find_row = look_up.find
        self._mint = mint
        self._mark = mint.marker()
        self._clock = clock
        self._uses = uses
        self.guesses = GuessBudget()
        self.read: dict[bytes, Wanted] = {}  # by mark: what was good is not parsed again

    async def find_principal(self, secret: Secret, origin: Origin) -> Principal:
        """Return who presents this secret.

        Raises CredentialUnknown, CredentialExpired, CredentialRevoked, ServiceAccountDisabled,
        CredentialBudgetSpent, DatabaseUnavailable.
        """
        return to_principal(await self.find_good(secret, origin), origin)

    async def find_good(
        self, secret: Secret, origin: Origin, *, counts_as: Outcome | None = None
    ) -> Presented:
        """Return the credential, if it is good. Raises the same.

        A use that the caller knows to end well counts here, `counts_as` that; None: it counts by itself.
        """
        try:
            mark = self._mark(secret)
            wanted = self.read.get(mark)
            found = None if wanted is None else await self._find_row(wanted.digest)
            if found is None or wanted is None or not is_wanted(found.presented, wanted):
                found = await self._find_by_text(secret, mark)
            presented = found.presented
            now = self._clock() if found.now is None else found.now
            self._check(presented, now, origin)
        except Unauthenticated:
            self.guesses.spend(origin.address, self._clock())
            raise
        if counts_as is not None:
            self._uses.count_use(presented.id, counts_as, now, origin)
        return presented

    async def find_any(self, secret: Secret, org: OrgId, address: str) -> Presented:
        """Return a credential of this organization, good or not, for whoever looks at it: that is no use.

        One that is not found counts like a failed request from the address.
        Raises CredentialUnknown, CredentialBudgetSpent, DatabaseUnavailable.
        """
        presented = None
        with suppress(CredentialUnknown):
            presented = (await self._find_by_text(secret, self._mark(secret))).presented
        if presented is None or presented.org != org:
            self.guesses.spend(address, self._clock())
            raise CredentialUnknown
        return presented

    async def _find_by_text(self, secret: Secret, mark: bytes) -> Found:
        """Look for what the text says, and remember that by its mark. Raises CredentialUnknown."""
        self.read.pop(mark, None)
        text = parse_presented(secret, self._mint.prefix)
        key_of = (text.org, text.name) if isinstance(text, PresentedKey) else None
        for digest in self._mint.digests(text):
            wanted = Wanted(digest.value, key_of)
            found = await self._find_row(wanted.digest)
            if found is not None and is_wanted(found.presented, wanted):
                if len(self.read) >= _MOST_READ:
                    self.read.clear()
                self.read[mark] = wanted
                return found
        raise CredentialUnknown

    def _check(self, found: Presented, now: UnixSeconds, origin: Origin) -> None:
        """What is refused is counted here; what is let pass, by the door, which knows the outcome."""
        if found.expires_at is not None and found.expires_at <= now:
            self._uses.count_refusal(found.id, now)
            raise CredentialExpired(f"credential={found.id}")
        if found.revoked_at is not None:
            self._uses.count_refusal(found.id, now)
            raise CredentialRevoked(f"credential={found.id}")
        if found.owner is not None and found.is_owner_disabled:  # a use all the same, as in Grafana 9.3
            self._uses.count_use(found.id, Outcome.REFUSED, now, origin)
            raise ServiceAccountDisabled(f"credential={found.id}")
        if found.owner is not None and found.owner_role is None:
            raise CredentialUnknown(f"credential={found.id} has an account without membership")


def is_wanted(found: Presented, wanted: Wanted) -> bool:
    """Say whether the row belongs to the text; a key must also tell its organization and name."""
    is_same = hmac.compare_digest(found.digest, wanted.digest)
    return is_same and (wanted.key_of is None or wanted.key_of == (found.org, found.name))


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
        grants=compiled(role, found.given, is_server_admin=False),
        origin=origin,
    )
