"""`/api/serviceaccounts/{id}/tokens`: what programs present. Source: Grafana v9.3.2 HTTP API."""

from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from keystead.api.serviceaccounts import BAD_DATA, ONE, account_id_of
from keystead.api.shapes import Ended, Name, NameOrEmpty
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import ServiceAccountIdInvalid, ServiceAccountNotFound
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import (
    LifetimeAboveLimit,
    LifetimeMissing,
    LifetimeNegative,
    OutlivesMaker,
    TokenAboveOwn,
    TokenDead,
    TokenIdInvalid,
    TokenNameTaken,
    TokenNotFound,
    TokenNotReplaced,
    TokenReplaced,
)
from keystead.core.credentials.lifetime import MAX_LIFETIME_S
from keystead.core.credentials.model import CredentialId, Token, has_expired, seconds_until_expiry
from keystead.core.credentials.rotation import DEFAULT_GRACE_S, MAX_GRACE_S, RotationAsked
from keystead.core.path_id import MAX_INT64
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.render import Message, rfc3339, rfc3339_or_none
from keystead.usecases import rotation, serviceaccounts, tokens
from keystead.usecases.tokens import IssuedToken

routes = Routes()

_TOKENS = "/api/serviceaccounts/{service_account_id}/tokens"
_TOKEN = f"{_TOKENS}/{{token_id}}"
_MINTED: Retold = {**BAD_DATA, LifetimeNegative: (400, "invalid SecondsToLive value")}
OF_MINTING = (TokenAboveOwn, LifetimeMissing, LifetimeAboveLimit, TokenNameTaken, OutlivesMaker)
_OF_ACCOUNTS_MINTING = (ServiceAccountIdInvalid, ServiceAccountNotFound, *OF_MINTING)
_ENDS = Told(
    answer=Message,
    errors=(ServiceAccountIdInvalid, ServiceAccountNotFound, TokenIdInvalid),
    answers={TokenNotFound: (404, "Failed to delete service account token")},
)


class CreateToken(Struct, rename="camel", kw_only=True):
    name: Name
    seconds_to_live: Annotated[int, Meta(ge=-MAX_INT64 - 1, le=MAX_LIFETIME_S)] = 0  # 0: never expires


class RotateToken(Struct, rename="camel", kw_only=True):
    name: NameOrEmpty = ""  # "": the old one's, with its number raised
    seconds_to_live: Annotated[int, Meta(ge=-MAX_INT64 - 1, le=MAX_LIFETIME_S)] | UnsetType = UNSET
    grace_seconds: Annotated[int, Meta(ge=0, le=MAX_GRACE_S)] = DEFAULT_GRACE_S


class TokenCreated(Struct):
    id: int
    name: str
    key: str


class TokenRotated(Struct, rename="camel"):
    id: int
    name: str
    key: str
    expiration: str | None
    replaces: int
    grace_until: str


class TokenTold(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    created: str
    last_used_at: str | None
    expiration: str | None
    seconds_until_expiration: int  # 0 unless it ends within a week
    has_expired: bool
    is_revoked: bool
    created_by: str | None  # None: whoever it was is gone
    last_used_from: str | None
    replaced_by: int | UnsetType = UNSET
    grace_until: str | UnsetType = UNSET


@routes.route(
    "GET",
    _TOKENS,
    needs=Action.SERVICE_ACCOUNTS_READ.on(ONE),
    told=Told(answer=list[TokenTold], errors=(ServiceAccountIdInvalid,), query={"expired": bool}),
)
def list_tokens(call: Call[Principal]) -> list[TokenTold]:
    """List all tokens of a service account by name, dead ones too; of an unknown account there are none."""
    owner = account_id_of(call)
    expired = call.query.flag("expired") if call.query.has("expired") else None
    call.deps.uses.flush()  # so that a first use shows
    with call.deps.read() as db:
        found = tokens.list_tokens(db, call.by, owner, expired=expired, clock=call.deps.clock)
    now = call.deps.clock()
    return [to_shape(token, now) for token in found]


def check_owner(call: Call[Principal]) -> None:
    """Raises ServiceAccountIdInvalid, ServiceAccountNotFound: of an unknown account no body is read."""
    with call.deps.read() as db:
        serviceaccounts.find_service_account(db, call.by, account_id_of(call))


def token_id_of(call: Call[Principal]) -> CredentialId:
    """Raises TokenIdInvalid."""
    return CredentialId(call.id("token_id", TokenIdInvalid))


def check_owner_and_id(call: Call[Principal]) -> None:
    """Raises ServiceAccountIdInvalid, ServiceAccountNotFound, TokenIdInvalid, in this order."""
    check_owner(call)
    token_id_of(call)


@routes.route_with_body(
    "POST",
    _TOKENS,
    needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE),
    body=CreateToken,
    first=check_owner,
    told=Told(answer=TokenCreated, errors=_OF_ACCOUNTS_MINTING, answers=_MINTED),
)
def create_token(call: Call[Principal], body: CreateToken) -> TokenCreated:
    """Create a token of a service account; its secret is shown this once."""
    owner = account_id_of(call)
    with call.deps.write() as db:
        issued = tokens.create_token(
            db, call.by, owner, name=body.name, lifetime_s=body.seconds_to_live, rules=call.deps.tokens
        )
    return created_shape(issued)


def created_shape(issued: IssuedToken) -> TokenCreated:
    return TokenCreated(issued.id, issued.name, issued.secret.reveal())


@routes.route(
    "GET",
    _TOKEN,
    needs=Action.SERVICE_ACCOUNTS_READ.on(ONE),
    told=Told(answer=TokenTold, errors=(ServiceAccountIdInvalid, TokenIdInvalid, TokenNotFound)),
)
def find_token(call: Call[Principal]) -> TokenTold:
    """Tell one token."""
    owner, token_id = account_id_of(call), token_id_of(call)
    call.deps.uses.flush()
    with call.deps.read() as db:
        token = tokens.find_token(db, call.by, owner, token_id)
    return to_shape(token, call.deps.clock())


@routes.route("DELETE", _TOKEN, needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE), told=_ENDS)
def delete_token(call: Call[Principal]) -> Message:
    """Delete a token: from now on it opens nothing, and its name is free."""
    check_owner_and_id(call)
    with call.deps.write() as db:
        tokens.delete_token(db, call.by, account_id_of(call), token_id_of(call), clock=call.deps.clock)
    return Message("Service account token deleted")


@routes.route(
    "POST",
    f"{_TOKEN}/revoke",
    needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE),
    told=replace(_ENDS, answer=Ended, query={"cascade": bool}),
)
def revoke_token(call: Call[Principal]) -> Ended:
    """Revoke a token: from now on it opens nothing, but it stays in the list.

    `cascade`: the keys and tokens that it made are revoked too, those that they made, and so on; all or none.
    """
    check_owner_and_id(call)
    owner, token_id, cascade = account_id_of(call), token_id_of(call), call.query.flag("cascade")
    with call.deps.write() as db:
        made = tokens.revoke_token(db, call.by, owner, token_id, cascade=cascade, clock=call.deps.clock)
    return Ended("Service account token revoked", made if cascade else UNSET)


@routes.route_with_body(
    "POST",
    f"{_TOKEN}/rotate",
    needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE),
    body=RotateToken,
    first=check_owner_and_id,
    told=Told(
        answer=TokenRotated,
        errors=(*_OF_ACCOUNTS_MINTING, TokenIdInvalid, TokenNotFound, TokenDead, TokenReplaced),
        answers=_MINTED,
    ),
)
def rotate_token(call: Call[Principal], body: RotateToken) -> TokenRotated:
    """Put a successor in a token's place, which works beside it for a while."""
    lifetime_s = None if body.seconds_to_live is UNSET else body.seconds_to_live
    asked = RotationAsked(body.name, lifetime_s, body.grace_seconds)
    with call.deps.write() as db:
        rotated = rotation.rotate_token(
            db, call.by, account_id_of(call), token_id_of(call), asked, rules=call.deps.tokens
        )
    issued = rotated.successor
    return TokenRotated(
        issued.id,
        issued.name,
        issued.secret.reveal(),
        rfc3339_or_none(issued.expires_at),
        rotated.replaced,
        rfc3339(rotated.grace_until),
    )


@routes.route(
    "POST",
    f"{_TOKEN}/rotate/finish",
    needs=Action.SERVICE_ACCOUNTS_WRITE.on(ONE),
    told=Told(
        answer=Message,
        errors=(
            ServiceAccountIdInvalid,
            ServiceAccountNotFound,
            TokenIdInvalid,
            TokenNotFound,
            TokenNotReplaced,
        ),
    ),
)
def finish_rotation(call: Call[Principal]) -> Message:
    """End a token that has a successor: from now on it opens nothing."""
    check_owner_and_id(call)
    with call.deps.write() as db:
        rotation.finish_rotation(db, call.by, account_id_of(call), token_id_of(call), clock=call.deps.clock)
    return Message("Rotation finished")


def to_shape(token: Token, now: UnixSeconds) -> TokenTold:
    use = token.last_use
    return TokenTold(
        id=token.id,
        name=token.name,
        created=rfc3339(token.created_at),
        last_used_at=None if use is None else rfc3339(use.at),
        expiration=rfc3339_or_none(token.expires_at),
        seconds_until_expiration=seconds_until_expiry(token, now),
        has_expired=has_expired(token, now),
        is_revoked=token.revoked_at is not None,
        created_by=token.maker,
        last_used_from=None if use is None else use.address,
        replaced_by=token.replaced_by or UNSET,
        grace_until=UNSET if token.grace_until is None else rfc3339(token.grace_until),
    )
