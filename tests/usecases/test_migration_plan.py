"""What a migration would do is what it does, for every page and for all of it, and nothing is written."""

from collections.abc import Iterable

import pytest
from sqlalchemy import update

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.clock import frozen_clock
from keystead.core.migration.errors import KeyAboveOwn
from keystead.core.migration.model import KeyResult, KeyTotals
from keystead.core.orgs.model import OrgId
from keystead.core.paging import PAGE_SIZE
from keystead.storage import serviceaccounts
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from keystead.usecases import migration_plan
from keystead.usecases.migration import migrate_key
from keystead.usecases.migration_plan import PlanPage, PlanPageAsked
from tests.doors import Unchanged
from tests.makers import NOON, a_principal, an_api_key, an_installation, an_org

NOW = frozen_clock(NOON)


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_principal(home)


def keys_and_logins(database: Database, org: OrgId, keys: Iterable[str], logins: Iterable[str] = ()) -> None:
    with database.write() as db:
        for name in keys:
            an_api_key(db, org, name=name)
        for login in logins:
            serviceaccounts.add_service_account(
                db,
                org,
                name=login,
                login=f"sa-autogen-{org}-{login}",
                description="",
                is_disabled=False,
                at=NOON,
            )


def whole(database: Database, by: Principal) -> list[KeyResult]:
    return [result for part in migration_plan.plan(database.read, by) for result in part]


def page(database: Database, by: Principal, **asked: str) -> PlanPage:
    with database.read() as db:
        return migration_plan.preview(db, by, PlanPageAsked(**asked), clock=NOW)


def migrated(database: Database, by: Principal, plan: Iterable[KeyResult]) -> list[str | None]:
    """Return what the accounts are called when the keys are migrated in this order."""
    with database.write() as db:
        return [migrate_key(db, by, one.key, clock=NOW).login for one in plan]


@pytest.mark.goal("F13")
@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (["b", "a", "c"], []),
        (["bbb", "bbb-2", "bbb-2-2", "bbb-3"], ["bbb"]),
        (["bbb", "bbb-2", "bbb-3"], ["bbb", "bbb-2"]),
        (["a", "a-2", "b"], ["a", "a-2-2", "b", "b-2", "b-3"]),
        (["x"], ["x", *(f"x-{number}" for number in range(2, 140))]),
    ],
)
def test_the_plan_is_what_is_done(
    database: Database, admin: Principal, unchanged: Unchanged, keys: list[str], taken: list[str]
) -> None:
    keys_and_logins(database, admin.org_here, keys, taken)
    with unchanged():
        plan = whole(database, admin)
        shown = page(database, admin).page.rows
        apart = [page(database, admin, query=key).page.rows for key in keys]
    assert list(shown) == plan
    for rows in apart:
        assert set(rows) <= set(plan)
    assert [one.name for one in plan] == sorted(keys)
    assert migrated(database, admin, plan) == [one.login for one in plan]


def test_a_number_shows_that_a_name_was_taken(database: Database, admin: Principal) -> None:
    keys_and_logins(database, admin.org_here, ["a-2", "b"], ["b"])
    assert [(one.login, one.was_name_taken) for one in whole(database, admin)] == [
        (f"sa-autogen-{admin.org}-a-2", False),
        (f"sa-autogen-{admin.org}-b-2", True),
    ]


def test_the_plan_comes_in_parts(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_plan, "AT_ONCE", 2)
    keys_and_logins(database, admin.org_here, ["a", "a-2", "a-2-2", "b"], ["a"])
    parts = list(migration_plan.plan(database.read, admin))
    assert [len(part) for part in parts] == [2, 2, 0]
    assert migrated(database, admin, whole(database, admin)) == [one.login for part in parts for one in part]


def test_pages_lead_forth_and_back(database: Database, admin: Principal) -> None:
    names = [f"key {number:03}" for number in range(PAGE_SIZE + 2)]
    keys_and_logins(database, admin.org_here, names)
    first = page(database, admin)
    second = page(database, admin, after=first.page.after)
    assert [one.name for one in (*first.page.rows, *second.page.rows)] == names
    assert page(database, admin, before=second.page.before).page.rows == first.page.rows


def test_a_page_counts_and_tells_what_a_role_cannot_do(database: Database, home: OrgId) -> None:
    keys_and_logins(database, home, ["alive", "dead"])
    with database.write() as db:
        dead = update(credential).where(credential.c.name == "dead")
        db.execute(dead.values(expires_at=NOON, role=Role.EDITOR.value))
    found = page(database, a_principal(home, role=Role.VIEWER), query="ali")
    assert (found.totals, found.totals.all, found.is_above_own) == (KeyTotals(1, 1), 2, True)
    assert found.shown == 1
    assert not page(database, a_principal(home, role=Role.EDITOR)).is_above_own


def test_the_whole_plan_is_refused_with_a_key_above_ones_own_role(database: Database, home: OrgId) -> None:
    with database.write() as db:
        an_api_key(db, home, role=Role.EDITOR)
    with pytest.raises(KeyAboveOwn):
        whole(database, a_principal(home, role=Role.VIEWER))
