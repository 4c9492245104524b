"""Where values come from, as flat names such as `server.port`: flags, variables, credentials, the file."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from keystead.core.installation.errors import FileUnusable, SettingsError
from keystead.storage.private_files import read_private

PREFIX = "KEYSTEAD_"
SECRETS = ("server.database_url", "security.admin_password")
_EVERYBODY = 0o007  # a group may read: that is how systemd and Kubernetes hand secrets over
_POSITION = re.compile(r"\((at .*)\)$")


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote, and how to tell them where."""

    value: object
    origin: str
    may_be_secret: bool  # False: other people can see it there


def from_flags(flags: Mapping[str, object]) -> dict[str, Given]:
    """None is a flag that was not given."""
    return {
        name: Given(value, f"the flag --{name.partition('.')[2].replace('_', '-')}", may_be_secret=False)
        for name, value in flags.items()
        if value is not None
    }


def from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    """Names without two underscores in a row, such as KEYSTEAD_URL, are no settings: clients use them."""
    return {
        variable.removeprefix(PREFIX).lower().replace("__", ".", 1): Given(
            value, f"the variable {variable}", may_be_secret=True
        )
        for variable, value in environ.items()
        if variable.startswith(PREFIX) and "__" in variable.removeprefix(PREFIX)
    }


def from_credentials(environ: Mapping[str, str]) -> dict[str, Given]:
    """Secrets that systemd hands over: files named like the setting."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    paths = {name: Path(folder) / name for name in SECRETS} if folder else {}
    return {name: secret_in(path, "the credential") for name, path in paths.items() if path.is_file()}


def config_content(path: Path | None) -> bytes | None:
    """Return what the configuration file holds; None when none is named. Raises SettingsError."""
    try:
        return None if path is None else path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The configuration file {path} cannot be read: {error.strerror}") from None


def from_file(content: bytes | None) -> dict[str, Given]:
    """Raises SettingsError for what is not TOML, or stands outside a section."""
    return dict(_entries(content or b""))


def _entries(content: bytes) -> Iterator[tuple[str, Given]]:
    try:
        sections = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise SettingsError("The configuration file is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:  # its text could repeat a value
        position = _POSITION.search(str(error))
        raise SettingsError(
            f"The configuration file is not TOML, {position[1] if position else ''}"
        ) from None
    for section, entries in sections.items():
        if not isinstance(entries, dict):
            raise SettingsError(f"`{section}`, from the configuration file, stands outside of any [section]")
        for name, value in entries.items():
            yield f"{section}.{name}", Given(value, "the configuration file", may_be_secret=False)


def secret_in(path: Path, origin: str) -> Given:
    """Read a secret, without the line break at its end. Raises SettingsError, FileLoose."""
    try:
        text = content_for_few(path).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise SettingsError(f"The file {path}, from {origin}, is missing, empty or cannot be read")
    return Given(text, f"the file {path}", may_be_secret=True)


def content_for_few(path: Path) -> bytes:
    """Return what a file holds that not everybody may read; empty when nobody can. Raises FileLoose."""
    try:
        return read_private(path, refused_mode=_EVERYBODY) or b""
    except FileUnusable:
        return b""
