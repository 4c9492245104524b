"""Make or upgrade an installation before anything is served."""

from dataclasses import replace
from pathlib import Path

from keystead.bootstrap.parts import open_storage, random_text
from keystead.core.clock import UnixSeconds, system_clock
from keystead.core.installation.keyring import Keyring, check_value
from keystead.core.secret import Secret
from keystead.settings import Settings
from keystead.storage.engine import Database
from keystead.storage.keyring import open_keyring, read_keyring
from keystead.storage.private_files import make_private_folder, write_private
from keystead.storage.upgrade import upgrade_schema
from keystead.usecases import installation
from keystead.usecases.installation import FirstAdmin
from keystead.usecases.password_hasher import PasswordHasher

_FIRST_PASSWORD_LENGTH = 24
_FIRST_PASSWORD_DIES_IN_S = 24 * 3600


def prepare_installation(settings: Settings) -> Path | None:
    """Make or upgrade the database, and at the very first start the first person.

    Returns the file of a first password that was made up for them; None when none was.
    Raises what stands against a start: FileLoose, FolderLoose, SecretsFileMissing, KeyringMismatch...
    """
    make_private_folder(settings.data_dir)
    storage = open_storage(settings)
    try:
        upgrade_schema(storage.database)
        with storage.database.read() as db:
            is_new = installation.is_new(db)
        keyring = (open_keyring if is_new else read_keyring)(settings.secrets_path)
        if is_new:
            return make_first_admin(settings, storage.database, keyring)
        with storage.database.read() as db:
            installation.is_started(db, secrets_check=check_value(keyring))
            if not settings.is_dev:
                installation.check_no_published_password(db, PasswordHasher(keyring.peppers))
        return None
    finally:
        storage.database.close()


def make_first_admin(settings: Settings, database: Database, keyring: Keyring) -> Path | None:
    """Returns the file of the password that was made up, if this process was the one to make it."""
    given = settings.security.admin_password
    password = given if given is not None else Secret(random_text(_FIRST_PASSWORD_LENGTH))
    dies_at = UnixSeconds(system_clock() + _FIRST_PASSWORD_DIES_IN_S) if given is None else None
    stored = replace(PasswordHasher(keyring.peppers).hash(password), dies_at=dies_at)
    file = settings.data_dir / "initial-admin-password"
    admin = FirstAdmin(settings.security.admin_user, stored)
    with database.write() as db:
        is_ours = installation.first_start(db, admin, secrets_check=check_value(keyring), clock=system_clock)
        if is_ours and given is None:
            write_private(file, password.reveal().encode() + b"\n")  # before the commit: never without it
    return file if is_ours and given is None else None
