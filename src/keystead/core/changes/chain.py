"""The chain of hashes through the log: who alters or removes an entry must rewrite all that follow."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

from keystead.core.changes.change import Change, ChangeId

GENESIS = bytes(32)  # what stands before the first entry


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the log as it was found, whatever somebody may have made of it."""

    id: ChangeId
    change: Change | None  # None: it can no longer be read
    hash: bytes


def hash_of(previous: bytes, change: Change) -> bytes:
    """Return SHA-256 of the previous hash and the entry as canonical JSON, 32 bytes."""
    return hashlib.sha256(previous + canonical(change)).digest()


def first_break(rows: Iterable[tuple[Change, bytes]], previous: bytes = GENESIS) -> ChangeId | None:
    """Return the first entry, oldest first, whose hash does not follow from what stands before; None: all do.

    `previous` is the hash before the first of these rows.
    """
    for change, claimed in rows:
        if not hmac.compare_digest(hash_of(previous, change), claimed):
            return change.id
        previous = claimed
    return None


def follows(link: Link, previous: bytes) -> bool:
    """Say whether the row is what was written behind the one with the previous hash."""
    return link.change is not None and hmac.compare_digest(hash_of(previous, link.change), link.hash)


def canonical(change: Change) -> bytes:
    """Return the entry as the one JSON text that everybody gets from it: sorted names, ASCII, no spaces."""
    entry = {
        "id": change.id,
        "at": change.at,
        "org": change.org,
        "actor": {
            "kind": change.actor.kind,
            "id": change.actor.id,
            "login": change.actor.login,
            "credential_id": change.actor.credential_id,
        },
        "address": change.address,
        "request_id": change.request_id,
        "action": change.action,
        "target": {"kind": change.target_kind, "id": change.target_id, "name": change.target_name},
        "result": change.result,
        "detail": dict(change.detail),
    }
    return json.dumps(entry, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
