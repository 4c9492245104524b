"""Faults in reading requests and in stopping."""

import os
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

from keystead.bootstrap import command, serving
from keystead.core.credentials.presented import parse_presented
from keystead.core.secret import Secret
from keystead.settings import Handover
from keystead.usecases import verify


def parser_raises(set_: Callable[[object, str, object], None]) -> None:
    """Fall over what is not ASCII, in place of refusing it."""

    def parse(text: Secret, prefix: str) -> object:
        text.reveal().encode("ascii")
        return parse_presented(text, prefix)

    set_(verify, "parse_presented", parse)


def exit_at_once(set_: Callable[[object, str, object], None]) -> None:
    """Leave as soon as the stop is heard: nothing is finished, nothing that was counted is written."""
    honest = serving.make_asgi

    def make_asgi(handover: Handover) -> object:
        app = honest(handover)

        async def with_exit(scope: Scope, receive: Receive, send: Send) -> None:
            async def heard() -> Message:
                message = await receive()
                if message["type"] == "lifespan.shutdown":
                    os._exit(0)
                return message

            await app(scope, heard if scope["type"] == "lifespan" else receive, send)

        return with_exit

    set_(command, "make_asgi", make_asgi)
