"""Lists that are filtered by the ids that somebody was given, however many those are."""

import pytest
from sqlalchemy import select

from keystead.core.orgs.model import OrgId
from keystead.storage.among import is_among
from keystead.storage.engine import Database
from keystead.storage.schema import account
from keystead.storage.serviceaccounts import AccountFilter, count_service_accounts, list_service_accounts
from tests.makers import NOON, a_service_account, an_org

MANY = range(1_000_000, 1_100_000)  # more than a statement may have parameters, on either database


def test_a_list_by_a_hundred_thousand_ids_has_those_that_exist(database: Database) -> None:
    with database.write() as db:
        org = an_org(db)
        one, other, left_out = (a_service_account(db, org, name=name) for name in "abc")
        which = AccountFilter(NOON, only=frozenset({*MANY, other, one}))
        found = list_service_accounts(db, org, which, offset=0, limit=9)
        assert [listed.account.id for listed in found] == [one, other]
        assert count_service_accounts(db, org, which) == 2
        assert left_out not in MANY


def test_without_ids_nothing_is_found(database: Database) -> None:
    with database.write() as db:
        a_service_account(db, an_org(db))
        assert db.execute(select(account.c.id).where(is_among(account.c.id, []))).all() == []


@pytest.mark.parametrize("ids", [{1}, {1, 2**31}])
def test_the_statement_goes_by_the_key(database: Database, ids: set[int]) -> None:
    statement = select(account.c.login).where(account.c.home_org_id == OrgId(1), is_among(account.c.id, ids))
    with database.write() as db:
        if db.dialect.name == "postgresql":  # a table of a handful of rows is read whole
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN" if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        written = statement.compile(db, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row) for row in db.exec_driver_sql(f"{how} {written}"))
        assert "SCAN account" not in plan
        assert "Seq Scan on account" not in plan
