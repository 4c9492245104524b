"""A server whose answers take as long as the query says. Run: slow_server.py PORT METHOD WORKERS."""

import asyncio
import logging
import multiprocessing
import os
import sys
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from keystead.cli.listening import listen
from keystead.cli.plan import ServerPlan
from keystead.settings import Handover, read_settings


def load_app(handover: Handover) -> ASGIApp:
    password = handover.settings.security.admin_password

    async def answer(request: Request) -> Response:
        await asyncio.sleep(float(request.query_params.get("seconds", "0")))
        told = password is not None and password.reveal() == os.environ["EXPECTED"]  # noqa: TID251 - told by the test
        return PlainTextResponse(str(told))

    return Starlette(routes=[Route("/", answer)])


def main(port: int, method: str, workers: int) -> None:
    logging.basicConfig(level="INFO", format="log: %(message)s")
    multiprocessing.set_start_method(method)
    settings = read_settings(dict(os.environ), file=None, flags={}, command="serve")  # noqa: TID251 - as bootstrap does
    listen(
        ServerPlan(
            host="127.0.0.1",
            port=port,
            workers=workers,
            tls_cert="",
            tls_key="",
            is_behind_proxy=False,
            is_insecure_http=False,
            root_url="",
            admin_user="admin",
            has_published_password=False,
            data_dir=Path(),
            configure_logging=lambda: None,
            prepare=lambda: None,
            load_app=partial(load_app, Handover(settings)),
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
