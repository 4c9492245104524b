"""The files that browsers keep for ever: read once, named after their content."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

_MEDIA_TYPES = {
    "keystead.css": "text/css; charset=utf-8",
    "keystead.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_HASHED = re.compile(r"([a-z]+)\.(?:[0-9a-f]{12}\.)?([a-z]+)")


@dataclass(frozen=True, slots=True)
class Asset:
    hashed_name: str
    media_type: str
    content: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    by_name: Mapping[str, Asset]

    def name(self, plain: str) -> str:
        """Return the name with the hash, for a page to link to."""
        return self.by_name[plain].hashed_name

    def get_or_none(self, hashed_name: str) -> Asset | None:
        """Return the file of today for any hash: during an upgrade two replicas have different ones.

        Only when `hashed_name` equals the asset's may the answer be kept for ever.
        """
        found = _HASHED.fullmatch(hashed_name)
        return self.by_name.get(f"{found[1]}.{found[2]}") if found else None


def load_assets() -> Assets:
    folder = files("keystead.web") / "static"
    return Assets({plain: _asset(plain, (folder / plain).read_bytes()) for plain in _MEDIA_TYPES})


def _asset(plain: str, content: bytes) -> Asset:
    stem, extension = plain.split(".")
    hashed_name = f"{stem}.{sha256(content).hexdigest()[:12]}.{extension}"
    return Asset(hashed_name, _MEDIA_TYPES[plain], content, gzip.compress(content, mtime=0))
