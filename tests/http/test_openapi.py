"""The document is valid, whole, and true: what it says of an answer is what is answered."""

import re
from collections.abc import Mapping

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from keystead.bootstrap import DECLARED
from keystead.core.access.permission import Need, Several
from keystead.http.endpoint import Endpoint
from keystead.http.needs import Open
from keystead.http.openapi import refusals, schema_of
from tests.described import Operation, operations, schemas, validator, validator_of
from tests.doors import ADMIN, ADMIN_PASSWORD, BASE_URL, HOME, House, MakeHouse
from tests.makers import a_service_account, a_team, a_token

TOLD = [one for one in DECLARED if one.on_error is None and one.method != "*"]
GETS = sorted((one for one in TOLD if one.method == "GET"), key=lambda one: one.path == "/logout")  # last
NO_JSON = {
    *("/healthz", "/readyz", "/logout", "/.well-known/change-password"),
    *("/api/login/ping", "/auth/verify"),
    "/api/audit/export",  # lines of JSON
}


def named(one: Endpoint) -> str:
    return f"{one.method} {one.path}"


def told_of(one: Endpoint) -> Operation:
    return operations()[one.method, one.path]


class TestTheDocument:
    def test_is_served_to_everybody_and_is_valid(self, house: House) -> None:
        answer = house.client().get("/openapi.json")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        OpenAPIV31SpecValidator(answer.json()).validate()
        assert answer.json()["openapi"].startswith("3.1.")

    def test_tells_nothing_about_the_installation(self, make_house: MakeHouse) -> None:
        house = make_house(server__root_url=f"{BASE_URL}/keystead", server__serve_from_sub_path=True)
        answers = [house.client().get(path) for path in ("/openapi.json", "/keystead/openapi.json")]
        assert answers[0].json() == answers[1].json()
        assert "keystead/" not in answers[0].text
        assert house.deps.site.root_url not in answers[0].text

    def test_has_every_route_and_no_page(self, house: House) -> None:
        served = house.client().get("/openapi.json").json()["paths"]
        told = {(method.upper(), path) for path, found in served.items() for method in found}
        assert told == {(one.method, one.path) for one in TOLD}
        assert {("GET", "/auth/verify"), ("POST", "/login"), ("GET", "/openapi.json")} <= told
        assert ("GET", "/login") not in told

    def test_names_each_operation_once(self) -> None:
        ids = [told_of(one).id for one in TOLD]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("one", TOLD, ids=named)
class TestARoute:
    def test_tells_what_it_needs(self, one: Endpoint) -> None:
        assert (told_of(one).permission is not None) is isinstance(one.needs, Need | Several)
        is_open = isinstance(one.needs, Open) and one.needs is not Open.OWN_401
        assert (told_of(one).security == []) is is_open
        assert told_of(one).summary

    def test_tells_the_body_that_it_reads(self, one: Endpoint) -> None:
        assert (told_of(one).body is not None) is (one.body is not None)

    def test_tells_what_a_good_answer_is(self, one: Endpoint) -> None:
        good = told_of(one).responses[str(one.told.status)]
        assert (good.content is not None) is (one.path not in NO_JSON)

    def test_tells_every_status_that_may_come_before_it(self, one: Endpoint) -> None:
        told = {int(status) for status in told_of(one).responses}
        assert {400, 503} <= told
        assert 500 in told or one.path == "/auth/verify"
        if not isinstance(one.needs, Open):
            assert {401, 403, 429} <= told
        if one.body is not None:
            assert {408, 413} <= told

    def test_tells_the_members_of_its_path(self, one: Endpoint) -> None:
        told = [part.name for part in told_of(one).parameters if part.place == "path"]
        assert told == re.findall(r"\{(\w+)\}", one.path)


class TestASchema:
    def test_of_a_path_id_takes_what_is_read_as_a_number(self) -> None:
        parameter, _cascade = operations()["DELETE", "/api/auth/keys/{id}"].parameters
        judge = validator(parameter.schema)
        assert all(judge.is_valid(text) for text in ("7", "007", "+7", "-1"))
        assert not any(judge.is_valid(text) for text in ("", "abc", "1.0", "1e3", " 1"))

    def test_of_a_path_member_that_is_no_id_takes_any_text(self) -> None:
        (parameter,) = operations()["GET", "/api/orgs/name/{name}"].parameters
        assert validator(parameter.schema).is_valid("Main Org.")

    def test_of_a_query_tells_flags_numbers_and_texts_apart(self) -> None:
        told = operations()["GET", "/api/org/users/search"].parameters
        assert {(one.place, one.name, one.schema["type"]) for one in told} == {
            ("query", "query", "string"),
            ("query", "perpage", "integer"),
            ("query", "page", "integer"),
            ("query", "accesscontrol", "boolean"),
        }

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"name": "", "role": "Viewer"},
            {"name": "x" * 191, "role": "Viewer"},
            {"name": "ci", "role": "Owner"},
            {"name": "ci", "role": "Viewer", "secondsToLive": 2**31},
            {"name": "ci", "role": "Viewer", "secondsToLive": "60"},
        ],
    )
    def test_of_a_body_has_the_limits_that_are_held(
        self, house: House, wrong: Mapping[str, str | int]
    ) -> None:
        assert not validator(schemas()["CreateKey"]).is_valid(wrong)
        assert house.as_key().post("/api/auth/keys", json=wrong).status_code == 400

    @pytest.mark.parametrize("role", ["Viewer", "viewer", "", "Editor", "admin"])
    def test_of_a_body_takes_what_is_taken(self, house: House, role: str) -> None:
        body: Mapping[str, str | int] = {"name": "ci", "role": role, "secondsToLive": 60}
        assert validator(schemas()["CreateKey"]).is_valid(body)
        assert house.as_key().post("/api/auth/keys", json=body).status_code == 200

    def test_of_a_password_is_only_written(self) -> None:
        assert schemas()["NewPassword"]["properties"] == {
            "password": {"type": "string", "format": "password", "writeOnly": True, "maxLength": 1024}
        }

    def test_of_a_type_that_json_lacks_has_to_be_told(self) -> None:
        with pytest.raises(NotImplementedError):
            schema_of(complex)


class TestAnAnswer:
    """`AsDescribed` holds each answer of every test against the document; here each route gets one."""

    def test_to_whoever_reads_is_as_told(self, house: House) -> None:
        client = house.client()
        client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
        made = client.post("/api/auth/keys", json={"name": "ci", "role": "Viewer", "secondsToLive": 60})
        with house.database.write() as db:
            machine = a_service_account(db, HOME)
            token = a_token(db, HOME, machine)
            team = a_team(db, HOME)
        values = {
            "id": made.json()["id"],
            "name": "Main Org.",
            "service_account_id": machine,
            "token_id": token,
            "team_id": team,
            "role_uid": "basic_viewer",
            "job_id": client.post("/api/serviceaccounts/migrate?async=true").json()["jobId"],
        }
        for one in GETS:
            path = re.sub(r"\{(\w+)\}", lambda place: str(values.get(place[1], 1)), one.path)
            asked = {"accesscontrol": "true", "loginOrEmail": ADMIN, "action": "orgs:read"}
            query = {name: asked[name] for name in asked if name in (one.told.query or {})}
            answer = client.get(path, params=query)
            assert answer.status_code == one.told.status, named(one)
            judge = validator_of("GET", one.path, str(answer.status_code))
            if judge is not None:
                judge.validate(answer.json())

    def test_that_is_not_as_told_is_noticed(self, house: House) -> None:
        judge = validator_of("GET", "/api/org", "200")
        assert judge is not None
        good = house.as_admin().get("/api/org").json()
        assert judge.is_valid(good)
        assert not judge.is_valid(good | {"secret": "x"})
        assert not judge.is_valid(good | {"id": "1"})
        assert not judge.is_valid({})

    def test_of_two_kinds_under_one_status_may_be_either(self) -> None:
        judge = validator_of("GET", "/api/org/quotas", "403")
        assert judge is not None
        assert judge.is_valid({"statusCode": 403, "messageId": "x", "message": "x"})
        assert judge.is_valid({"message": "x"})
        assert not judge.is_valid({"statusCode": 403})


def test_a_status_has_every_sentence_that_goes_with_it() -> None:
    one = next(one for one in TOLD if named(one) == "DELETE /api/auth/keys/{id}")
    assert refusals(one)[404] == {"Failed to delete API key"}
    assert {"id is invalid", "host not allowed"} <= refusals(one)[400]
    assert "origin not allowed" in refusals(one)[403]
