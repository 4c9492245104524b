"""In which order a request is judged, where a person acts, and whose address counts."""

from dataclasses import replace
from ipaddress import ip_network

import httpx2
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Action
from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.http.gate import address_of, check_need
from keystead.storage import passwords
from tests.coroutines import awaited
from tests.doors import ADMIN, ADMIN_PASSWORD, HOME, House, told
from tests.makers import NOON, a_principal, a_service_account, a_token_with_secret
from tests.rights import a_role, an_assignment

KEYS = "/api/auth/keys"
EVIL = "https://evil.example"
DENIED = "You'll need additional permissions to perform this action. Permissions needed: "
JSON = {"content-type": "application/json"}
LARGE = b'{"name": "' + b"x" * 300_000 + b'"}'


@pytest.fixture
def viewer(house: House) -> TestClient:
    return house.as_key(Role.VIEWER)


class TestTheOrderOfChecks:
    """Each request has two things wrong, and is told of the earlier one."""

    def test_a_malformed_path_before_the_credential(self, house: House) -> None:
        assert told(house.client(authorization="Bearer x").get("/api/%")) == (400, "bad request data")

    def test_the_number_of_hosts_before_the_path(self, house: House) -> None:
        answer = house.client().get("/api/%", headers={"host": ""})
        assert told(answer) == (400, "Exactly one Host header is needed")

    def test_a_credential_in_the_url_before_the_one_in_the_header(self, house: House) -> None:
        for client in (house.client(), house.client(authorization="Bearer x"), house.as_admin()):
            answer = client.get("/api/org?api_key=x")
            assert told(answer) == (400, "Credentials in the URL are not accepted")

    def test_the_host_before_the_password(self, house: House) -> None:
        client = house.as_person(ADMIN, "wrong", host="evil.example")
        assert told(client.get("/api/org")) == (400, "host not allowed")

    def test_a_bad_credential_before_the_origin(self, house: House) -> None:
        answer = house.as_person(ADMIN, "wrong", origin=EVIL).post(KEYS)
        assert told(answer) == (401, "invalid username or password")

    def test_the_origin_before_the_permission(self, house: House) -> None:
        assert told(house.as_member(Role.VIEWER, origin=EVIL).post(KEYS)) == (403, "origin not allowed")

    def test_the_origin_before_an_unknown_route(self, house: House) -> None:
        assert told(house.as_admin(origin=EVIL).post("/api/nope")) == (403, "origin not allowed")

    def test_the_permission_before_the_body(self, viewer: TestClient) -> None:
        for content in (b"{", LARGE):
            assert told(viewer.post(KEYS, content=content)) == (403, f"{DENIED}apikeys:create")

    @pytest.mark.parametrize("id_", ["abc", "0", "999999", "-1", "99999999999999999999"])
    def test_the_permission_before_the_id(self, viewer: TestClient, id_: str) -> None:
        assert told(viewer.get(f"{KEYS}/{id_}")) == (403, f"{DENIED}apikeys:read")
        assert told(viewer.delete(f"{KEYS}/{id_}")) == (403, f"{DENIED}apikeys:delete")

    def test_the_body_before_the_id(self, house: House) -> None:
        client = house.as_admin()
        assert told(client.patch("/api/org/users/abc", content=b"{")) == (400, "bad request data")
        answer = client.patch("/api/org/users/abc", json={"role": "Viewer"})
        assert told(answer) == (400, "userId is invalid")

    def test_the_id_before_its_owner(self, house: House) -> None:
        client = house.as_key(Role.ADMIN)
        assert told(client.get(f"{KEYS}/abc")) == (400, "id is invalid")
        assert told(client.get(f"{KEYS}/999999")) == (404, "API key not found")

    def test_a_stranger_is_not_read_at_all(self, house: House) -> None:
        assert told(house.client().post(KEYS, content=LARGE)) == (401, "Unauthorized")


class TestADenial:
    def test_names_the_action_and_a_number_to_ask_about(self, viewer: TestClient) -> None:
        first, second = viewer.get(KEYS).json(), viewer.get(KEYS).json()
        assert first["title"] == "Access denied"
        assert first["message"] == f"{DENIED}apikeys:read"
        assert first["accessErrorId"].startswith("ACE")
        assert len(first["accessErrorId"]) == 13
        assert first["accessErrorId"][3:].isdigit()
        assert first["accessErrorId"] != second["accessErrorId"]

    def test_tells_the_log_what_was_needed_and_held(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        holder = house.as_holder(Role.VIEWER, ("serviceaccounts:read", "serviceaccounts:id:1"))
        access_id = holder.get("/api/serviceaccounts/7").json()["accessErrorId"]
        [line] = [record for record in caplog.records if record.getMessage().startswith("denied: ")]
        assert line.getMessage() == (
            "denied: needed serviceaccounts:read on serviceaccounts:id:7;"
            " held serviceaccounts:read on serviceaccounts:id:1"
        )
        fields = line.fields  # type: ignore[attr-defined] # what the line tells beside its message
        assert (fields["access_error_id"], fields["principal"]) == (access_id, "serviceaccount")

    def test_names_alternatives(self, house: House) -> None:
        status, message = told(house.as_key(Role.VIEWER).get("/api/org/users/lookup"))
        assert status == 403
        assert message.startswith(f"{DENIED}any of org.users:read, ")

    def test_is_told_before_a_handler_is_reached(self, viewer: TestClient) -> None:
        assert viewer.get(KEYS).headers["content-type"] == "application/json; charset=UTF-8"


class TestAChangeOfThePassword:
    @pytest.fixture
    def newcomer(self, house: House) -> TestClient:
        """Return the admin, whose first password has to be replaced."""
        first = replace(house.deps.passwords.hasher.hash(Secret("canary-first")), dies_at=a_day_later())
        with house.database.write() as db:
            passwords.set_password(db, house.admin.account_id, first, at=NOON)
        return house.as_person(ADMIN, "canary-first")

    @pytest.mark.parametrize("path", ["/api/user", "/api/org", "/api/nope", KEYS])
    def test_that_is_due_comes_before_all_else(self, newcomer: TestClient, path: str) -> None:
        assert told(newcomer.get(path)) == (403, "Change the initial password first")

    def test_may_be_made(self, house: House, newcomer: TestClient) -> None:
        body = {"oldPassword": "canary-first", "newPassword": "canary orchard pebble"}
        assert told(newcomer.put("/api/user/password", json=body)) == (200, "User password changed")
        assert house.as_person(ADMIN, "canary orchard pebble").get("/api/org").status_code == 200

    def test_is_asked_of_a_bad_password_too_late(self, house: House, newcomer: TestClient) -> None:
        assert newcomer.get("/api/user").status_code == 403
        house.clock.advance(48 * 3600)
        assert told(newcomer.get("/api/user")) == (401, "invalid username or password")


def a_day_later() -> UnixSeconds:
    return UnixSeconds(NOON + 24 * 3600)


class TestTheOrganizationOfTheRequest:
    """Source: Grafana v9.3.2, middleware of the organization header; refusals are Keystead's own."""

    @pytest.fixture
    def other(self, house: House) -> OrgId:
        """Another organization that the member belongs to."""
        other = house.an_org("Other")
        added = house.as_admin().post(
            f"/api/orgs/{other}/users", json={"loginOrEmail": "member", "role": "Admin"}
        )
        assert added.status_code == 200
        return other

    @pytest.fixture
    def member(self, house: House) -> TestClient:
        house.a_member(Role.ADMIN, login="member")
        return house.as_person("member", "canary-member-password")

    @pytest.mark.parametrize(
        ("header", "query", "expected"),
        [
            (None, "", "home"),
            ("{other}", "", "other"),
            ("+{other}", "", "other"),
            ("00{other}", "", "other"),
            ("{home}", "", "home"),
            ("", "", "home"),
            ("0", "", "home"),
            ("-{other}", "", "home"),
            ("text", "", "home"),
            ("{other}.0", "", "home"),
            ("99999999999999999999", "", "home"),
            (None, "?targetOrgId={other}", "other"),
            ("{home}", "?targetOrgId={other}", "other"),
            ("{other}", "?targetOrgId={home}", "home"),
            ("{other}", "?targetOrgId=", "other"),
            ("{other}", "?targetOrgId=text", "other"),
            ("{other}", "?targetOrgId=99999999999999999999", "other"),
            ("{other}", "?targetOrgId=0", "home"),
            ("{other}", "?targetOrgId=-1", "home"),
            ("{other}", "?targetorgid={home}", "other"),
            (None, "?targetOrgId={other}&targetOrgId={home}", "other"),
            (None, "?orgId={other}", "home"),
        ],
    )
    def test_is_the_stored_one_unless_another_is_named(
        self, member: TestClient, other: OrgId, header: str | None, query: str, expected: str
    ) -> None:
        named = {"home": HOME, "other": other}
        headers = {} if header is None else {"x-grafana-org-id": header.format(**named)}
        answer = member.get(f"/api/org{query.format(**named)}", headers=headers)
        assert answer.json()["id"] == named[expected]

    def test_is_the_same_for_a_session(self, house: House, member: TestClient, other: OrgId) -> None:
        assert member.get("/api/org").json()["id"] == HOME
        browser = house.client(x_grafana_org_id=str(other))
        browser.post("/login", json={"user": "member", "password": "canary-member-password"})
        assert browser.get("/api/org").json()["id"] == other

    def test_is_for_this_request_only(self, member: TestClient, other: OrgId) -> None:
        assert member.get(f"/api/org?targetOrgId={other}").json()["id"] == other
        assert member.get("/api/org").json()["id"] == HOME

    def test_gives_nothing_to_whoever_does_not_belong_there(self, house: House, member: TestClient) -> None:
        for foreign in (house.an_org("Foreign"), 999):
            answer = member.get("/api/org", headers={"x-grafana-org-id": str(foreign)})
            assert told(answer) == (403, f"{DENIED}orgs:read")

    def test_leaves_a_server_admin_what_is_of_the_server(self, house: House) -> None:
        client = house.as_admin(x_grafana_org_id="999")
        assert told(client.get("/api/org")) == (404, "Organization not found")
        assert told(client.get(KEYS))[0] == 403
        assert client.get("/api/users").status_code == 200

    def test_of_a_key_is_its_own_whatever_is_named(self, house: House) -> None:
        other = house.an_org("Other")
        client = house.as_key(Role.ADMIN, x_grafana_org_id=str(other))
        assert client.get(f"/api/org?targetOrgId={other}").json()["id"] == HOME

    def test_that_is_gone_is_followed_by_another(
        self, house: House, member: TestClient, other: OrgId
    ) -> None:
        assert member.post(f"/api/user/using/{other}").status_code == 200
        assert house.as_admin().delete(f"/api/orgs/{other}").status_code == 200
        assert member.get("/api/org").json()["id"] == HOME

    def test_may_be_none_which_leaves_ones_own_things(self, house: House) -> None:
        house.a_member(None, login="nomad")
        client = house.as_person("nomad", "canary-nomad-password")
        assert told(client.get("/api/org")) == (403, f"{DENIED}orgs:read")
        assert client.get("/api/user").json()["login"] == "nomad"
        assert client.get("/api/user/orgs").json() == []
        assert told(client.post(f"/api/user/using/{HOME}")) == (401, "Not a valid organization")


class TestANeedInAnotherOrganization:
    def test_is_met_by_ones_role_there(self, house: House) -> None:
        house.a_member(Role.VIEWER, login="member")
        other = house.an_org("Other")
        client, path = house.as_person("member", "canary-member-password"), f"/api/orgs/{other}/users"
        assert told(client.get(path)) == (403, f"{DENIED}org.users:read")
        house.as_admin().post(path, json={"loginOrEmail": "member", "role": "Admin"})
        assert client.get(path).status_code == 200

    def test_is_not_met_by_a_role_here(self, house: House) -> None:
        client = house.as_member(Role.ADMIN)
        assert client.get(f"/api/orgs/{HOME}/users").status_code == 200
        assert told(client.get(f"/api/orgs/{house.an_org()}/users")) == (403, f"{DENIED}org.users:read")

    @pytest.mark.parametrize("org", ["abc", "0", "1.0", "99999999999999999999"])
    def test_names_nothing_where_there_can_be_none(self, house: House, org: str) -> None:
        assert told(house.as_admin().get(f"/api/orgs/{org}/users")) == (403, DENIED)

    def test_is_never_met_by_an_api_key(self, house: House) -> None:
        assert told(house.as_key(Role.ADMIN).get(f"/api/orgs/{HOME}/users")) == (403, DENIED)

    def test_is_met_by_a_service_account_in_its_own_alone(self, house: House) -> None:
        machine = replace(a_principal(HOME), kind=PrincipalKind.SERVICE_ACCOUNT)
        need = Action.ORG_USERS_READ.anywhere().there("org_id")
        awaited(check_need(house.deps, machine, need, {"org_id": str(HOME)}))
        with pytest.raises(PermissionMissing):
            awaited(check_need(house.deps, machine, need, {"org_id": "2"}))

    @pytest.mark.goal("G20")
    def test_is_not_met_elsewhere_by_a_token_whose_account_was_given_it_everywhere(
        self, house: House
    ) -> None:
        other = house.an_org()
        with house.database.write() as db:
            machine = a_service_account(db, HOME, name="roamer")
            _id, secret = a_token_with_secret(db, HOME, machine)
            an_assignment(db, None, a_role(db, None, ("org.users:read", "users:*")), account=machine)
        client = house.with_secret(secret.reveal())
        assert client.get(f"/api/orgs/{HOME}/users").status_code == 200
        assert told(client.get(f"/api/orgs/{other}/users")) == (403, f"{DENIED}org.users:read")


def test_a_need_on_the_whole_server_is_met_by_no_role(house: House) -> None:
    assert house.as_admin().get("/api/orgs").status_code == 200
    for client in (house.as_member(Role.ADMIN), house.as_key(Role.ADMIN)):
        assert told(client.get("/api/orgs")) == (403, f"{DENIED}orgs:read")


class TestTheAddressOfACaller:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", [" , "], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", ["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),  # the proxy adds a line of its own
            ("10.0.0.1", ["nonsense"], "nonsense"),
            ("10.0.0.1", ["198.51.100.1, nonsense"], "nonsense"),
            ("192.0.2.9", ["203.0.113.7"], "192.0.2.9"),
            ("", ["203.0.113.7"], ""),
        ],
    )
    def test_is_the_nearest_that_trusted_proxies_vouch_for(
        self, house: House, peer: str, forwarded: list[str], expected: str
    ) -> None:
        site = replace(house.deps.site, trusted_proxies=(ip_network("10.0.0.0/8"),))
        headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
        scope = {"type": "http", "headers": headers, "client": (peer, 1) if peer else None}
        assert address_of(Request(scope), site) == expected


def test_a_session_gets_its_next_value_with_a_refusal_too(house: House) -> None:
    client = house.client()
    client.post("/login", json={"user": ADMIN, "password": ADMIN_PASSWORD})
    house.clock.advance(3600)
    answers: list[httpx2.Response] = [client.get("/api/nope"), client.get("/api/org")]
    assert [answer.status_code for answer in answers] == [404, 200]
    assert "grafana_session=" in answers[0].headers["set-cookie"]
    assert "set-cookie" not in answers[1].headers
