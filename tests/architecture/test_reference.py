"""The printed reference is current; its permission page is the golden table, so a changed right shows."""

from functools import partial

import pytest

from keystead.bootstrap import DECLARED, ENDPOINTS
from keystead.core.access.permission import Action
from keystead.core.errors import KeysteadError
from keystead.http.endpoint import Endpoint, Routes
from keystead.http.router import Router
from keystead.web.routes import Pages
from tools.generate_reference import PAGES, REFERENCE, leaves, page
from tools.generate_reference import table as printed_table


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text() == page(name), "run `make docs` and read the difference"


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(PAGES)


def test_every_route_and_page_stands_in_the_table_of_permissions() -> None:
    printed = page("permissions.md")
    assert [f"| {one.method} | `{one.path}` |" for one in DECLARED if f"`{one.path}`" not in printed] == []
    assert {"/", "/auth/verify", "/openapi.json", "/api/auth/keys/{id}"} <= {one.path for one in DECLARED}


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert list(printed_table(("a",), [("x|y",)]))[-1] == "| x\\|y |"


def test_an_error_id_names_one_error() -> None:
    errors = list(leaves(KeysteadError))
    assert len(errors) > 50
    assert len({error.message_id for error in errors}) == len(errors)


def test_every_error_says_something() -> None:
    unsaid = [error for error in leaves(KeysteadError) if error.message == KeysteadError.message]
    assert unsaid == []


class TestARoute:
    @pytest.mark.parametrize("declare", [Routes().open, Routes().route, Routes().route_with_body])
    def test_cannot_be_declared_without_needs(self, declare: object) -> None:
        with pytest.raises(TypeError, match="needs"):
            declare("GET", "/api/x")  # type: ignore[operator] # that is the point

    def test_has_a_need_that_names_only_what_the_path_has(self) -> None:
        with pytest.raises(TypeError, match="the path does not"):
            an_endpoint("/api/x/{id}", Action.API_KEYS_READ.on("x:id:{uid}"))
        with pytest.raises(TypeError, match="the path does not"):
            an_endpoint("/api/x/{id}", Action.API_KEYS_READ.anywhere().there("org_id"))
        an_endpoint("/api/x/{id}", Action.API_KEYS_READ.on("x:id:{id}"))

    def test_is_declared_once(self) -> None:
        Router(ENDPOINTS)
        with pytest.raises(TypeError, match="twice"):
            Router((*ENDPOINTS, ENDPOINTS[0]))

    def test_tells_what_it_does_in_a_sentence(self) -> None:
        assert [one.path for one in DECLARED if not one.summary] == []


def test_a_page_cannot_be_declared_without_needs() -> None:
    pages = Pages()
    for declare in (pages.page, pages.form, partial(pages.open, "GET")):
        with pytest.raises(TypeError, match="needs"):
            declare("/x")  # type: ignore[call-arg] # that is the point


def an_endpoint(path: str, needs: object) -> Endpoint:
    return Endpoint("GET", path, needs, ENDPOINTS[0].serve)  # type: ignore[arg-type] # which is judged here
