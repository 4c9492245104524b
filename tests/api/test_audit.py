import asyncio
import json
import tracemalloc

import pytest
from httpx2 import Response
from starlette.types import Message

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.usecases.changes import Target
from tests.coroutines import OwnLoop
from tests.doors import HOME, House, told
from tests.makers import NOON, some_changes

EVENT = {
    "seq",
    "time",
    "requestId",
    "orgId",
    "actor",
    "address",
    "action",
    "target",
    "result",
    "detail",
    "hash",
}


@pytest.fixture
def told_house(house: House) -> House:
    """A house with three changes in its own organization and two in another, all a day later."""
    elsewhere = house.an_org()
    with house.database.write() as db:
        at = UnixSeconds(NOON + 86_400)
        some_changes(db, HOME, 3, action="token.create", target=Target("token", 7, "edge"), at=at)
        some_changes(db, elsewhere, 2, action="token.delete", at=at)
    return house


def seqs(answer: Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["seq"] for item in answer.json()["items"]]


def lines(answer: Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


class TestListingTheLog:
    def test_tells_each_event_whole_newest_first(self, told_house: House) -> None:
        answer = told_house.as_key().get("/api/audit?from=2023-11-15T00:00:00Z&limit=1")
        (event,) = answer.json()["items"]
        assert set(event) == EVENT
        assert event["actor"] == {
            "kind": "serviceaccount",
            "id": 12,
            "login": "sa-builder",
            "credentialId": 3,
        }
        assert (event["target"], event["orgId"]) == ({"kind": "token", "id": "7", "name": "edge"}, HOME)
        assert (event["time"], event["detail"]) == ("2023-11-15T22:13:22Z", {"n": 2})
        assert (len(event["hash"]), event["result"], event["requestId"]) == (64, "success", "r1")
        assert answer.json()["next"]

    def test_goes_on_behind_a_cursor(self, told_house: House) -> None:
        client = told_house.as_key()
        seen: list[int] = []
        after: str | None = ""
        while after is not None:
            answer = client.get("/api/audit", params={"limit": 2, "after": after})
            seen += seqs(answer)
            after = answer.json()["next"]
        assert seen == sorted(seen, reverse=True)
        assert seen == seqs(client.get("/api/audit?limit=5000"))
        assert client.get("/api/audit?after=x").status_code == 400

    def test_filters(self, told_house: House) -> None:
        client = told_house.as_key()
        assert len(seqs(client.get("/api/audit?action=token.create&actor=BUILD&target=token:7"))) == 3
        assert len(seqs(client.get("/api/audit?query=edge&result=success"))) == 3
        assert seqs(client.get("/api/audit?actor=serviceaccount:13")) == []
        assert len(seqs(client.get("/api/audit?from=2023-11-15T23:13:21%2B01:00"))) == 2
        assert seqs(client.get("/api/audit?to=2023-11-14T00:00:00Z")) == []

    @pytest.mark.parametrize(
        "text", ["yesterday", "2023-11-15", "2023-11-15T00:00:00", "2023-13-15T00:00:00Z"]
    )
    def test_refuses_what_is_no_moment(self, told_house: House, text: str) -> None:
        message = "from and to must be dates such as 2026-11-22T20:30:00Z"
        for path in ("/api/audit", "/api/audit/export"):
            assert told(told_house.as_key().get(f"{path}?from={text}")) == (400, message)

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
    def test_needs_the_right(self, told_house: House, role: Role) -> None:
        for path in ("/api/audit", "/api/audit/export"):
            answer = told_house.as_key(role).get(path)
            assert answer.status_code == 403
            assert answer.json()["message"].endswith("Permissions needed: audit:read")
            assert told_house.client().get(path).status_code == 401
        assert seqs(told_house.as_holder(role, ("audit:read", "")).get("/api/audit"))

    def test_of_the_whole_server_is_for_server_admins(self, told_house: House) -> None:
        for path in ("/api/audit", "/api/audit/export"):
            for client in (told_house.as_key(), told_house.as_member(Role.ADMIN)):
                assert client.get(f"{path}?orgId=all").status_code == 403
        every = told_house.as_admin().get("/api/audit?orgId=all&limit=1000").json()["items"]
        newest = max(event["seq"] for event in every)
        assert sorted(event["seq"] for event in every) == list(range(1, newest + 1))
        assert {event["orgId"] for event in every} == {HOME, 2}

    def test_never_shows_another_organization(self, told_house: House) -> None:
        for client in (told_house.as_key(), told_house.as_admin(), told_house.as_token()):
            for query in ("", "?orgId=2", "?orgId=ALL", "?query=token.delete"):
                found = client.get(f"/api/audit{query}").json()["items"]
                assert {event["orgId"] for event in found} <= {HOME}
                assert {event["orgId"] for event in lines(client.get(f"/api/audit/export{query}"))} <= {HOME}
        there = told_house.as_admin(x_grafana_org_id="2").get("/api/audit").json()["items"]
        assert {event["orgId"] for event in there} == {2}
        nowhere = told_house.as_admin(x_grafana_org_id="99").get("/api/audit").json()["items"]
        assert nowhere == []

    def test_has_no_secret_in_it(self, house: House) -> None:
        """All secrets that are made in tests carry the canary's name."""
        admin = house.as_admin()
        key = admin.post("/api/auth/keys", json={"name": "k", "role": "Viewer", "secondsToLive": 60}).json()
        account = admin.post("/api/serviceaccounts", json={"name": "ci"}).json()["id"]
        tokens = f"/api/serviceaccounts/{account}/tokens"
        token = admin.post(tokens, json={"name": "t"}).json()
        rotated = admin.post(f"{tokens}/{token['id']}/rotate", json={}).json()
        person = {"login": "paul", "password": "canary passphrase of paul"}
        made = admin.post("/api/admin/users", json=person).json()
        new = {"password": "canary passphrase, a new one"}
        assert admin.put(f"/api/admin/users/{made['id']}/password", json=new).status_code == 200
        assert "canary" in key["key"] or "canary" in token["key"]
        told = admin.get("/api/audit/export?orgId=all")
        actions = {event["action"] for event in lines(told)}
        assert actions >= {"apikey.create", "token.create", "token.rotate", "user.create", "user.password"}
        for secret in ("canary", key["key"], token["key"], rotated["key"]):
            assert secret not in told.text


class TestExportingTheLog:
    def test_sends_lines_oldest_first(self, told_house: House) -> None:
        client = told_house.as_key()
        answer = client.get("/api/audit/export?action=token.create")
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        assert answer.headers["content-disposition"] == 'attachment; filename="audit.jsonl"'
        assert answer.headers["cache-control"] == "no-store"
        found = lines(answer)
        assert [event["detail"] for event in found] == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert set(found[0]) == EVENT
        head = client.head("/api/audit/export")
        assert (head.status_code, head.content) == (200, b"")

    def test_holds_no_more_than_a_piece_of_a_long_log(self, house: House) -> None:
        with house.database.write() as db:
            some_changes(db, HOME, 5_000)
        tracemalloc.start()
        sent, peak = asking(house, "/api/audit/export", hang_up_after=10**9)
        size = sum(len(message.get("body", b"")) for message in sent)
        assert sum(message.get("body", b"").count(b"\n") for message in sent) > 5_000
        assert peak - size < 5 * 1024 * 1024

    def test_ends_when_the_reader_goes_away(self, house: House) -> None:
        with house.database.write() as db:
            some_changes(db, HOME, 5_000)
        sent, _ = asking(house, "/api/audit/export", hang_up_after=2)
        assert 2 <= len(sent) < 6


def asking(house: House, path: str, *, hang_up_after: int) -> tuple[list[Message], int]:
    """Ask as a client that goes away after so many messages; return those, and the most memory in use."""
    token = house.as_key().headers["authorization"]
    sent: list[Message] = []

    async def ask() -> None:
        gone = asyncio.Event()
        started = False

        async def receive() -> Message:
            nonlocal started
            if not started:
                started = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)
            if len(sent) >= hang_up_after:
                gone.set()

        headers = [(b"host", b"127.0.0.1:3000"), (b"authorization", token.encode())]
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
        }
        await house.app(
            {**scope, "headers": headers, "client": ("127.0.0.1", 5), "scheme": "http"}, receive, send
        )

    loop = OwnLoop()
    loop.run(ask())
    loop.close()
    peak = tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else 0
    tracemalloc.stop()
    return sent, peak
