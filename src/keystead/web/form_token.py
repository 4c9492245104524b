"""The token that every form carries: it belongs to one session, and looks different on each page."""

import hmac
import secrets

from keystead.core.pepper import Pepper
from keystead.core.sessions.model import SessionId

_BYTES = 32


def form_token(key: Pepper, session_id: SessionId | None) -> str:
    """Return a token, masked anew; None is nobody's session: the form of the sign-in page."""
    mask = secrets.token_bytes(_BYTES)
    return (mask + _mixed(mask, _token_of(key, session_id))).hex()


def is_form_token(key: Pepper, session_id: SessionId | None, shown: str) -> bool:
    try:
        raw = bytes.fromhex(shown)
    except ValueError:
        return False
    if len(raw) != 2 * _BYTES:
        return False
    return hmac.compare_digest(_mixed(raw[:_BYTES], raw[_BYTES:]), _token_of(key, session_id))


def _token_of(key: Pepper, session_id: SessionId | None) -> bytes:
    return key.digest(f"form\0{session_id or 'sign-in'}".encode())


def _mixed(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
