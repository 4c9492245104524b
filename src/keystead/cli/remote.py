"""The server that a command talks to, over HTTP like any other client."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, NoReturn, TypeAlias

import typer

from keystead.cli.output import cell
from keystead.client import CallFailed, Client

Url: TypeAlias = Annotated[str, typer.Option(envvar="KEYSTEAD_URL", help="Where the server is.")]
Token: TypeAlias = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEAD_TOKEN",
        help="An API key or token. Better in the environment: other users of the machine see command lines.",
        show_default=False,
    ),
]
DEFAULT_URL = "http://127.0.0.1:3000"

_REFUSED = 1
_COULD_NOT_RUN = 2
_ANSWER_WITHIN_S = 30
_ADVICE = {
    401: "Set KEYSTEAD_TOKEN to a credential that is good.",
    403: "Use a credential that may do this.",
    429: "Wait a second, then try again.",
    503: "Wait a second, then try again.",
}


@contextmanager
def server_at(url: str, token: str, *, advice: Mapping[int, str] | None = None) -> Iterator[Client]:
    """Yield a client; `advice` tells by status what to do about a refusal.

    A call that fails ends the command: with 1 when the server refused, with 2 when nobody did.
    """
    with client_of(url, token) as client, ending_with(advice or {}):
        yield client


@contextmanager
def ending_with(advice: Mapping[int, str]) -> Iterator[None]:
    """End the command when a call fails, as `server_at` tells."""
    try:
        yield
    except CallFailed as error:
        if error.status is None:
            fail(f"{error.message}. Set KEYSTEAD_URL.")
        what_to_do = {**_ADVICE, **advice}.get(error.status, "")
        fail(f"{error.message}. {what_to_do}".rstrip(), status=_REFUSED)


def client_of(url: str, token: str) -> Client:
    if not token:
        fail("there is no credential. Set KEYSTEAD_TOKEN to an API key or a token.")
    try:
        return Client(url, token, timeout_s=_ANSWER_WITHIN_S)
    except ValueError as error:
        fail(f"{error}. Set KEYSTEAD_URL and KEYSTEAD_TOKEN.")


def refuse(told: str) -> NoReturn:
    """End the command as a refusal of the server does."""
    fail(told, status=_REFUSED)


def fail(told: str, *, status: int = _COULD_NOT_RUN) -> NoReturn:
    say(f"keystead: {told}")
    raise typer.Exit(status)


def say(text: str) -> None:
    """Tell a person something that is not the command's result; it may quote what others typed."""
    typer.echo(cell(text).plain, err=True)
