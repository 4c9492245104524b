"""The form of a token: `<prefix>_<32 characters>_<check>`. Source: Grafana v9.3.2, tokens of accounts."""

import hmac
import re
import zlib
from typing import NamedTuple

SECRET_LENGTH = 32  # characters of [0-9A-Za-z]: 190 bits
_OWN_PREFIX = "gl"
_TOKEN = re.compile("(?P<prefix>.+)_(?P<secret>[0-9A-Za-z]{32})_(?P<check>[0-9a-f]{8})")
_GRAFANA_PREFIX = re.compile("gl[A-Za-z]*")


class TokenParts(NamedTuple):
    prefix: str
    secret: str
    check: str


def make_token(prefix: str, secret: str) -> str:
    return f"{prefix}_{secret}_{check_of(prefix, secret)}"


def check_of(prefix: str, secret: str) -> str:
    """Return the CRC-32 (IEEE) of prefix and secret: eight hex digits, the lowest byte first."""
    return zlib.crc32(f"{prefix}_{secret}".encode()).to_bytes(4, "little").hex()


def is_token_like(text: str, prefix: str) -> bool:
    """Say whether the text is to be read as a token at all; everything else is a legacy key."""
    return text.startswith((_OWN_PREFIX, f"{prefix}_"))


def get_parts_or_none(text: str, prefix: str) -> TokenParts | None:
    """Return the parts of a well-formed token with a right check, under our prefix or any of Grafana's."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    parts = TokenParts(found["prefix"], found["secret"], found["check"])
    is_known = parts.prefix == prefix or _GRAFANA_PREFIX.fullmatch(parts.prefix)
    is_whole = hmac.compare_digest(check_of(parts.prefix, parts.secret), parts.check)
    return parts if is_known and is_whole else None
