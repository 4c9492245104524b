"""Write what was counted: in batches, forward only, and never while a request waits."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Origin
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.errors import Unavailable
from keystead.core.orgs.model import OrgId
from keystead.core.usage.buffer import NO_USES, Batch, UseBuffer, Uses
from keystead.core.usage.model import HourlyUse, Outcome
from keystead.core.usage.span import kept_from
from keystead.storage import usage as rows
from keystead.usecases.transaction import Transaction

CHUNK = 200  # credentials a transaction: small enough that no reader waits for it
FORGOTTEN_AT_ONCE = 1_000  # hours a transaction; likewise


@dataclass(frozen=True, slots=True)
class UseWriter:
    """Counts uses in memory and writes them when asked; what cannot be written now is kept."""

    buffer: UseBuffer
    write: Transaction
    clock: Clock

    def count(self, credential: CredentialId, outcome: Outcome, origin: Origin) -> None:
        self.buffer.count_use(credential, outcome, self.clock(), origin)

    @property
    def dropped(self) -> int:
        """How many uses were not counted, because too many credentials were waiting to be written."""
        return self.buffer.dropped

    def flush(self) -> bool:
        """Write all that is waiting; False when the database could not take it, which loses nothing."""
        while batch := self.buffer.take(CHUNK):
            try:
                with self.write() as db:
                    write_uses(db, batch)
            except Unavailable:
                self.buffer.put_back(batch)
                return False
        return True


@dataclass(frozen=True, slots=True)
class UseHistory:
    """For how long counts are kept, and the end of what is older."""

    keep_days: int
    write: Transaction
    clock: Clock

    def known_from(self) -> UnixSeconds:
        """Return the first second of which counts are kept; before it nobody can tell."""
        return kept_from(self.clock(), self.keep_days)

    def forget_some(self) -> bool:
        """Forget the oldest of what is too old; False: there is more, or the database is away."""
        before, most = self.known_from(), FORGOTTEN_AT_ONCE
        try:
            with self.write() as db:
                gone = rows.delete_old_uses(db, before=before, most=most)
                gone = max(gone, rows.delete_old_org_uses(db, before=before, most=most))
        except Unavailable:
            return False
        return gone < most


def write_uses(db: Connection, batch: Batch) -> None:
    """Write what was counted of the credentials that are still there, and add it to their organizations'."""
    rows.lock_orgs_of(db, batch)
    known = rows.lock_credentials(db, batch)
    for credential in known:
        last = batch[credential].last
        if last is not None:
            rows.set_last_use(db, credential, last)
    if known:
        rows.add_uses(db, {credential: batch[credential].by_hour() for credential in known})
        rows.add_org_uses(db, totals_of(batch, known))


def totals_of(batch: Batch, known: Mapping[CredentialId, OrgId]) -> dict[OrgId, list[HourlyUse]]:
    """Return the sums of each organization's credentials, by hour, oldest first."""
    summed: dict[OrgId, Uses] = {}
    for credential, org in known.items():
        summed[org] = summed.get(org, NO_USES) + batch[credential]
    return {org: uses.by_hour() for org, uses in summed.items()}
