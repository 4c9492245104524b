from collections.abc import Mapping

import pytest
from starlette.requests import Request
from starlette.responses import Response

from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint
from keystead.http.needs import Open
from keystead.http.router import Router


async def nothing(_deps: Deps, _request: Request, _variables: Mapping[str, str]) -> Response:
    return Response()


def endpoint(method: str, path: str) -> Endpoint:
    return Endpoint(method, path, Open.HEALTH_CHECK, nothing)


ROUTER = Router(
    [
        endpoint("GET", "/api/things/search"),
        endpoint("POST", "/api/things/migrate"),
        endpoint("GET", "/api/things/{id}"),
        endpoint("GET", "/api/things/{id}/parts/{part}"),
        endpoint("GET", "/api/things/search/parts"),
        endpoint("GET", "/"),
    ]
)


class TestFinding:
    @pytest.mark.parametrize(
        ("method", "members", "path", "variables"),
        [
            ("GET", ("api", "things", "search"), "/api/things/search", {}),
            ("HEAD", ("api", "things", "search"), "/api/things/search", {}),
            ("GET", ("api", "things", "migrate"), "/api/things/{id}", {"id": "migrate"}),
            ("GET", ("api", "things", "a/b"), "/api/things/{id}", {"id": "a/b"}),
            (
                "GET",
                ("api", "things", "search", "parts", "7"),
                "/api/things/{id}/parts/{part}",
                {"id": "search", "part": "7"},
            ),
            ("GET", (), "/", {}),
        ],
    )
    def test_prefers_fixed_members_and_falls_through(
        self, method: str, members: tuple[str, ...], path: str, variables: dict[str, str]
    ) -> None:
        found = ROUTER.find(method, members)
        assert found is not None
        assert (found[0].path, found[1]) == (path, variables)

    @pytest.mark.parametrize(
        ("method", "members"),
        [
            ("PUT", ("api", "things", "7")),
            ("get", ("api", "things", "7")),
            ("GET", ("API", "things", "7")),
            ("GET", ("api", "things")),
            ("GET", ("api", "things", "7", "parts")),
        ],
    )
    def test_knows_no_other_method_case_or_length(self, method: str, members: tuple[str, ...]) -> None:
        assert ROUTER.find(method, members) is None

    def test_refuses_a_second_declaration_of_a_route(self) -> None:
        with pytest.raises(TypeError, match="twice"):
            Router([endpoint("GET", "/a/{x}"), endpoint("GET", "/a/{y}")])
