from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from keystead.core.access.roles import Role
from keystead.core.changes.change import ActorKind
from keystead.core.clock import UnixSeconds, frozen_clock
from keystead.core.installation.database_errors import KeyringMismatch
from keystead.core.installation.errors import PublishedPassword
from keystead.core.secret import Secret
from keystead.storage import accounts, memberships, passwords
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.storage.passwords import StoredPassword
from keystead.usecases import installation
from keystead.usecases.installation import FirstAdmin
from keystead.usecases.password_hasher import PasswordHasher
from tests.makers import NOON, a_person

Unchanged = Callable[[], AbstractContextManager[None]]
OURS, THEIRS = bytes(32), bytes(31) + b"\1"
KEPT = StoredPassword(Secret("canary-hash"), 1, UnixSeconds(NOON + 86_400))
ADMIN = FirstAdmin("admin", KEPT)


def start(database: Database, check: bytes = OURS) -> bool:
    with database.write() as db:
        return installation.first_start(db, ADMIN, secrets_check=check, clock=frozen_clock(NOON))


class TestTheFirstStart:
    def test_makes_an_organization_and_its_admin(self, database: Database) -> None:
        with database.read() as db:
            assert installation.is_new(db)
            assert not installation.is_started(db, secrets_check=OURS)
        assert start(database)
        with database.read() as db:
            assert not installation.is_new(db)
            assert installation.is_started(db, secrets_check=OURS)
            admin = accounts.get_user_by_name_or_none(db, "admin@localhost")
            assert admin is not None
            assert (admin.id, admin.login, admin.is_server_admin) == (1, "admin", True)
            assert admin.must_change_password
            assert passwords.get_password_or_none(db, admin.id) == KEPT
            (org,) = memberships.list_orgs_of(db, admin.id)
            assert (org.id, org.name, org.role) == (admin.active_org, "Main Org.", Role.ADMIN)
            ((entry, _),) = log.list_changes(db)
        assert (entry.action, entry.actor.kind) == ("installation.start", ActorKind.HOST)

    def test_happens_once(self, database: Database, unchanged: Unchanged) -> None:
        start(database)
        with unchanged():
            assert not start(database)

    def test_happens_once_of_several_at_once(self, postgresql_database: Database) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: start(postgresql_database), range(8)))
        assert sum(made) == 1

    def test_is_refused_with_another_keyring_than_before(
        self, database: Database, unchanged: Unchanged
    ) -> None:
        start(database)
        with unchanged(), pytest.raises(KeyringMismatch):
            start(database, THEIRS)
        with database.read() as db, pytest.raises(KeyringMismatch):
            installation.is_started(db, secrets_check=THEIRS)


class TestThePublishedPassword:
    @pytest.mark.parametrize("password", ["admin", "canary own"])
    def test_is_found_where_a_server_admin_can_use_it(
        self, database: Database, hasher: PasswordHasher, password: str
    ) -> None:
        with database.write() as db:
            a_person(db, login="visitor", password=hasher.hash(Secret("admin")))
            a_person(db, login="imported", is_server_admin=True)
            root = a_person(db, login="root", is_server_admin=True, password=hasher.hash(Secret(password)))
            if password == "admin":
                with pytest.raises(PublishedPassword):
                    installation.check_no_published_password(db, hasher)
                accounts.set_disabled(db, root, is_disabled=True, at=NOON)
            installation.check_no_published_password(db, hasher)
