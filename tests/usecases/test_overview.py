import pytest
from sqlalchemy import Connection

from keystead.core.access.permission import Permission
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.report import Measure, Reason
from keystead.core.orgs.model import OrgId
from keystead.core.usage.model import HourlyUse, hour_of
from keystead.storage import usage
from keystead.storage.engine import Database
from keystead.usecases.overview import list_ending, look_over
from keystead.usecases.usage import UseHistory
from tests.doors import Ticking
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key, an_org

DAY = 24 * 3600


def keys_that_end(db: Connection, org: OrgId, *days: int) -> None:
    for day in days:
        an_api_key(db, org, name=f"day {day}", expires_at=NOON + day * DAY)


@pytest.fixture
def history(database: Database) -> UseHistory:
    return UseHistory(92, database.write, Ticking())


class TestTheTimeline:
    def test_has_the_last_few_that_expired_and_the_first_that_will(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            keys_that_end(db, org, *range(-6, 12), 34, 36, -31)
            found = list_ending(db, a_principal(org), Measure(NOON), most=12)
            names = [one.name for one in found.rows]
            assert names == [f"day {day}" for day in (-3, -2, -1, 0, *range(1, 9))]
            assert found.more == 4

    def test_of_nothing_is_empty(self, database: Database) -> None:
        with database.write() as db:
            assert list_ending(db, a_principal(an_org(db)), Measure(NOON), most=12).rows == ()


class TestTheOverview:
    def test_tells_all_that_may_be_read(self, database: Database, history: UseHistory) -> None:
        with database.write() as db:
            org = an_org(db)
            keys_that_end(db, org, -1, 1)
            usage.add_org_uses(db, {org: [HourlyUse(hour_of(NOON), 5)]})
            seen = look_over(
                db, a_principal(org), NOON, calendar=(NOON - 9 * DAY, NOON + 9 * DAY), history=history
            )
        assert (seen.counts[Reason.EXPIRED], seen.counts[Reason.EXPIRING], seen.keys) == (1, 1, 2)
        assert seen.has_any
        assert seen.buckets is not None
        assert seen.buckets[-1].allowed == 5
        assert sum(seen.by_day.values()) == 2
        assert (len(seen.ending.rows), seen.ending.more) == (2, 0)

    def test_knows_that_there_is_nothing(self, database: Database, history: UseHistory) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            an_api_key(db, other)
            calendar = (NOON, NOON + DAY)
            assert not look_over(db, a_principal(org), NOON, calendar=calendar, history=history).has_any
            owner = a_service_account(db, org)
            token = a_token(db, org, owner, lifetime_s=90 * DAY)
            assert look_over(db, a_principal(org), NOON, calendar=calendar, history=history).has_any
            later = UnixSeconds(NOON + DAY)
            none = a_principal(org, permissions=[Permission("apikeys:read", f"apikeys:id:{token}")])
            assert not look_over(db, none, later, calendar=calendar, history=history).has_any
