from sqlalchemy import select

from keystead.core.migration.model import KeyFlags
from keystead.storage import credentials, migration, schema_versions, serviceaccounts, tokens
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from tests.makers import a_person, a_service_account, a_token, an_api_key, an_org


class TestTheVersionOfServiceAccounts:
    def test_can_be_undone_and_done_again_without_losing_what_was_there(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            a_person(db, org)
            an_api_key(db, org)
        with database.write() as db:
            schema_versions.downgrade(db, "0001")
            assert schema_versions.current(db) == "0001"
            schema_versions.upgrade(db)
            schema_versions.check(db)
            rows = [len(db.execute(select(table)).all()) for table in (account, membership, credential)]
            assert rows == [1, 1, 1]


class TestTheVersionOfTheMigration:
    def test_can_be_undone_and_done_again_without_losing_what_was_there(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine = a_service_account(db, org)
            token, key = a_token(db, org, machine), an_api_key(db, org)
        with database.write() as db:
            schema_versions.downgrade(db, "0004")
            assert schema_versions.current(db) == "0004"
            schema_versions.upgrade(db)
            schema_versions.check(db)
            assert serviceaccounts.find_service_account(db, org, machine).from_key is None
            assert not tokens.find_token(db, org, machine, token).was_key
            assert migration.get_flags(db, org) == KeyFlags(is_migrated=False, is_hidden=False, has_keys=True)
            assert credentials.find_key(db, org, key).name == "ci"
