"""Putting a successor in a token's place, while both work for a while."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import TokenDead, TokenReplaced
from keystead.core.credentials.model import Token, is_usable

DEFAULT_GRACE_S = 86_400
MAX_GRACE_S = 2_592_000
_NUMBERED = re.compile(r"(.+)-([1-9][0-9]{0,8})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RotationAsked:
    name: str = ""  # of the successor; "": the old one's, with its number raised
    lifetime_s: int | None = None  # 0: for ever; None: as long as the old one was made for
    grace_s: int = DEFAULT_GRACE_S  # how long the old one works beside it; 0: no longer


def check_can_be_replaced(token: Token, successor: Token | None, now: UnixSeconds) -> None:
    """Raises TokenDead, TokenReplaced."""
    if not is_usable(token, now):
        raise TokenDead(f"credential={token.id}")
    if successor is not None and is_usable(successor, now):
        raise TokenReplaced(f"credential={token.id}")


def original_lifetime_s(token: Token) -> int:
    """Return for how many seconds it was made; 0: for ever."""
    if token.lifetime_s is not None:
        return token.lifetime_s
    return 0 if token.expires_at is None else token.expires_at - token.created_at


def grace_end(token: Token, grace_s: int, now: UnixSeconds) -> UnixSeconds:
    """Return until when it works beside its successor, which is never longer than it would have."""
    end = UnixSeconds(now + grace_s)
    return end if token.expires_at is None else min(end, token.expires_at)


def successor_names(name: str, longest: int) -> Iterator[str]:
    """Yield `ci-2`, `ci-3` and so on for `ci`; what would be longer is cut before the number."""
    numbered = _NUMBERED.fullmatch(name)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
    while True:
        number += 1
        suffix = f"-{number}"
        yield stem[: longest - len(suffix)] + suffix
