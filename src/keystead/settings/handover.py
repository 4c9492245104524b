"""Settings on their way from the process that read them to those that serve."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from keystead.core.secret import Secret
from keystead.settings.model import Settings
from keystead.settings.values import from_text

_Receive: TypeAlias = Callable[[bytes], "Handover"]


class Handover:
    """Carries settings, secrets included, to a worker: never by a command line, a variable or a file.

    A forked worker has them in its memory; a spawned one gets them through the pipe between the two.
    """

    __slots__ = ("settings",)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __reduce__(self) -> tuple[_Receive, tuple[bytes]]:
        return receive, (msgspec.msgpack.encode(self.settings, enc_hook=_opened),)


def receive(content: bytes) -> Handover:
    return Handover(msgspec.msgpack.decode(content, type=Settings, dec_hook=from_text))


def _opened(value: object) -> object:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, int):  # Seconds
        return int(value)
    raise NotImplementedError
