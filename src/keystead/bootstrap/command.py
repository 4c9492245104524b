"""What the `keystead` command is given: the one reader of the environment."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from keystead.bootstrap.first_start import prepare_installation
from keystead.bootstrap.parts import Storage, make_deps, open_storage
from keystead.bootstrap.serving import make_asgi
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from keystead.cli.plan import ServerPlan
from keystead.core.installation.errors import FileUnusable
from keystead.core.installation.keyring import Keyring, check_value
from keystead.http.log import LogRules, configure_logging
from keystead.settings import Command, Handover, Settings, config_content, read_settings
from keystead.storage.keyring import read_keyring
from keystead.usecases import installation
from keystead.usecases.passwords import Passwords
from keystead.usecases.transaction import Transaction


def plan_server(command: Command, config: Path | None, flags: Mapping[str, object]) -> ServerPlan:
    """Raises SettingsError, FileLoose, FileUnusable, PublishedPassword."""
    settings = read_all_settings(command, config, flags)
    return ServerPlan(
        host=settings.server.host,
        port=settings.server.port,
        workers=settings.server.workers,
        tls_cert=settings.server.tls_cert,
        tls_key=settings.server.tls_key,
        is_behind_proxy=settings.server.behind_proxy,
        is_insecure_http=settings.server.insecure_http,
        root_url=settings.root_url,
        admin_user=settings.security.admin_user,
        has_published_password=settings.has_published_password,
        data_dir=settings.data_dir,
        configure_logging=partial(configure_logging, LogRules(settings.log.level, settings.log.format)),
        prepare=partial(prepare_installation, settings),
        load_app=partial(make_asgi, Handover(settings)),
    )


@contextmanager
def open_passwords(config: Path | None, flags: Mapping[str, object]) -> Iterator[Passwords]:
    """Raises what `open_installation` raises."""
    with open_installation(config, flags) as (settings, storage, keyring):
        yield make_deps(settings, storage, keyring).passwords


@contextmanager
def open_database(config: Path | None, flags: Mapping[str, object]) -> Iterator[Transaction]:
    """Raises what `open_installation` raises."""
    with open_installation(config, flags) as (_settings, storage, _keyring):
        yield storage.database.read


@contextmanager
def open_for_writing(config: Path | None, flags: Mapping[str, object]) -> Iterator[Transaction]:
    """Raises what `open_installation` raises."""
    with open_installation(config, flags) as (_settings, storage, _keyring):
        yield storage.database.write


@contextmanager
def open_installation(
    config: Path | None, flags: Mapping[str, object]
) -> Iterator[tuple[Settings, Storage, Keyring]]:
    """Open an installation that is there, for a command on its host.

    Raises SettingsError, SecretsFileMissing and what else makes its files unusable, KeyringMismatch.
    """
    settings = read_all_settings("serve", config, flags)
    keyring = read_keyring(settings.secrets_path)
    if settings.server.database_url is None and not settings.sqlite_path.exists():
        raise FileUnusable(f"{settings.sqlite_path}: there is no database")
    storage = open_storage(settings)
    try:
        with storage.database.read() as db:
            installation.is_started(db, secrets_check=check_value(keyring))
        yield settings, storage, keyring
    finally:
        storage.database.close()


def read_all_settings(command: Command, config: Path | None, flags: Mapping[str, object]) -> Settings:
    """Raises SettingsError, FileLoose, FileUnusable, PublishedPassword."""
    return read_settings(os.environ, file=config_content(config), flags=flags, command=command)


def run_cli() -> None:
    """Run the `keystead` command: settings are read when a command first needs them."""
    cli(
        obj=Tools(
            plan_server=plan_server,
            listen=listen,
            open_passwords=open_passwords,
            open_database=open_database,
            open_for_writing=open_for_writing,
        )
    )
