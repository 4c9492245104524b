"""The OpenAPI document, made from the declarations of the routes: nothing stands in it by hand."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import AnyOf, Need, Several
from keystead.core.accounts.errors import HashQueueFull, PasswordChangeDue
from keystead.core.accounts.password import MAX_PASSWORD_BYTES
from keystead.core.credentials.errors import (
    CredentialBudgetSpent,
    CredentialExpired,
    CredentialRevoked,
    CredentialUnknown,
    ServiceAccountDisabled,
)
from keystead.core.errors import KeysteadError
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.core.sessions.errors import BasicRefused, NotSignedIn
from keystead.http.authenticate import AuthorizationMalformed, AuthorizationRepeated
from keystead.http.body import BodyUnreadable
from keystead.http.endpoint import Endpoint
from keystead.http.errors import BodyTooLarge, BodyTooSlow, NotNow, status_of
from keystead.http.front import HostMissing
from keystead.http.needs import Open, SignedIn, described
from keystead.http.origin import SAFE_METHODS, HostNotAllowed, OriginNotAllowed
from keystead.http.path import PathMalformed
from keystead.http.query import CredentialInUrl

Json: TypeAlias = dict[str, object]
Schemas: TypeAlias = Mapping[str, Json]  # by the `repr` of the type

_SCHEMAS = "#/components/schemas/{name}"
_SECURITY: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A service account token or an API key"},
    "basic": {"type": "http", "scheme": "basic", "description": "A person's login and password"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "grafana_session",
        "description": "A person's session; its name is a setting",
    },
}
_PARAMETER_TYPES = {bool: "boolean", int: "integer", str: "string"}
_AN_ID: Json = {"type": "string", "pattern": "^[+-]?[0-9]+$"}
_TEXT: Json = {"type": "string"}

_OF_ALL = (KeysteadError, HostMissing, PathMalformed, NotNow, DatabaseUnavailable)
_OF_CREDENTIALS = (
    *(CredentialInUrl, AuthorizationRepeated, AuthorizationMalformed, HostNotAllowed, NotSignedIn),
    *(BasicRefused, HashQueueFull, CredentialUnknown, CredentialExpired, CredentialRevoked),
    *(ServiceAccountDisabled, CredentialBudgetSpent),
)
_OF_BODIES = (BodyUnreadable, BodyTooLarge, BodyTooSlow)


class Refusal(msgspec.Struct, rename={"message_id": "messageId", "trace_id": "traceID"}):
    """What an error looks like: its sentence, its id, and the id of the request."""

    message: str
    message_id: str = ""
    trace_id: str = ""


def document(endpoints: Iterable[Endpoint], version: str) -> Json:
    told = [endpoint for endpoint in endpoints if endpoint.on_error is None]
    kinds = [Refusal, *(kind for endpoint in told for kind in kinds_of(endpoint))]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS, schema_hook=schema_of)
    by_kind = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, Json] = {}
    for endpoint in told:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Keystead", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "."}],  # where this document was found
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def kinds_of(endpoint: Endpoint) -> Iterable[object]:
    """Return the types of all bodies that the route reads and answers with."""
    bodies = (endpoint.body, endpoint.told.answer, *(endpoint.told.otherwise or {}).values())
    return (kind for kind in bodies if kind is not None)


def schema_of(kind: type) -> Json:
    """Describe what JSON Schema has no word for by itself."""
    if kind is Secret:
        return {"type": "string", "format": "password", "writeOnly": True, "maxLength": MAX_PASSWORD_BYTES}
    if kind is object:
        return {"description": "whatever it is"}
    raise NotImplementedError


def operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    words = [word.strip("{}") for word in endpoint.path.split("/") if word]
    told: Json = {
        "operationId": "-".join([endpoint.method.lower(), *words]),
        "summary": endpoint.summary,
        "description": described(endpoint.needs),
        "parameters": parameters(endpoint),
        "responses": responses(endpoint, schemas),
        "security": [{name: []} for name in _SECURITY] if asks_who(endpoint) else [],
    }
    if isinstance(endpoint.needs, Need | Several):
        told["x-permission"] = permission(endpoint.needs)
    if endpoint.body is not None:
        told["requestBody"] = {"required": True, "content": as_json(schemas[repr(endpoint.body)])}
    return told


def asks_who(endpoint: Endpoint) -> bool:
    return not isinstance(endpoint.needs, Open) or endpoint.needs is Open.OWN_401


def permission(needs: Need | Several) -> Json:
    if isinstance(needs, Several):
        return {"anyOf" if isinstance(needs, AnyOf) else "allOf": [permission(need) for need in needs.needs]}
    return {"action": str(needs.action), "scope": needs.scope, "place": needs.place.value}


def parameters(endpoint: Endpoint) -> list[Json]:
    in_path: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": _AN_ID if name.endswith("id") else _TEXT}
        for name in endpoint.variables
    ]
    in_query: list[Json] = [
        {"name": name, "in": "query", "schema": {"type": _PARAMETER_TYPES[kind]}}
        for name, kind in (endpoint.told.query or {}).items()
    ]
    return in_path + in_query


def responses(endpoint: Endpoint, schemas: Schemas) -> Json:
    """Return each status with its body; more than one kind of body under one status are alternatives."""
    told = endpoint.told
    descriptions = {status: " · ".join(sorted(messages)) for status, messages in refusals(endpoint).items()}
    bodies = {status: [schemas[repr(Refusal)]] for status in descriptions}
    for status, kind in {told.status: told.answer, **(told.otherwise or {})}.items():
        if kind is not None:
            bodies.setdefault(status, []).append(schemas[repr(kind)])
    descriptions.setdefault(told.status, "Done")
    return {
        str(status): {"description": descriptions[status]}
        | ({"content": as_json(one_of(bodies[status]))} if status in bodies else {})
        for status in sorted(descriptions)
    }


def as_json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def one_of(schemas: list[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def refusals(endpoint: Endpoint) -> dict[int, set[str]]:
    """Return each status that the route may refuse with, and the sentences that go with it."""
    retold = endpoint.told.answers or {}
    told: dict[int, set[str]] = {}
    for kind in (*endpoint.told.errors, *retold, *errors_before(endpoint)):
        status, message = retold.get(kind) or (status_of(kind), kind.message)
        told.setdefault(status, set()).add(message)
    return told


def errors_before(endpoint: Endpoint) -> Iterable[type[KeysteadError]]:
    """Return what may go wrong before the route's own code is reached."""
    yield from _OF_ALL
    if endpoint.body is not None:
        yield from _OF_BODIES
    if not asks_who(endpoint):
        return
    yield from _OF_CREDENTIALS
    if endpoint.method not in SAFE_METHODS:
        yield OriginNotAllowed
    if endpoint.needs is not SignedIn.PASSWORD_CHANGE:
        yield PasswordChangeDue
    if isinstance(endpoint.needs, Need | Several):
        yield PermissionMissing
