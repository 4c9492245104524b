"""Holds every answer of the application in a test against what `/openapi.json` says of its route."""

import json
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias, final

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keystead.bootstrap import DECLARED
from keystead.http.openapi import document

JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"
Schema: TypeAlias = dict[str, object]


class Parameter(Struct, rename={"place": "in"}):
    name: str
    place: str
    schema: Schema


class Content(Struct):
    schema: Schema


class Answer(Struct):
    description: str
    content: dict[str, Content] | None = None


class Operation(Struct, rename={"id": "operationId", "permission": "x-permission", "body": "requestBody"}):
    id: str
    summary: str
    parameters: list[Parameter]
    responses: dict[str, Answer]
    security: list[dict[str, list[str]]]
    permission: Schema | None = None
    body: Schema | None = None


@cache
def described() -> dict[str, dict[str, object]]:
    """Return paths and components of the document."""
    told = document(DECLARED[:-1], "0")
    parts = msgspec.json.encode({name: told[name] for name in ("paths", "components")})
    return msgspec.json.decode(parts, type=dict[str, dict[str, object]])


@cache
def schemas() -> dict[str, Schema]:
    """Return the named schemas, made stricter in one thing: an answer has nothing that is not told."""
    named = msgspec.convert(described()["components"]["schemas"], dict[str, Schema])
    strict: Schema = {"additionalProperties": False}
    return {name: schema if name == "Refusal" else schema | strict for name, schema in named.items()}


@cache
def operations() -> Mapping[tuple[str, str], Operation]:
    """Return what is told of each route, by method and path."""
    paths = msgspec.convert(described()["paths"], dict[str, dict[str, Operation]])
    return {(method.upper(), path): told for path, found in paths.items() for method, told in found.items()}


def validator(schema: Schema) -> Validator:
    return Draft202012Validator({**schema, "components": {"schemas": schemas()}})


@cache
def validator_of(method: str, path: str, status: str) -> Validator | None:
    """Return None where no body is told."""
    content = operations()[method, path].responses[status].content
    return None if content is None else validator(content["application/json"].schema)


@final
class AsDescribed:
    """The application, whose routes may only answer what they declare."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self.app(scope, receive, keep)
        path = scope.get("keystead.route", "")
        is_form = dict(scope["headers"]).get(b"content-type", b"").startswith(FORM)  # the page's affair
        if (scope["method"], path) in operations() and not is_form:
            check(scope["method"], path, sent)


def check(method: str, path: str, sent: list[Message]) -> None:
    """Raises AssertionError."""
    status = str(sent[0]["status"])
    is_told = status in operations()[method, path].responses
    assert is_told, f"{method} {path} answered {status}, which `told` does not tell: name the error"
    media = dict(sent[0]["headers"]).get(b"content-type", b"")
    judge = validator_of(method, path, status)
    if judge is not None and media.startswith(JSON):
        body = b"".join(message["body"] for message in sent[1:])
        problems = [error.message for error in judge.iter_errors(json.loads(body))]
        assert problems == [], f"{method} {path} answered {status} with another body than its `told` tells"
