import json
import pickle
import socket
import time

import pytest

from keystead.client import CallFailed, Client, Secret
from keystead.client.keys import create_key, list_keys
from keystead.client.server import health, verify
from tests.client.conftest import MakeCaller
from tests.planned import Planned

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TOKEN = "glsa_canaryInAToken"
WAIT = '{"message":"Too many requests","messageId":"credentials.budget-spent","traceID":"r1"}'


class TestACallThatIsRefusedForNow:
    @pytest.mark.parametrize("status", [429, 503])
    def test_is_sent_again_when_it_changes_nothing(
        self, make_caller: MakeCaller, planned: Planned, status: int
    ) -> None:
        planned.plan(status, WAIT, Retry_After="0")
        planned.plan(200, "[]")
        assert make_caller(planned.url, TOKEN).send(list_keys()) == []
        assert len(planned.asked) == 2

    def test_waits_as_long_as_it_is_told(self, make_caller: MakeCaller, planned: Planned) -> None:
        planned.plan(503, WAIT, Retry_After="1")
        planned.plan(200, "[]")
        began = time.monotonic()
        make_caller(planned.url, TOKEN).send(list_keys())
        assert time.monotonic() - began >= 1

    def test_is_given_up_in_the_end(self, make_caller: MakeCaller, planned: Planned) -> None:
        for _ in range(3):
            planned.plan(429, WAIT, Retry_After="0")
        with pytest.raises(CallFailed) as refused:
            make_caller(planned.url, TOKEN, retries=2).send(list_keys())
        assert (refused.value.status, refused.value.request_id) == (429, "r1")
        assert "try again" in refused.value.advice
        assert len(planned.asked) == 3

    @pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 1999 23:59:59 GMT"])
    def test_is_not_waited_for_too_long(self, make_caller: MakeCaller, planned: Planned, wait: str) -> None:
        planned.plan(503, WAIT, Retry_After=wait)
        planned.plan(503, WAIT, Retry_After=wait)
        with pytest.raises(CallFailed):
            make_caller(planned.url, TOKEN, retries=1).send(list_keys())

    def test_is_sent_once_when_it_changes_something(self, make_caller: MakeCaller, planned: Planned) -> None:
        planned.plan(503, WAIT, Retry_After="0")
        with pytest.raises(CallFailed):
            make_caller(planned.url, TOKEN).send(create_key("ci"))
        assert len(planned.asked) == 1

    def test_is_sent_once_for_other_refusals(self, make_caller: MakeCaller, planned: Planned) -> None:
        planned.plan(500, '{"message":"Internal server error"}')
        with pytest.raises(CallFailed) as refused:
            make_caller(planned.url, TOKEN).send(list_keys())
        assert (refused.value.status, refused.value.advice) == (500, "")

    def test_is_an_answer_where_health_is_asked(self, make_caller: MakeCaller, planned: Planned) -> None:
        planned.plan(503, '{"commit":"x","database":"failing","version":"9.3.2","keystead":"x"}')
        assert make_caller(planned.url).send(health()).database == "failing"


class TestWhatIsSent:
    def test_is_the_token_in_a_header_and_nowhere_else(
        self, make_caller: MakeCaller, planned: Planned
    ) -> None:
        planned.plan(200, json.dumps({"id": 1, "name": "ci", "key": "glsa_canary"}))
        issued = make_caller(f"{planned.url}/below/", TOKEN).send(
            create_key("ci", role="Admin", lifetime_s=60)
        )
        [(method, path, headers, body)] = planned.asked
        assert (method, path) == ("POST", "/below/api/auth/keys")
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert headers["User-Agent"].startswith("keystead-python/")
        assert json.loads(body) == {"name": "ci", "role": "Admin", "secondsToLive": 60}
        assert repr(issued) == "Issued(id=1, name='ci', secret=<secret>)"

    def test_is_no_token_of_ones_own_beside_anothers(self, make_caller: MakeCaller, planned: Planned) -> None:
        planned.plan(401, '{"message":"Revoked token","messageId":"credentials.revoked"}')
        with pytest.raises(CallFailed):
            make_caller(planned.url, "mine").send(verify(TOKEN, address="192.0.2.7", agent="curl/8"))
        [(_method, path, headers, _body)] = planned.asked
        assert path == "/auth/verify"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert (headers["X-Forwarded-For"], headers["User-Agent"]) == ("192.0.2.7", "curl/8")


class TestAServerThatIsNoKeystead:
    @pytest.mark.parametrize(
        ("status", "body"), [(200, "<h1>Hello</h1>"), (200, "{}"), (302, ""), (404, "Not found"), (502, "[]")]
    )
    def test_is_told_apart(self, make_caller: MakeCaller, planned: Planned, status: int, body: str) -> None:
        planned.plan(status, body, Location="/elsewhere")
        with pytest.raises(CallFailed, match=f"answered {status}, and not as Keystead does") as refused:
            make_caller(planned.url, TOKEN).send(list_keys())
        assert refused.value.status is None
        assert len(planned.asked) == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"X-Keystead-Kind": "apikey"},
            {"X-Keystead-Kind": "root", "X-Keystead-Org": "1"},
            {"X-Keystead-Kind": "apikey", "X-Keystead-Org": "one"},
            {"X-Keystead-Kind": "apikey", "X-Keystead-Role": "Owner"},
        ],
        ids=str,
    )
    def test_vouches_for_nobody(
        self, make_caller: MakeCaller, planned: Planned, headers: dict[str, str]
    ) -> None:
        rest = ("User", "Org", "Role", "Id", "Credential", "Scopes") if len(headers) > 1 else ()
        planned.plan(200, "", **{f"X-Keystead-{name}": "" for name in rest} | headers)
        with pytest.raises(CallFailed) as refused:
            make_caller(planned.url, TOKEN).send(verify())
        assert refused.value.status is None

    def test_may_not_answer_at_all(self, make_caller: MakeCaller) -> None:
        with pytest.raises(CallFailed, match="was not reached") as refused:
            make_caller("http://127.0.0.1:9", TOKEN).send(list_keys())
        assert refused.value.status is None
        assert refused.value.__cause__ is None

    def test_may_not_answer_in_time(self, make_caller: MakeCaller) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with pytest.raises(CallFailed, match=r"did not answer within 0\.2 s"):
                make_caller(url, TOKEN, timeout_s=0.2).send(list_keys())


class TestAnAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "localhost:3000",
            "ftp://127.0.0.1",
            "http://",
            "http://127.0.0.1:port",
            "http://me:canary@127.0.0.1",
            "http://127.0.0.1/?x",
        ],
    )
    def test_is_refused_when_it_is_none(self, url: str) -> None:
        with pytest.raises(ValueError, match="the address of the server"):
            Client(url)


class TestAToken:
    @pytest.mark.parametrize("token", ["", "canary\n", "canary\x00", "canäry"])
    def test_is_refused_unshown_when_it_cannot_be_one(self, token: str) -> None:
        with pytest.raises(ValueError, match="key or token") as refused:
            Client("http://127.0.0.1:3000", token)
        assert "can" not in str(refused.value).replace("and", "")

    def test_has_no_text_form(self) -> None:
        secret = Secret(TOKEN)
        assert repr(secret) == "<secret>"
        for show in (str, format, pickle.dumps, lambda it: f"{it}"):
            with pytest.raises(TypeError):
                show(secret)

    def test_is_equal_to_the_same_text_alone(self) -> None:
        assert Secret(TOKEN) == Secret(TOKEN)
        assert Secret(TOKEN) != Secret("other")
        assert Secret(TOKEN) != TOKEN
        assert len({Secret(TOKEN), Secret(TOKEN)}) == 1


class TestAFailure:
    def test_can_be_handed_to_another_process(self) -> None:
        error = CallFailed("API key not found", 404, "apikeys.not-found", "r1")
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (str(again), again.status, again.advice) == (str(error), 404, error.advice)
