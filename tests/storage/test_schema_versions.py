from sqlalchemy import select

from keystead.storage import schema_versions
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from tests.makers import a_person, an_api_key, an_org


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
