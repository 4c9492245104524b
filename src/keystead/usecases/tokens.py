"""Tokens of service accounts: create, list, find, revoke, delete."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.given import Subject
from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.ceiling import AboveRole, may_mint
from keystead.core.credentials.errors import TokenAboveOwn, TokenNameTaken
from keystead.core.credentials.lifetime import LifetimeLimit, check_limit, expiry_of
from keystead.core.credentials.listing import BY_NAME, place_of_token
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.model import CredentialId, Token
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.core.secret import Secret
from keystead.core.usage.model import LastUse
from keystead.storage import tokens as rows
from keystead.storage.credentials import is_name_taken
from keystead.storage.orgs import lock_org
from keystead.storage.tokens import NewToken
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.grants import list_given
from keystead.usecases.makers import check_maker, revoke_made
from keystead.usecases.paging import Cut, cut_page
from keystead.usecases.serviceaccounts import lock_account


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What making a token depends on, beside the caller."""

    limit: LifetimeLimit
    above_role: AboveRole
    mint: Mint
    clock: Clock


@dataclass(frozen=True, slots=True)
class TokenPageAsked:
    """Which page of an account's tokens is wanted; whatever makes no sense means the first one."""

    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class IssuedToken:
    id: CredentialId
    name: str
    secret: Secret  # shown once, then gone
    expires_at: UnixSeconds | None  # None: never


def create_token(
    db: Connection, by: Principal, owner: AccountId, *, name: str, lifetime_s: int, rules: TokenRules
) -> IssuedToken:
    """Create a token and return its secret, which is not kept.

    `lifetime_s` counts seconds from now; 0 asks for no expiry, which only a limit of -1 allows.
    Raises PermissionMissing, ServiceAccountNotFound, TokenAboveOwn, LifetimeMissing, LifetimeAboveLimit,
    TokenNameTaken, LifetimeNegative, CredentialRevoked, OutlivesMaker, in this order.
    Source: Grafana v9.3.2, `POST /api/serviceaccounts/:id/tokens`.
    """
    now = rules.clock()
    account = lock_for_minting(db, by, owner, rules)
    check_limit(lifetime_s, rules.limit)
    if is_name_taken(db, account.org, name):
        raise TokenNameTaken
    issued = add_token(db, by, account, name, lifetime_s, rules=rules, at=now)
    told = {"account": account.login, "expires_at": issued.expires_at}
    changes.record(db, by, "token.create", Target("token", issued.id, name), at=now, detail=told)
    return issued


def list_tokens(
    db: Connection, by: Principal, owner: AccountId, *, expired: bool | None = None, clock: Clock
) -> list[Token]:
    """Return every token by name, dead ones too; `expired` asks for those that are, or are not.

    An account that is not there has none. Raises PermissionMissing.
    """
    return rows.list_tokens(db, by.org_here, owner, expired=expired, now=clock())


def list_token_page(db: Connection, by: Principal, owner: AccountId, asked: TokenPageAsked) -> Cut[Token]:
    """Return a page of the tokens by name, dead ones too, with one statement.

    An account that is not there has none. Raises PermissionMissing.
    """

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[Token]:  # noqa: FBT001 - as it is called
        return rows.list_tokens_from(
            db, by.org_here, owner, place=place, is_backward=is_backward, limit=limit
        )

    after, before = (get_cursor_or_none(text, BY_NAME, str) for text in (asked.after, asked.before))
    return cut_page(after, before, list_from=list_from, place_of=place_of_token)


def get_last_use_or_none(db: Connection, by: Principal, owner: AccountId) -> LastUse | None:
    """Return when and how the account's tokens were last used; None: never. Raises PermissionMissing."""
    return rows.get_last_use_or_none(db, by.org_here, owner)


def find_token(db: Connection, by: Principal, owner: AccountId, token: CredentialId) -> Token:
    """Raises PermissionMissing, TokenNotFound."""
    return rows.find_token(db, by.org_here, owner, token)


def revoke_token(
    db: Connection,
    by: Principal,
    owner: AccountId,
    token_id: CredentialId,
    *,
    cascade: bool = False,
    clock: Clock,
) -> int:
    """Make a token useless for every request that starts after this one is answered; its row stays.

    Nothing happens to one that is revoked already. `cascade`: what it made is revoked too, what that made,
    and so on; how many those were is returned.
    Raises PermissionMissing, ServiceAccountNotFound, TokenNotFound.
    """
    if cascade:
        lock_org(db, by.org_here)
    account = lock_account(db, by, owner)
    token = rows.find_token(db, account.org, owner, token_id)
    now = clock()
    if token.revoked_at is None:
        rows.mark_revoked(db, account.org, owner, token_id, at=now)
        target = Target("token", token_id, token.name)
        changes.record(db, by, "token.revoke", target, at=now, detail={"account": account.login})
    return revoke_made(db, by, token_id, at=now) if cascade else 0


def delete_token(
    db: Connection, by: Principal, owner: AccountId, token_id: CredentialId, *, clock: Clock
) -> None:
    """Raises PermissionMissing, ServiceAccountNotFound, TokenNotFound."""
    account = lock_account(db, by, owner)
    name = rows.delete_token(db, account.org, owner, token_id)
    target = Target("token", token_id, name)
    changes.record(db, by, "token.delete", target, at=clock(), detail={"account": account.login})


def lock_for_minting(db: Connection, by: Principal, owner: AccountId, rules: TokenRules) -> ServiceAccount:
    """Return the account, whose role and names nobody else changes until this transaction ends.

    Raises PermissionMissing, ServiceAccountNotFound, TokenAboveOwn.
    """
    lock_org(db, by.org_here)
    account = lock_account(db, by, owner)
    given = list_given(db, Subject(owner, account.org, account.role))
    if not may_mint(by.role, by.grants, account, rules.above_role, given=given):
        raise TokenAboveOwn(f"account={owner}")
    return account


def add_token(
    db: Connection,
    by: Principal,
    owner: ServiceAccount,
    name: str,
    lifetime_s: int,
    *,
    rules: TokenRules,
    at: UnixSeconds,
) -> IssuedToken:
    """Write a token whose name is free; who asks for it records why.

    Raises LifetimeMissing, LifetimeAboveLimit, LifetimeNegative, CredentialRevoked, OutlivesMaker,
    TokenNameTaken.
    """
    expires_at = expiry_of(lifetime_s, rules.limit, at)
    check_maker(db, by, expires_at, rules.limit)
    minted = rules.mint.new_token()
    new = NewToken(name, minted.digest, lifetime_s, expires_at)
    token_id = rows.add_token(db, owner.org, owner.id, new, by=by, at=at)
    return IssuedToken(token_id, name, minted.secret, expires_at)
