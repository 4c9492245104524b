"""The permission explorer as people see it: answers, who may ask, pasted secrets, downloads."""

import csv
import io
import re

import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.secret import Secret
from keystead.web.explain_search import Asking, View
from keystead.web.links import Links
from tests.doors import HOME, House, Unchanged
from tests.makers import (
    a_service_account,
    a_token_with_secret,
    an_api_key,
    an_api_key_with_secret,
)
from tests.rights import a_level
from tests.web.visits import send, sign_in, sign_in_member

URL = "/org/permissions"
WRITE = "serviceaccounts:write"


def url_of(**asked: str) -> str:
    view = View(asked.pop("view", View.QUESTION.value))
    return Links().permissions(Asking(view, **asked).pairs)


@pytest.fixture
def ci(house: House) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, name="ci")


@pytest.fixture
def secret(house: House, ci: AccountId) -> str:
    with house.database.write() as db:
        _id, secret = a_token_with_secret(db, HOME, ci, name="nightly")
    return secret.reveal()


class TestAQuestion:
    def test_is_answered_with_what_decides(self, house: House, ci: AccountId) -> None:
        client = sign_in(house)
        with house.database.write() as db:
            other = a_service_account(db, HOME, name="other")
            a_level(db, HOME, "Edit", ("serviceaccounts", str(other)), account=ci)
        asked = {"subject": f"serviceaccount:{ci}", "action": WRITE}
        yes = client.get(url_of(**asked, scope=f"serviceaccounts:id:{other}"))
        assert (yes.status_code, "Yes, allowed" in yes.text) == (200, True)
        assert f"managed:users:{ci}:permissions" in yes.text
        no = client.get(url_of(**asked, scope=f"serviceaccounts:id:{ci}")).text
        assert "No, not allowed" in no
        assert f"No grant has {WRITE} on serviceaccounts:id:{ci}." in no
        assert f"Give the level Edit on serviceaccounts:id:{ci}." in no

    def test_takes_names_and_offers_whom_they_may_mean(self, house: House, ci: AccountId) -> None:
        client = sign_in(house)
        for name in ("sa-ci", "ci"):
            assert "Service account sa-ci: " in client.get(url_of(subject=name, action=WRITE)).text
        with house.database.write() as db:
            a_service_account(db, HOME, name="ci two")
        offered = client.get(url_of(subject="ci", action=WRITE)).text
        assert "Who is meant?" in offered
        assert f"subject=serviceaccount%3A{ci}" in offered
        assert "Service account sa-ci: " in client.get(url_of(subject="sa-ci", action=WRITE)).text

    @pytest.mark.parametrize("view", list(View))
    def test_about_nobody_says_so(self, house: House, view: View) -> None:
        client = sign_in(house)
        for name in ("nobody", "user:77"):
            page = client.get(url_of(view=view.value, subject=name, action=WRITE, other="admin"))
            assert page.status_code == 200
            assert re.search("Nobody here is called that|One of them is not here", page.text)

    def test_that_is_none_is_told_at_its_field(self, house: House, ci: AccountId) -> None:
        client = sign_in(house)
        for path in (URL, f"/org/serviceaccounts/{ci}/explain"):
            for query, message in (
                ("scope=a", "Like serviceaccounts:write"),
                ("action=a:b&scope=a", "s:id:7"),
            ):
                page = client.get(f"{path}?{query}")
                assert (page.status_code, 'aria-invalid="true"' in page.text) == (422, True)
                assert message in page.text

    def test_about_others_is_not_for_everybody(self, house: House, ci: AccountId) -> None:
        client = sign_in_member(house, Role.VIEWER)
        own = client.get(url_of(action="apikeys:read"))
        assert "Nothing that you may change allows it." in own.text
        assert "paste a token" not in own.text
        for view in View:
            asked = url_of(view=view.value, subject=f"serviceaccount:{ci}", action=WRITE, other="user:1")
            assert client.get(asked).status_code == 403
        assert client.get(f"{URL}/csv?subject=user:1").status_code == 403
        assert client.get(f"/org/serviceaccounts/{ci}/explain").status_code == 403

    def test_stands_on_pages_that_cannot_be_opened(self, house: House) -> None:
        client = sign_in_member(house, Role.VIEWER)
        refused = client.get("/org/serviceaccounts/7")
        found = re.search(r'href="([^"]+)">Explain why<', refused.text)
        assert found is not None
        answer = client.get(found[1].replace("&amp;", "&"))
        assert "No grant has serviceaccounts:read on serviceaccounts:id:7." in answer.text


class TestOneAccount:
    def test_has_a_tab_that_explains(self, house: House, ci: AccountId) -> None:
        client = sign_in(house)
        page = client.get(f"/org/serviceaccounts/{ci}")
        assert f'href="/org/serviceaccounts/{ci}/explain"' in page.text
        answer = client.get(f"/org/serviceaccounts/{ci}/explain?action=teams:create").text
        assert "No grant has teams:create." in answer


class TestAPastedSecret:
    def test_is_explained_and_neither_kept_nor_shown(
        self, house: House, unchanged: Unchanged, ci: AccountId, secret: str
    ) -> None:
        client = sign_in(house)
        asked = {"action": WRITE, "scope": f"serviceaccounts:id:{ci}"}
        client.get(URL)
        with unchanged():
            page = send(client, URL, secret=secret, **asked)
        assert (page.status_code, secret in page.text) == (200, False)
        assert "Token nightly is valid: not revoked, never expires." in page.text
        assert "Service account sa-ci: " in page.text

    def test_that_is_dead_is_told_as_such(self, house: House) -> None:
        with house.database.write() as db:
            _id, old = an_api_key_with_secret(db, HOME, name="old", expires_at=5)
        page = send(sign_in(house), URL, secret=old.reveal(), action="teams:read").text
        assert "API key old has expired." in page
        assert "No, not allowed" in page

    def test_that_is_unknown_or_of_another_organization_is_not_found(self, house: House) -> None:
        other = house.an_org()
        with house.database.write() as db:
            _id, foreign = an_api_key_with_secret(db, other, name="theirs")
        client = sign_in(house)
        for text in (foreign, Secret("garbage")):
            page = send(client, URL, secret=text.reveal(), action="teams:read")
            assert (page.status_code, text.reveal() in page.text) == (422, False)
            assert "No credential with this secret." in page.text

    def test_is_not_for_those_who_may_not_introspect(self, house: House, secret: str) -> None:
        client = sign_in_member(house, Role.VIEWER)
        assert send(client, URL, "/profile", secret=secret, action="teams:read").status_code == 403

    def test_that_is_absent_leads_to_the_question(self, house: House, secret: str) -> None:
        client = sign_in(house)
        page = send(client, URL, subject="sa-ci", action="teams:read")
        assert (page.status_code, page.headers["location"]) == (
            303,
            "/org/permissions?subject=sa-ci&action=teams%3Aread",
        )
        assert send(client, URL, secret=secret, action="no action").status_code == 422


class TestAllPermissions:
    @pytest.mark.usefixtures("ci")
    def test_are_listed_filtered_and_sent_as_a_table(self, house: House) -> None:
        client = sign_in(house)
        page = client.get(url_of(view="all", subject="sa-ci")).text
        assert "Service account sa-ci" in page
        assert "basic:viewer" in page
        none = client.get(url_of(view="all", query="no such thing")).text
        assert "No permissions match &#34;no such thing&#34;." in none
        found = re.search(r'href="([^"]*/csv[^"]*)"', page)
        assert found is not None
        head, *rows = csv.reader(io.StringIO(client.get(found[1]).text))
        assert head == ["action", "scope", "source", "roleUid", "roleName", "via"]
        assert {row[2] for row in rows} == {"basic"}
        assert client.get(f"{URL}/csv").status_code == 200
        assert client.get(f"{URL}/csv?subject=user:77").status_code == 404


class TestComparing:
    def test_shows_differences_first(self, house: House, ci: AccountId) -> None:
        with house.database.write() as db:
            key = an_api_key(db, HOME, name="old", role=Role.ADMIN)
        client = sign_in(house)
        page = client.get(url_of(view="compare", subject=f"serviceaccount:{ci}", other=f"apikey:{key}")).text
        places = [
            page.index(words) for words in ("Only Service account sa-ci (0)", "Only API key old", "Both")
        ]
        assert places == sorted(places)
        assert "Only" not in client.get(url_of(view="compare")).text
        unsure = client.get(url_of(view="compare", subject="user:1", other="s")).text
        assert "other=serviceaccount" in unsure
