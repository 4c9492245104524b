"""Whose address a verification is remembered with, behind proxies that are trusted."""

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from keystead.forwardauth.description import DECLARED
from keystead.forwardauth.endpoint import Undecided
from tests.coroutines import awaited
from tests.doors import BASE_URL, House, MakeHouse

PROXY = "10.0.0.1"


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    return make_house(server__trusted_proxies=["10.0.0.0/8"])


def behind(house: House, peer: str = PROXY) -> TestClient:
    """Return a client of a good key that asks through this peer."""
    key = house.as_key().headers["authorization"]
    return TestClient(house.app, base_url=BASE_URL, client=(peer, 5000), headers={"authorization": key})


def last_address(house: House) -> str:
    (uses,) = house.deps.uses.buffer.take(10).values()
    assert uses.last is not None
    return uses.last.address


class TestTheAddress:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            (PROXY, [], PROXY),
            (PROXY, ["203.0.113.7"], "203.0.113.7"),
            (PROXY, ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (PROXY, ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (PROXY, ["203.0.113.7", "10.0.0.2"], "203.0.113.7"),
            (PROXY, ["x" * 300], "x" * 300),
            ("192.0.2.9", ["203.0.113.7"], "192.0.2.9"),
        ],
    )
    def test_is_the_nearest_that_trusted_proxies_vouch_for(
        self, house: House, peer: str, forwarded: list[str], expected: str
    ) -> None:
        client = behind(house, peer)
        for _ in "12":  # the second answer comes from memory
            answer = client.get("/auth/verify", headers=[("x-forwarded-for", value) for value in forwarded])
            assert answer.status_code == 200
            assert last_address(house) == expected

    def test_is_not_mixed_up_when_one_header_of_two_is_the_same(self, house: House) -> None:
        client = behind(house)
        for address in ("203.0.113.7", "203.0.113.8"):
            client.get(
                "/auth/verify", headers=[("x-forwarded-for", address), ("x-forwarded-for", "10.0.0.2")]
            )
            assert last_address(house) == address


def test_a_request_that_came_by_the_wrong_door_does_not_pass(house: House) -> None:
    async def serve() -> object:
        return await DECLARED.serve(house.deps, Request({"type": "http"}), {})

    with pytest.raises(Undecided):
        awaited(serve())
