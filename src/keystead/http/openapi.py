"""The OpenAPI document, made from the declarations of the routes: nothing stands in it by hand."""

from collections.abc import Iterable

import msgspec

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import AnyOf, Need
from keystead.core.errors import KeysteadError, NotFound
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.core.sessions.errors import NotSignedIn
from keystead.http.body import BodyUnreadable
from keystead.http.endpoint import Endpoint
from keystead.http.errors import BodyTooLarge, BodyTooSlow, NotNow, status_of
from keystead.http.needs import Open

_SCHEMAS = "#/components/schemas/{name}"
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A service account token or an API key"},
    "basic": {"type": "http", "scheme": "basic", "description": "A person's login and password"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "grafana_session"},
}


class Refusal(msgspec.Struct, rename={"message_id": "messageId", "trace_id": "traceID"}):
    """What every error under /api looks like."""

    message: str
    message_id: str = ""
    trace_id: str = ""


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, object]:
    told = [endpoint for endpoint in endpoints if endpoint.on_error is None]
    kinds = [kind for endpoint in told for kind in (endpoint.told.answer, endpoint.body) if kind is not None]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Refusal], ref_template=_SCHEMAS, schema_hook=schema_of
    )
    by_kind = dict(zip([repr(kind) for kind in [*kinds, Refusal]], schemas, strict=True))
    paths: dict[str, dict[str, object]] = {}
    for endpoint in told:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Keystead", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def schema_of(kind: type) -> dict[str, object]:
    """Describe the one type of a body that JSON does not have."""
    if kind is not Secret:
        raise NotImplementedError
    return {"type": "string", "format": "password", "writeOnly": True}


def operation(endpoint: Endpoint, schemas: dict[str, dict[str, object]]) -> dict[str, object]:
    words = [word.strip("{}") for word in endpoint.path.split("/") if word]
    told: dict[str, object] = {
        "operationId": "-".join([endpoint.method.lower(), *words]),
        "summary": endpoint.summary,
        "parameters": parameters(endpoint),
        "responses": responses(endpoint, schemas),
        "security": [] if isinstance(endpoint.needs, Open) else [{name: []} for name in _SECURITY],
    }
    if isinstance(endpoint.needs, Need | AnyOf):
        told["x-permission"] = permission(endpoint.needs)
    if endpoint.body is not None:
        content = {"application/json": {"schema": schemas[repr(endpoint.body)]}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def permission(needs: Need | AnyOf) -> dict[str, object]:
    if isinstance(needs, AnyOf):
        return {"anyOf": [permission(need) for need in needs.needs]}
    return {"action": str(needs.action), "scope": needs.scope, "place": needs.place.value}


def parameters(endpoint: Endpoint) -> list[dict[str, object]]:
    text = {"type": "string"}
    in_path: list[dict[str, object]] = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in endpoint.variables
    ]
    in_query: list[dict[str, object]] = [
        {"name": name, "in": "query", "schema": text} for name in endpoint.told.query
    ]
    return in_path + in_query


def responses(endpoint: Endpoint, schemas: dict[str, dict[str, object]]) -> dict[str, object]:
    answer = endpoint.told.answer
    good: dict[str, object] = {"description": "Done"}
    if answer is not None:
        good["content"] = {"application/json": {"schema": schemas[repr(answer)]}}
    refused = {"application/json": {"schema": schemas[repr(Refusal)]}}
    told: dict[str, object] = {str(endpoint.told.status): good}
    for status, messages in sorted(refusals(endpoint).items()):
        told[str(status)] = {"description": " · ".join(sorted(messages)), "content": refused}
    return told


def refusals(endpoint: Endpoint) -> dict[int, set[str]]:
    """Return each status that the route may refuse with, and the sentences that go with it."""
    retold = endpoint.told.answers or {}
    kinds: list[type[KeysteadError]] = [*endpoint.told.errors, *retold, DatabaseUnavailable, NotNow]
    if not isinstance(endpoint.needs, Open):
        kinds += [NotSignedIn, PermissionMissing]
    if endpoint.body is not None:
        kinds += [BodyUnreadable, BodyTooLarge, BodyTooSlow]
    if endpoint.variables:
        kinds += [NotFound]
    told: dict[int, set[str]] = {}
    for kind in kinds:
        status, message = retold.get(kind) or (status_of(kind), kind.message)
        told.setdefault(status, set()).add(message)
    return told
