from datetime import UTC, datetime

import pytest

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import HourlyUse, LastUse, hour_of
from keystead.core.usage.span import DAY_S
from keystead.storage import usage
from tests.doors import HOME, House, MakeHouse, told
from tests.makers import NOON, a_service_account, a_token, an_api_key

HOUR = hour_of(NOON)
REFUSED = (
    "from and to must be times such as 2026-11-22T00:00:00Z, from before to, "
    "and at most 2400 hours or days apart; step must be hour or day"
)


def text_of(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class TestUsage:
    def test_of_a_key_is_told_by_day_and_by_hour(self, house: House) -> None:
        with house.database.write() as db:
            key = an_api_key(db, HOME)
            usage.add_uses(
                db,
                {key: [HourlyUse(HOUR, 2, 1), HourlyUse(UnixSeconds(HOUR - 40 * DAY_S), 9, 9, 9)]},
            )
            usage.set_last_use(db, key, LastUse(NOON, "192.0.2.1", "curl/8", "GET /api/org"))
        client = house.as_key()
        path = f"/api/auth/keys/{key}/usage"
        whole = client.get(path).json()
        assert {name: whole[name] for name in whole if name != "buckets"} == {
            "lastUsedAt": text_of(NOON),
            "lastUsedFrom": "192.0.2.1",
            "lastUserAgent": "curl/8",
            "lastRoute": "GET /api/org",
        }
        assert len(whole["buckets"]) == 30
        today = {"start": text_of(NOON - NOON % DAY_S), "allowed": 2, "denied": 1, "refused": 0}
        assert whole["buckets"][-1] == today
        assert len(client.get(f"{path}?step=hour").json()["buckets"]) == 720
        asked = f"{path}?from={text_of(HOUR - 3600)}&to={text_of(NOON)}&step=hour"
        assert [one["allowed"] for one in client.get(asked).json()["buckets"]] == [0, 2]
        older = client.get(f"{path}?to={text_of(NOON - 39 * DAY_S)}").json()["buckets"]
        assert [one["refused"] for one in older[-2:]] == [9, 0]

    def test_of_an_account_and_a_token_is_counted_from_the_first_request_on(self, house: House) -> None:
        with house.database.write() as db:
            owner = a_service_account(db, HOME)
            token, other = a_token(db, HOME, owner), a_token(db, HOME, owner, name="other")
            usage.add_uses(db, {id_: [HourlyUse(HOUR, 2)] for id_ in (token, other)})
        client = house.as_key()
        for path, allowed in (("", 4), (f"/tokens/{token}", 2)):
            whole = client.get(f"/api/serviceaccounts/{owner}{path}/usage").json()
            assert (whole["lastUsedAt"], whole["buckets"][-1]["allowed"]) == (None, allowed)
        caller = house.as_token(Role.ADMIN)
        own = caller.get("/api/serviceaccounts/search?query=machine").json()["serviceAccounts"][0]["id"]
        assert caller.get(f"/api/serviceaccounts/{own}/usage").json()["buckets"][-1]["allowed"] == 1

    def test_has_no_buckets_where_nothing_is_kept(self, make_house: MakeHouse) -> None:
        house = make_house(usage__keep_days=31)
        with house.database.write() as db:
            key = an_api_key(db, HOME)
        path = f"/api/auth/keys/{key}/usage?from={text_of(NOON - 60 * DAY_S)}"
        assert len(house.as_key().get(path).json()["buckets"]) == 32

    @pytest.mark.parametrize(
        "query",
        [
            *("step=week", "from=yesterday", "to=2023-13-01", "from=2024-01-01T00:00:00Z"),
            *("from=2000-01-01&step=hour", "from=0001-01-01T00:00:00%2B10:00"),
        ],
    )
    def test_of_what_is_no_time_is_refused(self, house: House, query: str) -> None:
        with house.database.write() as db:
            key = an_api_key(db, HOME)
        assert told(house.as_key().get(f"/api/auth/keys/{key}/usage?{query}")) == (400, REFUSED)

    def test_of_what_is_not_there_is_not_found(self, house: House) -> None:
        client = house.as_key()
        assert told(client.get("/api/auth/keys/99/usage"))[0] == 404
        assert told(client.get("/api/auth/keys/x/usage")) == (400, "id is invalid")
        assert told(client.get("/api/serviceaccounts/99/usage"))[0] == 404
        assert told(client.get("/api/serviceaccounts/x/usage"))[0] == 400
        assert told(client.get("/api/serviceaccounts/99/tokens/1/usage"))[0] == 404
        assert told(client.get("/api/serviceaccounts/99/tokens/x/usage"))[0] == 400
        assert told(house.as_key(Role.EDITOR).get("/api/auth/keys/99/usage"))[0] == 403
