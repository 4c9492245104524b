"""Holds every answer of the application in a test against what `/openapi.json` says of its route."""

import json
from functools import cache
from typing import final

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keystead.bootstrap import DECLARED
from keystead.http.openapi import document

JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"


@cache
def described() -> dict[str, object]:
    """Return the document, made stricter in one thing: an answer has nothing that is not told."""
    told: dict[str, object] = json.loads(json.dumps(document(DECLARED[:-1], "0")))
    components: dict[str, dict[str, dict[str, object]]] = told["components"]  # type: ignore[assignment] # JSON
    for name, schema in components["schemas"].items():
        if name != "Refusal":  # a denial tells more
            schema["additionalProperties"] = False
    return told


@cache
def statuses() -> dict[tuple[str, str], dict[str, dict[str, object]]]:
    """Return what is told of each status, by method and path."""
    paths: dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]] = described()["paths"]  # type: ignore[assignment] # JSON
    return {
        (method.upper(), path): operation["responses"]
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


@cache
def validator_of(method: str, path: str, status: str) -> Validator | None:
    """Return None where no body is told."""
    if "content" not in statuses()[method, path][status]:
        return None
    place = f"{path.replace('~', '~0').replace('/', '~1')}/{method.lower()}/responses/{status}"
    reference = f"#/paths/{place}/content/application~1json/schema"
    return Draft202012Validator(
        {"$ref": reference, "components": described()["components"], "paths": described()["paths"]}
    )


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
        if (scope["method"], path) in statuses() and not is_form:
            check(scope["method"], path, sent)


def check(method: str, path: str, sent: list[Message]) -> None:
    """Raises AssertionError."""
    status = str(sent[0]["status"])
    told = statuses()[method, path]
    assert status in told, f"{method} {path} answered {status}, which `told` does not tell: name the error"
    media = dict(sent[0]["headers"]).get(b"content-type", b"")
    body = b"".join(message["body"] for message in sent[1:])
    validator = validator_of(method, path, status)
    if validator is not None and media.startswith(JSON):
        problems = [error.message for error in validator.iter_errors(json.loads(body))]
        assert problems == [], f"{method} {path} answered {status} with another body than its `told` tells"
