"""The server that a command talks to, over HTTP like any other client."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, NoReturn, TypeAlias, TypeVar

import httpx2
import msgspec
import typer

from keystead.cli.output import cell

Answer = TypeVar("Answer")

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


class Failure(msgspec.Struct):
    message: str


class Remote:
    """What does not succeed ends the command: with 1 when the server refused, with 2 when nobody did."""

    def __init__(self, url: str, token: str) -> None:
        if not token:
            fail("there is no credential. Set KEYSTEAD_TOKEN to an API key or a token.")
        if not (token.isascii() and token.isprintable()):
            fail("KEYSTEAD_TOKEN holds characters that no credential has.")
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(
        self,
        method: str,
        path: str,
        kind: type[Answer],
        *,
        body: Mapping[str, object] | None = None,
        advice: Mapping[int, str] | None = None,
    ) -> Answer:
        """Send one request and return its answer; `advice` tells by status what to do about a refusal."""
        try:
            response = httpx2.request(
                method, f"{self._url}{path}", json=body, headers=self._headers, timeout=_ANSWER_WITHIN_S
            )
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            fail(f"{self._url} was not reached ({type(error).__name__}). Is it the one? Set KEYSTEAD_URL.")
        if not response.is_success:
            self._refused(response, {**_ADVICE, **(advice or {})})
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError:
            fail(f"{self._url} does not answer as Keystead does. Set KEYSTEAD_URL.")

    def _refused(self, response: httpx2.Response, advice: Mapping[int, str]) -> NoReturn:
        with suppress(msgspec.MsgspecError):
            message = msgspec.json.decode(response.content, type=Failure).message
            fail(f"{message}. {advice.get(response.status_code, '')}".rstrip(), status=_REFUSED)
        fail(f"{self._url} answered {response.status_code}, and not as Keystead does. Set KEYSTEAD_URL.")


def fail(told: str, *, status: int = _COULD_NOT_RUN) -> NoReturn:
    say(f"keystead: {told}")
    raise typer.Exit(status)


def say(text: str) -> None:
    """Tell a person something that is not the command's result; it may quote what others typed."""
    typer.echo(cell(text).plain, err=True)
