"""A credential that makes others: how long they may live beside it, and how they end with it."""

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.ending import may_end, right_for
from keystead.core.credentials.errors import CredentialRevoked, OutlivesMaker
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import CredentialId
from keystead.storage import makers as rows
from keystead.storage.tokens import mark_all_revoked
from keystead.usecases import changes
from keystead.usecases.changes import Target


def check_maker(db: Connection, by: Principal, expires_at: UnixSeconds | None, limit: LifetimeLimit) -> None:
    """Hold the end of a new credential against the one that asks for it, which may be gone meanwhile.

    People may make what they like. Raises CredentialRevoked, OutlivesMaker.
    """
    if by.credential_id is None:
        return
    life = rows.get_life_or_none(db, by.org_here, by.credential_id)
    if life is None or life.revoked_at is not None:
        raise CredentialRevoked(f"credential={by.credential_id}")
    if not limit.ends_with_maker or life.expires_at is None:
        return
    if expires_at is None or expires_at > life.expires_at:
        raise OutlivesMaker(f"credential={by.credential_id}")


def count_made(db: Connection, by: Principal, maker: CredentialId) -> int:
    """Return how many would end with the credential; 0 too where the caller may not end them all."""
    made = rows.list_made(db, by.org_here, maker)
    return len(made) if all(may_end(by, one) for one in made) else 0


def revoke_made(db: Connection, by: Principal, maker: CredentialId, *, at: UnixSeconds) -> int:
    """Revoke what a credential made, what that made, and so on, API keys too; return how many.

    The caller holds the lock of the organization, so that nothing is made meanwhile; all end, or none.
    Raises PermissionMissing for one that the caller may not end.
    """
    made = rows.list_made(db, by.org_here, maker)
    for one in made:
        if not may_end(by, one):
            raise PermissionMissing(right_for(one))
    mark_all_revoked(db, by.org_here, (one.id for one in made), at=at)
    for one in made:
        kind = "apikey" if one.owner is None else "token"
        target = Target(kind, one.id, one.name)
        changes.record(db, by, f"{kind}.revoke", target, at=at, detail={"made_through": maker})
    return len(made)
