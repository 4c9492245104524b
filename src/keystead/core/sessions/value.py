"""What a browser shows for its session, and how that is recognized again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from keystead.core.pepper import Pepper
from keystead.core.secret import Secret

LENGTH = 64  # hex digits
_SERIES_LENGTH = 16  # of these, the same in all values of one session: so an old one tells its session
_VALUE = re.compile(f"[0-9a-f]{{{LENGTH}}}")


class SessionDigests(NamedTuple):
    """What is kept in place of a value."""

    series: bytes
    whole: bytes


@dataclass(frozen=True, slots=True)
class SessionMint:
    """Randomness and the key, handed in like time."""

    new_hex: Callable[[int], str]  # so many digits of [0-9a-f], each as likely as any
    key: Pepper

    def new_value(self) -> Secret:
        return Secret(self.new_hex(LENGTH))

    def successor(self, value: Secret) -> Secret:
        """Return another value of the same session."""
        return Secret(value.reveal()[:_SERIES_LENGTH] + self.new_hex(LENGTH - _SERIES_LENGTH))

    def digests(self, value: Secret) -> SessionDigests:
        """Return what to look for; a text that no session ever had is found nowhere."""
        text = value.reveal()
        series = text[:_SERIES_LENGTH] if _VALUE.fullmatch(text) else ""
        return SessionDigests(
            self.key.digest(f"series\0{series}".encode()),
            self.key.digest(f"value\0{text}".encode(errors="surrogatepass")),
        )
