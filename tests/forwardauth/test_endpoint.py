import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

import pytest
from httpx2 import Response
from sqlalchemy import Connection
from starlette.testclient import TestClient

from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import CredentialBudgetSpent
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.forwardauth.endpoint import make_forward_auth
from keystead.storage import passwords
from keystead.usecases.verify import Verifier
from tests.doors import ADMIN, ADMIN_PASSWORD, BASE_URL, HOME, House, MakeHouse
from tests.makers import NOON, an_api_key_with_secret

VERIFY = "/auth/verify"
IDENTITY = {
    "x-keystead-user",
    "x-keystead-org",
    "x-keystead-role",
    "x-keystead-kind",
    "x-keystead-id",
    "x-keystead-credential",
    "x-keystead-scopes",
}


def key_of(house: House, *, role: Role = Role.EDITOR, expires_at: int | None = None) -> Secret:
    with house.database.write() as db:
        _id, secret = an_api_key_with_secret(db, HOME, name="ci", role=role, expires_at=expires_at)
    return secret


def bearer(house: House, secret: Secret, **headers: str) -> TestClient:
    return house.client(authorization=f"Bearer {secret.reveal()}", **headers)


def session_of(house: House) -> str:
    signed_in = house.deps.people.by_form(ADMIN, Secret(ADMIN_PASSWORD), Origin())
    return f"grafana_session={signed_in.cookie.reveal()}"


def refused(answer: Response, status: int, reason: str) -> bool:
    assert IDENTITY.isdisjoint(answer.headers)
    assert answer.headers["cache-control"] == "no-store"
    assert "message" in answer.json()
    return (answer.status_code, answer.headers.get("x-keystead-reason")) == (status, reason)


class TestAGoodCredential:
    def test_passes_with_every_identity_header_and_no_body(self, house: House) -> None:
        answer = bearer(house, key_of(house)).get(VERIFY)
        assert (answer.status_code, answer.content) == (200, b"")
        assert set(answer.headers) >= IDENTITY
        assert answer.headers["x-keystead-kind"] == "apikey"
        assert answer.headers["x-keystead-role"] == "Editor"
        assert answer.headers["x-keystead-org"] == "1"
        assert answer.headers["x-keystead-user"] == ""
        assert answer.headers["cache-control"] == "no-store"

    def test_passes_a_second_time_and_with_any_method(self, house: House) -> None:
        client = bearer(house, key_of(house))
        told = [client.request(method, VERIFY).status_code for method in ("GET", "POST", "DELETE", "PURGE")]
        assert told == [200] * 4

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_may_spell_its_scheme_in_any_case(self, house: House, scheme: str) -> None:
        client = house.client(authorization=f"{scheme} {key_of(house).reveal()}")
        assert client.get(VERIFY).status_code == 200

    def test_may_be_a_key_in_basic_a_person_or_a_session(self, house: House) -> None:
        by_key = house.as_person("api_key", key_of(house).reveal()).get(VERIFY)
        by_password = house.as_admin().get(VERIFY)
        by_cookie = house.client(cookie=session_of(house)).get(VERIFY)
        assert [by_key.status_code, by_password.status_code, by_cookie.status_code] == [200] * 3
        assert by_password.headers["x-keystead-kind"] == "user"
        assert by_cookie.headers["x-keystead-user"] == ADMIN
        assert set(by_cookie.headers) >= IDENTITY

    def test_may_stand_in_the_header_that_the_settings_name(self, house: House) -> None:
        app = make_forward_auth(house.deps, key_header="X-Api-Key")
        client = TestClient(app, base_url=BASE_URL, headers={"X-Api-Key": key_of(house).reveal()})
        assert client.get(VERIFY).status_code == 200

    def test_is_counted_as_a_use(self, house: House) -> None:
        secret = key_of(house)
        bearer(house, secret, user_agent="proxy/1").get(VERIFY)
        assert house.deps.uses.flush()
        told = house.as_admin().get("/api/auth/keys").json()
        assert [key["lastUsedAt"] for key in told] == ["2023-11-14T22:13:20Z"]


class TestABadCredential:
    def test_is_refused_when_there_is_none(self, house: House) -> None:
        answer = house.client().get(VERIFY)
        assert refused(answer, 401, "credential")
        assert answer.headers["www-authenticate"] == 'Bearer realm="keystead"'

    @pytest.mark.parametrize("text", ["nonsense", "glsa_x", "eyJrIjoiYSIsIm4iOiJiIiwiaWQiOjF9", "%C3%A4"])
    def test_is_refused_when_it_is_no_credential(self, house: House, text: str) -> None:
        answer = house.client(authorization=f"Bearer {text}").get(VERIFY)
        assert refused(answer, 401, "credential")
        assert text not in answer.text

    def test_is_refused_from_its_expiry_second_on(self, house: House) -> None:
        client = bearer(house, key_of(house, expires_at=NOON + 60))
        house.clock.advance(59)
        assert client.get(VERIFY).status_code == 200
        house.clock.advance(1)
        assert refused(client.get(VERIFY), 401, "expired")

    def test_is_refused_at_once_when_it_is_deleted(self, house: House) -> None:
        client = bearer(house, key_of(house))
        assert client.get(VERIFY).status_code == 200
        [key] = house.as_admin().get("/api/auth/keys").json()
        assert house.as_admin().delete(f"/api/auth/keys/{key['id']}").status_code == 200
        assert refused(client.get(VERIFY), 401, "credential")

    def test_of_a_person_is_answered_with_their_challenge(self, house: House) -> None:
        answer = house.as_person(ADMIN, "canary-wrong").get(VERIFY)
        assert refused(answer, 401, "credential")
        assert answer.headers["www-authenticate"] == 'Basic realm="keystead"'

    def test_twice_is_one_too_many(self, house: House) -> None:
        headers = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
        answer = TestClient(house.app, base_url=BASE_URL).get(VERIFY, headers=headers)
        assert answer.status_code == 400

    def test_is_answered_without_a_body_to_head(self, house: House) -> None:
        answer = house.client().head(VERIFY)
        assert (answer.status_code, answer.content) == (401, b"")


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize("query", ["?role=Owner", "?action=a&scope=b", "?org=x", "?x", "?orgId=1"])
    def test_does_not_pass_with_another_query(self, house: House, query: str) -> None:
        assert refused(bearer(house, key_of(house)).get(VERIFY + query), 403, "permission")
        assert refused(house.as_admin().get(VERIFY + query), 403, "permission")

    @pytest.mark.parametrize("path", ["/", "/x", "/api/org", "/%2e%2e/x"])
    def test_does_not_pass_below_the_address(self, house: House, path: str) -> None:
        assert refused(bearer(house, key_of(house)).get(VERIFY + path), 403, "path")

    @pytest.mark.parametrize(("method", "status"), [("POST", 403), ("GET", 200)])
    def test_does_not_pass_for_a_session_that_another_site_uses_to_change(
        self, make_house: MakeHouse, method: str, status: int
    ) -> None:
        house = make_house(server__trusted_proxies=["127.0.0.1"])
        headers = {"cookie": session_of(house), "origin": "http://evil.example", "x-original-method": method}
        client = TestClient(house.app, base_url=BASE_URL, client=("127.0.0.1", 5000), headers=headers)
        answer = client.get(VERIFY)
        assert answer.status_code == status
        assert answer.headers.get("x-keystead-reason", "") == ("origin" if status == 403 else "")


class TestWhenItCannotDecide:
    def test_says_so_while_the_database_is_away(self, house: House, sqlite_raw: sqlite3.Connection) -> None:
        client = bearer(house, key_of(house))
        sqlite3.Connection.close(sqlite_raw)
        answer = client.get(VERIFY)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert IDENTITY.isdisjoint(answer.headers)

    def test_says_so_for_people_too(self, house: House) -> None:
        @contextmanager
        def away() -> Iterator[Connection]:
            if house.clock.now:
                raise DatabaseUnavailable
            yield house.database.reader.connect()

        people = replace(house.deps.people, read=away)
        app = make_forward_auth(replace(house.deps, people=people))
        answer = TestClient(app, base_url=BASE_URL, headers={"cookie": session_of(house)}).get(VERIFY)
        assert answer.status_code == 503

    def test_never_passes_what_falls_over(self, house: House) -> None:
        class Broken:
            async def find(self, _digest: bytes) -> NoReturn:
                raise RuntimeError("a defect")

            async def close(self) -> None: ...

        deps = house.deps
        verifier = Verifier(Broken(), deps.keys.mint, deps.clock, deps.uses.buffer)
        app = make_forward_auth(replace(deps, verifier=verifier))
        headers = {"authorization": f"Bearer {key_of(house).reveal()}"}
        answer = TestClient(app, base_url=BASE_URL, headers=headers).get(VERIFY)
        assert answer.status_code == 503
        assert IDENTITY.isdisjoint(answer.headers)

    def test_asks_to_wait_when_an_address_guesses_too_much(self, house: House) -> None:
        guesses = house.deps.verifier.guesses
        for _ in range(50):
            guesses.spend("192.0.2.7", house.clock())
        with pytest.raises(CredentialBudgetSpent):
            guesses.spend("192.0.2.7", house.clock())
        app = make_forward_auth(house.deps)
        client = TestClient(app, base_url=BASE_URL, client=("192.0.2.7", 5000))
        answer = client.get(VERIFY, headers={"authorization": "Bearer glsa_nothing"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        good = client.get(VERIFY, headers={"authorization": f"Bearer {key_of(house).reveal()}"})
        assert good.status_code == 200


class TestAFirstPassword:
    def test_opens_nothing(self, house: House) -> None:
        stored = house.deps.passwords.hasher.hash(Secret("canary-first-password"))
        user = house.a_member(Role.VIEWER, login="fresh")
        with house.database.write() as db:
            passwords.set_password(db, user, replace(stored, dies_at=UnixSeconds(NOON + 600)), at=NOON)
        answer = house.as_person("fresh", "canary-first-password").get(VERIFY)
        assert answer.status_code == 403
