from collections.abc import Iterable

import pytest
from sqlalchemy import Connection

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNotFound, TokenNotFound
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.by_token import UsedBy
from keystead.core.usage.model import HourlyUse, LastUse, hour_of
from keystead.core.usage.span import DAY_S, Bucket, day_of, last_days
from keystead.storage import usage
from keystead.storage.engine import Database
from keystead.usecases import use_counts
from keystead.usecases.usage import UseHistory
from tests.doors import Ticking
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key, an_org

SPAN = last_days(2, NOON)
TODAY = day_of(NOON)
YESTERDAY = UnixSeconds(TODAY - DAY_S)
LAST = LastUse(NOON, "192.0.2.1", "curl/8", "GET /api/org")


def kept(database: Database, days: int = 92) -> UseHistory:
    return UseHistory(days, database.write, Ticking())


def used(db: Connection, id_: CredentialId, allowed: int) -> None:
    usage.add_uses(db, {id_: [HourlyUse(hour_of(NOON), allowed)]})
    usage.set_last_use(db, id_, LAST)


def reader(org: int, *held: tuple[str, str]) -> Principal:
    permissions: Iterable[Permission] = [Permission(*one) for one in held]
    return a_principal(org, permissions=permissions)  # type: ignore[arg-type]


class TestTheUse:
    def test_of_a_key_is_its_last_and_every_day(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            key = an_api_key(db, org)
            used(db, key, 3)
            found = use_counts.find_key_usage(db, a_principal(org), key, SPAN, history=kept(database))
            assert found == use_counts.Usage(LAST, (Bucket(YESTERDAY), Bucket(TODAY, 3)))
            with pytest.raises(ApiKeyNotFound):
                use_counts.find_key_usage(db, a_principal(other), key, SPAN, history=kept(database))

    def test_of_an_account_is_that_of_its_tokens(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            by, owner = a_principal(org), a_service_account(db, org)
            one, two = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            used(db, one, 3)
            used(db, two, 4)
            whole = use_counts.find_account_usage(db, by, owner, SPAN, history=kept(database))
            assert whole == use_counts.Usage(LAST, (Bucket(YESTERDAY), Bucket(TODAY, 7)))
            part = use_counts.find_token_usage(db, by, owner, two, SPAN, history=kept(database))
            assert part.buckets == (Bucket(YESTERDAY), Bucket(TODAY, 4))
            with pytest.raises(ServiceAccountNotFound):
                use_counts.find_account_usage(db, by, AccountId(99), SPAN, history=kept(database))
            with pytest.raises(TokenNotFound):
                use_counts.find_token_usage(db, by, AccountId(99), two, SPAN, history=kept(database))

    def test_is_unknown_before_what_is_kept(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key = an_api_key(db, org)
            span = last_days(33, NOON)
            found = use_counts.find_key_usage(db, a_principal(org), key, span, history=kept(database, 31))
            assert [bucket.is_known for bucket in found.buckets] == [False, *[True] * 32]

    def test_of_many_is_told_by_day_and_of_one_by_hour_of_the_week(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            by, key, idle = a_principal(org), an_api_key(db, org), an_api_key(db, org, name="idle")
            used(db, key, 3)
            assert use_counts.list_daily(db, by, [key, idle], now=NOON) == {key: (*[0] * 29, 3)}
            counted = use_counts.count_use(db, by, UsedBy(key), SPAN, history=kept(database))
            assert {slot: bucket.total for slot, bucket in counted.weekly.items()} == {24 + 22: 3}
            assert counted.buckets == (Bucket(YESTERDAY), Bucket(TODAY, 3))
            assert counted.known_from == TODAY - 92 * DAY_S

    def test_puts_tokens_in_order_page_by_page(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            by, owner = a_principal(org), a_service_account(db, org)
            for number in range(51):
                used(db, a_token(db, org, owner, name=str(number)), number)
            first = use_counts.list_tokens_by_requests(db, by, owner, SPAN)
            assert [first.rows[0].requests, first.rows[-1].requests, first.before] == [50, 1, ""]
            rest = use_counts.list_tokens_by_requests(db, by, owner, SPAN, after=first.after)
            assert [one.requests for one in rest.rows] == [0]
            back = use_counts.list_tokens_by_requests(db, by, owner, SPAN, before=rest.before)
            assert back.rows == first.rows


class TestTheTotalsOfAnOrganization:
    def test_are_for_whoever_may_read_all_that_is_in_them(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            usage.add_org_uses(db, {org: [HourlyUse(hour_of(NOON), 5)]})
            keys, accounts = ("apikeys:read", "apikeys:*"), ("serviceaccounts:read", "serviceaccounts:*")
            some = ("serviceaccounts:read", "serviceaccounts:id:3")
            for held, expected in (
                ((keys, accounts), (Bucket(YESTERDAY), Bucket(TODAY, 5))),
                ((keys,), None),
                ((accounts,), None),
                ((keys, some), None),
                ((), None),
            ):
                by = reader(org, *held)
                told = use_counts.list_org_buckets_or_none(db, by, SPAN, history=kept(database))
                assert told == expected
