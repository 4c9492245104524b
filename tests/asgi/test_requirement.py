from collections.abc import Iterator, Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from keystead.asgi import Refused, check, require
from tests.asgi.app import edit, edit_in_thread, inside, outside
from tests.asgi.test_middleware import bearer, refusal

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

OF_EDITORS = ["/edit", "/edit-in-thread", "/below/edit", "/plain/"]
OF_KEY_READERS = ["/keys/7", "/key-in-thread", "/depend"]


@pytest.fixture(params=[inside, outside], ids=["inside the application", "around it"])
def app(request: pytest.FixtureRequest, keystead: str) -> Iterator[TestClient]:
    with TestClient(request.param(keystead, exempt=["/edit", "/key-in-thread"])) as client:
        yield client


class TestARole:
    @pytest.mark.parametrize("path", OF_EDITORS[1:])
    @pytest.mark.parametrize(("role", "status"), [("Viewer", 403), ("Editor", 200), ("Admin", 200)])
    def test_is_required(
        self, app: TestClient, keys: Mapping[str, str], path: str, *, role: str, status: int
    ) -> None:
        response = app.get(path, headers=bearer(keys[role]))
        assert response.status_code == status
        if status == 403:
            assert refusal(response) == (403, "asgi.role-too-low")

    @pytest.mark.parametrize("path", ["/edit", "/key-in-thread"])
    def test_is_nobodys_where_no_token_was_asked_for(
        self, app: TestClient, keys: Mapping[str, str], path: str
    ) -> None:
        assert refusal(app.get(path)) == (401, "asgi.no-token")
        assert app.get(path, headers=bearer(keys["Admin"])).status_code == 401


class TestAnAction:
    @pytest.mark.parametrize("path", ["/keys/7", "/depend"])
    @pytest.mark.parametrize(("role", "status"), [("Viewer", 403), ("Admin", 200)])
    def test_is_required(
        self, app: TestClient, keys: Mapping[str, str], path: str, *, role: str, status: int
    ) -> None:
        assert app.get(path, headers=bearer(keys[role])).status_code == status

    def test_is_required_in_a_thread_too(self, keystead: str, keys: Mapping[str, str]) -> None:
        with TestClient(inside(keystead)) as client:
            assert client.get("/key-in-thread", headers=bearer(keys["Admin"])).text == "read"
            response = client.get("/key-in-thread", headers=bearer(keys["Viewer"]))
        assert refusal(response) == (403, "forwardauth.permission-not-held")

    @pytest.mark.parametrize("key", ["*", "7:*", "a:b", "%2A", "ä ö"])
    def test_is_asked_for_on_a_name_not_on_a_pattern(
        self, app: TestClient, keys: Mapping[str, str], key: str
    ) -> None:
        response = app.get(f"/keys/{key}", headers=bearer(keys["Admin"]))
        assert response.status_code == 200

    def test_tells_the_scopes_that_are_held(self, app: TestClient, keys: Mapping[str, str]) -> None:
        response = app.get("/depend", headers=bearer(keys["Admin"]))
        assert response.json() == [["apikeys:read", "apikeys:*"]]


class TestARefusedRequest:
    def test_hears_nothing_of_the_application(self, app: TestClient, keys: Mapping[str, str]) -> None:
        assert refusal(app.get("/hide", headers=bearer(keys["Viewer"]))) == (403, "asgi.role-too-low")
        assert app.get("/hide", headers=bearer(keys["Admin"])).text == "seen"

    def test_is_cut_short_where_the_answer_had_begun(self, app: TestClient, keys: Mapping[str, str]) -> None:
        with pytest.raises(Refused):
            app.get("/begin", headers=bearer(keys["Viewer"]))
        assert app.get("/begin", headers=bearer(keys["Admin"])).text == "begun and ended"


class TestWithoutTheMiddleware:
    @pytest.mark.parametrize("handler", [edit, edit_in_thread], ids=["awaited", "in a thread"])
    def test_nothing_passes(self, handler: object) -> None:
        client = TestClient(Starlette(routes=[Route("/", handler)]))  # type: ignore[arg-type] # of both kinds
        with pytest.raises(RuntimeError, match="KeysteadMiddleware"):
            client.get("/")

    def test_a_forged_scope_does_not_pass(self) -> None:
        async def forged(request: Request) -> PlainTextResponse:
            await check({"keystead": None, "keystead.gate": request}, role="Viewer")
            return PlainTextResponse("passed")

        with pytest.raises(RuntimeError, match="KeysteadMiddleware"):
            TestClient(Starlette(routes=[Route("/", forged)])).get("/")


class TestARequirementThatIsNone:
    def test_stops_the_start(self) -> None:
        with pytest.raises(TypeError, match="nothing is required"):
            require()
        with pytest.raises(TypeError, match="without its action"):
            require(role="Admin", scope="apikeys:*")
        with pytest.raises(ValueError, match="there is no role Owner"):
            require(role="Owner")  # type: ignore[arg-type] # what is tested

    def test_stops_the_start_where_its_refusal_would_be_too_late(self) -> None:
        with pytest.raises(TypeError, match="a function"):

            @require(role="Viewer")
            def parts(_request: Request) -> Iterator[str]:
                yield "part"

        with pytest.raises(TypeError, match="a function"):
            require(role="Viewer")(Starlette)
