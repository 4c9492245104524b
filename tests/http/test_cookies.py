import pytest
from starlette.responses import Response

from keystead.core.secret import Secret
from keystead.http.cookies import delete_cookie, delete_named, has_cookie, set_cookie
from keystead.http.site import Site
from tests.doors import MakeHouse

VALUE = Secret("canary" + "0" * 58)


@pytest.fixture
def site(make_house: MakeHouse) -> Site:
    return make_house(server__root_url="http://127.0.0.1:3000/keys").deps.site


@pytest.fixture
def safe_site(make_house: MakeHouse) -> Site:
    return make_house(server__root_url="https://keys.example", server__behind_proxy=True).deps.site


class TestTheCookieOfASession:
    def test_is_seen_by_no_script_and_sent_by_no_other_site(self, site: Site) -> None:
        response = Response()
        set_cookie(response, site, VALUE)
        assert response.headers["set-cookie"] == (
            f"grafana_session={VALUE.reveal()}; Path=/keys; Max-Age=604800; HttpOnly; SameSite=Lax"
        )

    def test_travels_over_https_alone_where_that_is_served(self, safe_site: Site) -> None:
        response = Response()
        set_cookie(response, safe_site, VALUE)
        assert response.headers["set-cookie"] == (
            f"__Host-grafana_session={VALUE.reveal()}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax"
        )

    def test_is_taken_away_where_it_was_set(self, site: Site) -> None:
        response = Response()
        delete_cookie(response, site)
        delete_named(response, site, "redirect_to")
        assert response.headers.getlist("set-cookie") == [
            "grafana_session=; Path=/keys; Max-Age=0; HttpOnly; SameSite=Lax",
            "redirect_to=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        ]

    def test_is_noticed_among_others(self, site: Site) -> None:
        response = Response()
        delete_named(response, site, "redirect_to")
        assert not has_cookie(response, site)
        delete_cookie(response, site)
        assert has_cookie(response, site)
