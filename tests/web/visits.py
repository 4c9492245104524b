"""A person at the pages: signs in with the form, and sends forms with the token of a page."""

import re
from collections.abc import Mapping

from httpx2 import Response
from starlette.requests import Request
from starlette.testclient import TestClient

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.http.query import Query
from keystead.web.visit import Visit
from tests.doors import ADMIN, ADMIN_PASSWORD, House

TOKEN = re.compile(r'name="csrf"\s+value="([0-9a-f]+)"')
FORM = {"content-type": "application/x-www-form-urlencoded"}


def csrf_of(page: Response) -> str:
    found = TOKEN.search(page.text)
    assert found is not None
    return found[1]


def sign_in(house: House, name: str = ADMIN, password: str = ADMIN_PASSWORD, **more: str) -> TestClient:
    client = house.client()
    form = {"csrf": csrf_of(client.get("/login")), "user": name, "password": password, **more}
    answer = client.post("/login", data=form)
    assert answer.status_code == 303
    return client


def sign_in_member(house: House, role: Role, login: str = "member") -> TestClient:
    house.a_member(role, login=login)
    return sign_in(house, login, f"canary-{login}-password")


def send(client: TestClient, path: str, page: str = "", **form: str) -> Response:
    return client.post(path, data={"csrf": csrf_of(client.get(page or path)), **form})


def a_visit(
    house: House, by: Principal, url: str = "/", *, path: Mapping[str, str] | None = None, method: str = "GET"
) -> Visit:
    """Return what a handler is given, for somebody whom no form can make."""
    place, _, query = url.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": place,
        "raw_path": place.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1")],
    }
    return Visit(house.deps, Request(scope), path or {}, Query(query.encode()), by)
