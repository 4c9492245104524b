"""The secrets file: made at the first start, then only read."""

import secrets
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from keystead.core.installation.errors import PublishedSecret, SecretsFileMalformed, SecretsFileMissing
from keystead.core.installation.keyring import KEY_BYTES, Keyring
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.storage.private_files import locked_folder, make_private_folder, read_private, write_private

_PUBLISHED = b"SW2YcwTIb9zpOOhoPsMm"  # the default `secret_key` of every Grafana

_Key = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class _Pepper(Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[int, Meta(ge=1)]
    key: _Key


class _SecretsFile(Struct, frozen=True, forbid_unknown_fields=True):
    peppers: Annotated[list[_Pepper], Meta(min_length=1)]
    session_key: _Key
    anchor_key: _Key


def open_keyring(path: Path) -> Keyring:
    """Return the keyring in the file; make one of random keys when there is no file.

    Raises FileLoose, FileUnusable, FolderLoose, PublishedSecret, SecretsFileMalformed.
    """
    make_private_folder(path.parent)
    with locked_folder(path.parent):
        content = read_private(path)
        if content is None:
            content = _new_content()
            write_private(path, content)
    return _parsed(content, path)


def read_keyring(path: Path) -> Keyring:
    """Return the keyring in the file, which must be there: a database already depends on it.

    Raises FileLoose, FileUnusable, PublishedSecret, SecretsFileMalformed, SecretsFileMissing.
    """
    content = read_private(path)
    if content is None:
        raise SecretsFileMissing(str(path))
    return _parsed(content, path)


def _new_content() -> bytes:
    peppers = [_Pepper(id=1, key=secrets.token_hex(KEY_BYTES))]
    fresh = _SecretsFile(peppers, secrets.token_hex(KEY_BYTES), secrets.token_hex(KEY_BYTES))
    return msgspec.json.format(msgspec.json.encode(fresh), indent=2) + b"\n"


def _parsed(content: bytes, path: Path) -> Keyring:
    if _PUBLISHED in content:
        raise PublishedSecret(str(path))
    try:
        read = msgspec.json.decode(content, type=_SecretsFile)
    except (msgspec.MsgspecError, UnicodeDecodeError):  # its text could repeat a key
        raise SecretsFileMalformed(str(path)) from None
    newest_first = sorted(read.peppers, key=lambda pepper: pepper.id, reverse=True)
    if len({pepper.id for pepper in newest_first}) < len(newest_first):
        raise SecretsFileMalformed(str(path))
    return Keyring(
        peppers=tuple(Pepper(pepper.id, Secret(pepper.key)) for pepper in newest_first),
        session_key=Secret(read.session_key),
        anchor_key=Secret(read.anchor_key),
    )
