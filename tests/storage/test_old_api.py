import threading

from sqlalchemy import Connection, delete, select

from keystead.core.access.principal import PrincipalKind
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.usage.old_api import Caller, Calls
from keystead.core.usage.span import DAY_S, day_of
from keystead.storage import old_api as rows
from keystead.storage.engine import Database
from keystead.storage.schema import org
from keystead.storage.schema_migration import old_api_caller
from tests.makers import NOON, an_org

TODAY = day_of(NOON)
ROUTE = "/api/auth/keys"


def day(ago: int) -> UnixSeconds:
    return UnixSeconds(TODAY - ago * DAY_S)


def caller(org: OrgId, id_: int, kind: PrincipalKind = PrincipalKind.API_KEY, method: str = "GET") -> Caller:
    return Caller(org, kind, id_, method, ROUTE)


def called(
    db: Connection, who: Caller, count: int = 1, *, ago: int = 0, at_s: int = 0, name: str = "ci"
) -> None:
    """Add calls of a day so many days ago, the last one so many seconds after its beginning."""
    at = UnixSeconds(day(ago) + at_s)
    rows.add_calls(db, {(who, day(ago)): Calls(name, count, at, f"192.0.2.{at_s}", f"curl/{at_s}")})


def listed(
    db: Connection, org: OrgId, *, only_keys: frozenset[int] | None = None, limit: int | None = None
) -> list[tuple[int, int]]:
    found = rows.list_callers(db, org, day(29), only_keys=only_keys, limit=limit)
    return [(who.id, calls.count) for who, calls in found]


class TestCalls:
    def test_are_added_up_and_the_last_only_moves_forward(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            who = caller(home, 7)
            called(db, who, 2, at_s=5, name="old")
            called(db, who, 3, at_s=9, name="new")
            called(db, who, 4, at_s=1, name="late")
            called(db, who, 5, ago=1, at_s=20, name="yesterday")
            last = UnixSeconds(TODAY + 9)
            assert rows.list_callers(db, home, day(1), only_keys=None, limit=None) == [
                (who, Calls("new", 14, last, "192.0.2.9", "curl/9"))
            ]
            assert listed(db, home) == [(7, 14)]
            assert rows.list_callers(db, home, day(0), only_keys=None, limit=None)[0][1].count == 9

    def test_are_listed_by_caller_and_route_the_last_first(self, database: Database) -> None:
        with database.write() as db:
            home, other = an_org(db), an_org(db, name="other")
            called(db, caller(home, 1), at_s=1)
            called(db, caller(home, 2), at_s=3)
            called(db, caller(home, 3, PrincipalKind.USER), at_s=2)
            called(db, caller(home, 1, method="POST"), 2, at_s=1)
            called(db, caller(home, 4), ago=30)
            called(db, caller(other, 5))
            assert listed(db, home) == [(2, 1), (3, 1), (1, 1), (1, 2)]
            assert listed(db, home, limit=2) == [(2, 1), (3, 1)]
            assert listed(db, home, only_keys=frozenset({1, 3})) == [(1, 1), (1, 2)]
            assert listed(db, other) == [(5, 1)]

    def test_go_with_their_organization(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            called(db, caller(home, 1))
            db.execute(delete(org).where(org.c.id == home))
            assert db.execute(select(old_api_caller.c.count)).all() == []


class TestForgettingCalls:
    def test_goes_from_the_oldest_in_small_parts(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            for ago in (40, 50, 60, 1):
                called(db, caller(home, 1), ago=ago)
            assert rows.delete_old_calls(db, before=day(30), most=2) == 2
            days = select(old_api_caller.c.day).order_by(old_api_caller.c.day)
            assert db.execute(days).scalars().all() == [day(40), day(1)]
            assert rows.delete_old_calls(db, before=day(30), most=2) == 1
            assert rows.delete_old_calls(db, before=day(30), most=2) == 0


def test_locking_organizations_tells_which_are_there(database: Database) -> None:
    with database.write() as db:
        home = an_org(db)
        assert rows.lock_orgs(db, [home, OrgId(99)]) == {home}


def test_an_organization_that_goes_waits_for_the_calls_in_it(postgresql_database: Database) -> None:
    """Without the lock, adding would fail for an organization that has just gone."""
    with postgresql_database.write() as db:
        home = an_org(db)
    ended = threading.Thread(target=end_org, args=(postgresql_database, home))
    with postgresql_database.write() as db:
        assert rows.lock_orgs(db, [home]) == {home}
        ended.start()
        called(db, caller(home, 1))
    ended.join(10)
    assert not ended.is_alive()
    with postgresql_database.read() as db:
        assert listed(db, home) == []


def end_org(database: Database, id_: OrgId) -> None:
    with database.write() as db:
        db.execute(delete(org).where(org.c.id == id_))
