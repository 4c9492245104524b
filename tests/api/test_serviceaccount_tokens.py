from typing import NamedTuple

import httpx2
import pytest
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.lifetime import MAX_LIFETIME_S
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, MakeHouse, Unchanged, told
from tests.makers import a_service_account, a_token, a_token_with_secret, an_api_key

ACCOUNTS = "/api/serviceaccounts"
NOON_TEXT = "2023-11-14T22:13:20Z"
BAD_DATA = (400, "Bad request data")
NO_ACCOUNT = (404, "Failed to retrieve service account")
NO_TOKEN = (404, "Failed to retrieve service account token")
NOT_DELETED = (404, "Failed to delete service account token")
NAME_TAKEN = (409, "service account token with given name already exists in the organization")
ABOVE_OWN = (403, "can not create a token for an account above your role")
DAY = 24 * 3600
NO_IDS = ["abc", "1.5", "%20", "99999999999999999999"]
UNKNOWN = ["0", "-1", "999999999", "foreign", "person"]


@pytest.fixture
def account(house: House) -> AccountId:
    return an_account(house)


def an_account(house: House, *, name: str = "ci", role: Role = Role.VIEWER, org: OrgId = HOME) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, org, name=name, role=role)


def path_of(account: object, token: object = None) -> str:
    return f"{ACCOUNTS}/{account}/tokens" + ("" if token is None else f"/{token}")


def made(client: TestClient, account: AccountId, **body: object) -> dict[str, object]:
    response = client.post(path_of(account), json={"name": "t"} | body)
    assert response.status_code == 200
    shown: dict[str, object] = response.json()
    return shown


def presented(house: House, secret: object) -> httpx2.Response:
    return house.with_secret(str(secret)).get("/api/org")


def an_unknown(house: House, which: str) -> object:
    if which == "foreign":
        return an_account(house, name="foreign", org=house.an_org())
    return house.a_member(Role.VIEWER) if which == "person" else which


class TestCreatingAToken:
    def test_answers_with_the_secret_that_opens_the_door(self, house: House, account: AccountId) -> None:
        shown = made(house.as_key(), account)
        assert shown.keys() == {"id", "name", "key"}
        assert str(shown["key"]).startswith("glsa_")
        assert presented(house, shown["key"]).status_code == 200

    def test_shows_and_logs_the_secret_never_again(
        self, house: House, account: AccountId, caplog: pytest.LogCaptureFixture
    ) -> None:
        client = house.as_key()
        shown = made(client, account)
        presented(house, shown["key"])
        for path in (path_of(account), path_of(account, shown["id"])):
            assert str(shown["key"])[5:37] not in client.get(path).text
        assert not any(str(shown["key"]) in str(record.__dict__) for record in caplog.records)

    @pytest.mark.parametrize("lifetime_s", [None, 0, 1, MAX_LIFETIME_S])
    def test_takes_any_lifetime(self, house: House, account: AccountId, lifetime_s: int | None) -> None:
        made(house.as_key(), account, secondsToLive=lifetime_s)

    def test_makes_it_expire_at_the_asked_second(self, house: House, account: AccountId) -> None:
        shown = made(house.as_key(), account, secondsToLive=60)
        house.clock.advance(59)
        assert presented(house, shown["key"]).status_code == 200
        house.clock.advance(1)
        assert told(presented(house, shown["key"])) == (401, "Expired API key")

    def test_is_possible_for_a_disabled_account(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        client.patch(f"{ACCOUNTS}/{account}", json={"isDisabled": True})
        shown = made(client, account)
        assert told(presented(house, shown["key"])) == (401, "Service account is disabled")

    def test_takes_names_in_any_case_and_does_not_read_more_than_it_needs(
        self, house: House, account: AccountId
    ) -> None:
        shown = house.as_key().post(
            path_of(account),
            content='{"NAME":"x","SecondsToLive":3600,"role":"Admin","orgId":7,"key":"glsa_x"} more',
            headers={"Content-Type": "application/json"},
        )
        assert shown.json()["name"] == "x"
        token = house.with_secret(shown.json()["key"])
        assert token.get("/api/auth/keys").status_code == 403

    @pytest.mark.parametrize("name", ["  ", "жетон 鍵 🔑", "x" * 190, "T"])
    def test_takes_a_name_as_it_is(self, house: House, account: AccountId, name: str) -> None:
        client = house.as_key()
        made(client, account)
        assert made(client, account, name=name)["name"] == name

    def test_takes_a_name_that_another_organization_has(self, house: House, account: AccountId) -> None:
        elsewhere = house.an_org()
        foreign = an_account(house, org=elsewhere)
        with house.database.write() as db:
            a_token(db, elsewhere, foreign)
        made(house.as_key(), account)

    def test_is_refused_for_a_name_that_a_token_or_key_has(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        other, client = an_account(house, name="other"), house.as_key()
        with house.database.write() as db:
            a_token(db, HOME, other)
            an_api_key(db, HOME, name="key")
        with unchanged():
            for name in ("t", "key"):
                for lifetime_s in (0, -5):
                    body = {"name": name, "secondsToLive": lifetime_s}
                    assert told(client.post(path_of(account), json=body)) == NAME_TAKEN

    def test_is_refused_for_a_negative_lifetime(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        with unchanged():
            response = client.post(path_of(account), json={"name": "x", "secondsToLive": -1})
            assert told(response) == (400, "invalid SecondsToLive value")

    @pytest.mark.goal("F11")
    @pytest.mark.parametrize("number", ["9223372036854775807", "2147483648", "9223372036854775808"])
    def test_is_refused_for_a_lifetime_that_no_clock_has(
        self, house: House, account: AccountId, unchanged: Unchanged, number: str
    ) -> None:
        client = house.as_key()
        raw = f'{{"name":"x","secondsToLive":{number}}}'
        with unchanged():
            response = client.post(
                path_of(account), content=raw, headers={"Content-Type": "application/json"}
            )
            assert told(response) == BAD_DATA

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "null",
            "[]",
            '{"name":"x"',
            '{"secondsToLive":60}',
            '{"name":""}',
            '{"name":null}',
            '{"name":1}',
            '{"name":"' + "x" * 191 + '"}',
            '{"name":"x","secondsToLive":"60"}',
            '{"name":"x","secondsToLive":1.5}',
            '{"name":"x","secondsToLive":false}',
        ],
    )
    def test_is_refused_for_what_says_nothing_sensible_k13(
        self, house: House, account: AccountId, unchanged: Unchanged, raw: str
    ) -> None:
        client = house.as_key()
        with unchanged():
            response = client.post(
                path_of(account), content=raw, headers={"Content-Type": "application/json"}
            )
            assert told(response) == BAD_DATA

    @pytest.mark.parametrize(
        ("limit_s", "lifetime_s", "told_"),
        [
            (60, None, "Number of seconds before expiration should be set"),
            (60, 0, "Number of seconds before expiration should be set"),
            (60, 61, "Number of seconds before expiration is greater than the global limit"),
        ],
    )
    def test_is_refused_for_a_lifetime_outside_its_own_limit_m5(
        self, make_house: MakeHouse, unchanged: Unchanged, limit_s: int, lifetime_s: int | None, told_: str
    ) -> None:
        house = make_house(service_accounts__token_max_seconds_to_live=limit_s)
        account, client = an_account(house), house.as_key()
        with unchanged():
            body = {"name": "x", "secondsToLive": lifetime_s}
            assert told(client.post(path_of(account), json=body)) == (400, told_)
        made(client, account, secondsToLive=60)

    def test_is_not_limited_by_the_limit_of_keys_m5(self, make_house: MakeHouse) -> None:
        house = make_house(auth__api_key_max_seconds_to_live=60)
        made(house.as_key(), an_account(house))

    @pytest.mark.parametrize("which", UNKNOWN)
    def test_is_refused_for_unknown_and_foreign_accounts_before_the_body_is_read(
        self, house: House, unchanged: Unchanged, which: str
    ) -> None:
        client, account = house.as_key(), an_unknown(house, which)
        with unchanged():
            assert told(client.post(path_of(account), content="{")) == NO_ACCOUNT

    @pytest.mark.parametrize("text", NO_IDS)
    def test_is_refused_for_what_is_no_id(self, house: House, unchanged: Unchanged, text: str) -> None:
        client = house.as_key()
        with unchanged():
            refused = told(client.post(path_of(text), content="{"))
            assert refused == (400, "Service Account ID is invalid")

    def test_is_refused_to_whoever_may_not_write_the_account(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_holder(Role.EDITOR, ("serviceaccounts:write", "serviceaccounts:id:999999"))
        with unchanged():
            assert client.post(path_of(account), json={"name": "x"}).status_code == 403
            assert told(house.client().post(path_of(account))) == (401, "Unauthorized")


class TestMintingAboveOnesRole:
    """What is refused as a rule, and may be allowed."""

    @pytest.mark.goal("F19")
    @pytest.mark.goal("G20")
    def test_is_refused(self, house: House, unchanged: Unchanged) -> None:
        account = an_account(house, role=Role.ADMIN)
        editor = an_editor_of(house, account)
        with house.database.write() as db:
            token = a_token(db, HOME, account, name="old")
        with unchanged():
            assert told(editor.post(path_of(account), json={"name": "x"})) == ABOVE_OWN
            assert told(editor.post(f"{path_of(account, token)}/rotate", json={})) == ABOVE_OWN

    @pytest.mark.goal("F19")
    def test_is_no_question_for_an_account_that_the_role_reaches(self, house: House) -> None:
        account = an_account(house, role=Role.EDITOR)
        made(an_editor_of(house, account), account)

    @pytest.mark.goal("F19")
    def test_is_refused_right_after_the_account_got_a_higher_role(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        editor, admin = an_editor_of(house, account), house.as_key()
        made(editor, account)
        admin.patch(f"{ACCOUNTS}/{account}", json={"role": "Admin"})
        with unchanged():
            assert told(editor.post(path_of(account), json={"name": "x"})) == ABOVE_OWN

    def test_is_possible_as_in_grafana_where_that_is_set(self, make_house: MakeHouse) -> None:
        house = make_house(service_accounts__token_above_role="allow")
        account = an_account(house, role=Role.ADMIN)
        made(an_editor_of(house, account), account)

    def test_is_possible_to_whoever_administers_the_account_where_that_is_set(
        self, make_house: MakeHouse
    ) -> None:
        house = make_house(service_accounts__token_above_role="managed-admin")
        account = an_account(house, role=Role.ADMIN)
        assert told(an_editor_of(house, account).post(path_of(account), json={"name": "x"})) == ABOVE_OWN
        level_admin = ("read", "write", "delete")
        held = [*(f"serviceaccounts:{verb}" for verb in level_admin)]
        held += [f"serviceaccounts.permissions:{verb}" for verb in ("read", "write")]
        scope = f"serviceaccounts:id:{account}"
        made(house.as_holder(Role.EDITOR, *((action, scope) for action in held)), account)


def an_editor_of(house: House, account: AccountId) -> TestClient:
    scope = f"serviceaccounts:id:{account}"
    return house.as_holder(Role.EDITOR, ("serviceaccounts:read", scope), ("serviceaccounts:write", scope))


class TestListingTokens:
    def test_shows_them_by_name_with_what_is_known(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        made(client, account, name="b")
        shown = made(client, account, name="a", secondsToLive=3600)
        house.clock.advance(30)
        presented(house, shown["key"])
        first, second = client.get(path_of(account)).json()
        assert first == {
            "id": shown["id"],
            "name": "a",
            "created": NOON_TEXT,
            "lastUsedAt": "2023-11-14T22:13:50Z",
            "expiration": "2023-11-14T23:13:20Z",
            "secondsUntilExpiration": 3570,
            "hasExpired": False,
            "isRevoked": False,
            "createdBy": "caller 1",
            "lastUsedFrom": "testclient",
        }
        assert second["name"] == "b"
        assert (second["lastUsedAt"], second["expiration"], second["lastUsedFrom"]) == (None, None, None)

    @pytest.mark.parametrize(
        ("lifetime_s", "left_s", "has_expired"),
        [(0, 0, False), (6 * DAY, 6 * DAY, False), (7 * DAY, 0, False), (8 * DAY, 0, False), (1, 1, False)],
    )
    def test_counts_the_seconds_of_the_last_week(
        self, house: House, account: AccountId, lifetime_s: int, left_s: int, *, has_expired: bool
    ) -> None:
        client = house.as_key()
        made(client, account, secondsToLive=lifetime_s)
        (token,) = client.get(path_of(account)).json()
        assert (token["secondsUntilExpiration"], token["hasExpired"]) == (left_s, has_expired)

    def test_shows_dead_ones_too(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        made(client, account, name="a", secondsToLive=60)
        shown = made(client, account, name="b")
        client.post(f"{path_of(account, shown['id'])}/revoke")
        house.clock.advance(60)
        expired, revoked = client.get(path_of(account)).json()
        assert (expired["hasExpired"], expired["secondsUntilExpiration"], expired["isRevoked"]) == (
            True,
            0,
            False,
        )
        assert (revoked["hasExpired"], revoked["isRevoked"]) == (False, True)

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["a", "b"]),
            ("?expired=true", ["a"]),
            ("?expired=false", ["b"]),
            ("?includeExpired=false&limit=1", ["a", "b"]),
        ],
    )
    def test_keeps_to_expired_ones_or_others_when_asked_a5(
        self, house: House, account: AccountId, query: str, names: list[str]
    ) -> None:
        client = house.as_key()
        made(client, account, name="a", secondsToLive=60)
        made(client, account, name="b")
        house.clock.advance(60)
        assert [token["name"] for token in client.get(f"{path_of(account)}{query}").json()] == names

    @pytest.mark.goal("F22")
    def test_is_complete_t3(self, house: House, account: AccountId) -> None:
        with house.database.write() as db:
            for number in range(350):
                a_token(db, HOME, account, name=f"{number:03}")
        names = [token["name"] for token in house.as_key().get(path_of(account)).json()]
        assert names == [f"{number:03}" for number in range(350)]

    @pytest.mark.parametrize("which", UNKNOWN)
    def test_shows_none_of_an_unknown_or_foreign_account_t4(self, house: House, which: str) -> None:
        response = house.as_key().get(path_of(an_unknown(house, which)))
        assert (response.status_code, response.json()) == (200, [])

    @pytest.mark.parametrize("text", NO_IDS)
    def test_is_refused_for_what_is_no_id(self, house: House, text: str) -> None:
        assert told(house.as_key().get(path_of(text))) == (400, "Service Account ID is invalid")

    def test_tells_who_made_each_a4(self, house: House, account: AccountId) -> None:
        made(house.as_member(Role.ADMIN), account, name="by a person")
        made(house.as_token(Role.ADMIN), account, name="by a token")
        made(house.as_key(), account, name="by key")
        tokens = {token["name"]: token for token in house.as_key().get(path_of(account)).json()}
        assert tokens["by a person"]["createdBy"] == "member1"
        assert tokens["by a token"]["createdBy"] == "sa-machine-2"
        assert tokens["by key"]["createdBy"] == "caller 3"

    def test_tells_no_maker_that_is_gone(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        made(client, account)
        (own,) = client.get("/api/auth/keys").json()
        client.delete(f"/api/auth/keys/{own['id']}")
        (token,) = house.as_key().get(path_of(account)).json()
        assert token["createdBy"] is None

    def test_of_keys_shows_no_tokens_and_the_other_way_round(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        shown = made(client, account)
        assert [key["name"] for key in client.get("/api/auth/keys").json()] == ["caller 1"]
        assert told(client.delete(f"/api/auth/keys/{shown['id']}")) == (404, "Failed to delete API key")
        assert client.get(f"/api/auth/keys/{shown['id']}").status_code == 404

    def test_is_refused_to_the_account_itself_without_a_right(self, house: House, account: AccountId) -> None:
        own = house.with_secret(str(made(house.as_key(), account)["key"]))
        for method, path in (("GET", path_of(account)), ("GET", f"{ACCOUNTS}/{account}")):
            assert own.request(method, path).status_code == 403
        assert own.post(path_of(account), json={"name": "self"}).status_code == 403


class TestOneToken:
    def test_is_told_a2(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        shown = made(client, account)
        token = client.get(path_of(account, shown["id"])).json()
        assert [token] == client.get(path_of(account)).json()

    @pytest.mark.parametrize("text", NO_IDS)
    def test_is_refused_for_what_is_no_id(self, house: House, account: AccountId, text: str) -> None:
        client = house.as_key()
        assert told(client.get(path_of(account, text))) == (400, "Token ID is invalid")
        assert told(client.get(path_of(text, 1))) == (400, "Service Account ID is invalid")

    def test_is_found_under_its_own_account_only(self, house: House, account: AccountId) -> None:
        other, foreign = an_account(house, name="other"), an_unknown(house, "foreign")
        client = house.as_key()
        shown = made(client, account)
        key = client.get("/api/auth/keys").json()[0]["id"]
        for owner, token in (
            (other, shown["id"]),
            (foreign, shown["id"]),
            (999, shown["id"]),
            (account, key),
        ):
            assert told(client.get(path_of(owner, token))) == NO_TOKEN


class End(NamedTuple):
    """One of the two ways to end a token."""

    method: str
    tail: str
    said: str
    refused: str  # what whoever presents it hears then

    def ask(self, client: TestClient, account: object, token: object) -> tuple[int, str]:
        return told(client.request(self.method, path_of(account, token) + self.tail))


ENDS = [
    End("DELETE", "", "Service account token deleted", "invalid API key"),
    End("POST", "/revoke", "Service account token revoked", "Revoked token"),
]


@pytest.mark.parametrize("end", ENDS, ids=["delete", "revoke"])
class TestEndingAToken:
    def test_shuts_the_door_at_once(self, house: House, account: AccountId, end: End) -> None:
        client = house.as_key()
        shown = made(client, account)
        assert presented(house, shown["key"]).status_code == 200
        assert end.ask(client, account, shown["id"]) == (200, end.said)
        assert told(presented(house, shown["key"])) == (401, end.refused)

    def test_may_end_the_callers_own(self, house: House, end: End) -> None:
        account = an_account(house, role=Role.ADMIN)
        with house.database.write() as db:
            token, secret = a_token_with_secret(db, HOME, account)
        own = house.with_secret(secret.reveal())
        assert end.ask(own, account, token) == (200, end.said)
        assert own.get("/api/org").status_code == 401

    @pytest.mark.goal("F26")
    @pytest.mark.parametrize("which", ["0", "-1", "999999999", "of another account", "foreign", "key"])
    def test_is_refused_for_unknown_and_foreign_ones_k3_t7(
        self, house: House, account: AccountId, unchanged: Unchanged, *, end: End, which: str
    ) -> None:
        other, elsewhere = an_account(house, name="other"), house.an_org()
        foreign = an_account(house, org=elsewhere)
        with house.database.write() as db:
            tokens: dict[str, int] = {
                "of another account": a_token(db, HOME, other, name="x"),
                "foreign": a_token(db, elsewhere, foreign, name="y"),
                "key": an_api_key(db, HOME, name="z"),
            }
        client = house.as_key()
        with unchanged():
            assert end.ask(client, account, tokens.get(which, which)) == NOT_DELETED

    @pytest.mark.parametrize("which", UNKNOWN)
    def test_looks_for_the_account_before_it_reads_the_tokens_id(
        self, house: House, unchanged: Unchanged, end: End, which: str
    ) -> None:
        client, account = house.as_key(), an_unknown(house, which)
        with unchanged():
            for token in ("1", "abc"):
                assert end.ask(client, account, token) == NO_ACCOUNT

    @pytest.mark.parametrize("text", NO_IDS)
    def test_is_refused_for_what_is_no_id(
        self, house: House, account: AccountId, unchanged: Unchanged, *, end: End, text: str
    ) -> None:
        client = house.as_key()
        with unchanged():
            assert end.ask(client, account, text) == (400, "Token ID is invalid")
            assert end.ask(client, text, 1) == (400, "Service Account ID is invalid")

    def test_is_refused_to_whoever_may_not_write_the_account(
        self, house: House, account: AccountId, unchanged: Unchanged, end: End
    ) -> None:
        reader = house.as_holder(Role.EDITOR, ("serviceaccounts:read", "serviceaccounts:*"))
        with unchanged():
            for token in ("1", "abc"):
                assert end.ask(reader, account, token)[0] == 403


class TestAnEndedToken:
    def test_frees_its_name_when_it_was_deleted(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        first = made(client, account)
        client.delete(path_of(account, first["id"]))
        second = made(client, account)
        assert presented(house, second["key"]).status_code == 200
        assert presented(house, first["key"]).status_code == 401

    def test_keeps_its_name_when_it_was_revoked(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        first = made(client, account)
        client.post(f"{path_of(account, first['id'])}/revoke")
        with unchanged():
            assert told(client.post(path_of(account), json={"name": "t"})) == NAME_TAKEN
            again = client.post(f"{path_of(account, first['id'])}/revoke")
            assert told(again) == (200, "Service account token revoked")


class TestRotatingAToken:
    """Grafana 9.3 has nothing of the kind: A6."""

    def test_makes_a_successor_that_works_beside_it(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        old = made(client, account, name="ci")
        rotated = client.post(f"{path_of(account, old['id'])}/rotate", json={})
        new = rotated.json()
        assert rotated.status_code == 200
        assert new == {
            "id": new["id"],
            "name": "ci-2",
            "key": new["key"],
            "expiration": None,
            "replaces": old["id"],
            "graceUntil": "2023-11-15T22:13:20Z",
        }
        for secret in (old["key"], new["key"]):
            assert presented(house, secret).status_code == 200
        house.clock.advance(DAY)
        assert told(presented(house, old["key"])) == (401, "Expired API key")
        assert presented(house, new["key"]).status_code == 200

    def test_shows_in_the_list_and_whether_the_old_one_is_still_used(
        self, house: House, account: AccountId
    ) -> None:
        client = house.as_key()
        old = made(client, account, name="ci")
        new = client.post(f"{path_of(account, old['id'])}/rotate", json={"graceSeconds": 60}).json()
        house.clock.advance(30)
        presented(house, old["key"])
        shown = client.get(path_of(account, old["id"])).json()
        assert (shown["replacedBy"], shown["graceUntil"]) == (new["id"], "2023-11-14T22:14:20Z")
        assert (shown["expiration"], shown["lastUsedAt"], shown["lastUsedFrom"]) == (
            "2023-11-14T22:14:20Z",
            "2023-11-14T22:13:50Z",
            "testclient",
        )
        assert "replacedBy" not in client.get(path_of(account, new["id"])).json()

    def test_keeps_the_length_of_life_and_never_makes_the_old_one_live_longer(
        self, house: House, account: AccountId
    ) -> None:
        client = house.as_key()
        old = made(client, account, secondsToLive=3600)
        house.clock.advance(3000)
        new = client.post(f"{path_of(account, old['id'])}/rotate", json={}).json()
        assert (new["expiration"], new["graceUntil"]) == ("2023-11-15T00:03:20Z", "2023-11-14T23:13:20Z")

    @pytest.mark.parametrize(
        ("body", "name", "expiration"),
        [
            ({"name": "other", "secondsToLive": 60}, "other", "2023-11-14T22:14:20Z"),
            ({"name": "", "secondsToLive": 0}, "t-2", None),
            ({"name": None, "secondsToLive": None, "graceSeconds": None}, "t-2", "2023-11-14T23:13:20Z"),
        ],
    )
    def test_does_as_asked(
        self, house: House, account: AccountId, body: dict[str, object], name: str, expiration: str | None
    ) -> None:
        client = house.as_key()
        old = made(client, account, secondsToLive=3600)
        new = client.post(f"{path_of(account, old['id'])}/rotate", json=body).json()
        assert (new["name"], new["expiration"]) == (name, expiration)

    def test_raises_the_number_in_the_name_to_the_first_free_one(
        self, house: House, account: AccountId
    ) -> None:
        client = house.as_key()
        token = made(client, account, name="ci")
        made(client, account, name="ci-3")
        names = []
        for _ in range(3):
            path = f"{path_of(account, token['id'])}/rotate"
            token = client.post(path, json={}).json()
            names.append(token["name"])
        assert names == ["ci-2", "ci-4", "ci-5"]

    def test_ends_the_old_one_at_once_without_grace(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        old = made(client, account)
        new = client.post(f"{path_of(account, old['id'])}/rotate", json={"graceSeconds": 0}).json()
        assert new["graceUntil"] == NOON_TEXT
        assert told(presented(house, old["key"])) == (401, "Revoked token")
        assert presented(house, new["key"]).status_code == 200

    def test_is_refused_while_the_successor_lives(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        path = f"{path_of(account, made(client, account)['id'])}/rotate"
        new = client.post(path, json={}).json()
        with unchanged():
            assert told(client.post(path, json={})) == (409, "token was already rotated")
        client.delete(path_of(account, new["id"]))
        assert client.post(path, json={}).status_code == 200

    @pytest.mark.parametrize("how", ["revoked", "expired"])
    def test_is_refused_for_a_dead_one(
        self, house: House, account: AccountId, unchanged: Unchanged, how: str
    ) -> None:
        client = house.as_key()
        path = path_of(account, made(client, account, secondsToLive=60)["id"])
        if how == "revoked":
            client.post(f"{path}/revoke")
        else:
            house.clock.advance(60)
        with unchanged():
            assert told(client.post(f"{path}/rotate", json={})) == (409, "token is revoked or expired")

    @pytest.mark.parametrize(
        ("body", "refused"),
        [
            ({"graceSeconds": -1}, BAD_DATA),
            ({"graceSeconds": 2_592_001}, BAD_DATA),
            ({"graceSeconds": "60"}, BAD_DATA),
            ({"name": "x" * 191}, BAD_DATA),
            ({"name": 1}, BAD_DATA),
            ({"secondsToLive": MAX_LIFETIME_S + 1}, BAD_DATA),
            ({"secondsToLive": -1}, (400, "invalid SecondsToLive value")),
            ({"name": "taken"}, NAME_TAKEN),
            ({"name": "t"}, NAME_TAKEN),
        ],
    )
    def test_is_refused_for_what_cannot_be(
        self,
        house: House,
        account: AccountId,
        unchanged: Unchanged,
        body: dict[str, object],
        refused: tuple[int, str],
    ) -> None:
        client = house.as_key()
        token = made(client, account)
        made(client, account, name="taken")
        with unchanged():
            assert told(client.post(f"{path_of(account, token['id'])}/rotate", json=body)) == refused

    def test_is_refused_where_a_limit_says_so(self, make_house: MakeHouse, unchanged: Unchanged) -> None:
        house = make_house(service_accounts__token_max_seconds_to_live=60)
        account = an_account(house)
        with house.database.write() as db:
            token = a_token(db, HOME, account)
        path, client = f"{path_of(account, token)}/rotate", house.as_key()
        with unchanged():
            assert told(client.post(path, json={})) == (
                400,
                "Number of seconds before expiration should be set",
            )
            assert told(client.post(path, json={"secondsToLive": 61})) == (
                400,
                "Number of seconds before expiration is greater than the global limit",
            )

    @pytest.mark.parametrize("tail", ["/rotate", "/rotate/finish"])
    def test_is_refused_for_unknown_ones_and_what_is_no_id(
        self, house: House, account: AccountId, unchanged: Unchanged, tail: str
    ) -> None:
        client = house.as_key()
        foreign = an_unknown(house, "foreign")
        with unchanged():
            for owner, token, refused in (
                ("abc", "abc", (400, "Service Account ID is invalid")),
                ("999999", "abc", NO_ACCOUNT),
                (foreign, "1", NO_ACCOUNT),
                (account, "abc", (400, "Token ID is invalid")),
                (account, "999999", NO_TOKEN),
            ):
                assert told(client.post(path_of(owner, token) + tail, json={})) == refused

    def test_is_refused_to_whoever_may_not_write_the_account(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        reader = house.as_holder(Role.EDITOR, ("serviceaccounts:read", "serviceaccounts:*"))
        with unchanged():
            for tail in ("/rotate", "/rotate/finish"):
                assert reader.post(path_of(account, 1) + tail, content="{").status_code == 403


class TestFinishingARotation:
    def test_ends_the_old_one_now(self, house: House, account: AccountId) -> None:
        client = house.as_key()
        old = made(client, account)
        new = client.post(f"{path_of(account, old['id'])}/rotate", json={}).json()
        house.clock.advance(60)
        finish = f"{path_of(account, old['id'])}/rotate/finish"
        assert told(client.post(finish)) == (200, "Rotation finished")
        assert told(presented(house, old["key"])) == (401, "Revoked token")
        assert presented(house, new["key"]).status_code == 200
        shown = client.get(path_of(account, old["id"])).json()
        assert (shown["isRevoked"], shown["graceUntil"]) == (True, "2023-11-14T22:14:20Z")

    def test_changes_nothing_the_second_time(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        path = f"{path_of(account, made(client, account)['id'])}/rotate"
        client.post(path, json={})
        client.post(f"{path}/finish")
        with unchanged():
            assert told(client.post(f"{path}/finish")) == (200, "Rotation finished")

    def test_is_refused_where_there_is_no_successor(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        path = f"{path_of(account, made(client, account)['id'])}/rotate/finish"
        with unchanged():
            assert told(client.post(path)) == (409, "token was not rotated")
