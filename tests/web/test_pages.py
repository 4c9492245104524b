import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.secret import Secret
from keystead.storage import passwords
from tests.doors import ADMIN, ADMIN_PASSWORD, HOME, House, Unchanged
from tests.makers import NOON, an_api_key_with_secret
from tests.web.visits import FORM, csrf_of, send, sign_in, sign_in_member


class TestSigningIn:
    def test_leads_to_the_page_that_was_wanted(self, house: House) -> None:
        asked = house.client().get("/org/apikeys?query=a")
        assert (asked.status_code, asked.headers["location"]) == (
            303,
            "/login?redirectTo=%2Forg%2Fapikeys%3Fquery%3Da",
        )
        client = house.client()
        form = {"user": ADMIN, "password": ADMIN_PASSWORD, "redirectTo": "/org/apikeys?query=a"}
        answer = client.post("/login", data={"csrf": csrf_of(client.get("/login")), **form})
        assert answer.headers["location"] == "/org/apikeys?query=a"
        assert client.get("/org/apikeys").status_code == 200

    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "evil", "/a\nb", ""]
    )
    def test_leads_nowhere_else(self, house: House, target: str) -> None:
        client = house.client()
        form = {"user": ADMIN, "password": ADMIN_PASSWORD, "redirectTo": target}
        answer = client.post("/login", data={"csrf": csrf_of(client.get("/login")), **form})
        assert answer.headers["location"] == "/"

    @pytest.mark.parametrize(
        ("form", "status", "told"),
        [
            ({}, 422, "Email or username is required"),
            ({"user": ADMIN}, 422, "Password is required"),
            ({"user": ADMIN, "password": "canary-wrong"}, 401, "Invalid username or password"),
            ({"user": "nobody", "password": "canary-wrong"}, 401, "Invalid username or password"),
        ],
    )
    def test_is_refused_and_keeps_the_name(
        self, house: House, form: dict[str, str], status: int, told: str
    ) -> None:
        answer = send(house.client(), "/login", **form)
        assert answer.status_code == status
        assert told in answer.text
        assert "canary-wrong" not in answer.text
        assert form.get("user", "") in answer.text

    def test_needs_the_token_of_its_page(self, house: House) -> None:
        answer = house.client().post("/login", data={"user": ADMIN, "password": ADMIN_PASSWORD})
        assert (answer.status_code, answer.json()["message"]) == (400, "bad login data")

    def test_is_refused_from_another_site(self, house: House) -> None:
        client = house.client()
        form = {"csrf": csrf_of(client.get("/login")), "user": ADMIN, "password": ADMIN_PASSWORD}
        answer = client.post("/login", data=form, headers={"origin": "http://evil.example"})
        assert answer.status_code == 403

    def test_through_a_proxy_is_not_for_a_try_out(self, house: House) -> None:
        client = house.client(x_forwarded_for="192.0.2.1")
        assert send(client, "/login", user=ADMIN, password=ADMIN_PASSWORD).status_code == 403


class TestSigningOut:
    def test_ends_the_session(self, house: House) -> None:
        client = sign_in(house)
        answer = send(client, "/logout", page="/org/apikeys")
        assert answer.headers["location"] == "/login?m=signed-out"
        assert "Signed out" in client.get(answer.headers["location"]).text
        assert client.get("/org/apikeys").status_code == 303


class TestApiKeys:
    def test_are_made_shown_once_and_listed(self, house: House) -> None:
        client = sign_in(house)
        assert "No API keys yet." in client.get("/org/apikeys").text
        page = client.get("/org/apikeys?adding=1")
        assert "Add API Key" in page.text
        form = {"csrf": csrf_of(page), "name": "ci", "role": "Editor", "ttl": "12h"}
        answer = client.post("/org/apikeys", data=form)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "content-encoding" not in answer.headers
        found = re.search(
            r'class="ks-secret"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*class="ks-secret"', answer.text
        )
        assert found is not None
        secret = found[1] or found[2]
        assert house.client(authorization=f"Bearer {secret}").get("/api/org").status_code == 200
        listed = client.get("/org/apikeys")
        assert ("ci" in listed.text, secret in listed.text) == (True, False)

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"name": "", "role": "Viewer", "ttl": "1h"}, "Key name is required"),
            ({"name": "a", "role": "Owner", "ttl": "1h"}, "Invalid role specified"),
            ({"name": "a", "role": "Viewer", "ttl": ""}, "Time to live is required"),
            (
                {"name": "a", "role": "Viewer", "ttl": "31d"},
                "Time to live can be at most 30 days (one month)",
            ),
            ({"name": "a", "role": "Viewer", "ttl": "1y"}, "Not a valid duration"),
            (
                {"name": "taken", "role": "Viewer", "ttl": "1h"},
                "API key, organization ID and name must be unique",
            ),
            ({"name": "x" * 191, "role": "Viewer", "ttl": "1h"}, "Key name can be at most 190 characters"),
        ],
    )
    def test_that_are_refused_change_nothing_and_lose_nothing(
        self, house: House, unchanged: Unchanged, form: dict[str, str], told: str
    ) -> None:
        with house.database.write() as db:
            an_api_key_with_secret(db, HOME, name="taken")
        client = sign_in(house)
        token = csrf_of(client.get("/org/apikeys"))
        with unchanged():
            answer = client.post("/org/apikeys", data={"csrf": token, **form})
        assert answer.status_code == 422
        assert told in answer.text
        assert "The key was not created. Check the marked fields." in answer.text
        assert f'value="{form["ttl"]}"' in answer.text

    def test_are_searched_sorted_and_paged_with_as_many_statements_as_few(self, house: House) -> None:
        client = sign_in(house)
        told: list[int] = []
        for count in (10, 990):
            with house.database.write() as db:
                for number in range(count):
                    an_api_key_with_secret(db, HOME, name=f"key {count} {number:04}")
            told.append(statements_of(house, lambda: client.get("/org/apikeys?sort=-name")))
        assert told[0] == told[1] <= 12
        page = client.get("/org/apikeys?sort=-name&query=KEY")
        assert page.text.count('scope="row"') == 50
        assert "1,000 API keys" in page.text
        following = re.search(r'href="([^"]*after=[^"]*)"', page.text)
        assert following is not None
        assert client.get(following[1].replace("&amp;", "&")).status_code == 200
        assert "No API keys match" in client.get("/org/apikeys?query=nothing").text

    def test_are_a_fragment_when_only_the_table_is_asked_for(self, house: House) -> None:
        with house.database.write() as db:
            an_api_key_with_secret(db, HOME)
        client = sign_in(house)
        answer = client.get("/org/apikeys", headers={"x-fragment": "keys"})
        assert "<html" not in answer.text
        assert "ci" in answer.text
        assert "X-Fragment" in answer.headers["vary"]

    def test_have_a_page_each_and_are_deleted_from_the_list(self, house: House) -> None:
        with house.database.write() as db:
            key_id, _secret = an_api_key_with_secret(db, HOME)
        client = sign_in(house)
        assert "ci" in client.get(f"/org/apikeys/{key_id}").text
        answer = send(client, f"/org/apikeys/{key_id}/delete", page="/org/apikeys")
        assert answer.headers["location"] == "/org/apikeys"
        assert "API key deleted" in client.get("/org/apikeys").text
        assert "API key deleted" not in client.get("/org/apikeys").text
        again = send(client, f"/org/apikeys/{key_id}/delete", page="/profile")
        assert again.status_code == 303
        assert "That API key no longer exists." in client.get("/org/apikeys").text
        assert client.get(f"/org/apikeys/{key_id}").status_code == 404
        assert client.get("/org/apikeys/x").status_code == 404

    def test_are_not_for_viewers_and_editors(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in_member(house, Role.EDITOR)
        answer = client.get("/org/apikeys?adding=1")
        assert answer.status_code == 403
        assert "You cannot open this page." in answer.text
        token = csrf_of(client.get("/profile"))
        with unchanged():
            made = client.post(
                "/org/apikeys", data={"csrf": token, "name": "a", "role": "Viewer", "ttl": "1h"}
            )
        assert made.status_code == 403

    def test_need_a_token_of_the_own_session(self, house: House, unchanged: Unchanged) -> None:
        client, other = sign_in(house), sign_in(house)
        foreign = csrf_of(other.get("/org/apikeys"))
        form = {"name": "a", "role": "Viewer", "ttl": "1h"}
        for token in ("", "zz", "00", foreign):
            with unchanged():
                answer = client.post("/org/apikeys", data={"csrf": token, **form})
            assert answer.status_code == 403
            assert "This page is out of date." in answer.text

    def test_take_only_forms_of_a_size(self, house: House) -> None:
        client = sign_in(house)
        assert client.post("/org/apikeys", content=b"x" * 70_000, headers=FORM).status_code == 413
        assert client.post("/org/apikeys", json={}).status_code == 400


class TestTheProfile:
    def test_shows_and_changes_details(self, house: House) -> None:
        client = sign_in(house)
        answer = send(client, "/profile", name="Ada", email="ada@example.com", login="admin")
        assert answer.status_code == 303
        assert "Ada" in client.get("/profile").text
        refused = send(client, "/profile", name="Ada", email="", login="")
        assert refused.status_code == 422
        house.a_member(Role.VIEWER, login="bob")
        taken = send(client, "/profile", name="Ada", email="ada@example.com", login="bob")
        assert taken.status_code == 422

    @pytest.mark.parametrize("path", ["/profile/theme", "/profile/preferences"])
    def test_sets_the_theme(self, house: House, path: str) -> None:
        client = sign_in(house)
        assert send(client, path, page="/profile", theme="light", back="/help").status_code == 303
        assert 'data-theme="light"' in client.get("/profile").text
        assert send(client, path, page="/profile", theme="pink").status_code == 422

    def test_changes_the_password_and_ends_other_sessions(self, house: House) -> None:
        client, other = sign_in(house), sign_in(house)
        wrong = {
            "oldPassword": "canary-no",
            "newPassword": "canary-next-password",
            "confirmNew": "canary-next-password",
        }
        assert send(client, "/profile/password", **wrong).status_code == 422
        assert send(client, "/profile/password", oldPassword="").status_code == 422
        short = {"oldPassword": ADMIN_PASSWORD, "newPassword": "x", "confirmNew": "x"}
        assert "Use at least" in send(client, "/profile/password", **short).text
        answer = send(client, "/profile/password", **{**wrong, "oldPassword": ADMIN_PASSWORD})
        assert answer.headers["location"] == "/profile"
        assert client.get("/profile").status_code == 200
        assert other.get("/profile").status_code == 303

    def test_ends_another_session(self, house: House) -> None:
        client, other = sign_in(house), sign_in(house)
        page = client.get("/profile")
        [path] = set(re.findall(r'action="(/profile/sessions/\d+/revoke)"', page.text))
        assert send(client, path, page="/profile").status_code == 303
        assert other.get("/profile").status_code == 303
        assert send(client, path, page="/profile").status_code == 303
        assert "no longer exists" in client.get("/profile").text
        assert send(client, "/profile/sessions/x/revoke", page="/profile").status_code == 404

    def test_switches_the_organization(self, house: House) -> None:
        elsewhere = house.as_admin().post("/api/orgs", json={"name": "Elsewhere"}).json()["orgId"]
        client = sign_in(house)
        assert "Elsewhere" in client.get("/profile/select-org").text
        assert "<html" not in client.get("/profile/select-org", headers={"x-fragment": "dialog"}).text
        assert "Elsewhere" in client.get(f"/profile?orgId={elsewhere}").text
        assert send(client, f"/profile/switch-org/{elsewhere}", page="/profile").status_code == 303
        assert "Organization: Elsewhere" in client.get("/profile").text
        for site in ("cross-site", "same-site"):
            crossed = client.get("/profile/switch-org/1", headers={"sec-fetch-site": site})
            assert crossed.status_code == 403
        assert client.get("/profile/switch-org/1").status_code == 302
        assert client.get("/profile/switch-org/99").status_code == 404


class TestAFirstPassword:
    def test_opens_only_the_page_that_changes_it(self, house: House) -> None:
        user = house.a_member(Role.ADMIN, login="fresh")
        stored = house.deps.passwords.hasher.hash(Secret("canary-first-password"))
        with house.database.write() as db:
            passwords.set_password(db, user, replace(stored, dies_at=UnixSeconds(NOON + 600)), at=NOON)
        client = sign_in(house, "fresh", "canary-first-password")
        assert client.get("/org/apikeys").headers["location"] == "/profile/password"
        new = {"newPassword": "canary-second-password", "confirmNew": "canary-second-password"}
        same = {"newPassword": "canary-first-password", "confirmNew": "canary-first-password"}
        assert send(client, "/profile/password", **same).status_code == 422
        assert send(client, "/profile/password", **new).headers["location"] == "/"
        assert client.get("/org/apikeys").status_code == 200


class TestOtherPages:
    @pytest.mark.parametrize("topic", ["", "/api-keys", "/roles", "/time-to-live", "/keyboard"])
    def test_help_is_there(self, house: House, topic: str) -> None:
        assert sign_in(house).get(f"/help{topic}").status_code == 200

    def test_what_is_no_page_is_not_found(self, house: House) -> None:
        client = sign_in(house)
        for path in ("/nope", "/help/nope", "/public/nope.css", "/public/..%2fkeystead.css"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert "Page not found" in answer.text
        assert house.client().get("/nope").status_code == 303

    def test_files_are_kept_for_ever_under_the_name_of_their_content(self, house: House) -> None:
        page = house.client().get("/login")
        for url in re.findall(r'(/public/[^"]+)', page.text):
            assert "immutable" in house.client().get(url).headers["cache-control"]
        old = house.client().get("/public/keystead.000000000000.css")
        assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")

    def test_carry_a_policy_against_foreign_script(self, house: House) -> None:
        headers = sign_in(house).get("/org/apikeys").headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "trusted-types ks" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"

    def test_a_fragment_for_nobody_says_where_to_sign_in(self, house: House) -> None:
        answer = house.client().get("/org/apikeys", headers={"x-fragment": "keys"})
        assert answer.status_code == 401
        assert answer.headers["x-login"].startswith("/login")

    def test_a_fragment_that_fails_is_one_line(self, house: House) -> None:
        client = sign_in(house)
        answer = client.get("/org/apikeys/999", headers={"x-fragment": "keys"})
        assert answer.status_code == 404
        assert "<html" not in answer.text

    def test_say_so_while_the_database_is_away(self, house: House) -> None:
        client = sign_in(house)
        house.raw.execute("ALTER TABLE session RENAME TO gone")
        answer = client.get("/org/apikeys")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert ADMIN not in answer.text

    def test_are_not_for_keys(self, house: House) -> None:
        assert house.as_key(Role.ADMIN).get("/org/apikeys").status_code == 303


def statements_of(house: House, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(house.database.reader, "before_cursor_execute", note)
    act()
    event.remove(house.database.reader, "before_cursor_execute", note)
    return len([statement for statement in seen if not statement.startswith("BEGIN")])
