import pytest
from sqlalchemy import select

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNotFound
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.model import KeyFlags, KeyResult, KeyStatus
from keystead.core.orgs.model import OrgId
from keystead.core.text import search_key
from keystead.core.usage.model import LastUse
from keystead.storage import credentials, serviceaccounts, tokens, usage
from keystead.storage import migration as rows
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_org

NONE = KeyFlags(is_migrated=False, is_hidden=False, has_keys=False)
ALL = KeyFlags(is_migrated=True, is_hidden=True, has_keys=True)
USE = LastUse(NOON, "192.0.2.7", "curl/8.5", "/api/org")


class TestTheFlagsOfAnOrganization:
    def test_are_set_for_that_organization_alone(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            assert rows.get_flags(db, org) == NONE
            an_api_key(db, org)
            assert rows.set_migrated(db, org, at=NOON)
            assert rows.set_hidden(db, org, at=NOON)
            assert rows.get_flags(db, org) == ALL
            assert rows.get_flags(db, other) == NONE

    def test_tell_whether_they_are_new(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            assert not rows.set_hidden(db, org, at=None)
            assert [rows.set_hidden(db, org, at=NOON) for _ in range(2)] == [True, False]
            assert [rows.set_hidden(db, org, at=None) for _ in range(2)] == [True, False]
            assert [rows.set_migrated(db, org, at=NOON) for _ in range(2)] == [True, False]

    def test_are_none_without_the_organization(self, database: Database) -> None:
        with database.read() as db:
            assert rows.get_flags(db, OrgId(99)) == NONE


class TestLookingAtKeys:
    def test_sees_those_of_the_organization_and_no_tokens(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            key = an_api_key(db, org, name="b")
            token = a_token(db, org, a_service_account(db, org), name="t")
            an_api_key(db, other, name="c")
            assert rows.count_remaining(db, org) == 1
            assert rows.list_key_names(db, org, ["a", "b", "c", "t"]) == {"b"}
            assert [rows.lock_key(db, org, one) for one in (key, token)] == [True, False]
            assert not rows.lock_key(db, other, key)

    @pytest.mark.parametrize(
        ("own", "found"), [(None, True), (Role.VIEWER, True), (Role.EDITOR, False), (Role.ADMIN, False)]
    )
    def test_tells_whether_one_stands_above(self, database: Database, own: Role | None, found: bool) -> None:  # noqa: FBT001 - a table
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            an_api_key(db, org, name="e", role=Role.EDITOR)
            an_api_key(db, other, role=Role.ADMIN)
            assert rows.is_any_key_above(db, org, own) is found


class TestMovingAKey:
    def test_makes_it_a_token_and_changes_nothing_else(self, database: Database) -> None:
        c = credential.c
        moved = {c.account_id.name, c.migrated_at.name, c.search_key.name}
        with database.write() as db:
            org = an_org(db)
            key = an_api_key(db, org, name="CI", role=Role.EDITOR, expires_at=NOON + 60)
            usage.set_last_use(db, key, USE)
            other, owner = an_api_key(db, org, name="other"), a_service_account(db, org)
            before = db.execute(select(credential).where(c.id == key)).mappings().one()
            rows.set_owner(db, org, key, name="CI", owner=owner, at=NOON)
            after = db.execute(select(credential).where(c.id == key)).mappings().one()
            assert {name for name in before if before[name] != after[name]} == moved
            assert after["search_key"] == search_key("CI")
            token = tokens.find_token(db, org, owner, key)
            assert (token.was_key, token.last_use, token.expires_at) == (True, USE, NOON + 60)
            with pytest.raises(ApiKeyNotFound):
                credentials.find_key(db, org, key)
            assert credentials.find_key(db, org, other).name == "other"

    def test_and_back_gives_the_row_that_there_was(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key, owner = an_api_key(db, org, role=Role.EDITOR), a_service_account(db, org)
            before = db.execute(select(credential)).all()
            rows.set_owner(db, org, key, name="ci", owner=owner, at=NOON)
            rows.set_key_again(db, org, owner, key, name="ci", role=Role.EDITOR)
            assert db.execute(select(credential)).all() == before

    def test_moves_none_of_another_organization_or_account(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            owner, elsewhere = a_service_account(db, org), a_service_account(db, other)
            key, token = an_api_key(db, org), a_token(db, org, owner)
            before = db.execute(select(credential)).all()
            rows.set_owner(db, other, key, name="ci", owner=elsewhere, at=NOON)
            rows.set_owner(db, org, token, name="t", owner=owner, at=NOON)
            rows.set_key_again(db, other, owner, token, name="t", role=Role.ADMIN)
            rows.set_key_again(db, org, elsewhere, token, name="t", role=Role.ADMIN)
            assert db.execute(select(credential)).all() == before


class TestAMigratedKey:
    def test_is_told_with_its_account(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            key = an_api_key(db, org, role=Role.EDITOR, expires_at=NOON + 60)
            owner = a_service_account(db, org, name="it")
            rows.set_owner(db, org, key, name="ci", owner=owner, at=NOON)
            tokens.mark_revoked(db, org, owner, key, at=NOON)
            usage.set_last_use(db, key, USE)
            told = KeyResult(
                key,
                "ci",
                Role.EDITOR,
                KeyStatus.ALREADY_MIGRATED,
                owner,
                "it",
                "sa-it",
                expires_at=UnixSeconds(NOON + 60),
                last_used_at=NOON,
                is_revoked=True,
            )
            assert rows.get_migrated_or_none(db, org, key) == told
            assert rows.get_migrated_or_none(db, other, key) is None

    def test_is_neither_a_key_nor_a_token_that_was_none(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key, token = an_api_key(db, org), a_token(db, org, a_service_account(db, org))
            assert [rows.get_migrated_or_none(db, org, one) for one in (key, token, CredentialId(99))] == [
                None,
                None,
                None,
            ]


class TestWhatDecidesAboutAToken:
    def test_is_told_of_it_and_of_the_only_one(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            owner, key = a_service_account(db, org), an_api_key(db, org, role=Role.EDITOR)
            rows.set_owner(db, org, key, name="ci", owner=owner, at=NOON)
            account = serviceaccounts.find_service_account(db, org, owner)
            for asked in (key, None):
                token, found = rows.get_candidate(db, org, account, asked)
                assert (token, found.tokens, found.token_name) == (key, 1, "ci")
                assert (found.was_key, found.stored_role, found.is_org_migrated) == (True, Role.EDITOR, False)
            rows.set_migrated(db, org, at=NOON)
            second = a_token(db, org, owner, name="z")
            token, found = rows.get_candidate(db, org, account, second)
            assert (token, found.tokens, found.was_key) == (second, 2, False)
            assert (found.stored_role, found.is_org_migrated) == (Role.VIEWER, True)

    def test_is_nothing_for_another_account(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            account = serviceaccounts.find_service_account(db, org, a_service_account(db, org))
            foreign = a_token(db, org, a_service_account(db, org, name="o"))
            token, found = rows.get_candidate(db, org, account, foreign)
            assert (token, found.tokens) == (None, 0)
            mine = a_token(db, org, account.id, name="mine")
            assert rows.get_candidate(db, other, account, mine)[0] is None


def test_an_account_tells_the_key_that_it_was_made_for(database: Database) -> None:
    with database.write() as db:
        org = an_org(db)
        owner = serviceaccounts.add_service_account(
            db, org, name="n", login="l", description="", is_disabled=False, at=NOON, from_key="ci"
        )
        assert serviceaccounts.find_service_account(db, org, owner).from_key == "ci"
        assert serviceaccounts.list_taken_logins(db, org, ["l", "m"]) == {"l"}
        assert serviceaccounts.list_taken_logins(db, an_org(db, name="other"), ["l"]) == frozenset()
