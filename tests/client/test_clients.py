import logging

import pytest

from keystead.client import AsyncClient, CallFailed, Client
from tests.coroutines import awaited
from tests.planned import Planned
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ACCOUNT = {
    "id": 7,
    "name": "ci",
    "login": "sa-ci",
    "orgId": 1,
    "isDisabled": False,
    "role": "Viewer",
    "tokens": 0,
    "avatarUrl": "",
}


def plan_pages(planned: Planned, pages: list[list[int]], total: int) -> None:
    for number, ids in enumerate(pages, 1):
        rows = ",".join(str(ACCOUNT | {"id": id_}).replace("'", '"').replace("False", "false") for id_ in ids)
        planned.plan(200, f'{{"totalCount":{total},"serviceAccounts":[{rows}],"page":{number},"perPage":2}}')


class TestTheClientThatWaits:
    def test_has_the_calls_as_methods(self, server: str) -> None:
        with Client(server, a_key(server, name="waits")) as keystead:
            issued = keystead.keys.create("made by waiting", lifetime_s=60)
            assert keystead.verify(issued.secret).role == "Viewer"
            assert issued.id in {key.id for key in keystead.keys.list()}
            keystead.keys.delete(issued.id)
            assert keystead.health().database == "ok"

    def test_goes_through_pages_as_they_are_needed(self, planned: Planned) -> None:
        plan_pages(planned, [[1, 2], [3, 4], [5]], 5)
        with Client(planned.url, "token") as keystead:
            found = keystead.accounts.search("c i", page_size=2)
            assert next(found).id == 1
            assert len(planned.asked) == 1
            assert [account.id for account in found] == [2, 3, 4, 5]
        assert [path for _, path, _, _ in planned.asked] == [
            f"/api/serviceaccounts/search?query=c+i&perpage=2&page={page}" for page in (1, 2, 3)
        ]

    def test_ends_where_rows_went_away_meanwhile(self, planned: Planned) -> None:
        plan_pages(planned, [[1, 2], []], 3)
        with Client(planned.url, "token") as keystead:
            assert [account.id for account in keystead.accounts.search(page_size=2)] == [1, 2]

    def test_tells_what_a_method_does(self) -> None:
        assert "lifetime_s" in (Client("http://127.0.0.1:3000").keys.create.__doc__ or "")


class TestTheClientThatIsAwaited:
    def test_has_the_calls_as_methods(self, server: str) -> None:
        async def act(token: str) -> None:
            async with AsyncClient(server, token) as keystead:
                issued = await keystead.keys.create("made by awaiting", lifetime_s=60)
                assert (await keystead.verify(issued.secret)).role == "Viewer"
                assert issued.id in {key.id for key in await keystead.keys.list()}
                await keystead.keys.delete(issued.id)
                assert (await keystead.health()).database == "ok"

        awaited(act(a_key(server, name="is awaited")))

    def test_goes_through_pages(self, planned: Planned) -> None:
        plan_pages(planned, [[1, 2], [3]], 3)

        async def ids() -> list[int]:
            async with AsyncClient(planned.url, "token") as keystead:
                return [account.id async for account in keystead.accounts.search(page_size=2)]

        assert awaited(ids()) == [1, 2, 3]


class TestWhatIsLogged:
    def test_is_never_a_token(self, server: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        token = a_key(server, name="quiet")
        with Client(server, token) as keystead:
            issued = keystead.keys.create("loud", lifetime_s=60)
            keystead.verify(issued.secret)
            with pytest.raises(CallFailed) as refused:
                keystead.verify(f"{token}x")
        assert caplog.records
        told = "\n".join([caplog.text, repr(issued), str(refused.value), repr(refused.value)])
        assert token not in told
        assert issued.secret.reveal() not in told
