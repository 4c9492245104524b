"""What was migrated, page by page, and whether the rest is within reach."""

import pytest

from keystead.core.access.roles import Role
from keystead.core.clock import frozen_clock
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import Database
from keystead.usecases import migrated, migration
from keystead.usecases.migration_plan import PlanPageAsked
from tests.makers import NOON, a_principal, an_api_key, an_installation, an_org


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


def test_every_migrated_key_is_on_one_page(
    database: Database, home: OrgId, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = a_principal(home)
    with database.write() as db:
        keys = [an_api_key(db, home, name=f"key-{number:02}") for number in range(52)]
        for key in keys:
            migration.migrate_key(db, admin, key, clock=frozen_clock(NOON))
        first = migrated.list_migrated(db, admin, PlanPageAsked())
        second = migrated.list_migrated(db, admin, PlanPageAsked(after=first.cut.after))
        back = migrated.list_migrated(db, admin, PlanPageAsked(before=second.cut.before))
        owners = migrated.list_owners(db, admin, keys[:2])
    monkeypatch.setattr(migrated, "AT_ONCE", 26)
    parts = list(migrated.walk(database.read, admin))
    assert [one.key for one in (*first.cut.rows, *second.cut.rows)] == keys
    assert back.cut.rows == first.cut.rows
    assert [len(part) for part in parts] == [26, 26, 0]
    assert [one.key for part in parts for one in part] == keys
    assert (first.counts.all, first.counts.unseen) == (52, 52)
    assert owners == {one.key: one.candidate.account.id for one in first.cut.rows[:2]}


@pytest.mark.parametrize(("own", "reaches"), [(Role.VIEWER, False), (Role.EDITOR, True), (Role.ADMIN, True)])
def test_all_keys_are_within_reach_of_a_role_as_high(
    database: Database, home: OrgId, own: Role, reaches: object
) -> None:
    with database.write() as db:
        an_api_key(db, home, role=Role.EDITOR)
        assert migrated.reaches_all(db, a_principal(home, role=own)) is reaches
