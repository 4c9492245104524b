"""The pages of service accounts, through the whole application."""

import re
from dataclasses import dataclass, field

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import LastUse
from keystead.storage import usage
from tests.doors import HOME, House, MakeHouse, Unchanged
from tests.makers import NOON, a_service_account, a_token, a_token_with_secret, through
from tests.web.test_pages import statements_of
from tests.web.visits import csrf_of, send, sign_in, sign_in_member

CHOSEN = re.compile(r'value="(\w+)"\s+(?:autofocus\s+)?checked')
LIST = "/org/serviceaccounts"
CREATE = f"{LIST}/create"
SECRET = re.compile(r'<input id="f-token"[^>]*value="([^"]+)"')


def one(account: AccountId, act: str = "") -> str:
    return f"{LIST}/{account}{act and '/'}{act}"


def told(page: Response) -> str:
    """Return the text without markup, in one line."""
    text = re.sub(r"<[^>]+>", "", page.text)
    return re.sub(r"\s+", " ", text)


def secret_in(page: Response) -> str:
    found = SECRET.search(page.text)
    assert found is not None
    return found[1]


@dataclass(slots=True)
class Desk:
    """An admin at the pages, with one account."""

    house: House
    client: TestClient = field(init=False)
    account: AccountId = field(init=False)

    def __post_init__(self) -> None:
        self.client = sign_in(self.house)
        self.account = self.an_account()

    def an_account(self, name: str = "ci", role: Role = Role.VIEWER) -> AccountId:
        with self.house.database.write() as db:
            return a_service_account(db, HOME, name=name, role=role)

    def a_token(self, name: str = "t", lifetime_s: int = 0) -> CredentialId:
        with self.house.database.write() as db:
            return a_token(db, HOME, self.account, name=name, lifetime_s=lifetime_s)

    def get(self, act: str = "") -> Response:
        return self.client.get(one(self.account, act))

    def window(self, act: str) -> Response:
        return self.client.get(one(self.account, act), headers={"x-fragment": "dialog"})

    def send(self, act: str, **form: str) -> Response:
        return send(self.client, one(self.account, act), page=LIST, **form)

    def status_with(self, secret: str) -> int:
        return self.house.with_secret(secret).get("/api/access-control/user/permissions").status_code


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


class TestTheList:
    def test_tells_what_there_is_of_each(self, desk: Desk) -> None:
        used = desk.a_token()
        desk.an_account("<b>old</b>", Role.ADMIN)
        with desk.house.database.write() as db:
            usage.set_last_use(db, used, LastUse(NOON, "192.0.2.7", "curl/8.5", "GET /api/org"))
        page = desk.client.get(LIST)
        assert "Accounts for programs. Each may have several tokens." in page.text
        assert "2 service accounts" in page.text
        text = told(page)
        assert "ci, details sa-ci Viewer 1 2023-11-14 22:13:20 UTC Disable ci" in text
        assert "details sa-&lt;b&gt;old&lt;/b&gt; Admin No tokens Never Add token for" in text
        assert "Service accounts - Configuration - Keystead" in page.text

    def test_is_empty_at_first(self, house: House) -> None:
        text = told(sign_in(house).get(LIST))
        assert "No service accounts yet. Add service account" in text
        assert "Tip: give a service account only the roles its program needs." in text

    @pytest.mark.parametrize(
        ("asked", "names"),
        [
            ("", ["ci", "empty", "gone", "off"]),
            ("shown=expired", ["gone"]),
            ("shown=disabled", ["off"]),
            ("shown=unused", ["ci", "gone"]),
            ("shown=tokenless", ["empty", "off"]),
            ("shown=nonsense&query=SA-E", ["empty"]),
            ("query=nothing", []),
        ],
    )
    def test_is_searched(self, desk: Desk, asked: str, names: list[str]) -> None:
        desk.a_token()
        with desk.house.database.write() as db:
            a_service_account(db, HOME, name="empty")
            a_service_account(db, HOME, name="off", is_disabled=True)
            a_token(db, HOME, a_service_account(db, HOME, name="gone"), name="g", lifetime_s=1)
        desk.house.clock.advance(60)
        page = desk.client.get(f"{LIST}?{asked}", headers={"x-fragment": "accounts"})
        assert re.findall(r"<bdi>(\w+)</bdi><span", page.text) == names
        is_empty = not names
        assert ("No service accounts match." in page.text) is is_empty
        assert ("Clear filters" in page.text) is is_empty
        assert "<html" not in page.text

    def test_is_paged_with_as_many_statements_as_few(self, desk: Desk) -> None:
        counts: list[int] = []
        for count in (60, 10):
            with desk.house.database.write() as db:
                for number in range(count):
                    a_service_account(db, HOME, name=f"m {count} {number:03}")
            counts.append(statements_of(desk.house, lambda: desk.client.get(f"{LIST}?query=m")))
        assert counts[0] == counts[1] <= 12
        page = desk.client.get(f"{LIST}?query=m")
        assert page.text.count('scope="row"') == 50
        assert "70 service accounts" in page.text
        following = re.search(r'href="([^"]*after=[^"]*)">Next', page.text)
        assert following is not None
        second = desk.client.get(following[1].replace("&amp;", "&"))
        assert second.text.count('scope="row"') == 20
        assert "Previous" in second.text

    def test_shows_nobody_what_they_may_not_read(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in_member(house, Role.EDITOR)
        desk = Desk(house)
        for path in (LIST, CREATE, one(desk.account), one(desk.account, "confirm/delete")):
            assert client.get(path).status_code == 403
        token = csrf_of(client.get("/profile"))
        with unchanged():
            for act in ("name", "roles", "disable", "enable", "delete", "tokens/create"):
                form = {"csrf": token, "name": "x", "role": "Viewer"}
                assert client.post(one(desk.account, act), data=form).status_code == 403


class TestCreating:
    def test_shows_the_account_then(self, house: House) -> None:
        client = sign_in(house)
        page = client.get(CREATE)
        assert "Create service account" in page.text
        assert CHOSEN.findall(page.text)[1:] == ["Viewer", "never"]  # the first is the theme's
        answer = send(client, CREATE, name="Nightly Reports", role="Editor")
        shown = client.get(answer.headers["location"])
        assert (answer.status_code, "Service account created" in shown.text) == (303, True)
        text = told(shown)
        assert "sa-nightly-reports" in text
        assert "2023-11-14 22:13:20 UTC by admin" in text
        assert "Last used No requests yet." in text
        assert "No tokens yet." in text

    def test_shows_its_first_token_once(self, house: House) -> None:
        client = sign_in(house)
        day = {"expiry": "date", "date": "2023-11-15"}
        answer = send(client, CREATE, name="ci", role="Viewer", token="first", **day)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert "content-encoding" not in answer.headers
        secret = secret_in(answer)
        assert "Service account token created" in answer.text
        assert f"curl -H &#34;Authorization: Bearer {secret}&#34; http" in answer.text
        assert house.with_secret(secret).get("/api/access-control/user/permissions").status_code == 200
        again = send(client, CREATE, name="ci", role="Viewer", token="first", **day)
        assert (again.status_code, secret in again.text) == (422, False)
        [path] = set(re.findall(r'data-then="([^"]+)"', answer.text))
        page = client.get(path)
        assert ("2023-11-15 23:59:59" in page.text, secret in page.text) == (True, False)
        assert "Expires in 2 days" in page.text

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"name": " "}, "Display name is required"),
            ({"name": "CI"}, "An account with the ID sa-ci exists already."),
            ({"role": "Owner"}, "Invalid role specified"),
            ({"token": "taken"}, "service account token with given name already exists in the organization"),
            ({"token": "t", "expiry": "date", "date": ""}, "Expiration date is required"),
        ],
    )
    def test_that_is_refused_changes_nothing_and_loses_nothing(
        self, desk: Desk, unchanged: Unchanged, form: dict[str, str], sentence: str
    ) -> None:
        desk.a_token("taken")
        client = desk.client
        filled = {"csrf": csrf_of(client.get(CREATE)), "name": "new", "role": "Viewer", **form}
        with unchanged():
            answer = client.post(CREATE, data=filled)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "The service account was not created. Check the marked fields." in answer.text
        assert f'value="{filled["name"]}"' in answer.text
        assert "<title>Error: Create service account - Service accounts" in answer.text


class TestOneAccount:
    def test_tells_its_last_use(self, desk: Desk) -> None:
        use = LastUse(NOON, "192.0.2.7", "curl/8.5", "GET /api/org")
        with desk.house.database.write() as db:
            usage.set_last_use(db, a_token(db, HOME, desk.account), use)
        assert "22:13:20 UTC from 192.0.2.7, curl/8.5, GET /api/org" in told(desk.get())

    def test_is_renamed_and_keeps_its_id(self, desk: Desk, unchanged: Unchanged) -> None:
        assert 'value="ci"' in desk.get("name").text
        assert desk.send("name", name=" New <name> ").headers["location"] == one(desk.account)
        page = desk.get()
        assert "Service account updated" in page.text
        assert "New &lt;name&gt;" in page.text
        assert "sa-ci" in page.text
        token = csrf_of(page)
        with unchanged():
            refused = desk.client.post(one(desk.account, "name"), data={"csrf": token, "name": ""})
        assert (refused.status_code, "Name is required" in refused.text) == (422, True)

    def test_gets_another_role(self, desk: Desk) -> None:
        window = desk.window("roles")
        assert "<html" not in window.text
        assert CHOSEN.findall(window.text) == ["Viewer"]
        assert desk.send("roles", role="Editor").status_code == 303
        assert "Editor" in told(desk.get())
        assert desk.send("roles", role="Owner").status_code == 422

    def test_is_disabled_after_a_question_and_enabled_without(self, desk: Desk) -> None:
        page = desk.get("confirm/disable")
        assert "Disable ci? Its tokens are refused until it is enabled again." in told(page)
        assert f'open data-then="{one(desk.account)}"' in page.text
        assert desk.send("disable").headers["location"] == one(desk.account)
        page = desk.get()
        assert "This service account is disabled. Its tokens are refused." in page.text
        assert "Enable the account first." in page.text
        assert "Enable the account first." in desk.window("tokens/create").text
        assert desk.send("enable").status_code == 303
        assert "is disabled" not in desk.get().text

    def test_leads_back_to_the_list_when_that_is_where_one_came_from(self, desk: Desk) -> None:
        place = "?list=1&query=ci&shown=tokenless"
        page = desk.client.get(one(desk.account, "confirm/disable") + place)
        back = f"{LIST}?query=ci&amp;shown=tokenless"
        assert f'href="{back}"' in page.text
        assert f'{one(desk.account, "disable")}{place.replace("&", "&amp;")}"' in page.text
        answer = desk.send("disable" + place)
        assert answer.headers["location"] == back.replace("&amp;", "&")

    def test_is_deleted_after_a_question(self, desk: Desk) -> None:
        assert "Delete ci?" in told(desk.window("confirm/delete"))
        secret_token = desk.a_token()
        text = told(desk.window("confirm/delete"))
        assert "Delete ci and its 1 token? Programs that use them are refused at once." in text
        assert secret_token
        assert desk.send("delete").headers["location"] == LIST
        assert "Service account deleted" in desk.client.get(LIST).text
        for act in ("delete", "disable"):
            assert desk.send(act).headers["location"] == LIST
            assert "That service account no longer exists." in desk.client.get(LIST).text
        for act in ("", "confirm/delete", "tokens/create"):
            assert desk.get(act).status_code == 404
        assert desk.client.get(f"{LIST}/x").status_code == 404

    def test_of_another_organization_is_not_there(self, house: House) -> None:
        elsewhere = house.an_org()
        with house.database.write() as db:
            other = a_service_account(db, elsewhere)
            token = a_token(db, elsewhere, other)
        client = sign_in(house)
        before = rows_of(house)
        form = {"csrf": csrf_of(client.get("/profile")), "name": "x", "role": "Viewer", "grace": "0"}
        looks = ["", "name", "roles", "confirm/disable", "confirm/delete", "tokens/create"]
        looks += [f"tokens/{token}/rotate", f"tokens/{token}/confirm/revoke"]
        assert {client.get(one(other, act)).status_code for act in looks} == {404}
        for act in ("name", "roles", "disable", "enable", "delete"):
            assert client.post(one(other, act), data=form).headers["location"] == LIST
        for act in ("finish", "revoke", "delete"):
            assert client.post(one(other, f"tokens/{token}/{act}"), data=form).headers["location"] == LIST
        for act in ("tokens/create", f"tokens/{token}/rotate"):
            assert client.post(one(other, act), data=form).status_code == 404
        assert rows_of(house) == before


def rows_of(house: House) -> list[list[tuple[object, ...]]]:
    tables = ("account", "membership", "credential", "change")
    return [house.raw.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]  # noqa: S608 - ours


class TestTokens:
    def test_are_made_with_or_without_an_end(self, desk: Desk) -> None:
        window = desk.window("tokens/create").text
        assert 'value="sa-ci-2023-11-14"' in window
        assert 'min="2023-11-15"' in window
        assert re.findall(r'data-value="([^"]+)"', window) == ["2023-11-21", "2023-12-14", "2024-02-12"]
        answer = desk.send("tokens/create", name="for ever", expiry="never", date="2023-11-15")
        secret = secret_in(answer)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert ("content-encoding" in answer.headers, desk.status_with(secret)) == (False, 200)
        for words in ("Copy to clipboard", "Copy to clipboard and close", "Close"):
            assert f">{words}<" in answer.text
        page = desk.get()
        assert ("for ever" in page.text, secret in page.text) == (True, False)
        assert "for ever Never" in told(page)
        desk.send("tokens/create", name="a day", expiry="date", date="2023-11-15", zone="Europe/Berlin")
        assert "2023-11-15 22:59:59" in desk.get().text

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"name": ""}, "Display name is required"),
            ({"name": "taken"}, "service account token with given name already exists in the organization"),
            ({"expiry": "date", "date": "2023-11-14"}, "The earliest possible date is 2023-11-15."),
        ],
    )
    def test_that_are_refused_change_nothing_and_lose_nothing(
        self, desk: Desk, unchanged: Unchanged, form: dict[str, str], sentence: str
    ) -> None:
        desk.a_token("taken")
        filled = {"csrf": csrf_of(desk.get()), "name": "new", "date": "2023-11-15", **form}
        with unchanged():
            answer = desk.client.post(one(desk.account, "tokens/create"), data=filled)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "The token was not created. Check the marked fields." in answer.text
        assert f'value="{filled["date"]}"' in answer.text

    def test_live_no_longer_than_the_maximum(self, make_house: MakeHouse) -> None:
        desk = Desk(make_house(service_accounts__token_max_seconds_to_live=30 * 86_400))
        old = desk.a_token("old")
        window = desk.window("tokens/create").text
        assert ("No expiration" in window, 'max="2023-12-14"' in window) == (False, True)
        assert "at most 30 days (one month) from now" in window
        late = desk.send("tokens/create", name="t", expiry="never", date="2023-12-15")
        assert (late.status_code, "The latest possible date is 2023-12-14." in late.text) == (422, True)
        assert desk.send("tokens/create", name="t", date="2023-12-14").status_code == 200
        assert "2023-12-14 22:13:20" in desk.get().text
        answer = desk.send(f"tokens/{old}/rotate", name="old-2", grace="0")
        assert (answer.status_code, "A new token can live at most" in answer.text) == (422, True)

    def test_are_rotated_and_the_old_one_ended(self, desk: Desk) -> None:
        with desk.house.database.write() as db:
            old, secret = a_token_with_secret(db, HOME, desk.account, name="ci")
        window = desk.window(f"tokens/{old}/rotate").text
        assert CHOSEN.findall(window) == ["86400"]
        assert ("Rotate ci" in window, 'value="ci-2"' in window) == (True, True)
        assert desk.send(f"tokens/{old}/rotate", name="ci-2", grace="x").status_code == 422
        answer = desk.send(f"tokens/{old}/rotate", name="ci-2", grace="3600")
        successor = secret_in(answer)
        assert [desk.status_with(one_) for one_ in (secret.reveal(), successor)] == [200, 200]
        page = desk.get()
        assert "Replaced, ends 2023-11-14 23:13:20 UTC" in told(page)
        assert successor not in page.text
        again = desk.send(f"tokens/{old}/rotate", name="ci-3", grace="3600")
        assert again.headers["location"] == one(desk.account)
        assert "That token was already rotated." in desk.get().text
        assert desk.send(f"tokens/{old}/finish").status_code == 303
        assert "Rotation finished" in desk.get().text
        assert [desk.status_with(one_) for one_ in (secret.reveal(), successor)] == [401, 200]
        assert "That token is revoked or expired." in desk.window(f"tokens/{old}/rotate").text
        desk.send(f"tokens/{old}/rotate", name="ci-3", grace="0")
        assert "That token is revoked or expired." in desk.get().text

    def test_are_revoked_after_a_question_and_deleted(self, desk: Desk) -> None:
        with desk.house.database.write() as db:
            token, secret = a_token_with_secret(db, HOME, desk.account, name="ci")
        text = told(desk.window(f"tokens/{token}/confirm/revoke"))
        assert "Revoke ci? It is refused from the next request on. The row stays for the record." in text
        desk.send(f"tokens/{token}/finish")
        assert "That token was not rotated." in desk.get().text
        assert desk.send(f"tokens/{token}/revoke").headers["location"] == one(desk.account)
        page = desk.get()
        assert "Service account token revoked" in page.text
        assert ">Revoked<" in page.text
        assert desk.status_with(secret.reveal()) == 401
        desk.send(f"tokens/{token}/delete")
        assert "Service account token deleted" in desk.get().text
        for act in ("delete", "revoke", "finish"):
            desk.send(f"tokens/{token}/{act}")
            assert "That token no longer exists." in desk.get().text
        for act in ("rotate", "confirm/revoke"):
            assert desk.get(f"tokens/{token}/{act}").status_code == 404
        assert desk.get("tokens/x/rotate").status_code == 404

    def test_are_revoked_with_what_they_made_where_that_is_ticked(self, desk: Desk) -> None:
        with desk.house.database.write() as db:
            token, _ = a_token_with_secret(db, HOME, desk.account, name="ci")
            _, made = a_token_with_secret(db, HOME, desk.account, name="made", by=through(HOME, token))
        window = told(desk.window(f"tokens/{token}/confirm/revoke"))
        assert "Also revoke the 1 credential that it made, or that those made" in window
        desk.send(f"tokens/{token}/revoke")
        assert desk.status_with(made.reveal()) == 200
        desk.send(f"tokens/{token}/revoke", cascade="true")
        assert desk.status_with(made.reveal()) == 401
        assert "Also revoke" not in told(desk.window(f"tokens/{token}/confirm/revoke"))

    def test_are_paged_with_as_many_statements_as_few(self, desk: Desk) -> None:
        counts: list[int] = []
        for count in (10, 60):
            with desk.house.database.write() as db:
                for number in range(count):
                    a_token(db, HOME, desk.account, name=f"t {count} {number:03}")
            counts.append(statements_of(desk.house, desk.get))
        assert counts[0] == counts[1] <= 15
        page = desk.get()
        assert page.text.count('scope="row"') == 50
        assert "70 tokens" in page.text
        following = re.search(r'href="([^"]*after=[^"]*)">Next', page.text)
        assert following is not None
        second = desk.client.get(following[1].replace("&amp;", "&"))
        assert "Previous" in second.text
        [path, *_] = re.findall(r'action="([^"]*/delete[^"]*)"', second.text)
        answer = send(desk.client, path.replace("&amp;", "&"), page=LIST)
        assert answer.headers["location"] == following[1].replace("&amp;", "&")
