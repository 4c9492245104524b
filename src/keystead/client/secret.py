"""A key or token as text that nothing shows by accident."""

import hmac
from typing import NoReturn, final


@final
class Secret:
    """Hold a key or token. Only `reveal()` gives it back; every other road masks or raises TypeError."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Raises ValueError for text that is no key or token, and could not stand in a header."""
        if not value:
            raise ValueError("there is no key or token: it is empty")
        if not (value.isascii() and value.isprintable()):
            raise ValueError("the key or token holds characters that none has")
        self._value = value

    def reveal(self) -> str:
        """Return the text. Call it where it is stored or handed on, and nowhere else."""
        return self._value

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(("keystead.client.secret", self._value))

    def __repr__(self) -> str:
        return "<secret>"

    def __str__(self) -> NoReturn:  # __format__ and __reduce__ likewise
        raise TypeError("a Secret has no text form; call reveal() where it is truly needed")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a Secret has no text form; call reveal() where it is truly needed")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")
