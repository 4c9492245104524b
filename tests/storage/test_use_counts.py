import threading

import pytest
from sqlalchemy import Connection, delete, event, func, select

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.usage.by_token import BY_REQUESTS, UsedBy
from keystead.core.usage.model import HourlyUse, hour_of
from keystead.core.usage.span import DAY_S, Bucket, Span, Step, day_of, last_days
from keystead.storage import usage
from keystead.storage import use_counts as rows
from keystead.storage.engine import Database
from keystead.storage.schema import credential_use, org, org_use
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_org

HOUR = hour_of(NOON)
TODAY = day_of(NOON)


def hours_ago(hours: int) -> UnixSeconds:
    return UnixSeconds(HOUR - hours * 3600)


def used(db: Connection, id_: CredentialId, *hours: tuple[int, int, int, int]) -> None:
    """Count (hours ago, allowed, denied, refused)."""
    usage.add_uses(db, {id_: [HourlyUse(hours_ago(ago), *counts) for ago, *counts in hours]})


def places_of(db: Connection, org: OrgId, *ids: CredentialId, since: int = 60) -> list[int]:
    found = rows.list_daily(db, org, ids, UnixSeconds(TODAY - since * DAY_S))
    return [sum(found.get(id_, {}).values()) for id_ in ids]


class TestTheCounts:
    def test_are_added_up_by_hour_and_by_day_in_their_own_organization(self, database: Database) -> None:
        with database.write() as db:
            home, other = an_org(db), an_org(db, name="other")
            key = an_api_key(db, home)
            used(db, key, (0, 5, 0, 1), (1, 2, 3, 0), (24, 1, 0, 0), (24 * 40, 9, 9, 9))
            span = last_days(30, NOON)
            assert rows.list_buckets(db, home, UsedBy(key), span) == [
                Bucket(UnixSeconds(TODAY - DAY_S), 1, 0, 0),
                Bucket(TODAY, 7, 3, 1),
            ]
            by_hour = Span(hours_ago(2), UnixSeconds(HOUR + 3600), Step.HOUR)
            assert rows.list_buckets(db, home, UsedBy(key), by_hour) == [
                Bucket(hours_ago(1), 2, 3, 0),
                Bucket(HOUR, 5, 0, 1),
            ]
            assert rows.list_buckets(db, other, UsedBy(key), span) == []
            assert (places_of(db, home, key), places_of(db, other, key)) == ([39], [0])
            assert places_of(db, home, key, since=30) == [12]

    def test_of_an_account_are_those_of_its_tokens(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            owner = a_service_account(db, home)
            one, two = a_token(db, home, owner, name="a"), a_token(db, home, owner, name="b")
            used(db, one, (0, 1, 0, 0))
            used(db, two, (0, 2, 0, 0))
            used(db, an_api_key(db, home), (0, 100, 0, 0))
            span = last_days(1, NOON)
            for whose, allowed in ((UsedBy(owner=owner), 3), (UsedBy(two, owner), 2)):
                assert rows.list_buckets(db, home, whose, span) == [Bucket(TODAY, allowed, 0, 0)]

    def test_by_hour_of_the_week_add_up_weeks(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            key = an_api_key(db, home)
            used(db, key, (0, 5, 0, 0), (7 * 24, 3, 1, 0), (3, 0, 0, 4))
            found = rows.list_weekly(db, home, UsedBy(key), hours_ago(1000))
            # 2023-11-14 22:13 UTC is a Tuesday
            assert {slot: bucket.total for slot, bucket in found.items()} == {24 + 22: 9, 24 + 19: 4}

    def test_put_tokens_in_order_the_busiest_first(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            owner = a_service_account(db, home)
            a, b, c = (a_token(db, home, owner, name=name) for name in "abc")
            used(db, b, (0, 2, 1, 1), (24 * 40, 50, 0, 0))
            used(db, c, (0, 9, 0, 0))
            span, whole = last_days(30, NOON), {"place": None, "is_backward": False, "limit": 9}
            found = rows.list_tokens_by_requests(db, home, owner, span, **whole)  # type: ignore[arg-type]
            assert [(one.id, one.name, one.requests) for one in found] == [
                (c, "c", 9),
                (b, "b", 4),
                (a, "a", 0),
            ]
            place = Cursor(BY_REQUESTS, 4, b)
            for is_backward, expected in ((False, [a]), (True, [c])):
                near = rows.list_tokens_by_requests(
                    db, home, owner, span, place=place, is_backward=is_backward, limit=1
                )
                assert [one.id for one in near] == expected


class TestTheTotalsOfAnOrganization:
    def test_are_added_to(self, database: Database) -> None:
        with database.write() as db:
            home, other = an_org(db), an_org(db, name="other")
            for _ in range(2):
                usage.add_org_uses(
                    db,
                    {
                        other: [HourlyUse(HOUR, 1)],
                        home: [HourlyUse(HOUR, 1, 2, 3), HourlyUse(hours_ago(1), 4)],
                    },
                )
            assert rows.list_org_buckets(db, home, last_days(2, NOON)) == [Bucket(TODAY, 10, 4, 6)]

    def test_go_with_it(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            usage.add_org_uses(db, {home: [HourlyUse(HOUR, 1)]})
            db.execute(delete(org).where(org.c.id == home))
            assert db.execute(select(func.count()).select_from(org_use)).scalar_one() == 0


class TestForgetting:
    def test_goes_from_the_oldest_in_small_parts(self, database: Database) -> None:
        with database.write() as db:
            home = an_org(db)
            one, two = an_api_key(db, home, name="a"), an_api_key(db, home, name="b")
            for key in (one, two):
                used(db, key, (0, 1, 0, 0), (5, 1, 0, 0), (6, 1, 0, 0))
            usage.add_org_uses(db, {home: [HourlyUse(HOUR, 1), HourlyUse(hours_ago(5), 1)]})
            before = hours_ago(4)
            assert usage.delete_old_uses(db, before=before, most=3) == 3
            hours = select(credential_use.c.hour).order_by(credential_use.c.hour)
            assert db.execute(hours).scalars().all() == [hours_ago(5), HOUR, HOUR]
            assert usage.delete_old_uses(db, before=before, most=3) == 1
            assert usage.delete_old_uses(db, before=before, most=3) == 0
            assert usage.delete_old_org_uses(db, before=before, most=3) == 1
            assert db.execute(select(org_use.c.hour)).scalars().all() == [HOUR]

    def test_waits_for_nobody(self, postgresql_database: Database) -> None:
        with postgresql_database.write() as db:
            key = an_api_key(db, an_org(db))
            used(db, key, (5, 1, 0, 0))
        with postgresql_database.write() as one, postgresql_database.write() as other:
            assert usage.delete_old_uses(one, before=HOUR, most=9) == 1
            assert usage.delete_old_uses(other, before=HOUR, most=9) == 0


def test_counting_and_the_end_of_an_organization_do_not_wait_for_each_other(
    postgresql_database: Database,
) -> None:
    """Both lock the organization first: with the credential first, one would be ended as a deadlock."""
    with postgresql_database.write() as db:
        home = an_org(db)
        key = an_api_key(db, home)
    ended = threading.Thread(target=end_org, args=(postgresql_database, home))
    with postgresql_database.write() as db:
        usage.lock_orgs_of(db, [key])
        ended.start()
        assert usage.lock_credentials(db, [key]) == {key: home}
        used(db, key, (0, 1, 0, 0))
        usage.add_org_uses(db, {home: [HourlyUse(HOUR, 1)]})
    ended.join(10)
    assert not ended.is_alive()
    with postgresql_database.read() as db:
        assert db.execute(select(org_use)).all() == []


def end_org(database: Database, home: OrgId) -> None:
    with database.write() as db:
        db.execute(delete(org).where(org.c.id == home))


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_of_lines_is_one_statement_of_bounded_rows(database: Database, count: int) -> None:
    with database.write() as db:
        home = an_org(db)
        ids = [an_api_key(db, home, name=str(number)) for number in range(count)]
        for id_ in ids:
            used(db, id_, *((hours, 1, 1, 1) for hours in range(0, 48, 6)))
        seen: list[str] = []
        event.listen(db, "before_cursor_execute", lambda *told: seen.append(told[2]))
        found = rows.list_daily(db, home, ids, UnixSeconds(TODAY - 29 * DAY_S))
        assert len(seen) == 1
        assert {sum(days.values()) for days in found.values()} == {24}
        assert max(len(days) for days in found.values()) <= 30
