"""Statements about the tokens of service accounts. An API key is never found as a token."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Update, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import TokenNameTaken, TokenNotFound
from keystead.core.credentials.mint import Digest
from keystead.core.credentials.model import CredentialId, Token
from keystead.core.credentials.rotation import original_lifetime_s
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.text import search_key
from keystead.core.usage.model import LastUse
from keystead.storage.among import is_among
from keystead.storage.schema import account, credential

_c = credential.c
_maker, _maker_key = account.alias("maker"), credential.alias("maker_key")
_MADE_BY = func.coalesce(_maker.c.login, _maker_key.c.name)
_TOKEN = (_c.id, _c.org_id, _c.account_id, _c.name, _c.created_at, _c.expires_at, _c.revoked_at)
_MORE = (_c.lifetime_s, _c.replaced_by_id, _c.grace_until, _c.migrated_at, _MADE_BY)
_USE = (_c.last_used_at, _c.last_used_from, _c.last_used_agent, _c.last_used_route)
_SELECT = (
    select(*_TOKEN)
    .add_columns(*_MORE)
    .add_columns(*_USE)
    .select_from(credential)
    .outerjoin(_maker, _maker.c.id == _c.created_by_id)
    .outerjoin(_maker_key, _maker_key.c.id == _c.created_by_credential_id)
)


@dataclass(frozen=True, slots=True)
class NewToken:
    name: str
    digest: Digest
    lifetime_s: int  # 0: for ever
    expires_at: UnixSeconds | None  # None: never


def list_tokens(
    db: Connection, org: OrgId, owner: AccountId, *, expired: bool | None, now: UnixSeconds
) -> list[Token]:
    """Return the tokens by name, byte by byte; `expired` asks for those that are, or are not, None for all.

    Empty when the owner is not in the organization.
    """
    query = _SELECT.where(_c.org_id == org, _c.account_id == owner).order_by(_c.name)
    if expired is not None:
        query = query.where(
            _c.expires_at <= now if expired else or_(_c.expires_at.is_(None), _c.expires_at > now)
        )
    return [_to_token(row) for row in db.execute(query)]


def list_tokens_from(
    db: Connection, org: OrgId, owner: AccountId, *, place: Cursor | None, is_backward: bool, limit: int
) -> list[Token]:
    """Return the tokens behind or before a place, by name, the nearest first; without one, the first."""
    query = _SELECT.where(_c.org_id == org, _c.account_id == owner).limit(limit)
    if place is not None:
        here, there = tuple_(_c.name, _c.id), tuple_(place.value, place.id)
        query = query.where(here < there if is_backward else here > there)
    columns = (_c.name.desc(), _c.id.desc()) if is_backward else (_c.name, _c.id)
    return [_to_token(row) for row in db.execute(query.order_by(*columns))]


def get_last_use_or_none(db: Connection, org: OrgId, owner: AccountId) -> LastUse | None:
    """Return the newest use of any of the owner's tokens.

    SQLite would look through all uses of the organization, newest first, if it could order by the column.
    """
    query = (
        select(*_USE)
        .where(_c.org_id == org, _c.account_id == owner)
        .order_by(func.coalesce(_c.last_used_at, -1).desc(), _c.id.desc())
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else _to_use(*row)


def get_token_or_none(db: Connection, org: OrgId, owner: AccountId, token: CredentialId) -> Token | None:
    row = db.execute(_SELECT.where(_c.org_id == org, _c.account_id == owner, _c.id == token)).one_or_none()
    return None if row is None else _to_token(row)


def find_token(db: Connection, org: OrgId, owner: AccountId, token: CredentialId) -> Token:
    """Raises TokenNotFound, also for a token of another account and for an API key."""
    found = get_token_or_none(db, org, owner, token)
    if found is None:
        raise TokenNotFound(f"credential={token}")
    return found


def list_taken_names(db: Connection, org: OrgId, names: list[str]) -> frozenset[str]:
    """Return those of the names that a key or a token of the organization has."""
    query = select(_c.name).where(_c.org_id == org, _c.name.in_(names))
    return frozenset(db.execute(query).scalars())


def add_token(
    db: Connection, org: OrgId, owner: AccountId, new: NewToken, *, by: Principal, at: UnixSeconds
) -> CredentialId:
    """Raises TokenNameTaken; what else was done in the transaction is lost then."""
    values = {
        "org_id": org,
        "account_id": owner,
        "name": new.name,
        "search_key": search_key(new.name),
        "role": Role.VIEWER.value,  # counts only if the token is ever made an API key
        "digest": new.digest.value,
        "pepper_id": new.digest.pepper_id,
        "created_at": at,
        "created_by_kind": by.kind.value,
        "created_by_id": by.account_id,
        "created_by_credential_id": by.credential_id,
        "expires_at": new.expires_at,
        "lifetime_s": new.lifetime_s,
    }
    try:
        added = db.execute(insert(credential).values(values).returning(_c.id)).scalar_one()
    except IntegrityError:  # made meanwhile by something that does not lock the organization
        raise TokenNameTaken from None
    return CredentialId(added)


def mark_revoked(
    db: Connection, org: OrgId, owner: AccountId, token: CredentialId, *, at: UnixSeconds
) -> None:
    db.execute(_revoking(at).where(_c.org_id == org, _c.account_id == owner, _c.id == token))


def mark_all_revoked(db: Connection, org: OrgId, ids: Iterable[CredentialId], *, at: UnixSeconds) -> None:
    """End keys and tokens of any account."""
    db.execute(_revoking(at).where(_c.org_id == org, is_among(_c.id, ids)))


def mark_replaced(
    db: Connection,
    org: OrgId,
    token: Token,
    *,
    by: CredentialId,
    grace_until: UnixSeconds,
    expires_at: UnixSeconds | None,
) -> None:
    """Note the successor; for how long the token was made is kept, since its end tells that no longer."""
    db.execute(
        update(credential)
        .where(_c.org_id == org, _c.account_id == token.owner, _c.id == token.id)
        .values(
            replaced_by_id=by,
            grace_until=grace_until,
            expires_at=expires_at,
            lifetime_s=original_lifetime_s(token),
        )
    )


def delete_token(db: Connection, org: OrgId, owner: AccountId, token: CredentialId) -> str:
    """Return the name that it had. Raises TokenNotFound."""
    statement = (
        delete(credential).where(_c.org_id == org, _c.account_id == owner, _c.id == token).returning(_c.name)
    )
    name = db.execute(statement).scalar_one_or_none()
    if name is None:
        raise TokenNotFound(f"credential={token}")
    return name


def _revoking(at: UnixSeconds) -> Update:
    """Return the statement that ends credentials, and with them the time that they had beside successors."""
    grace_until = case((_c.grace_until > at, at), else_=_c.grace_until)
    return update(credential).values(revoked_at=at, grace_until=grace_until)


def _to_token(row: Row[*tuple[Any, ...]]) -> Token:
    id_, org, owner, name, created_at, expires_at, revoked_at, *more = row
    lifetime_s, replaced_by, grace_until, migrated_at, maker, used_at, address, agent, route = more
    return Token(
        id=CredentialId(id_),
        org=OrgId(org),
        owner=AccountId(owner),
        name=name,
        created_at=UnixSeconds(created_at),
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
        revoked_at=None if revoked_at is None else UnixSeconds(revoked_at),
        lifetime_s=lifetime_s,
        replaced_by=None if replaced_by is None else CredentialId(replaced_by),
        grace_until=None if grace_until is None else UnixSeconds(grace_until),
        maker=maker,
        was_key=migrated_at is not None,
        last_use=_to_use(used_at, address, agent, route),
    )


def _to_use(at: int | None, address: str | None, agent: str | None, route: str | None) -> LastUse | None:
    return None if at is None else LastUse(UnixSeconds(at), address or "", agent or "", route or "")
