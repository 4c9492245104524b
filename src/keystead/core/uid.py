"""Names that Keystead gives to things: short, unique, and no numbers, which are ids."""

from collections.abc import Callable
from typing import TypeAlias

NewUid: TypeAlias = Callable[[], str]
_LENGTH = 13


def uid_from(new_random: Callable[[int], str]) -> str:
    """Return a new uid; `new_random` gives so many characters of [0-9A-Za-z], each as likely as any."""
    return f"u{new_random(_LENGTH)}"
