"""Flags, variables, file, profile and defaults to one frozen value, or one sentence about what is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

from keystead.core.installation.errors import PublishedPassword, SettingsError
from keystead.settings.checks import CHECKS, has_password
from keystead.settings.model import Settings
from keystead.settings.profiles import BY_COMMAND, BY_COMPATIBILITY, Command
from keystead.settings.sections import Server
from keystead.settings.sources import (
    SECRETS,
    Given,
    content_for_few,
    from_credentials,
    from_environment,
    from_file,
    from_flags,
    secret_in,
)
from keystead.settings.values import from_text

SECTIONS: Mapping[str, type[Struct]] = {
    field.name: field.type for field in fields(Settings) if field.name != "command"
}
FIELDS: Mapping[str, FieldInfo] = {
    f"{section}.{field.name}": field for section, kind in SECTIONS.items() for field in fields(kind)
}


def read_settings(
    environ: Mapping[str, str], *, file: bytes | None, flags: Mapping[str, object], command: Command
) -> Settings:
    """Return the settings: flags before variables before the file before the profile before the defaults.

    `flags` are named like `server.port`; None is a flag that was not given. Variables are named like
    KEYSTEAD_SERVER__PORT.
    Raises SettingsError, which names the setting and where it came from and never its value; FileLoose;
    PublishedPassword.
    """
    given = from_file(file) | from_credentials(environ) | from_environment(environ) | from_flags(flags)
    for name, value in given.items():
        _check_place(name, value)
    given = _with_secrets_from_files(given)
    compatibility = str(given["server.compatibility"].value) if "server.compatibility" in given else ""
    chosen = {**BY_COMMAND[command], **BY_COMPATIBILITY.get(compatibility, {})}
    named = {name: Given(value, "the profile", may_be_secret=True) for name, value in chosen.items()} | given
    settings = _assembled({name: _converted(name, value) for name, value in named.items()}, command)
    _check_together(settings)
    return settings


def _check_place(name: str, given: Given) -> None:
    """Refuse a name that means nothing, and a secret where other people can see it."""
    if name not in FIELDS:
        raise SettingsError(f"{_told(name, given)}, is not a setting")
    is_seen = name == "security.admin_password" or (
        name == "server.database_url" and has_password(given.value)
    )
    if is_seen and not given.may_be_secret:
        raise SettingsError(f"{_told(name, given)}, can be seen by others there; give {name}_file instead")


def _with_secrets_from_files(given: Mapping[str, Given]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for name in SECRETS:
        file = given.get(f"{name}_file")
        if file is not None and file.value:
            if name in given:
                raise SettingsError(f"{_told(name, given[name])}, is given twice: also as {name}_file")
            found[name] = secret_in(Path(str(file.value)), file.origin)
    return {**given, **found}


def _converted(name: str, given: Given) -> object:
    kind = FIELDS[name].type
    meta = next(note for note in kind.__metadata__ if isinstance(note, Meta) and note.description)
    value = given.value
    if get_origin(kind.__origin__) is tuple and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        typed: object = msgspec.convert(value, kind, strict=False, dec_hook=from_text)
    except (msgspec.ValidationError, ValueError):  # its text could repeat the value
        typed = None
    check = CHECKS.get(name)
    if typed is None or (check is not None and not check(typed)):
        raise SettingsError(f"{_told(name, given)}, must be {meta.description}")
    return typed


def _assembled(values: Mapping[str, object], command: Command) -> Settings:
    sections: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
    for name, value in values.items():
        section, _, leaf = name.partition(".")
        sections[section][leaf] = value
    return msgspec.convert({"command": command, **sections}, Settings)


def _check_together(settings: Settings) -> None:
    """Raises SettingsError, FileLoose, PublishedPassword."""
    _check_tls(settings.server)
    cookie = settings.cookie_name
    if cookie.startswith("__") and not settings.is_https:
        raise SettingsError(
            "`[auth] login_cookie_name` may begin with __ only where `[server] root_url` is https"
        )
    if cookie.startswith("__Host-") and settings.sub_path:
        raise SettingsError("`[auth] login_cookie_name` may not begin with __Host- under a sub-path")
    if settings.has_published_password and not settings.is_dev:
        raise PublishedPassword


def _check_tls(server: Server) -> None:
    """Raises SettingsError, FileLoose."""
    if bool(server.tls_cert) != bool(server.tls_key):
        raise SettingsError("`[server] tls_cert` and `[server] tls_key` are given together or not at all")
    if server.tls_key and not content_for_few(Path(server.tls_key)):
        raise SettingsError(f"`[server] tls_key`, the file {server.tls_key}, is missing or cannot be read")


def _told(name: str, given: Given) -> str:
    section, _, leaf = name.partition(".")
    return f"`[{section}] {leaf}`, from {given.origin}"
