"""API keys: create, list, find, delete."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, reaches
from keystead.core.access.visible import visible_ids
from keystead.core.clock import Clock
from keystead.core.credentials.errors import ApiKeyNameTaken, ApiKeysClosed
from keystead.core.credentials.lifetime import LifetimeLimit, check_limit, expiry_of
from keystead.core.credentials.listing import BY_NAME, KEY_COLUMNS, place_of
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.paging import COUNTED_TO, PAGE_SIZE, get_cursor_or_none, get_order_or_none
from keystead.core.secret import Secret
from keystead.storage import credentials as rows
from keystead.storage.credentials import KeyFilter
from keystead.storage.migration import get_flags
from keystead.storage.orgs import lock_org
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.makers import check_maker, revoke_made


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What making a key depends on, beside the caller."""

    limit: LifetimeLimit
    mint: Mint
    clock: Clock


@dataclass(frozen=True, slots=True)
class IssuedKey:
    id: CredentialId
    name: str
    secret: Secret  # shown once, then gone


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page of a list is wanted; whatever makes no sense means the first one, by name."""

    query: str = ""
    sort: str = ""  # a column of `KEY_COLUMNS`, with `-` before it for the other way round
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins
    include_expired: bool = False


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """One page of the keys, and what there is beside it. A count above `paging.COUNTED_TO` means: more."""

    keys: tuple[ApiKey, ...]
    shown: int  # on all pages
    hidden_expired: int  # match too, but were not asked for
    has_any: bool  # whatever the query
    has_only_expired: bool  # which are shown then, asked for or not
    before: str  # cursor of the page before; "": this is the first
    after: str  # cursor of the page behind; "": this is the last


def create_key(
    db: Connection, by: Principal, *, name: str, role: Role, lifetime_s: int, rules: KeyRules
) -> IssuedKey:
    """Create an API key and return its secret, which is not kept.

    `lifetime_s` counts seconds from now; 0 asks for no expiry, which only a limit of -1 allows.
    Raises PermissionMissing, RoleAboveOwn, OrgNotFound, ApiKeysClosed, LifetimeMissing, LifetimeAboveLimit,
    ApiKeyNameTaken, LifetimeNegative, CredentialRevoked, OutlivesMaker, in this order.
    Source: Grafana v9.3.2, `POST /api/auth/keys`, where none is ever closed.
    """
    org, now = by.org_here, rules.clock()
    if not reaches(by.role, role):
        raise RoleAboveOwn(f"{role=}")
    if not lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    if get_flags(db, org).is_migrated:
        raise ApiKeysClosed
    check_limit(lifetime_s, rules.limit)
    if rows.is_name_taken(db, org, name):
        raise ApiKeyNameTaken
    expires_at = expiry_of(lifetime_s, rules.limit, now)
    check_maker(db, by, expires_at, rules.limit)
    minted = rules.mint.new_key(name, org)
    key_id = rows.add_key(
        db, org, name=name, role=role, digest=minted.digest, by=by, at=now, expires_at=expires_at
    )
    told: dict[str, str | int | None] = {"role": role.value, "expires_at": expires_at}
    changes.record(db, by, "apikey.create", Target("apikey", key_id, name), at=now, detail=told)
    return IssuedKey(key_id, name, minted.secret)


def list_keys(db: Connection, by: Principal, *, include_expired: bool, clock: Clock) -> list[ApiKey]:
    """Return every key that the caller may read, by name. Raises PermissionMissing."""
    which = readable(by)
    if not include_expired:
        which = replace(which, alive_at=clock())
    return rows.list_keys(db, by.org_here, which)


def list_key_page(db: Connection, by: Principal, asked: PageAsked, *, clock: Clock) -> FoundKeys:
    """Return a page of the keys that the caller may read, with at most four statements.

    Raises PermissionMissing.
    """
    org, now = by.org_here, clock()
    which = replace(readable(by), query=asked.query)
    found = rows.count_keys(db, org, which, now=now)
    there_are = rows.count_keys(db, org, readable(by), now=now) if asked.query else found
    has_only_expired = not there_are.alive and bool(there_are.expired)
    if asked.include_expired or has_only_expired:
        shown, hidden_expired = min(found.alive + found.expired, COUNTED_TO + 1), 0
    else:
        shown, hidden_expired = found.alive, found.expired
        which = replace(which, alive_at=now)
    keys, before, after = cut(db, by, which, asked)
    has_any = bool(there_are.alive or there_are.expired)
    return FoundKeys(keys, shown, hidden_expired, has_any, has_only_expired, before, after)


def find_key(db: Connection, by: Principal, key_id: CredentialId) -> ApiKey:
    """Raises PermissionMissing, ApiKeyNotFound."""
    return rows.find_key(db, by.org_here, key_id)


def get_maker_name_or_none(db: Connection, by: Principal, key_id: CredentialId) -> str | None:
    """Return who made the key; None when that account or key is gone. Raises PermissionMissing."""
    return rows.get_maker_name_or_none(db, by.org_here, key_id)


def delete_key(
    db: Connection, by: Principal, key_id: CredentialId, *, cascade: bool = False, clock: Clock
) -> int:
    """Make a key useless for every request that starts after this one is answered.

    `cascade`: what it made is revoked, what that made, and so on; how many those were is returned.
    Raises PermissionMissing, ApiKeyNotFound.
    """
    if cascade:
        lock_org(db, by.org_here)
    name, now = rows.delete_key(db, by.org_here, key_id), clock()
    changes.record(db, by, "apikey.delete", Target("apikey", key_id, name), at=now)
    return revoke_made(db, by, key_id, at=now) if cascade else 0


def readable(by: Principal) -> KeyFilter:
    return KeyFilter(only=visible_ids(by.grants, Action.API_KEYS_READ, "apikeys"))


def cut(
    db: Connection, by: Principal, which: KeyFilter, asked: PageAsked
) -> tuple[tuple[ApiKey, ...], str, str]:
    """Return the keys of a page, and the cursors of the pages before and behind it."""
    order = get_order_or_none(asked.sort, frozenset(KEY_COLUMNS)) or BY_NAME
    kind = KEY_COLUMNS[order.by]
    after = get_cursor_or_none(asked.after, order, kind)
    before = None if after is not None else get_cursor_or_none(asked.before, order, kind)
    way = order if before is None else replace(order, is_descending=not order.is_descending)
    place = after or before
    keys = rows.list_keys_from(db, by.org_here, which, order=way, place=place, limit=PAGE_SIZE + 1)
    if place is not None and not keys:  # all that stood there are gone
        return cut(db, by, which, replace(asked, after="", before=""))
    is_more = len(keys) > PAGE_SIZE
    shown = keys[:PAGE_SIZE] if before is None else keys[:PAGE_SIZE][::-1]
    ends = [str(place_of(key, order)) for key in (*shown[:1], *shown[-1:])]
    has_before, has_after = (after is not None, is_more) if before is None else (is_more, True)
    return tuple(shown), ends[0] if has_before else "", ends[1] if has_after else ""
