"""The application of one worker, and what runs beside its requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool
from starlette.routing import Router as LifespanRouter
from starlette.types import ASGIApp, Receive, Scope, Send

from keystead.api import (
    unknown,
)
from keystead.bootstrap.parts import make_deps, open_storage
from keystead.bootstrap.routes import ENDPOINTS
from keystead.forwardauth.endpoint import make_forward_auth
from keystead.http.deps import Deps
from keystead.http.front import Front
from keystead.http.log import LogRules, configure_logging
from keystead.http.metrics import metrics_served
from keystead.http.router import Router
from keystead.settings import Handover
from keystead.storage.keyring import read_keyring
from keystead.usecases.migration_runner import MigrationRunner
from keystead.web.pages import home

_WRITE_USES_EVERY_S = 5
_FORGET_USES_EVERY_S = 3600
_LOOK_FOR_MIGRATIONS_EVERY_S = 0.5


def make_app(deps: Deps, *, key_header: str = "") -> ASGIApp:
    """Return the whole application, but for what happens at its start and end.

    `key_header` is a header beside Authorization in which forward-auth takes keys and tokens; "": none.
    """
    door_for = make_doors(deps, key_header)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await door_for(scope)(scope, receive, send)

    return app


def make_doors(deps: Deps, key_header: str) -> Callable[[Scope], ASGIApp]:
    """Return what tells where a request is answered."""
    front = Front(deps, Router(ENDPOINTS), unknown.UNKNOWN_ROUTE, home.UNKNOWN_PAGE)
    proxy_door = make_forward_auth(deps, key_header=key_header)

    def door_for(scope: Scope) -> ASGIApp:
        return proxy_door if proxy_door.takes(scope["path"]) else front

    return door_for


def make_asgi(handover: Handover) -> ASGIApp:
    """Build the application of one worker, with what runs beside its requests."""
    settings = handover.settings
    configure_logging(LogRules(settings.log.level, settings.log.format))
    storage = open_storage(settings)
    deps = make_deps(settings, storage, read_keyring(settings.secrets_path))
    door_for = make_doors(deps, settings.forward_auth.header)

    @asynccontextmanager
    async def running(_app: object) -> AsyncIterator[None]:
        with ExitStack() as served:
            if settings.metrics_address is not None:
                served.enter_context(
                    metrics_served(deps.metrics, settings.metrics_address, workers=settings.server.workers)
                )
            beside = (
                asyncio.create_task(write_uses(deps)),
                asyncio.create_task(continue_migrations(deps.migrations)),
            )
            yield
            for task in beside:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await run_in_threadpool(flush, deps)
            await storage.look_up.close()
            storage.database.close()

    lifespan = LifespanRouter(lifespan=running)

    def with_lifespan(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return (lifespan if scope["type"] == "lifespan" else door_for(scope))(scope, receive, send)

    return with_lifespan


async def write_uses(deps: Deps) -> None:
    """Write what was counted, every few seconds, until cancelled; once an hour forget what is too old.

    That is done in small parts, each after what was counted: no count waits for it.
    """
    now = asyncio.get_running_loop().time
    forget_at = now()
    while True:
        await asyncio.sleep(_WRITE_USES_EVERY_S)
        await run_in_threadpool(flush, deps)
        if now() >= forget_at and await run_in_threadpool(forget_some, deps):
            forget_at = now() + _FORGET_USES_EVERY_S


def flush(deps: Deps) -> None:
    deps.uses.flush()
    deps.old_api.flush()


def forget_some(deps: Deps) -> bool:
    """Return False while there is more to forget."""
    return deps.history.forget_some() & deps.old_api.forget_some()


async def continue_migrations(migrations: MigrationRunner) -> None:
    """Go on with what nobody works on, such as what a killed process left, until cancelled."""
    while True:
        if not await run_in_threadpool(migrations.continue_some):
            await asyncio.sleep(_LOOK_FOR_MIGRATIONS_EVERY_S)
