from http import HTTPStatus

import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.api.shapes import avatar_url_of_name
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, Unchanged, told
from tests.makers import NOON, a_service_account, a_token, a_token_with_secret

ACCOUNTS = "/api/serviceaccounts"
SEARCH = f"{ACCOUNTS}/search"
NOON_TEXT = "2023-11-14T22:13:20Z"
BAD_DATA = (400, "Bad request data")
ABOVE_OWN = (403, "can not assign a role higher than user's role")
NOT_FOUND = (404, "Failed to retrieve service account")


def made(client: TestClient, **body: object) -> dict[str, object]:
    response = client.post(ACCOUNTS, json={"name": "ci"} | body)
    assert response.status_code == HTTPStatus.CREATED
    shown: dict[str, object] = response.json()
    return shown


def an_account(house: House, *, name: str = "ci", role: Role = Role.VIEWER, org: OrgId = HOME) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, org, name=name, role=role)


def logins(response: httpx2.Response) -> list[str]:
    return [account["login"] for account in response.json()["serviceAccounts"]]


def a_writer(house: House, role: Role, account: AccountId) -> TestClient:
    """Return somebody of this role who may write this one account, as level Edit on it will allow."""
    return house.as_holder(role, ("serviceaccounts:write", f"serviceaccounts:id:{account}"))


class TestCreatingAServiceAccount:
    def test_answers_with_what_it_is(self, house: House) -> None:
        shown = made(house.as_key(), name="CI Deploy", role="Editor")
        assert shown.pop("id")
        assert shown == {
            "name": "CI Deploy",
            "login": "sa-ci-deploy",
            "orgId": 1,
            "isDisabled": False,
            "role": "Editor",
            "tokens": 0,
            "avatarUrl": "",
        }

    def test_tells_the_real_organization_k11(self, house: House) -> None:
        elsewhere = house.an_org()
        assert made(house.as_key(org=elsewhere))["orgId"] == elsewhere

    @pytest.mark.parametrize("kind", ["as_key", "as_token", "as_member"])
    def test_is_open_to_people_keys_and_tokens(self, house: House, kind: str) -> None:
        assert made(getattr(house, kind)(Role.ADMIN), role="Admin")["role"] == "Admin"

    @pytest.mark.parametrize(
        ("name", "login"),
        [
            ("S15 Upper CASE", "sa-s15-upper-case"),
            (" a   b ", "sa--a---b-"),
            ("a\tb\nc", "sa-a\tb\nc"),
            ("\u0130I \u1e9e", "sa-ii-ß"),
            ("a\u00a0b", "sa-a\u00a0b"),
            ("\u0391\u03a3", "sa-\u03b1\u03c3"),
            ("sa-x", "sa-sa-x"),
            ("🔑" * 190, "sa-" + "🔑" * 190),
        ],
    )
    def test_makes_the_login_of_the_name(self, house: House, name: str, login: str) -> None:
        assert made(house.as_key(), name=name)["login"] == login

    @pytest.mark.parametrize(
        ("body", "role", "is_disabled"),
        [
            ({}, "Viewer", False),
            ({"role": "", "isDisabled": None}, "Viewer", False),
            ({"role": None}, "Viewer", False),
            ({"role": "admin", "isDisabled": True}, "Admin", True),
            ({"ROLE": "Editor", "isdisabled": True, "login": "x", "orgId": 7, "tokens": 3}, "Editor", True),
        ],
    )
    def test_takes_what_is_sensible(
        self, house: House, body: dict[str, object], *, role: str, is_disabled: bool
    ) -> None:
        shown = made(house.as_key(), **body)
        assert (shown["role"], shown["isDisabled"], shown["orgId"]) == (role, is_disabled, 1)

    def test_keeps_a_description_a3(self, house: House) -> None:
        client = house.as_key()
        shown = made(client, description="Builds all")
        assert shown["description"] == "Builds all"
        path = f"{ACCOUNTS}/{shown['id']}"
        assert client.get(path).json()["description"] == "Builds all"
        changed = client.patch(path, json={"description": ""}).json()["serviceaccount"]
        assert "description" not in changed

    @pytest.mark.parametrize("taken", ["ci", "CI"])
    def test_is_refused_for_a_login_that_is_taken_k3(
        self, house: House, unchanged: Unchanged, taken: str
    ) -> None:
        client = house.as_key()
        made(client)
        with unchanged():
            assert told(client.post(ACCOUNTS, json={"name": taken})) == (
                400,
                "Failed to create service account",
            )

    def test_takes_a_login_that_a_person_or_another_organization_has_k12(self, house: House) -> None:
        house.a_member(Role.VIEWER, login="sa-ci")
        an_account(house, org=house.an_org())
        assert made(house.as_key())["login"] == "sa-ci"

    def test_takes_a_name_again_after_its_account_was_deleted(self, house: House) -> None:
        client = house.as_key()
        first = made(client)
        client.delete(f"{ACCOUNTS}/{first['id']}")
        assert made(client)["id"] != first["id"]

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "null",
            "[]",
            "{",
            '{"role":"Viewer"}',
            '{"name":""}',
            '{"name":null}',
            '{"name":5}',
            '{"name":"x","role":"None"}',
            '{"name":"x","role":"ADMIN"}',
            '{"name":"x","role":"Grafana Admin"}',
            '{"name":"x","role":1}',
            '{"name":"x","isDisabled":"true"}',
            '{"name":"x","isDisabled":1}',
            '{"name":"a\\u0000b"}',
            '{"name":"' + "x" * 191 + '"}',
            '{"name":"x","description":"' + "x" * 1025 + '"}',
        ],
    )
    def test_is_refused_for_what_says_nothing_sensible_k13(
        self, house: House, unchanged: Unchanged, raw: str
    ) -> None:
        client = house.as_key()
        headers = {"Content-Type": "application/json"}
        with unchanged():
            assert told(client.post(ACCOUNTS, content=raw, headers=headers)) == BAD_DATA

    def test_is_refused_without_the_media_type(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            assert told(client.post(ACCOUNTS, content='{"name":"x"}')) == BAD_DATA

    def test_is_refused_for_a_role_above_the_callers(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_holder(Role.EDITOR, ("serviceaccounts:create", ""))
        with unchanged():
            assert told(client.post(ACCOUNTS, json={"name": "x", "role": "Admin"})) == ABOVE_OWN
        assert made(client, role="Editor")["role"] == "Editor"

    def test_is_refused_to_whoever_may_not_before_the_body_is_read(
        self, house: House, unchanged: Unchanged
    ) -> None:
        clients = [house.as_key(Role.EDITOR), house.as_token(Role.VIEWER)]
        with unchanged():
            for client in clients:
                status, message = told(client.post(ACCOUNTS, content="{"))
                assert (status, message.rpartition(" ")[2]) == (403, "serviceaccounts:create")

    def test_is_refused_to_nobody_known_k1(self, house: House, unchanged: Unchanged) -> None:
        with unchanged():
            assert told(house.client().post(ACCOUNTS, json={"name": "x"})) == (401, "Unauthorized")


class TestOneServiceAccount:
    def test_is_told(self, house: House) -> None:
        client = house.as_key()
        shown = made(client)
        assert client.get(f"{ACCOUNTS}/{shown['id']}").json() == {
            "id": shown["id"],
            "name": "ci",
            "login": "sa-ci",
            "orgId": 1,
            "isDisabled": False,
            "createdAt": NOON_TEXT,
            "updatedAt": NOON_TEXT,
            "avatarUrl": avatar_url_of_name(house.deps.site, "ci"),
            "role": "Viewer",
            "teams": None,
        }

    def test_counts_its_tokens_dead_ones_too(self, house: House) -> None:
        account = an_account(house)
        with house.database.write() as db:
            a_token(db, HOME, account, name="a")
            a_token(db, HOME, account, name="b", lifetime_s=1, at=UnixSeconds(NOON - 60))
        assert house.as_key().get(f"{ACCOUNTS}/{account}").json()["tokens"] == 2

    def test_tells_what_one_may_do_with_it_when_asked(self, house: House) -> None:
        account, client = an_account(house), house.as_key()
        held = client.get(f"{ACCOUNTS}/{account}?accesscontrol=1").json()["accessControl"]
        assert held.keys() == {
            "serviceaccounts.permissions:read",
            "serviceaccounts.permissions:write",
            "serviceaccounts:delete",
            "serviceaccounts:read",
            "serviceaccounts:write",
        }
        assert "accessControl" not in client.get(f"{ACCOUNTS}/{account}").json()

    @pytest.mark.parametrize("spelled", ["{id}", "+{id}", "00{id}", "{id}/"])
    def test_is_found_by_every_spelling_of_its_id_k24(self, house: House, spelled: str) -> None:
        account = an_account(house)
        reader = house.as_holder(Role.VIEWER, ("serviceaccounts:read", f"serviceaccounts:id:{account}"))
        assert reader.get(f"{ACCOUNTS}/{spelled.format(id=account)}").json()["id"] == account

    @pytest.mark.parametrize("text", ["abc", "1.5", "%20", "*", "9223372036854775808", "٣"])
    def test_is_refused_for_what_is_no_id_before_the_body_is_read(
        self, house: House, unchanged: Unchanged, text: str
    ) -> None:
        client, path = house.as_key(), f"{ACCOUNTS}/{text}"
        with unchanged():
            assert told(client.get(path)) == (400, "Service Account ID is invalid")
            assert told(client.patch(path, content="{")) == (400, "Service Account ID is invalid")
            assert told(client.delete(path)) == (400, "Service account ID is invalid")

    @pytest.mark.goal("F26")
    @pytest.mark.parametrize("which", ["0", "-1", "999999999", "foreign", "person"])
    def test_is_refused_for_unknown_and_foreign_ones_and_for_people(
        self, house: House, unchanged: Unchanged, which: str
    ) -> None:
        foreign = an_account(house, org=house.an_org())
        person = house.a_member(Role.VIEWER)
        client = house.as_key()
        account = {"foreign": foreign, "person": person}.get(which, which)
        with unchanged():
            assert told(client.get(f"{ACCOUNTS}/{account}")) == NOT_FOUND
            assert told(client.patch(f"{ACCOUNTS}/{account}", json={"name": "x"})) == NOT_FOUND
            assert told(client.delete(f"{ACCOUNTS}/{account}")) == (404, "Service account deletion error")

    def test_reads_the_body_before_it_is_looked_for(self, house: House) -> None:
        assert told(house.as_key().patch(f"{ACCOUNTS}/999999", content="{")) == BAD_DATA

    def test_is_refused_to_whoever_may_not_see_it_before_it_is_looked_for(
        self, house: House, unchanged: Unchanged
    ) -> None:
        client = house.as_key(Role.EDITOR)
        with unchanged():
            for account in ("1", "999999", "abc"):
                assert client.get(f"{ACCOUNTS}/{account}").status_code == 403
                assert client.patch(f"{ACCOUNTS}/{account}", content="{").status_code == 403
                assert client.delete(f"{ACCOUNTS}/{account}").status_code == 403
                assert house.client().delete(f"{ACCOUNTS}/{account}").status_code == 401

    def test_has_no_other_methods(self, house: House) -> None:
        account, client = an_account(house), house.as_key()
        for method, path in (
            ("GET", ACCOUNTS),
            ("PUT", f"{ACCOUNTS}/{account}"),
            ("POST", f"{ACCOUNTS}/{account}"),
            ("GET", f"{ACCOUNTS}/{account}/nothing"),
        ):
            assert told(client.request(method, path)) == (404, "Not found")
        assert told(client.get(f"{ACCOUNTS}/migrate")) == (400, "Service Account ID is invalid")

    @pytest.mark.goal("F29")
    def test_is_shown_by_no_route_for_people_k5(self, house: House, unchanged: Unchanged) -> None:
        account, client = an_account(house), house.as_admin()
        assert [user["login"] for user in client.get("/api/org/users").json()] == ["admin"]
        with unchanged():
            assert told(client.get(f"/api/users/{account}")) == (404, "user not found")
            assert told(client.patch(f"/api/org/users/{account}", json={"role": "Admin"})) == (
                404,
                "Failed update org user",
            )
            assert told(client.delete(f"/api/org/users/{account}")) == (
                404,
                "Failed to remove user from organization",
            )
            assert told(client.delete(f"/api/admin/users/{account}")) == (404, "user not found")
            assert house.as_person("sa-ci", "x").get("/api/org").status_code == 401


class TestChangingAServiceAccount:
    def test_answers_with_what_it_is_now(self, house: House) -> None:
        account, client = an_account(house), house.as_key()
        house.clock.advance(60)
        body = {"name": "renamed", "role": "editor", "isDisabled": True}
        shown = client.patch(f"{ACCOUNTS}/{account}", json=body).json()
        assert (shown["message"], shown["id"], shown["name"]) == (
            "Service account updated",
            account,
            "renamed",
        )
        profile = shown["serviceaccount"]
        assert (profile["role"], profile["isDisabled"], profile["login"]) == ("Editor", True, "sa-ci")
        assert (profile["createdAt"], profile["updatedAt"]) == (NOON_TEXT, "2023-11-14T22:14:20Z")
        assert client.get(f"{ACCOUNTS}/{account}").json() == profile

    @pytest.mark.parametrize(
        "raw",
        ["{}", "", "null", '{"name":null,"role":null,"isDisabled":null}', '{"login":"x"}', '{"name":"ci"}'],
    )
    def test_changes_nothing_where_nothing_is_asked_for(
        self, house: House, unchanged: Unchanged, raw: str
    ) -> None:
        account, client = an_account(house), house.as_key()
        house.clock.advance(60)
        with unchanged():
            response = client.patch(
                f"{ACCOUNTS}/{account}", content=raw, headers={"Content-Type": "application/json"}
            )
        assert response.json()["serviceaccount"] == client.get(f"{ACCOUNTS}/{account}").json()

    def test_repeats_an_empty_name_but_keeps_the_old_one(self, house: House, unchanged: Unchanged) -> None:
        account, client = an_account(house), house.as_key()
        with unchanged():
            shown = client.patch(f"{ACCOUNTS}/{account}", json={"name": ""}).json()
        assert (shown["name"], shown["serviceaccount"]["name"]) == ("", "")
        assert client.get(f"{ACCOUNTS}/{account}").json()["name"] == "ci"

    def test_makes_it_a_viewer_for_an_empty_role(self, house: House) -> None:
        account = an_account(house, role=Role.ADMIN)
        shown = house.as_key().patch(f"{ACCOUNTS}/{account}", json={"role": ""}).json()
        assert shown["serviceaccount"]["role"] == "Viewer"

    def test_tells_what_one_may_do_with_it_when_asked(self, house: House) -> None:
        account = an_account(house)
        shown = house.as_key().patch(f"{ACCOUNTS}/{account}?accesscontrol=true", json={}).json()
        assert shown["serviceaccount"]["accessControl"]["serviceaccounts:delete"] is True

    def test_takes_a_name_that_another_has(self, house: House) -> None:
        an_account(house, name="other")
        account = an_account(house)
        assert house.as_key().patch(f"{ACCOUNTS}/{account}", json={"name": "other"}).json()["name"] == "other"

    def test_is_refused_for_a_new_role_above_the_callers(self, house: House, unchanged: Unchanged) -> None:
        account = an_account(house)
        client = a_writer(house, Role.EDITOR, account)
        with unchanged():
            assert told(client.patch(f"{ACCOUNTS}/{account}", json={"role": "Admin"})) == ABOVE_OWN

    def test_is_refused_for_taking_a_role_above_the_callers_away_k28(
        self, house: House, unchanged: Unchanged
    ) -> None:
        account = an_account(house, role=Role.ADMIN)
        client = a_writer(house, Role.EDITOR, account)
        with unchanged():
            assert told(client.patch(f"{ACCOUNTS}/{account}", json={"role": "Viewer"})) == ABOVE_OWN
        assert (
            client.patch(f"{ACCOUNTS}/{account}", json={"name": "x", "isDisabled": True}).status_code == 200
        )

    @pytest.mark.parametrize(
        "raw", ['{"role":"Owner"}', '{"role":3}', '{"isDisabled":"yes"}', '{"name":1}', "[]", "{"]
    )
    def test_is_refused_for_what_says_nothing_sensible(
        self, house: House, unchanged: Unchanged, raw: str
    ) -> None:
        account, client = an_account(house), house.as_key()
        with unchanged():
            response = client.patch(
                f"{ACCOUNTS}/{account}", content=raw, headers={"Content-Type": "application/json"}
            )
        assert told(response) == BAD_DATA

    def test_is_refused_for_a_long_name_k13(self, house: House, unchanged: Unchanged) -> None:
        account, client = an_account(house), house.as_key()
        with unchanged():
            assert told(client.patch(f"{ACCOUNTS}/{account}", json={"name": "x" * 191})) == BAD_DATA


@pytest.mark.goal("F16")
class TestATokenActsAsItsAccount:
    """What is changed holds for the very next request."""

    def test_with_its_role(self, house: House) -> None:
        account, admin = an_account(house), house.as_key()
        with house.database.write() as db:
            _id, secret = a_token_with_secret(db, HOME, account)
        token = house.with_secret(secret.reveal())
        for role, status in (("Admin", 200), ("Viewer", 403), ("Admin", 200), ("Editor", 403)):
            admin.patch(f"{ACCOUNTS}/{account}", json={"role": role})
            assert token.get("/api/auth/keys").status_code == status

    def test_and_not_while_that_is_disabled(self, house: House) -> None:
        account, admin = an_account(house), house.as_key()
        with house.database.write() as db:
            _id, secret = a_token_with_secret(db, HOME, account)
        token = house.with_secret(secret.reveal())
        assert token.get("/api/org").status_code == 200
        admin.patch(f"{ACCOUNTS}/{account}", json={"isDisabled": True})
        assert told(token.get("/api/org")) == (401, "Service account is disabled")
        admin.patch(f"{ACCOUNTS}/{account}", json={"isDisabled": False})
        assert token.get("/api/org").status_code == 200

    def test_and_not_after_that_was_deleted(self, house: House) -> None:
        account, admin = an_account(house), house.as_key()
        with house.database.write() as db:
            _id, secret = a_token_with_secret(db, HOME, account)
        token = house.with_secret(secret.reveal())
        assert token.get("/api/org").status_code == 200
        assert told(admin.delete(f"{ACCOUNTS}/{account}")) == (200, "Service account deleted")
        assert told(token.get("/api/org")) == (401, "invalid API key")

    def test_which_may_end_itself(self, house: House) -> None:
        account = an_account(house, role=Role.ADMIN)
        with house.database.write() as db:
            _id, secret = a_token_with_secret(db, HOME, account)
        token = house.with_secret(secret.reveal())
        assert token.delete(f"{ACCOUNTS}/{account}").status_code == 200
        assert token.get("/api/org").status_code == 401


class TestDeletingAServiceAccount:
    def test_takes_its_tokens_and_frees_their_names(self, house: House) -> None:
        account, client = an_account(house), house.as_key()
        with house.database.write() as db:
            a_token(db, HOME, account, name="deploy")
        client.delete(f"{ACCOUNTS}/{account}")
        assert client.get(f"{ACCOUNTS}/{account}/tokens").json() == []
        again = made(client)
        created = client.post(f"{ACCOUNTS}/{again['id']}/tokens", json={"name": "deploy"})
        assert created.status_code == 200

    def test_is_refused_the_second_time_t7(self, house: House, unchanged: Unchanged) -> None:
        account, client = an_account(house), house.as_key()
        client.delete(f"{ACCOUNTS}/{account}")
        with unchanged():
            assert told(client.delete(f"{ACCOUNTS}/{account}")) == (404, "Service account deletion error")


class TestSearchingServiceAccounts:
    def test_shows_them_by_login_byte_by_byte(self, house: House) -> None:
        client = house.as_key()
        for name in ("b", "ä", "a-b", "a b c", "_"):
            an_account(house, name=name)
        shown = client.get(SEARCH).json()
        assert [account["login"] for account in shown["serviceAccounts"]] == [
            "sa-_",
            "sa-a-b",
            "sa-a-b-c",
            "sa-b",
            "sa-ä",
        ]
        assert (shown["totalCount"], shown["page"], shown["perPage"]) == (5, 1, 1000)

    def test_shows_of_each_what_it_is(self, house: House) -> None:
        account = an_account(house, role=Role.EDITOR)
        with house.database.write() as db:
            a_token(db, HOME, account, name="a")
            a_token(db, HOME, account, name="b", lifetime_s=1, at=UnixSeconds(NOON - 60))
        (shown,) = house.as_key().get(SEARCH).json()["serviceAccounts"]
        assert shown.pop("avatarUrl").startswith("/avatar/")
        assert shown == {
            "id": account,
            "name": "ci",
            "login": "sa-ci",
            "orgId": 1,
            "isDisabled": False,
            "role": "Editor",
            "tokens": 2,
        }

    @pytest.mark.parametrize(
        ("query", "found", "page", "size"),
        [
            ("perpage=2", ["sa-a", "sa-b"], 1, 2),
            ("perpage=2&page=2", ["sa-c"], 2, 2),
            ("perpage=2&page=3", [], 3, 2),
            ("perpage=2&page=0", ["sa-a", "sa-b"], 1, 2),
            ("perpage=2&page=-4", ["sa-a", "sa-b"], 1, 2),
            ("perpage=0", ["sa-a", "sa-b", "sa-c"], 1, 1000),
            ("perpage=x&page=y", ["sa-a", "sa-b", "sa-c"], 1, 1000),
            ("perpage=9223372036854775807&page=9223372036854775807", [], 2**63 - 1, 2**63 - 1),
        ],
    )
    def test_goes_page_by_page(
        self, house: House, query: str, found: list[str], page: int, size: int
    ) -> None:
        for name in "cab":
            an_account(house, name=name)
        response = house.as_key().get(f"{SEARCH}?{query}")
        assert logins(response) == found
        shown = response.json()
        assert (shown["totalCount"], shown["page"], shown["perPage"]) == (3, page, size)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["sa-100%", "sa-a_b", "sa-straße"]),
            ("STRASSE", ["sa-straße"]),
            ("%25", ["sa-100%"]),
            ("_", ["sa-a_b"]),
            ("*", []),
            ("sa-", ["sa-100%", "sa-a_b", "sa-straße"]),
            ("other+name", ["sa-a_b"]),
        ],
    )
    def test_looks_for_a_part_of_name_or_login_in_any_case_k7(
        self, house: House, query: str, found: list[str]
    ) -> None:
        client = house.as_key()
        for name in ("Straße", "100%"):
            an_account(house, name=name)
        account = an_account(house, name="a_b")
        client.patch(f"{ACCOUNTS}/{account}", json={"name": "Other Name"})
        response = client.get(f"{SEARCH}?query={query}")
        assert logins(response) == found
        assert response.json()["totalCount"] == len(found)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("expiredTokens=true", ["sa-late"]),
            ("disabled=true", ["sa-off"]),
            ("disabled=true&expiredTokens=true", ["sa-off"]),
            ("disabled=yes&expiredTokens=0", ["sa-late", "sa-off", "sa-plain"]),
        ],
    )
    def test_keeps_to_the_asked_ones(self, house: House, query: str, found: list[str]) -> None:
        client = house.as_key()
        late, off, plain = (an_account(house, name=name) for name in ("late", "off", "plain"))
        client.patch(f"{ACCOUNTS}/{off}", json={"isDisabled": True})
        with house.database.write() as db:
            for account, name, lifetime_s in ((late, "a", 60), (plain, "b", 61), (plain, "c", 0)):
                a_token(db, HOME, account, name=name, lifetime_s=lifetime_s, at=NOON)
        house.clock.advance(60)
        response = client.get(f"{SEARCH}?{query}")
        assert logins(response) == found
        assert response.json()["totalCount"] == len(found)

    def test_shows_and_counts_only_what_the_caller_may_read(self, house: House) -> None:
        account = an_account(house)
        an_account(house, name="other")
        reader = house.as_holder(Role.VIEWER, ("serviceaccounts:read", f"serviceaccounts:id:{account}"))
        response = reader.get(f"{SEARCH}?accesscontrol=true")
        assert (logins(response), response.json()["totalCount"]) == (["sa-ci"], 1)
        (shown,) = response.json()["serviceAccounts"]
        assert shown["accessControl"] == {"serviceaccounts:read": True}

    def test_shows_nothing_of_another_organization(self, house: House) -> None:
        an_account(house, org=house.an_org())
        assert house.as_key().get(SEARCH).json()["totalCount"] == 0

    @pytest.mark.goal("F22")
    def test_is_complete(self, house: House) -> None:
        with house.database.write() as db:
            for number in range(350):
                a_service_account(db, HOME, name=f"{number:03}")
        assert len(logins(house.as_key().get(SEARCH))) == 350

    def test_is_refused_to_whoever_may_not_read_any(self, house: House) -> None:
        assert house.as_key(Role.EDITOR).get(SEARCH).status_code == 403
        assert told(house.client().get(SEARCH)) == (401, "Unauthorized")
