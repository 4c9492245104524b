"""Statements about the use of credentials."""

from sqlalchemy import Connection, or_, update

from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import LastUse
from keystead.storage.schema import credential

_c = credential.c


def set_last_use(db: Connection, credential_id: CredentialId, use: LastUse) -> None:
    """Move the last use forward; an older one than is known changes nothing."""
    db.execute(
        update(credential)
        .where(_c.id == credential_id, or_(_c.last_used_at.is_(None), _c.last_used_at <= use.at))
        .values(
            last_used_at=use.at,
            last_used_from=use.address,
            last_used_agent=use.agent,
            last_used_route=use.route,
        )
    )
