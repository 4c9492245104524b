"""The kinds of failure a caller can act on. No HTTP here: `http.errors` maps kinds to status codes."""

from typing import ClassVar


class KeysteadError(Exception):
    """Base of every expected failure.

    `message` is shown to the caller and is constant; `detail` is for the operator's log and holds ids only.
    """

    message: ClassVar[str] = "Internal server error"
    message_id: ClassVar[str] = "keystead.internal"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.message)
        self.detail = detail


class Invalid(KeysteadError): ...


class Unauthenticated(KeysteadError): ...


class Denied(KeysteadError): ...


class NotFound(KeysteadError): ...


class Conflict(KeysteadError): ...


class TooMany(KeysteadError): ...


class Unavailable(KeysteadError): ...
