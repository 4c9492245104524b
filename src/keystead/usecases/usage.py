"""Write what was counted: in batches, forward only, and never while a request waits."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Origin
from keystead.core.clock import Clock
from keystead.core.credentials.model import CredentialId
from keystead.core.errors import Unavailable
from keystead.core.usage.buffer import Batch, UseBuffer
from keystead.core.usage.model import LastUse, Outcome
from keystead.storage import usage as rows
from keystead.usecases.transaction import Transaction

CHUNK = 200  # credentials a transaction: small enough that no reader waits for it


@dataclass(frozen=True, slots=True)
class UseWriter:
    """Counts uses in memory and writes them when asked; what cannot be written now is kept."""

    buffer: UseBuffer
    write: Transaction
    clock: Clock

    def count(self, credential: CredentialId, outcome: Outcome, origin: Origin) -> None:
        self.buffer.count_use(
            credential, outcome, LastUse(self.clock(), origin.address, origin.agent, origin.route)
        )

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


def write_uses(db: Connection, batch: Batch) -> None:
    """Write what was counted of the credentials that are still there."""
    known = rows.lock_credentials(db, batch)
    for credential in known:
        last = batch[credential].last
        if last is not None:
            rows.set_last_use(db, credential, last)
    if known:
        rows.add_uses(db, {credential: batch[credential].by_hour() for credential in known})
