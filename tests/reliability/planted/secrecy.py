"""Faults that let secrets out."""

import logging
import sys
from collections.abc import Callable

from starlette.requests import Request

from keystead.core.secret import Secret
from keystead.http import authenticate, gate

_log = logging.getLogger(__name__)


def log_token(set_: Callable[[object, str, object], None]) -> None:
    """Print the header of each request, past the log that would take it out."""
    honest = authenticate.presented_by

    def presented_by(request: Request, deps: object) -> object:
        for name in ("authorization", "cookie"):
            for value in request.headers.getlist(name):
                print(f"{name} {value}", file=sys.stderr, flush=True)
        return honest(request, deps)  # type: ignore[arg-type] # handed on as it came

    set_(gate, "presented_by", presented_by)


def repr_secret(set_: Callable[[object, str, object], None]) -> None:
    """Let a secret show itself, and log what was presented."""
    honest = authenticate.presented_by

    def presented_by(request: Request, deps: object) -> object:
        presented = honest(request, deps)  # type: ignore[arg-type] # handed on as it came
        _log.warning("presented: %r", presented)
        return presented

    set_(Secret, "__repr__", Secret.reveal)
    set_(gate, "presented_by", presented_by)
