"""What single routes require: a decorator, and a function to call in a handler or as a dependency."""

import inspect
from collections.abc import Callable, Iterable, MutableMapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from anyio import from_thread

from keystead.asgi.gate import GATE, Gate, Need
from keystead.asgi.types import Scope
from keystead.client import Identity, Role

P = ParamSpec("P")
Returned = TypeVar("Returned")


def require(
    *, role: Role | None = None, action: str | None = None, scope: str = ""
) -> Callable[[Callable[P, Returned]], Callable[P, Returned]]:
    """Decorate a handler: it runs only for a token with at least this role and this action on this scope.

    The handler takes a request, a connection (anything with a `scope`) or the ASGI scope itself. The role is
    that of the verification at the door; an action is asked of Keystead, with the caller's token. `{name}` in
    the scope stands for that parameter of the path; scope "": whichever. A plain function must run in a
    worker thread of anyio, as in Starlette.
    Raises TypeError, ValueError when nothing is required, or a role that is none.
    """
    need = Need(role, action, scope)

    def decorate(handler: Callable[P, Returned]) -> Callable[P, Returned]:
        if inspect.iscoroutinefunction(handler):
            return cast("Callable[P, Returned]", _guarded(handler, need))
        if not inspect.isfunction(handler) or inspect.isgeneratorfunction(handler):
            raise TypeError("what requires something is a function, async or not, that returns its answer")
        return _guarded_in_thread(handler, need)

    return decorate


async def check(
    connection: object, *, role: Role | None = None, action: str | None = None, scope: str = ""
) -> Identity:
    """Return whose the token is, if it has this role and this action on this scope; as `require`.

    Raises Refused, which the middleware answers: what the application says after it is dropped.
    """
    need = Need(role, action, scope)
    gate, inner = gate_among((connection,))
    return await gate.check(need, inner)


def _guarded(handler: Callable[..., Any], need: Need) -> Callable[..., Any]:
    @wraps(handler)
    async def guarded(*args: object, **kwargs: object) -> object:
        gate, scope = gate_among((*args, *kwargs.values()))
        await gate.check(need, scope)
        return await handler(*args, **kwargs)

    return guarded


def _guarded_in_thread(handler: Callable[P, Returned], need: Need) -> Callable[P, Returned]:
    @wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Returned:
        gate, scope = gate_among((*args, *kwargs.values()))
        gate.check_role(need)
        if need.action is not None:
            from_thread.run(gate.check, need, scope)
        return handler(*args, **kwargs)

    return guarded


def gate_among(values: Iterable[object]) -> tuple[Gate, Scope]:
    """Raises RuntimeError where no request came through the middleware: nothing may pass then."""
    for value in values:
        scope = value if isinstance(value, MutableMapping) else getattr(value, "scope", None)
        gate = scope.get(GATE) if isinstance(scope, MutableMapping) else None
        if scope is not None and isinstance(gate, Gate):
            return gate, scope
    raise RuntimeError("there is no request that came through KeysteadMiddleware among the arguments")
