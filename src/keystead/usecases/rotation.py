"""Rotation: a successor for a token, while the old one works for a while."""

from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Detail
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.errors import TokenNameTaken, TokenNotReplaced
from keystead.core.credentials.lifetime import check_limit
from keystead.core.credentials.model import CredentialId, Token, is_usable
from keystead.core.credentials.rotation import (
    RotationAsked,
    check_can_be_replaced,
    grace_end,
    original_lifetime_s,
    successor_names,
)
from keystead.core.orgs.model import OrgId
from keystead.core.text import MAX_NAME_LENGTH
from keystead.storage import tokens as rows
from keystead.storage.credentials import is_name_taken
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.serviceaccounts import lock_account
from keystead.usecases.tokens import IssuedToken, TokenRules, add_token, lock_for_minting

_NAMES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Rotated:
    successor: IssuedToken
    replaced: CredentialId
    grace_until: UnixSeconds


def rotate_token(
    db: Connection,
    by: Principal,
    owner: AccountId,
    token_id: CredentialId,
    asked: RotationAsked,
    *,
    rules: TokenRules,
) -> Rotated:
    """Make a successor, which works at once; the old token works until its grace ends, or not any more.

    Raises PermissionMissing, ServiceAccountNotFound, TokenAboveOwn, TokenNotFound, TokenDead, TokenReplaced,
    LifetimeMissing, LifetimeAboveLimit, TokenNameTaken, LifetimeNegative, in this order.
    """
    now = rules.clock()
    account = lock_for_minting(db, by, owner, rules)
    token = rows.find_token(db, account.org, owner, token_id)
    check_can_be_replaced(token, get_successor_or_none(db, account.org, token), now)
    lifetime_s = original_lifetime_s(token) if asked.lifetime_s is None else asked.lifetime_s
    check_limit(lifetime_s, rules.limit)
    name = free_name(db, account.org, token, asked)
    issued = add_token(db, by, account, name, lifetime_s, rules=rules, at=now)
    until = grace_end(token, asked.grace_s, now)
    expires_at = until if asked.grace_s else token.expires_at
    rows.mark_replaced(db, account.org, token, by=issued.id, grace_until=until, expires_at=expires_at)
    if not asked.grace_s:
        rows.mark_revoked(db, account.org, owner, token_id, at=now)
    told: Detail = {"account": account.login, "successor": issued.id, "name": name, "grace_until": until}
    changes.record(db, by, "token.rotate", Target("token", token_id, token.name), at=now, detail=told)
    return Rotated(issued, token_id, until)


def finish_rotation(
    db: Connection, by: Principal, owner: AccountId, token_id: CredentialId, *, clock: Clock
) -> None:
    """End the grace of a token that was rotated; nothing happens when it has ended.

    Raises PermissionMissing, ServiceAccountNotFound, TokenNotFound, TokenNotReplaced.
    """
    now = clock()
    account = lock_account(db, by, owner)
    token = rows.find_token(db, account.org, owner, token_id)
    if token.replaced_by is None:
        raise TokenNotReplaced(f"credential={token_id}")
    if not is_usable(token, now):
        return
    rows.mark_revoked(db, account.org, owner, token_id, at=now)
    told: Detail = {"account": account.login, "successor": token.replaced_by}
    changes.record(db, by, "token.revoke", Target("token", token_id, token.name), at=now, detail=told)


def get_successor_or_none(db: Connection, org: OrgId, token: Token) -> Token | None:
    if token.replaced_by is None:
        return None
    return rows.get_token_or_none(db, org, token.owner, token.replaced_by)


def free_name(db: Connection, org: OrgId, token: Token, asked: RotationAsked) -> str:
    """Return the name that is asked for, or the first one with a higher number. Raises TokenNameTaken."""
    if asked.name:
        if is_name_taken(db, org, asked.name):
            raise TokenNameTaken
        return asked.name
    names = successor_names(token.name, MAX_NAME_LENGTH)
    while True:
        candidates = list(islice(names, _NAMES_AT_ONCE))
        taken = rows.list_taken_names(db, org, candidates)
        free = next((name for name in candidates if name not in taken), None)
        if free is not None:
            return free
