"""Somebody's application, behind the middleware in both ways that there are."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import asdict
from typing import TypeAlias, TypedDict, Unpack

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from keystead.asgi import Identity, KeysteadMiddleware, check, require
from keystead.client import Role

Wrap: TypeAlias = Callable[..., ASGIApp]


async def who(request: Request) -> Response:
    identity: Identity | None = request.scope["keystead"]
    return JSONResponse(asdict(identity) if identity else None)


async def headers(request: Request) -> Response:
    return JSONResponse(sorted(request.headers))


@require(role="Editor")
async def edit(request: Request) -> Response:
    return PlainTextResponse(f"edited {request.url.path}")


@require(role="Editor")
def edit_in_thread(_request: Request) -> Response:
    return PlainTextResponse("edited")


@require(action="apikeys:read", scope="apikeys:id:{key}")
async def read_key(request: Request) -> Response:
    return PlainTextResponse(f"read {request.path_params['key']}")


@require(role="Viewer", action="apikeys:read", scope="apikeys:id:7")
def read_key_in_thread(_request: Request) -> Response:
    return PlainTextResponse("read")


async def depend(request: Request) -> Response:
    identity = await check(request, role="Admin", action="apikeys:read", scope="apikeys:*")
    return JSONResponse(identity.scopes)


async def hide(request: Request) -> Response:
    """Answer whatever comes."""
    try:
        await check(request.scope, role="Admin")
    except Exception:  # noqa: BLE001 - as an application may
        return PlainTextResponse("hidden")
    return PlainTextResponse("seen")


async def begin(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        await check(request, role="Admin")
        yield b" and ended"

    return StreamingResponse(parts())


async def stop(_request: Request) -> Response:
    raise HTTPException(418)


@require(role="Editor")
async def plain_app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("plain")(scope, receive, send)


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"org": socket.scope["keystead"].org})
    await socket.close()


@require(role="Editor")
async def talk_as_editor(socket: WebSocket) -> None:
    await talk(socket)


class Options(TypedDict, total=False):
    org: int
    role: Role
    exempt: Iterable[str]
    timeout_s: float


ROUTES = [
    Route("/", who),
    Route("/open", who),
    Route("/assets/{path:path}", who),
    Route("/headers", headers),
    Route("/edit", edit, methods=["GET", "POST"]),
    Route("/edit-in-thread", edit_in_thread),
    Route("/keys/{key:path}", read_key),
    Route("/key-in-thread", read_key_in_thread),
    Route("/depend", depend),
    Route("/hide", hide),
    Route("/begin", begin),
    Route("/stop", stop),
    Mount("/plain", plain_app),
    Mount("/below", routes=[Route("/edit", edit)]),
    WebSocketRoute("/talk", talk),
    WebSocketRoute("/talk-as-editor", talk_as_editor),
]


def inside(url: str, **options: Unpack[Options]) -> ASGIApp:
    return Starlette(routes=ROUTES, middleware=[Middleware(KeysteadMiddleware, url=url, **options)])


def outside(url: str, **options: Unpack[Options]) -> ASGIApp:
    return KeysteadMiddleware(Starlette(routes=ROUTES), url, **options)
