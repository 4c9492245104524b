"""The key that makes what the database keeps worthless without the secrets file."""

import hashlib
import hmac
from dataclasses import dataclass

from keystead.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Pepper:
    """A key, and the id under which rows remember it: peppers rotate."""

    id: int
    value: Secret  # hex digits

    @classmethod
    def of(cls, id_: int, value: bytes) -> "Pepper":
        return cls(id_, Secret(value.hex()))

    def digest(self, message: bytes) -> bytes:
        """Return HMAC-SHA256, 32 bytes."""
        return hmac.digest(bytes.fromhex(self.value.reveal()), message, "sha256")

    def for_marks(self) -> hashlib.blake2b:
        """Return a keyed hash to go on from, 32 bytes: at a fifth of a digest's cost, and for memory only."""
        key = bytes.fromhex(self.value.reveal())
        return hashlib.blake2b(key=key, person=b"keystead.mark", digest_size=32)
