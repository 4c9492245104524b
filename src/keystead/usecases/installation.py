"""The first start: the first organization, the first person, and the mark of the keyring."""

import hmac
from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.roles import Role
from keystead.core.accounts.names import PersonNames
from keystead.core.clock import Clock
from keystead.core.installation.database_errors import KeyringMismatch
from keystead.core.installation.errors import PublishedPassword
from keystead.core.secret import Secret
from keystead.storage import accounts, memberships, orgs, passwords
from keystead.storage import installation as rows
from keystead.storage.passwords import StoredPassword
from keystead.usecases import changes
from keystead.usecases.changes import THE_HOST, Target
from keystead.usecases.password_hasher import PasswordHasher

MAIN_ORG = "Main Org."
ADMIN_EMAIL = "admin@localhost"
_PUBLISHED = Secret("admin")  # of `keystead dev`


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    login: str
    password: StoredPassword


def is_new(db: Connection) -> bool:
    """Say whether this database has never been started, with whichever keyring."""
    return rows.get_secrets_check_or_none(db) is None


def is_started(db: Connection, *, secrets_check: bytes) -> bool:
    """Say whether this database has been started before. Raises KeyringMismatch when with another keyring."""
    known = rows.get_secrets_check_or_none(db)
    if known is not None and not hmac.compare_digest(known, secrets_check):
        raise KeyringMismatch
    return known is not None


def check_no_published_password(db: Connection, hasher: PasswordHasher) -> None:
    """Raises PublishedPassword while a server admin can sign in with the password that everybody knows."""
    for admin in sorted(accounts.lock_server_admins(db)):
        stored = passwords.get_password_or_none(db, admin)
        if stored is not None and hasher.is_match(stored, _PUBLISHED):
            raise PublishedPassword


def first_start(
    db: Connection, admin: FirstAdmin, *, secrets_check: bytes, clock: Clock, org_name: str = MAIN_ORG
) -> bool:
    """Make the first organization and its Admin, who is a server admin, unless they are there already.

    Returns whether this call made them: of several processes that start at once, one does.
    Raises KeyringMismatch.
    """
    now = clock()
    accounts.lock_login_names(db)
    if is_started(db, secrets_check=secrets_check):
        return False
    rows.add_installation(db, secrets_check=secrets_check, at=now)
    org = orgs.add_org(db, name=org_name, at=now)
    names = PersonNames(admin.login, ADMIN_EMAIL)
    admin_id = accounts.add_user(
        db, names, name="", password=admin.password, is_server_admin=True, active_org=org, at=now
    )
    accounts.add_login_names(db, admin_id, names)
    memberships.add_membership(db, org, admin_id, role=Role.ADMIN, at=now)
    target = Target("user", admin_id, admin.login)
    changes.record(db, THE_HOST, "installation.start", target, at=now, org=org)
    return True
