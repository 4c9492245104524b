"""The form of a legacy key: base64 of a JSON object. Source: Grafana v9.3.2, `POST /api/auth/keys`."""

import base64
import json
from typing import NamedTuple

from keystead.core.orgs.model import OrgId

MAX_ORG_ID = 2_147_483_647
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(0x20), *map(ord, "<>&\u2028\u2029"))}
_ESCAPES |= {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


class KeyParts(NamedTuple):
    secret: str
    name: str
    org: OrgId


def make_key(secret: str, name: str, org: OrgId) -> str:
    """Return the key, byte for byte as Go's encoder would write it."""
    body = f'{{"k":{_quoted(secret)},"n":{_quoted(name)},"id":{org}}}'
    return base64.b64encode(body.encode()).decode()


def get_parts_or_none(text: str) -> KeyParts | None:
    """Return what a key says; None for loose base64, what is no JSON object, and wrong types."""
    try:
        decoded = base64.b64decode(text, validate=True)
        is_strict = base64.b64encode(decoded).decode() == text
        body = json.loads(decoded.decode())
    except (ValueError, RecursionError):
        return None
    return _parts_of(body) if is_strict and isinstance(body, dict) else None


def _parts_of(body: dict[str, object]) -> KeyParts | None:
    secret, name, org = body.get("k"), body.get("n"), body.get("id")
    if not (isinstance(secret, str) and isinstance(name, str) and type(org) is int):
        return None
    is_storable = 0 < org <= MAX_ORG_ID and _is_unicode(secret) and _is_unicode(name)
    return KeyParts(secret, name, OrgId(org)) if is_storable else None


def _is_unicode(text: str) -> bool:
    """JSON can spell half a surrogate pair, which is no character and cannot be encoded."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
