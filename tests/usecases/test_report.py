from dataclasses import replace

import pytest
from sqlalchemy import Connection, update

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ReportPlaceUnknown
from keystead.core.credentials.report import Measure, Reason
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from keystead.usecases import report
from keystead.usecases.report import ReportAsked
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key, an_org

DAY = 24 * 3600
MEASURE = Measure(NOON, 30)
ASKED = ReportAsked(MEASURE)


def a_home(db: Connection, count: int = 3) -> tuple[OrgId, Principal]:
    """Return an organization with keys that end on the following days, and its Admin."""
    org = an_org(db)
    for number in range(count):
        key = an_api_key(db, org, name=f"key {number:03}", expires_at=NOON + number * DAY + 1)
        db.execute(update(credential).where(credential.c.id == key).values(last_used_at=NOON))
    return org, a_principal(org)


class TestAReport:
    def test_goes_on_where_the_last_answer_ended(self, database: Database) -> None:
        with database.write() as db:
            _org, by = a_home(db)
            asked = replace(ASKED, reason=Reason.EXPIRING)
            first = report.list_report(db, by, asked, limit=2)
            assert [one.name for one in first.items] == ["key 000", "key 001"]
            assert first.counts[Reason.EXPIRING] == 3
            assert Reason.ADMIN_ROLE not in first.counts
            rest = report.list_report(db, by, replace(asked, after=first.after), limit=2)
            assert ([one.name for one in rest.items], rest.after) == (["key 002"], "")
            for nonsense in ("x", first.after[:-3]):
                with pytest.raises(ReportPlaceUnknown):
                    report.list_report(db, by, replace(asked, after=nonsense), limit=2)
            with pytest.raises(ReportPlaceUnknown):
                report.list_report(db, by, replace(ASKED, after=first.after), limit=2)

    def test_of_a_page_goes_both_ways(self, database: Database) -> None:
        with database.write() as db:
            _org, by = a_home(db, 51)
            asked = replace(ASKED, measure=Measure(UnixSeconds(NOON + 100 * DAY)), reason=Reason.EXPIRED)
            first = report.list_report_page(db, by, asked)
            assert (len(first.items), first.before, first.counts[Reason.EXPIRED]) == (50, "", 51)
            rest = report.list_report_page(db, by, replace(asked, after=first.after))
            assert [one.name for one in rest.items] == ["key 050"]
            assert report.list_report_page(db, by, replace(asked, before=rest.before)).items == first.items
            assert report.list_report_page(db, by, replace(asked, after="x")).items == first.items

    def test_leaves_out_a_kind_and_what_may_not_be_read(self, database: Database) -> None:
        with database.write() as db:
            org, by = a_home(db, 1)
            mine = a_service_account(db, org)
            a_token(db, org, mine, name="token")
            a_token(db, org, a_service_account(db, org, name="other"), name="hidden")
            some = a_principal(
                org, permissions=[Permission("serviceaccounts:read", f"serviceaccounts:id:{mine}")]
            )
            for who, asked, expected in (
                (by, ASKED, ["hidden", "key 000", "token"]),
                (by, replace(ASKED, shows_tokens=False), ["key 000"]),
                (by, replace(ASKED, shows_keys=False), ["hidden", "token"]),
                (some, ASKED, ["token"]),
                (some, replace(ASKED, shows_tokens=False), []),
                (a_principal(org, permissions=[]), ASKED, []),
            ):
                found = report.list_report_page(db, who, asked)
                assert [one.name for one in found.items] == expected


def test_what_ends_is_listed_and_counted(database: Database) -> None:
    with database.write() as db:
        _org, by = a_home(db, 5)
        ends = (NOON, NOON + 3 * DAY)
        page = report.list_ending_page(db, by, ASKED, ends)
        assert [one.name for one in page.items] == ["key 000", "key 001", "key 002"]
        assert (page.before, page.after, page.counts) == ("", "", {})
        assert sum(report.count_by_day(db, by, MEASURE, ends).values()) == 3
        counts, keys, ending = report.count_all(db, by, MEASURE, ends)
        assert (counts[Reason.EXPIRING], keys, ending) == (5, 5, 3)
        assert report.has_any(db, by)
        around = report.list_around(db, by, MEASURE, past=(NOON, NOON + 3 * DAY), soon=ends, most=2)
        assert [one.name for one in around] == ["key 000", "key 001", "key 001", "key 002"]
        ids = frozenset({around[0].id, around[-1].id, 2**62})
        assert [one.name for one in report.list_chosen(db, by, MEASURE, ids)] == ["key 000", "key 002"]


def test_a_walk_goes_through_all_rows_piece_by_piece(database: Database) -> None:
    with database.write() as db:
        _org, by = a_home(db, 5)
    asked = replace(ASKED, reason=Reason.EXPIRING)
    for size, expected in ((2, [2, 2, 1]), (5, [5, 0]), (9, [5])):
        pieces = list(report.walk(database.read, by, asked, size=size))
        assert [len(piece) for piece in pieces] == expected
        assert [one.name for piece in pieces for one in piece] == [f"key {number:03}" for number in range(5)]
