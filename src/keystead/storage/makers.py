"""Which credential made which: the rows behind what one may give on, and what ends with it."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.storage.schema import credential

_c = credential.c


class Life(NamedTuple):
    expires_at: UnixSeconds | None  # None: never
    revoked_at: UnixSeconds | None


class Made(NamedTuple):
    id: CredentialId
    owner: AccountId | None  # None: an API key
    name: str


def get_life_or_none(db: Connection, org: OrgId, maker: CredentialId) -> Life | None:
    """Return how long a credential lives; None: it is gone."""
    row = db.execute(
        select(_c.expires_at, _c.revoked_at).where(_c.org_id == org, _c.id == maker)
    ).one_or_none()
    return None if row is None else Life(*map(_moment_or_none, row))


def list_made(db: Connection, org: OrgId, maker: CredentialId) -> list[Made]:
    """Return what a credential made, what that made, and so on, without what is revoked; oldest first.

    What was made by one that is deleted by now is not reached through it.
    """
    made = (
        select(_c.id)
        .where(_c.org_id == org, _c.created_by_credential_id == maker)
        .cte("made", recursive=True)
    )
    made = made.union(select(_c.id).where(_c.org_id == org, _c.created_by_credential_id == made.c.id))
    rows = db.execute(
        select(_c.id, _c.account_id, _c.name)
        .where(_c.org_id == org, _c.id.in_(select(made.c.id)), _c.id != maker, _c.revoked_at.is_(None))
        .order_by(_c.id)
    )
    return [Made(CredentialId(id_), _owner_or_none(owner), name) for id_, owner, name in rows]


def _moment_or_none(at: int | None) -> UnixSeconds | None:
    return None if at is None else UnixSeconds(at)


def _owner_or_none(owner: int | None) -> AccountId | None:
    return None if owner is None else AccountId(owner)
