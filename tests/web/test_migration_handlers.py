"""The pages of the migration, for people whom no basic role makes."""

from dataclasses import replace

import pytest

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.errors import KeyAboveOwn, RevertAboveOwn, TooManyWait
from keystead.core.sessions.model import SessionId
from keystead.usecases import migrated, migration
from keystead.web.forms import Form
from keystead.web.pages import apikeys, apikeys_migration, serviceaccount, serviceaccount_revert
from keystead.web.pages import migration as page
from keystead.web.views.apikeys import KeysPage
from keystead.web.views.migration import MigrationPage
from keystead.web.views.serviceaccount import AccountPage
from keystead.web.visit import GoTo, Shown
from tests.doors import HOME, House, Unchanged
from tests.makers import an_api_key, as_person
from tests.web.visits import a_visit

NOTHING = Form({})
ABOVE = "Some keys have a role above yours."


@pytest.fixture
def admin(house: House) -> Principal:
    with house.database.read() as db:
        by = as_person(db, house.admin.account_id, HOME)
    return replace(by, session_id=SessionId(1))


@pytest.fixture
def key(house: House) -> CredentialId:
    with house.database.write() as db:
        return an_api_key(db, HOME, name="ci", role=Role.ADMIN)


def holding(by: Principal, *actions: str, role: Role | None = Role.EDITOR) -> Principal:
    """Return somebody who may do only this, with whatever there is."""
    kinds = {action: action.partition(":")[0] for action in actions}
    grants = Grants.of([Permission(action, f"{kind}:*") for action, kind in kinds.items()])
    return replace(by, role=role, grants=grants)


def keys_of(answered: object) -> KeysPage:
    assert isinstance(answered, Shown)
    assert isinstance(answered.view, KeysPage)
    return answered.view


def migration_of(answered: object) -> MigrationPage:
    assert isinstance(answered, Shown)
    assert isinstance(answered.view, MigrationPage)
    return answered.view


class TestWhoStandsBelowAKey:
    @pytest.mark.usefixtures("key")
    def test_sees_why_it_stays(self, house: House, admin: Principal) -> None:
        by = holding(admin, "serviceaccounts:create", "apikeys:read")
        shown = keys_of(apikeys.list_keys(a_visit(house, by, "/org/apikeys")))
        assert shown.card is not None
        assert shown.card.action is not None
        assert shown.table is not None
        [row] = shown.table.rows
        assert row.migrate is not None
        assert (shown.card.action.reason, row.migrate.reason) == (ABOVE, "This key has a role above yours.")
        plan = migration_of(page.show_migration(a_visit(house, by, "/org/migration")))
        assert plan.start is not None
        assert plan.start.reason == ABOVE

    def test_migrates_neither_it_nor_all(
        self, house: House, unchanged: Unchanged, admin: Principal, key: CredentialId
    ) -> None:
        by = holding(admin, "serviceaccounts:create", "apikeys:read")
        path = {"key_id": str(key)}
        with unchanged():
            with pytest.raises(KeyAboveOwn):
                apikeys_migration.migrate_key(a_visit(house, by, path=path, method="POST"), NOTHING)
            with pytest.raises(KeyAboveOwn):
                apikeys_migration.migrate_all(a_visit(house, by, method="POST"), NOTHING)
            for download in (page.download_plan, page.download_plan_as_json):
                with pytest.raises(KeyAboveOwn):
                    download(a_visit(house, by))

    def test_cannot_put_it_back(
        self, house: House, unchanged: Unchanged, admin: Principal, key: CredentialId
    ) -> None:
        with house.database.write() as db:
            result = migration.migrate_key(db, admin, key, clock=house.clock)
        by = holding(admin, "serviceaccounts:read", "serviceaccounts:delete")
        path = {"service_account_id": str(result.account), "token_id": str(key)}
        shown = serviceaccount.show_account(a_visit(house, by, path=path))
        assert isinstance(shown, Shown)
        assert isinstance(shown.view, AccountPage)
        origin = shown.view.facts.origin
        assert origin is not None
        assert origin.revert is not None
        assert origin.revert.reason == "This account has a role above yours."
        with unchanged(), pytest.raises(RevertAboveOwn):
            serviceaccount_revert.revert_token(a_visit(house, by, path=path, method="POST"), NOTHING)


class TestWhoMayNotMigrate:
    @pytest.mark.usefixtures("key")
    def test_sees_nothing_of_it(self, house: House, admin: Principal) -> None:
        by = holding(admin, "apikeys:read", role=Role.ADMIN)
        shown = keys_of(apikeys.list_keys(a_visit(house, by, "/org/apikeys")))
        assert shown.card is None
        assert shown.table is not None
        assert [row.migrate for row in shown.table.rows] == [None]
        for window in (apikeys_migration.confirm_migrate, apikeys_migration.confirm_hide):
            asked = keys_of(window(a_visit(house, by)))
            assert (asked.dialog, asked.notice) == (None, "You need serviceaccounts:create to do this.")

    @pytest.mark.usefixtures("key")
    def test_is_told_where_the_keys_went_but_not_asked_to_hide_them(
        self, house: House, admin: Principal
    ) -> None:
        house.deps.migrations.wait(admin, house.deps.migrations.start(admin).id)
        by = holding(admin, "apikeys:read")
        shown = keys_of(apikeys.list_keys(a_visit(house, by)))
        assert shown.card is not None
        assert (shown.card.title, shown.card.action) == ("All API keys have been migrated", None)
        assert shown.card.link is None
        with house.database.write() as db:
            migration.hide_keys(db, admin, clock=house.clock)
        away = apikeys.list_keys(a_visit(house, by))
        assert isinstance(away, GoTo)
        assert away.url == "/"

    @pytest.mark.usefixtures("key")
    def test_may_hide_and_migrate_without_reading_keys(self, house: House, admin: Principal) -> None:
        by = holding(admin, "serviceaccounts:create", role=Role.ADMIN)
        done = apikeys_migration.migrate_all(a_visit(house, by, method="POST"), NOTHING)
        assert isinstance(done, GoTo)
        assert done.url == "/org/migration"
        verify = migration_of(page.show_migration(a_visit(house, by, "/org/migration")))
        assert verify.callers is None
        assert verify.migrated is not None
        assert [row.revert for row in verify.migrated.rows] == [None]


class TestWaiting:
    def test_ends_when_too_many_do(self, house: House, admin: Principal, key: CredentialId) -> None:
        places = house.deps.migrations.places
        while places.acquire(blocking=False):
            pass
        answered = apikeys_migration.migrate_all(a_visit(house, admin, method="POST"), NOTHING)
        assert isinstance(answered, GoTo)
        assert (answered.url, answered.flash) == ("/org/migration", None)
        with pytest.raises(TooManyWait):
            house.deps.migrations.wait(admin, house.deps.migrations.start(admin).id)
        with house.database.read() as db:
            assert not migrated.list_owners(db, admin, [key])
