import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from httpx2 import Response
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from tests.asgi.app import Wrap, inside, outside
from tests.server import ADMIN, a_free_port, a_key, a_server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(params=[inside, outside], ids=["inside the application", "around it"])
def wrap(request: pytest.FixtureRequest) -> Wrap:
    wrapped: Wrap = request.param
    return wrapped


@pytest.fixture
def app(wrap: Wrap, keystead: str) -> Iterator[TestClient]:
    with TestClient(wrap(keystead, exempt=["/open", "/assets/*"])) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refusal(response: Response) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    assert response.json()["message"]
    return response.status_code, response.json()["messageId"]


class TestAGoodToken:
    def test_is_let_in_with_its_identity(self, app: TestClient, keys: Mapping[str, str]) -> None:
        told = app.get("/", headers=bearer(keys["Editor"])).json()
        assert (told["kind"], told["org"], told["role"], told["id"]) == ("apikey", 1, "Editor", None)
        assert told["credential"] > 0

    def test_may_spell_its_scheme_in_any_case(self, app: TestClient, keys: Mapping[str, str]) -> None:
        told = app.get("/", headers={"authorization": f"BEARER  {keys['Viewer']}"})
        assert told.status_code == 200

    def test_is_refused_as_soon_as_it_is_deleted(self, app: TestClient, keystead: str) -> None:
        token = a_key(keystead, name="doomed")
        assert app.get("/", headers=bearer(token)).status_code == 200
        id_ = app.get("/", headers=bearer(token)).json()["credential"]
        assert httpx2.delete(f"{keystead}/api/auth/keys/{id_}", auth=ADMIN).status_code == 200
        assert refusal(app.get("/", headers=bearer(token))) == (401, "credentials.unknown")

    def test_keeps_the_applications_own_answers(self, app: TestClient, keys: Mapping[str, str]) -> None:
        assert app.get("/stop", headers=bearer(keys["Viewer"])).status_code == 418
        assert app.get("/nowhere", headers=bearer(keys["Viewer"])).status_code == 404


class TestACallerWithoutAGoodToken:
    @pytest.mark.parametrize(
        "headers",
        [
            [],
            [("Authorization", "")],
            [("Authorization", "Bearer")],
            [("Authorization", "Bearer ")],
            [("Authorization", "Basic YWRtaW46YWRtaW4=")],
            [("Authorization", b"Bearer \xe4")],
            [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
        ],
        ids=str,
    )
    def test_is_told_that_there_is_none(self, app: TestClient, headers: list[tuple[str, str]]) -> None:
        response = app.get("/", headers=headers)
        assert refusal(response) == (401, "asgi.no-token")
        assert response.headers["www-authenticate"] == 'Bearer realm="keystead"'

    def test_is_told_what_keystead_says(self, app: TestClient) -> None:
        response = app.get("/", headers=bearer("glsa_nonsense"))
        assert refusal(response) == (401, "credentials.unknown")
        assert response.headers["www-authenticate"] == 'Bearer realm="keystead", error="invalid_token"'
        assert response.json()["traceID"]
        assert "nonsense" not in response.text

    def test_gets_no_body_for_head(self, app: TestClient) -> None:
        response = app.head("/")
        assert (response.status_code, response.content) == (401, b"")

    def test_reaches_what_is_exempt_as_nobody(self, app: TestClient, keys: Mapping[str, str]) -> None:
        assert app.get("/open").json() is None
        assert app.get("/open", headers=bearer(keys["Admin"])).json() is None
        assert app.get("/assets/a/b.css").json() is None

    @pytest.mark.parametrize("path", ["/open/", "/Open", "/assets", "/assets/../edit", "/assets/%2e%2e/edit"])
    def test_reaches_nothing_beside_it(self, wrap: Wrap, keystead: str, path: str) -> None:
        with TestClient(wrap(keystead, exempt=["/open", "/assets/*"])) as client:
            assert client.get(f"http://testserver{path}").status_code == 401


class TestHeadersOfACaller:
    def test_cannot_pass_for_those_of_keystead(self, app: TestClient, keys: Mapping[str, str]) -> None:
        forged = ("X-Keystead-Role", "x_keystead_org", "X-Keystead_User", "X-KEYSTEAD-ANYTHING", "X-Other")
        told = app.get("/headers", headers=bearer(keys["Viewer"]) | dict.fromkeys(forged, "Admin"))
        assert [name for name in told.json() if name.startswith("x")] == ["x-other"]


class TestWhatIsRequiredOfEverybody:
    def test_may_be_an_organization(self, wrap: Wrap, keystead: str, keys: Mapping[str, str]) -> None:
        with TestClient(wrap(keystead, org=1)) as client:
            assert client.get("/", headers=bearer(keys["Viewer"])).status_code == 200
        with TestClient(wrap(keystead, org=2)) as client:
            response = client.get("/", headers=bearer(keys["Admin"]))
        assert refusal(response) == (403, "forwardauth.org-other")

    def test_may_be_a_role(self, wrap: Wrap, keystead: str, keys: Mapping[str, str]) -> None:
        with TestClient(wrap(keystead, role="Editor")) as client:
            assert client.get("/", headers=bearer(keys["Admin"])).status_code == 200
            response = client.get("/", headers=bearer(keys["Viewer"]))
        assert refusal(response) == (403, "forwardauth.role-too-low")


@contextmanager
def silence() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


class TestKeysteadAway:
    def test_lets_nobody_in(self, wrap: Wrap) -> None:
        with TestClient(wrap(f"http://127.0.0.1:{a_free_port()}")) as client:
            response = client.get("/", headers=bearer("glsa_any"))
        assert refusal(response) == (503, "asgi.not-verified")
        assert response.headers["retry-after"] == "1"

    def test_lets_nobody_in_by_being_slow(self, wrap: Wrap) -> None:
        with silence() as url, TestClient(wrap(url, timeout_s=0.2)) as client:
            response = client.get("/", headers=bearer("glsa_any"))
        assert refusal(response) == (503, "asgi.not-verified")

    def test_is_noticed_and_got_over(self, tmp_path: Path) -> None:
        url = f"http://127.0.0.1:{(port := a_free_port())}"
        with TestClient(outside(url)) as client:
            with a_server(tmp_path, port=port):
                token = a_key(url, name="patient")
                assert client.get("/", headers=bearer(token)).status_code == 200
            assert client.get("/", headers=bearer(token)).status_code == 503
            with a_server(tmp_path, port=port):
                assert client.get("/", headers=bearer(token)).status_code == 200

    def test_is_not_noticed_where_no_token_is_needed(self, wrap: Wrap) -> None:
        with TestClient(wrap(f"http://127.0.0.1:{a_free_port()}", exempt=["/open"])) as client:
            assert client.get("/open").status_code == 200


class TestAWebSocket:
    def test_is_let_in_with_a_good_token(self, app: TestClient, keys: Mapping[str, str]) -> None:
        with app.websocket_connect("/talk", headers=bearer(keys["Viewer"])) as socket:
            assert socket.receive_json() == {"org": 1}

    def test_is_refused_without_one(self, app: TestClient) -> None:
        with pytest.raises(WebSocketDenialResponse) as refused, app.websocket_connect("/talk"):
            pass
        assert refused.value.status_code == 401

    def test_is_refused_where_more_is_required(self, app: TestClient, keys: Mapping[str, str]) -> None:
        headers = bearer(keys["Viewer"])
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            app.websocket_connect("/talk-as-editor", headers=headers),
        ):
            pass
        assert refused.value.status_code == 403

    def test_is_closed_where_a_server_knows_no_other_refusal(self, wrap: Wrap, keystead: str) -> None:
        app = wrap(keystead)

        async def older(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "extensions": {}}, receive, send)

        client = TestClient(older)
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/talk"):
            pass
        assert refused.value.code == 1008


class TestWithoutAContextOfTheClient:
    def test_a_new_loop_for_each_request_is_no_hindrance(
        self, wrap: Wrap, keystead: str, keys: Mapping[str, str]
    ) -> None:
        client = TestClient(wrap(keystead))
        told = [client.get("/", headers=bearer(keys["Viewer"])).status_code for _ in range(3)]
        assert told == [200] * 3


class TestAWrongConfiguration:
    @pytest.mark.parametrize("url", ["", "localhost:3000", "http://me:canary@127.0.0.1"])
    def test_stops_the_start_for_an_address_that_is_none(self, url: str) -> None:
        with pytest.raises(ValueError, match="the address of the server"):
            outside(url)

    @pytest.mark.parametrize("path", ["", "open", "*", "/a/*/b", "/a*"])
    def test_stops_the_start_for_a_path_that_is_none(self, keystead: str, path: str) -> None:
        with pytest.raises(ValueError, match="an exempt path"):
            outside(keystead, exempt=[path])

    def test_stops_the_start_for_a_single_path(self, keystead: str) -> None:
        with pytest.raises(TypeError, match="a list of paths"):
            outside(keystead, exempt="/open")
