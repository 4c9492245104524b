"""The secrets of an installation: what they are, and the value by which a database knows its own."""

import hashlib
from dataclasses import dataclass

from keystead.core.pepper import Pepper
from keystead.core.secret import Secret

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """Held in a file, never in the database. All replicas share it."""

    peppers: tuple[Pepper, ...]  # newest first, at least one
    session_key: Secret  # 64 hex digits, as the next
    anchor_key: Secret


def check_value(keyring: Keyring) -> bytes:
    """Return 32 bytes that the database keeps, so that another keyring stops the start; they tell nothing."""
    keys = [keyring.session_key, keyring.anchor_key, *(pepper.value for pepper in keyring.peppers)]
    ids = ",".join(str(pepper.id) for pepper in keyring.peppers)
    return hashlib.sha256(
        "\0".join(["keystead.check", ids, *(key.reveal() for key in keys)]).encode()
    ).digest()
