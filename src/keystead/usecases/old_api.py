"""Who still calls the API of API keys: counted in memory, written in batches, kept for 30 days."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.visible import visible_ids
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.errors import Unavailable
from keystead.core.usage.old_api import KEEP_DAYS, CallBatch, CallBuffer, Caller, Calls, is_old_api
from keystead.core.usage.span import day_of, kept_from, last_days
from keystead.storage import old_api as rows
from keystead.usecases.transaction import Transaction
from keystead.usecases.usage import CHUNK, FORGOTTEN_AT_ONCE


@dataclass(frozen=True, slots=True)
class CallWriter:
    """Counts calls in memory and writes them when asked; what cannot be written now is kept."""

    buffer: CallBuffer
    write: Transaction
    clock: Clock

    def count(self, by: Principal, method: str, route: str) -> None:
        """Count a request if it is one of the old API; whoever is in no organization has no keys."""
        if by.org is None or not is_old_api(route):
            return
        id_ = by.account_id or by.credential_id or 0  # of an API key, which is no account, its own
        now = self.clock()
        calls = Calls(by.login or by.name, 1, now, by.origin.address, by.origin.agent)
        self.buffer.add({(Caller(by.org, by.kind, id_, method, route), day_of(now)): calls})

    def flush(self) -> bool:
        """Write all that is waiting; False when the database could not take it, which loses nothing."""
        while batch := self.buffer.take(CHUNK):
            try:
                with self.write() as db:
                    write_calls(db, batch)
            except Unavailable:
                self.buffer.add(batch)
                return False
        return True

    def forget_some(self) -> bool:
        """Forget the oldest of what is too old; False: there is more, or the database is away."""
        before = kept_from(self.clock(), KEEP_DAYS)
        try:
            with self.write() as db:
                return rows.delete_old_calls(db, before=before, most=FORGOTTEN_AT_ONCE) < FORGOTTEN_AT_ONCE
        except Unavailable:
            return False


def write_calls(db: Connection, batch: CallBatch) -> None:
    """Write the calls in organizations that are still there."""
    there = rows.lock_orgs(db, {caller.org for caller, _day in batch})
    known = {place: calls for place, calls in batch.items() if place[0].org in there}
    if known:
        rows.add_calls(db, known)


def list_callers(
    db: Connection, by: Principal, *, now: UnixSeconds, limit: int | None = None
) -> list[tuple[Caller, Calls]]:
    """Return who called in the last 30 days, by route, whoever called last first; None: all of them.

    Who may not read all API keys sees none but those among them. Raises PermissionMissing.
    """
    only_keys = visible_ids(by.grants, Action.API_KEYS_READ, "apikeys")
    since = last_days(KEEP_DAYS, now).start
    return rows.list_callers(db, by.org_here, since, only_keys=only_keys, limit=limit)
