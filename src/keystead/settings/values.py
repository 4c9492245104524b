"""Text to the typed values that settings have, and back to words for the person who got one wrong."""

import re
from typing import Annotated, TypeAlias

from msgspec import Meta

from keystead.core.secret import Secret

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9]{1,10})([smhdw]?)")


class Seconds(int):
    """A length of time, written `90`, `90s`, `10m`, `24h`, `7d` or `4w`."""

    @classmethod
    def parse(cls, value: object) -> "Seconds":
        """Raises ValueError."""
        match = _DURATION.fullmatch(str(value))
        if match is None or int(match[1]) == 0:
            raise ValueError
        return cls(int(match[1]) * _UNITS_S[match[2]])


def described(text: str) -> Meta:
    """What a value must be: the end of "must be ...", and what the printed reference says."""
    return Meta(description=text)


Flag: TypeAlias = Annotated[bool, described("true or false")]
Names: TypeAlias = Annotated[tuple[str, ...], described("a list; in a variable, separated by commas")]
Duration: TypeAlias = Annotated[Seconds, described("a length of time such as 90s, 10m, 24h or 7d")]
FilePath: TypeAlias = Annotated[str, described("the path of a file")]


def from_text(kind: type, value: object) -> object:
    """Make what msgspec cannot make by itself. Raises ValueError."""
    if kind is Seconds:
        return Seconds.parse(value)
    if kind is Secret and isinstance(value, str) and value:
        return Secret(value)
    raise ValueError
