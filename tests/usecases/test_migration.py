"""One key becomes the token of an account, and back; what an organization's keys are."""

import pytest
from sqlalchemy import select, update

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.credentials.errors import ApiKeyNotFound, ApiKeysClosed
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import ApiKey, CredentialId, Token
from keystead.core.migration.errors import (
    KeyAboveOwn,
    KeyNotMigratable,
    RevertAboveOwn,
    TokenNotFoundToRevert,
    TokenNotRevertable,
)
from keystead.core.migration.model import KeyFlags, KeyResult, KeyStatus
from keystead.core.migration.revert import Obstacle
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.storage import changes as log
from keystead.storage import credentials, memberships, serviceaccounts, tokens
from keystead.storage import migration as rows
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from keystead.storage.schema_access import object_grant
from keystead.usecases import credentials as keys
from keystead.usecases import migration, revert
from keystead.usecases.credentials import KeyRules
from tests.doors import Unchanged
from tests.makers import (
    MINT,
    NOON,
    a_principal,
    a_service_account,
    a_token,
    an_api_key,
    an_installation,
    an_org,
)
from tests.rights import a_level

NOW = frozen_clock(NOON)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_principal(home)


@pytest.fixture
def key(database: Database, home: OrgId) -> CredentialId:
    with database.write() as db:
        return an_api_key(db, home, role=Role.EDITOR, expires_at=NOON + 60)


def migrate(database: Database, by: Principal, key: CredentialId, *, dry_run: bool = False) -> KeyResult:
    with database.write() as db:
        return migration.migrate_key(db, by, key, dry_run=dry_run, clock=NOW)


def owner_of(result: KeyResult) -> AccountId:
    assert result.account is not None
    return result.account


def undo(database: Database, by: Principal, owner: AccountId, key: CredentialId) -> None:
    with database.write() as db:
        revert.revert_key(db, by, owner, key, clock=NOW)


def found_key(database: Database, org: OrgId, key: CredentialId) -> ApiKey:
    with database.read() as db:
        return credentials.find_key(db, org, key)


def found_token(database: Database, org: OrgId, owner: AccountId, key: CredentialId) -> Token:
    with database.read() as db:
        return tokens.find_token(db, org, owner, key)


def recorded(database: Database) -> list[Change]:
    with database.read() as db:
        return [entry for entry, _hash in log.list_changes(db)]


class TestMigratingAKey:
    def test_makes_an_account_of_its_role_whose_token_it_is(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId
    ) -> None:
        before = found_key(database, home, key)
        result = migrate(database, admin, key)
        owner = owner_of(result)
        assert result == KeyResult(
            key,
            "ci",
            Role.EDITOR,
            KeyStatus.MIGRATED,
            owner,
            "sa-autogen-ci",
            f"sa-autogen-{home}-ci",
            expires_at=before.expires_at,
        )
        with database.read() as db:
            made = serviceaccounts.find_service_account(db, home, owner)
        assert (made.name, made.login) == ("sa-autogen-ci", f"sa-autogen-{home}-ci")
        assert (made.role, made.is_disabled, made.from_key) == (Role.EDITOR, False, "ci")
        token = found_token(database, home, owner, key)
        assert (token.name, token.created_at, token.expires_at) == ("ci", before.created_at, NOON + 60)
        assert token.was_key
        with pytest.raises(ApiKeyNotFound):
            found_key(database, home, key)

    def test_gives_nobody_a_level_and_closes_nothing(
        self, database: Database, admin: Principal, key: CredentialId
    ) -> None:
        migrate(database, admin, key)
        with database.read() as db:
            assert db.execute(select(object_grant)).all() == []
            assert migration.get_flags(db, admin) == KeyFlags(
                is_migrated=False, is_hidden=False, has_keys=False
            )

    def test_is_recorded_once(self, database: Database, admin: Principal, key: CredentialId) -> None:
        result = migrate(database, admin, key)
        (entry,) = recorded(database)
        assert (entry.action, entry.target_kind, entry.target_id) == ("apikey.migrate", "apikey", str(key))
        assert entry.detail == {"account_id": result.account, "account": result.login, "role": "Editor"}

    @pytest.mark.goal("F13")
    def test_puts_a_number_on_a_name_that_is_taken(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId
    ) -> None:
        with database.write() as db:
            for login in (f"sa-autogen-{home}-ci", f"sa-autogen-{home}-ci-2"):
                serviceaccounts.add_service_account(
                    db, home, name="x", login=login, description="", is_disabled=False, at=NOON
                )
        result = migrate(database, admin, key)
        assert (result.account_name, result.login) == ("sa-autogen-ci-3", f"sa-autogen-{home}-ci-3")
        assert result.was_name_taken

    @pytest.mark.goal("F14")
    def test_is_refused_for_what_is_no_key_here(
        self, database: Database, admin: Principal, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            foreign = an_api_key(db, an_org(db, name="other"))
            token = a_token(db, home, a_service_account(db, home))
        for id_ in (foreign, token, 999_999, 0, -1):
            with unchanged(), pytest.raises(KeyNotMigratable):
                migrate(database, admin, CredentialId(id_))

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_is_refused_above_ones_own_role(
        self, database: Database, home: OrgId, key: CredentialId, unchanged: Unchanged, *, dry_run: bool
    ) -> None:
        with unchanged(), pytest.raises(KeyAboveOwn):
            migrate(database, a_principal(home, role=Role.VIEWER), key, dry_run=dry_run)

    @pytest.mark.goal("F14")
    def test_does_nothing_to_one_that_is_migrated(
        self, database: Database, admin: Principal, key: CredentialId, unchanged: Unchanged
    ) -> None:
        result = migrate(database, admin, key)
        with unchanged():
            again = migrate(database, admin, key)
        assert (again.status, again.account) == (KeyStatus.ALREADY_MIGRATED, result.account)

    def test_can_be_tried_without_doing_it(
        self, database: Database, admin: Principal, key: CredentialId, unchanged: Unchanged
    ) -> None:
        with unchanged():
            plan = migrate(database, admin, key, dry_run=True)
        done = migrate(database, admin, key)
        assert (plan.status, plan.account) == (KeyStatus.PLANNED, None)
        assert (plan.account_name, plan.login) == (done.account_name, done.login)

    def test_keeps_what_is_dead_dead(self, database: Database, admin: Principal, home: OrgId) -> None:
        with database.write() as db:
            key = an_api_key(db, home, expires_at=NOON - 1)
            db.execute(update(credential).values(revoked_at=NOON))
        result = migrate(database, admin, key)
        token = found_token(database, home, owner_of(result), key)
        assert (token.expires_at, token.revoked_at, result.is_revoked) == (NOON - 1, NOON, True)


class TestRevertingAKey:
    def test_gives_the_key_that_there_was_and_ends_the_account(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId
    ) -> None:
        with database.read() as db:
            before = db.execute(select(credential)).all()
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            a_level(db, home, "Edit", ("serviceaccounts", str(owner)), account=owner)
        undo(database, admin, owner, key)
        with database.read() as db:
            assert db.execute(select(credential)).all() == before
            for table in (account, membership, object_grant):
                assert db.execute(select(table)).all() == []
        entry = recorded(database)[-1]
        assert (entry.action, entry.target_id) == ("apikey.revert", str(key))
        assert entry.detail == {"account_id": owner, "account": f"sa-autogen-{home}-ci", "role": "Editor"}

    def test_and_migrating_again_is_as_the_first_time(
        self, database: Database, admin: Principal, key: CredentialId
    ) -> None:
        first = migrate(database, admin, key)
        undo(database, admin, owner_of(first), key)
        again = migrate(database, admin, key)
        assert (again.status, again.login) == (KeyStatus.MIGRATED, first.login)
        assert again.account != first.account

    @pytest.mark.goal("F2")
    @pytest.mark.parametrize("today", list(Role))
    def test_brings_back_no_role_above_todays(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId, today: Role
    ) -> None:
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            memberships.set_role(db, home, owner, today)
        undo(database, admin, owner, key)
        lower = today if today is Role.VIEWER else Role.EDITOR
        assert found_key(database, home, key).role is lower

    @pytest.mark.goal("F1")
    def test_is_refused_for_what_is_not_there(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId, unchanged: Unchanged
    ) -> None:
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            elsewhere = an_org(db, name="other")
            left = an_api_key(db, home, name="a key")
            other = a_service_account(db, home, name="o")
            others = a_token(db, home, other)
        stranger = a_principal(elsewhere)
        refused = [
            (stranger, owner, key),
            (admin, other, key),
            (admin, owner, others),
            (admin, owner, left),
            (admin, AccountId(999_999), key),
            (admin, owner, CredentialId(999_999)),
            (admin, AccountId(0), CredentialId(-1)),
        ]
        for by, account_id, token in refused:
            with unchanged(), pytest.raises(TokenNotFoundToRevert):
                undo(database, by, account_id, token)

    @pytest.mark.goal("F3")
    def test_is_refused_while_the_account_is_disabled(
        self, database: Database, admin: Principal, key: CredentialId, unchanged: Unchanged
    ) -> None:
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            db.execute(update(account).where(account.c.id == owner).values(is_disabled=True))
        with unchanged(), pytest.raises(TokenNotRevertable):
            undo(database, admin, owner, key)

    @pytest.mark.goal("F4")
    def test_is_refused_beside_another_token(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId, unchanged: Unchanged
    ) -> None:
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            second = a_token(db, home, owner, name="second")
        for token in (key, second):
            with unchanged(), pytest.raises(TokenNotRevertable):
                undo(database, admin, owner, token)

    @pytest.mark.parametrize("today", [Role.EDITOR, Role.ADMIN])
    def test_is_refused_above_ones_own_role(
        self, database: Database, home: OrgId, key: CredentialId, unchanged: Unchanged, *, today: Role
    ) -> None:
        owner = owner_of(migrate(database, a_principal(home), key))
        below = {Role.EDITOR: Role.VIEWER, Role.ADMIN: Role.EDITOR}[today]
        with database.write() as db:
            memberships.set_role(db, home, owner, today)
        with unchanged(), pytest.raises(RevertAboveOwn):
            undo(database, a_principal(home, role=below), owner, key)

    def test_makes_a_key_of_any_token_until_the_organization_has_migrated(
        self, database: Database, admin: Principal, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            owners = [a_service_account(db, home, name=name, role=Role.ADMIN) for name in "ab"]
            made = [a_token(db, home, owner, name=f"t{owner}") for owner in owners]
        undo(database, admin, owners[0], made[0])
        assert found_key(database, home, made[0]).role is Role.VIEWER
        with database.write() as db:
            rows.set_migrated(db, home, at=NOON)
        with unchanged(), pytest.raises(ApiKeysClosed):
            undo(database, admin, owners[1], made[1])

    def test_can_be_asked_about(
        self, database: Database, admin: Principal, home: OrgId, key: CredentialId
    ) -> None:
        owner = owner_of(migrate(database, admin, key))
        with database.write() as db:
            memberships.set_role(db, home, owner, Role.VIEWER)
            made = serviceaccounts.find_service_account(db, home, owner)
            told = revert.revertability(db, admin, made)
            assert (told.token, told.obstacle, told.role, told.is_lowered) == (key, None, Role.VIEWER, True)
            assert told.was_key
            a_token(db, home, owner, name="second")
            assert revert.revertability(db, admin, made).obstacle is Obstacle.SEVERAL_TOKENS


class TestHidingTheKeys:
    def test_is_recorded_once_and_undone_on_the_host(self, database: Database, admin: Principal) -> None:
        with database.write() as db:
            migration.hide_keys(db, admin, clock=NOW)
            migration.hide_keys(db, admin, clock=NOW)
            assert migration.get_flags(db, admin).is_hidden
            assert migration.unhide_keys(db, "Main Org.", clock=NOW)
            assert not migration.unhide_keys(db, "Main Org.", clock=NOW)
            assert not migration.get_flags(db, admin).is_hidden
        told = [(entry.action, entry.actor.kind, entry.org) for entry in recorded(database)]
        assert told == [("apikeys.hide", "apikey", admin.org), ("apikeys.unhide", "host", admin.org)]

    def test_cannot_be_undone_where_there_is_nothing(self, database: Database, admin: Principal) -> None:
        with database.write() as db, pytest.raises(OrgNotFound):
            migration.unhide_keys(db, "Nowhere", clock=NOW)
        assert admin.org is not None


class TestAMigratedOrganization:
    def test_has_no_new_key_whatever_else_is_wrong(
        self, database: Database, admin: Principal, home: OrgId, unchanged: Unchanged
    ) -> None:
        rules = KeyRules(LifetimeLimit(60), MINT, NOW)
        with database.write() as db:
            rows.set_migrated(db, home, at=NOON)
        with unchanged(), database.write() as db, pytest.raises(ApiKeysClosed):
            keys.create_key(db, admin, name="ci", role=Role.VIEWER, lifetime_s=0, rules=rules)

    def test_tells_so(self, database: Database, admin: Principal, home: OrgId, key: CredentialId) -> None:
        with database.write() as db:
            rows.set_migrated(db, home, at=NOON)
            told = migration.status(db, admin)
        assert (told.is_migrated, told.is_hidden, told.remaining, told.job) == (True, False, 1, None)
        migrate(database, admin, key)
        with database.read() as db:
            assert migration.status(db, admin).remaining == 0
