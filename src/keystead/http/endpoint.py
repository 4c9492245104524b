"""How a route is declared, and the one order in which it is served."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Generic, TypeAlias, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from keystead.core.access.permission import Need, Several
from keystead.core.access.principal import Principal
from keystead.core.errors import Invalid, KeysteadError
from keystead.core.path_id import parse_path_id
from keystead.http.body import decode
from keystead.http.deps import Deps
from keystead.http.errors import BodyTooLarge, BodyTooSlow, Retold
from keystead.http.gate import ENTERED, Respell, let_in
from keystead.http.needs import Guarded, Needs, Open
from keystead.http.query import Query
from keystead.http.render import to_response

Body = TypeVar("Body")
Who = TypeVar("Who", Principal, None)
MAX_BODY_BYTES = 256 * 1024
ON_ERROR = "keystead.on-error"  # in the scope: who answers a failure, where a path has two kinds of callers
_BODY_WITHIN_S = 10


@dataclass(frozen=True, slots=True)
class Call(Generic[Who]):
    """One request, after it was let in: the app's parts, what the path and the query say, and whose it is."""

    deps: Deps
    request: Request
    path: Mapping[str, str]
    query: Query
    by: Who

    def id(self, name: str, invalid: type[Invalid]) -> int:
        """Return the number in a member of the path, or raise the error that the route has for it."""
        number = parse_path_id(self.path[name])
        if number is None:
            raise invalid
        return number


Answer: TypeAlias = Callable[[Call[Principal]], object]
OpenAnswer: TypeAlias = Callable[[Call[None]], object]
BodyAnswer: TypeAlias = Callable[[Call[Principal], Body], object]
OnError: TypeAlias = Callable[[Deps, Request, Exception], Awaitable[Response]]
Serve: TypeAlias = Callable[[Deps, Request, Mapping[str, str]], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a route tells beyond its path: for the answer, the errors, and the OpenAPI document."""

    answer: object = None  # the type of the body of a good answer; None: no JSON
    otherwise: Mapping[int, object] | None = None  # the types of bodies that are no error's usual one
    errors: tuple[type[KeysteadError], ...] = ()
    answers: Retold | None = None  # failures that this route answers in its own way
    status: int = 200
    query: Mapping[str, type] | None = None  # bool, int or str of each parameter that is read


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    needs: Needs
    serve: Serve
    told: Told = Told()
    body: type | None = None
    summary: str = ""
    on_error: OnError | None = None  # None: JSON

    def __post_init__(self) -> None:
        """Raises TypeError when the need names what the path does not have."""
        alternatives = self.needs.needs if isinstance(self.needs, Several) else (self.needs,)
        for need in alternatives:
            if isinstance(need, Need):
                places = {name for _, name, _, _ in Formatter().parse(need.scope) if name}
                missing = places | {need.org_member} - {""}
                missing -= set(self.variables)
                if missing:
                    raise TypeError(f"{self.method} {self.path}: the need names {missing}, the path does not")

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)


class Routes(list[Endpoint]):
    """The routes of one family, in the order they are declared."""

    def __init__(self, respell: Respell | None = None) -> None:
        """`respell` puts the id where a path has another name of the thing, before any right is checked."""
        super().__init__()
        self.respell = respell

    def open(
        self, method: str, path: str, *, needs: Open, told: Told = Told()
    ) -> Callable[[OpenAnswer], OpenAnswer]:
        def declare(answer: OpenAnswer) -> OpenAnswer:
            async def serve(deps: Deps, request: Request, variables: Mapping[str, str]) -> Response:
                request.scope[ENTERED] = True
                call = Call(deps, request, variables, Query(request.scope["query_string"]), None)
                return to_response(await run_in_threadpool(answer, call), told.status)

            self.append(Endpoint(method, path, needs, serve, told, summary=_summary(answer)))
            return answer

        return declare

    def route(
        self, method: str, path: str, *, needs: Guarded, told: Told = Told()
    ) -> Callable[[Answer], Answer]:
        """Declare a route that reads no body."""

        def declare(answer: Answer) -> Answer:
            serve = guarded(needs, told, None, lambda call, _body: answer(call), respell=self.respell)
            self.append(Endpoint(method, path, needs, serve, told, summary=_summary(answer)))
            return answer

        return declare

    def route_with_body(
        self,
        method: str,
        path: str,
        *,
        needs: Guarded,
        body: type[Body],
        told: Told = Told(),
        first: Answer | None = None,
    ) -> Callable[[BodyAnswer[Body]], BodyAnswer[Body]]:
        """Declare a route that reads a body; `first` looks at the path and may refuse before that."""

        def declare(answer: BodyAnswer[Body]) -> BodyAnswer[Body]:
            serve = guarded(needs, told, body, answer, first, respell=self.respell)
            self.append(Endpoint(method, path, needs, serve, told, body, _summary(answer)))
            return answer

        return declare


def guarded(
    needs: Guarded,
    told: Told,
    kind: type[Body] | None,
    answer: Callable[..., object],
    first: Answer | None = None,
    *,
    respell: Respell | None = None,
) -> Serve:
    """Authenticate, authorize, read, answer: in that order, and written only here."""

    async def serve(deps: Deps, request: Request, variables: Mapping[str, str]) -> Response:
        path = dict(variables)
        by = await let_in(deps, request, needs, path, reads_body=kind is not None, respell=respell)
        call = Call(deps, request, path, Query(request.scope["query_string"]), by)
        if first is not None:
            await run_in_threadpool(first, call)
        body = None if kind is None else decode(request, await read_body(request), kind)
        return to_response(await run_in_threadpool(answer, call, body), told.status)

    return serve


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """Raises BodyTooLarge, BodyTooSlow; neither keeps the connection."""
    chunks, size = [], 0
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise BodyTooLarge
                chunks.append(chunk)
    except (TimeoutError, ClientDisconnect):
        raise BodyTooSlow from None
    return b"".join(chunks)


def _summary(answer: Callable[..., object]) -> str:
    told = (answer.__doc__ or "").strip().partition("\n")[0]
    return told or answer.__name__.replace("_", " ").capitalize()
