from datetime import UTC, datetime, timedelta

import pytest

from keystead.client import CallFailed, Client
from keystead.client.accounts import create_account
from keystead.client.credentials import account_usage, key_usage, report_credentials, token_usage
from keystead.client.keys import create_key
from keystead.client.tokens import create_token
from tests.client.conftest import Caller
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class TestTheReport:
    def test_is_told_page_by_page(self, admin: Caller, request: pytest.FixtureRequest) -> None:
        names = [f"{number} {request.node.name}" for number in range(3)]
        for name in names:
            admin.send(create_key(name, lifetime_s=3600))
        page = admin.send(report_credentials(reason="expiring", limit=2))
        found = list(page.items)
        while page.next is not None:
            page = admin.send(report_credentials(reason="expiring", limit=2, after=page.next))
            found += page.items
        found = [one for one in found if one.name in names]
        assert [one.name for one in found] == names
        assert (found[0].kind, found[0].service_account_id, found[0].role) == ("apikey", None, "Viewer")
        assert found[0].reasons == ["expiring", "never-used"]
        assert page.counts["expiring"] >= 3
        with pytest.raises(CallFailed, match="after must be the next"):
            admin.send(report_credentials(after="x"))

    def test_is_gone_through_as_a_whole(self, server: str, request: pytest.FixtureRequest) -> None:
        with Client(server, a_key(server, name=f"reader of {request.node.name}")) as keystead:
            names = [f"{number} {request.node.name}" for number in range(3)]
            for name in names:
                keystead.keys.create(name, lifetime_s=3600)
            told = [one.name for one in keystead.credentials.reported("expiring", page_size=2)]
            assert [name for name in told if name in names] == names
            assert len(told) == len(set(told))


class TestUsage:
    def test_counts_the_first_request(self, admin: Caller, request: pytest.FixtureRequest) -> None:
        name = f"robot {request.node.name}"
        account = admin.send(create_account(name))
        token = admin.send(create_token(account.id, f"token {name}"))
        key = admin.send(create_key(f"key {name}", lifetime_s=60))
        now = datetime.now(UTC)  # noqa: TID251 - the server's clock is real
        since, until = now - timedelta(hours=2), now + timedelta(minutes=5)
        for call in (
            key_usage(key.id, since=since, until=until, step="hour"),
            account_usage(account.id, since=since, until=until, step="hour"),
            token_usage(account.id, token.id, since=since, until=until, step="hour"),
        ):
            told = admin.send(call)
            assert told.last_used_at is None
            assert 3 <= len(told.buckets) <= 4
            assert {one.allowed + one.denied + one.refused for one in told.buckets} == {0}
        assert len(admin.send(key_usage(key.id)).buckets) == 30
