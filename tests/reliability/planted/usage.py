"""Faults in how the last use is kept."""

from collections.abc import Callable

from sqlalchemy import Connection, update

from keystead.core.access.principal import Origin
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import LastUse, Outcome
from keystead.storage import usage as rows
from keystead.storage.schema import credential
from keystead.usecases.usage import UseWriter


def touch_in_request(set_: Callable[[object, str, object], None]) -> None:
    """Write the last use while the request waits, as Grafana 9.3 does."""
    honest = UseWriter.count

    def count(writer: UseWriter, credential_id: CredentialId, outcome: Outcome, origin: Origin) -> None:
        honest(writer, credential_id, outcome, origin)
        writer.flush()

    set_(UseWriter, "count", count)


def last_use_backwards(set_: Callable[[object, str, object], None]) -> None:
    """Write whatever comes, also when a later use is known."""

    def set_last_use(db: Connection, credential_id: CredentialId, use: LastUse) -> None:
        db.execute(update(credential).where(credential.c.id == credential_id).values(last_used_at=use.at))

    set_(rows, "set_last_use", set_last_use)
