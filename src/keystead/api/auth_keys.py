"""`/api/auth/keys`: the API keys. Source: Grafana v9.3.2 HTTP API."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from keystead.api.shapes import AccessControl, Ended, Name, RoleText, access_control
from keystead.core.access.errors import RoleAboveOwn, RoleInvalid
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import parse_role
from keystead.core.accounts.errors import IdInvalid
from keystead.core.credentials.errors import (
    ApiKeyNameTaken,
    ApiKeyNotFound,
    ApiKeysClosed,
    LifetimeAboveLimit,
    LifetimeMissing,
    LifetimeNegative,
    OutlivesMaker,
)
from keystead.core.credentials.lifetime import MAX_LIFETIME_S
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.path_id import MAX_INT64
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import rfc3339, rfc3339_or_none
from keystead.usecases import credentials

routes = Routes()


class CreateKey(Struct, rename="camel", kw_only=True):
    name: Name
    role: RoleText
    seconds_to_live: Annotated[int, Meta(ge=-MAX_INT64 - 1, le=MAX_LIFETIME_S)] = 0  # 0: never expires


class KeyCreated(Struct):
    id: int
    name: str
    key: str


class Key(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    role: str
    expiration: str | UnsetType = UNSET  # absent: it never expires
    created: str
    last_used_at: str | None
    is_revoked: bool
    access_control: AccessControl = UNSET


@routes.route(
    "GET",
    "/api/auth/keys",
    needs=Action.API_KEYS_READ.anywhere(),
    told=Told(answer=list[Key], query={"includeExpired": bool, "accesscontrol": bool}),
)
def list_keys(call: Call[Principal]) -> list[Key]:
    """List the API keys that the caller may read, by name."""
    call.deps.uses.flush()  # so that a first use shows
    with call.deps.read() as db:
        keys = credentials.list_keys(
            db, call.by, include_expired=call.query.flag("includeExpired"), clock=call.deps.keys.clock
        )
    return [shaped(call, key) for key in keys]


@routes.route_with_body(
    "POST",
    "/api/auth/keys",
    needs=Action.API_KEYS_CREATE.anywhere(),
    body=CreateKey,
    told=Told(
        answer=KeyCreated,
        errors=(
            RoleInvalid,
            RoleAboveOwn,
            ApiKeysClosed,
            LifetimeMissing,
            LifetimeAboveLimit,
            ApiKeyNameTaken,
            LifetimeNegative,
            OutlivesMaker,
        ),
    ),
)
def create_key(call: Call[Principal], body: CreateKey) -> KeyCreated:
    """Create an API key; its secret is shown this once."""
    role = parse_role(body.role)
    with call.deps.write() as db:
        issued = credentials.create_key(
            db, call.by, name=body.name, role=role, lifetime_s=body.seconds_to_live, rules=call.deps.keys
        )
    return KeyCreated(issued.id, issued.name, issued.secret.reveal())


@routes.route(
    "GET",
    "/api/auth/keys/{id}",
    needs=Action.API_KEYS_READ.on("apikeys:id:{id}"),
    told=Told(answer=Key, errors=(IdInvalid, ApiKeyNotFound), query={"accesscontrol": bool}),
)
def find_key(call: Call[Principal]) -> Key:
    """Tell one API key."""
    key_id = CredentialId(call.id("id", IdInvalid))
    call.deps.uses.flush()
    with call.deps.read() as db:
        key = credentials.find_key(db, call.by, key_id)
    return shaped(call, key)


@routes.route(
    "DELETE",
    "/api/auth/keys/{id}",
    needs=Action.API_KEYS_DELETE.on("apikeys:id:{id}"),
    told=Told(
        answer=Ended,
        errors=(IdInvalid, ApiKeyNotFound),
        answers={ApiKeyNotFound: (404, "Failed to delete API key")},
        query={"cascade": bool},
    ),
)
def delete_key(call: Call[Principal]) -> Ended:
    """Delete an API key: from now on it opens nothing.

    `cascade`: the keys and tokens that it made are revoked, those that they made, and so on; all or none.
    """
    key_id, cascade = CredentialId(call.id("id", IdInvalid)), call.query.flag("cascade")
    with call.deps.write() as db:
        made = credentials.delete_key(db, call.by, key_id, cascade=cascade, clock=call.deps.keys.clock)
    return Ended("API key deleted", made if cascade else UNSET)


def shaped(call: Call[Principal], key: ApiKey) -> Key:
    return Key(
        id=key.id,
        name=key.name,
        role=key.role.value,
        expiration=UNSET if key.expires_at is None else rfc3339(key.expires_at),
        created=rfc3339(key.created_at),
        last_used_at=rfc3339_or_none(key.last_use.at if key.last_use is not None else None),
        is_revoked=key.revoked_at is not None,
        access_control=access_control(call, f"apikeys:id:{key.id}"),
    )
