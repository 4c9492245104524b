"""The query string, read as Grafana 9.3 reads it."""

import re
from urllib.parse import unquote_to_bytes

from keystead.core.errors import Invalid
from keystead.core.path_id import MAX_INT64

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_CREDENTIAL_NAMES = frozenset({"auth_token", "access_token", "api_key", "apikey"})


class CredentialInUrl(Invalid):
    message = "Credentials in the URL are not accepted"
    message_id = "http.credential-in-url"


class Query:
    """Names are case-sensitive, the first value of a name counts, a pair with a bad escape is dropped."""

    __slots__ = ("_values",)

    def __init__(self, raw: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for pair in raw.split(b"&"):
            name, _, value = pair.partition(b"=")
            if name and not _BAD_ESCAPE.search(pair):
                self._values.setdefault(_text(name), []).append(_text(value))

    def check_no_credential(self) -> None:
        """Raises CredentialInUrl."""
        if not _CREDENTIAL_NAMES.isdisjoint(self._values):
            raise CredentialInUrl

    def text(self, name: str) -> str:
        return self._values.get(name, [""])[0]

    def texts(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def has(self, name: str) -> bool:
        return name in self._values

    def flag(self, name: str) -> bool:
        return self.text(name) in _TRUE

    def number(self, name: str) -> int:
        """Return 0 for what is no integer; a number outside int64 is the nearest inside."""
        text = self.text(name)
        return max(-MAX_INT64 - 1, min(int(text[:40]), MAX_INT64)) if _INTEGER.fullmatch(text) else 0


def _text(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "replace")
