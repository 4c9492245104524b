"""F20: in Grafana 9.3 a key that expires may make keys that never do, and nothing ends with its maker."""

from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.storage.credentials import is_name_taken
from tests.doors import HOME, House, MakeHouse, Unchanged, told
from tests.makers import NOON, a_service_account, an_api_key_with_secret

pytestmark = pytest.mark.goal("F20")

LONGER = (400, "A credential cannot outlive the one that makes it; ask for a shorter time to live")
LEFT_S = 600


def expiring(house: House) -> TestClient:
    """Return a client with an Admin's key that ends soon."""
    with house.database.write() as db:
        expires_at = NOON + LEFT_S
        _, secret = an_api_key_with_secret(db, HOME, name="maker", role=Role.ADMIN, expires_at=expires_at)
    return house.with_secret(secret.reveal())


def an_account(house: House, name: str = "ci") -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, name=name)


def asked(client: TestClient, what: str, account: AccountId, lifetime_s: int) -> Response:
    """Ask for a credential in one of the ways that make one."""
    if what == "key":
        body: dict[str, Any] = {"name": "made", "role": "Viewer", "secondsToLive": lifetime_s}
        return client.post("/api/auth/keys", json=body)
    token = {"name": "made", "secondsToLive": lifetime_s}
    if what == "token":
        return client.post(f"/api/serviceaccounts/{account}/tokens", json=token)
    if what == "account":
        return client.post("/api/serviceaccounts", json={"name": "made", "role": "Viewer", "token": token})
    with_old = client.post(
        f"/api/serviceaccounts/{account}/tokens", json={"name": "old", "secondsToLive": 60}
    )
    old = with_old.json()["id"]
    body = {"secondsToLive": lifetime_s, "name": "made", "graceSeconds": 0}
    return client.post(f"/api/serviceaccounts/{account}/tokens/{old}/rotate", json=body)


@pytest.mark.parametrize("what", ["key", "token", "account", "rotation"])
class TestWhatAnExpiringKeyMakes:
    @pytest.mark.parametrize("lifetime_s", [0, LEFT_S + 1])
    def test_may_not_outlive_it_where_that_is_asked_for(
        self, make_house: MakeHouse, what: str, lifetime_s: int
    ) -> None:
        house = make_house(auth__child_ttl_capped=True, auth__api_key_max_seconds_to_live=-1)
        account = an_account(house)
        assert told(asked(expiring(house), what, account, lifetime_s)) == LONGER

    def test_may_live_as_long(self, make_house: MakeHouse, what: str) -> None:
        house = make_house(auth__child_ttl_capped=True)
        assert asked(expiring(house), what, an_account(house), LEFT_S).status_code in {200, 201}

    def test_lives_as_long_as_asked_by_default(self, house: House, what: str) -> None:
        assert asked(expiring(house), what, an_account(house), LEFT_S + 1).status_code in {200, 201}

    def test_says_nothing_of_what_people_make(self, make_house: MakeHouse, what: str) -> None:
        house = make_house(auth__child_ttl_capped=True)
        assert asked(house.as_admin(), what, an_account(house), LEFT_S + 1).status_code in {200, 201}

    def test_leaves_nothing_behind_when_it_is_refused(self, make_house: MakeHouse, what: str) -> None:
        house = make_house(auth__child_ttl_capped=True)
        asked(expiring(house), what, an_account(house), LEFT_S + 1)
        with house.database.read() as db:
            assert not is_name_taken(db, HOME, "made")
        assert house.as_admin().get("/api/serviceaccounts/search").json()["totalCount"] == 1


class Chain:
    """A key that made a token, which made a key; and beside them one that a person made."""

    def __init__(self, house: House) -> None:
        self.house = house
        with house.database.write() as db:
            self.root, root = an_api_key_with_secret(db, HOME, name="root", role=Role.ADMIN)
            self.account = a_service_account(db, HOME, role=Role.ADMIN)
        first = house.with_secret(root.reveal())
        token = asked(first, "token", self.account, 0).json()
        body = {"name": "last", "role": "Admin", "secondsToLive": 60}
        last = house.with_secret(token["key"]).post("/api/auth/keys", json=body).json()
        body = {"name": "person's", "role": "Admin", "secondsToLive": 60}
        beside = house.as_admin().post("/api/auth/keys", json=body).json()
        self.token: int = token["id"]
        self.secrets: list[str] = [root.reveal(), token["key"], last["key"], beside["key"]]

    @property
    def statuses(self) -> list[int]:
        """What each is answered: the root, what it made, what that made, the person's."""
        return [self.house.with_secret(one).get("/api/org").status_code for one in self.secrets]


class TestEndingWithTheMaker:
    def test_is_not_what_happens_unasked(self, house: House) -> None:
        chain = Chain(house)
        answer = house.as_admin().delete(f"/api/auth/keys/{chain.root}")
        assert answer.json() == {"message": "API key deleted"}
        assert chain.statuses == [401, 200, 200, 200]

    def test_reaches_all_that_a_key_made(self, house: House) -> None:
        chain = Chain(house)
        answer = house.as_admin().delete(f"/api/auth/keys/{chain.root}?cascade=true")
        assert answer.json() == {"message": "API key deleted", "alsoRevoked": 2}
        assert chain.statuses == [401, 401, 401, 200]
        assert {key["name"] for key in house.as_admin().get("/api/auth/keys").json()} >= {"last"}

    def test_reaches_what_a_token_made_even_when_it_was_revoked_before(self, house: House) -> None:
        chain = Chain(house)
        route = f"/api/serviceaccounts/{chain.account}/tokens/{chain.token}/revoke"
        assert house.as_admin().post(route).json() == {"message": "Service account token revoked"}
        assert chain.statuses == [200, 401, 200, 200]
        assert house.as_admin().post(f"{route}?cascade=true").json()["alsoRevoked"] == 1
        assert chain.statuses == [200, 401, 401, 200]

    def test_is_written_down_for_each(self, house: House) -> None:
        chain = Chain(house)
        house.as_admin().delete(f"/api/auth/keys/{chain.root}?cascade=true")
        log = house.as_admin().get("/api/audit").json()["items"]
        assert [(one["action"], one["target"]["name"]) for one in log[:3]] == [
            ("apikey.revoke", "last"),
            ("token.revoke", "made"),
            ("apikey.delete", "root"),
        ]

    def test_is_refused_whole_for_one_that_the_caller_may_not_end(
        self, house: House, unchanged: Unchanged
    ) -> None:
        chain = Chain(house)
        mine = ("serviceaccounts:write", f"serviceaccounts:id:{chain.account}")
        client = house.as_holder(Role.VIEWER, mine)
        route = f"/api/serviceaccounts/{chain.account}/tokens/{chain.token}/revoke"
        with unchanged():
            assert client.post(f"{route}?cascade=true").status_code == 403
        assert client.post(route).status_code == 200
