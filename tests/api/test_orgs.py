import pytest

from keystead.core.access.roles import Role
from keystead.core.orgs.model import OrgId
from tests.doors import HOME, House, Unchanged, told

NO_ADDRESS = {"address1": "", "address2": "", "city": "", "zipCode": "", "state": "", "country": ""}
BAD_DATA = (400, "bad request data")
NEEDS = "You'll need additional permissions to perform this action. Permissions needed: "
UNREADABLE = [b"", b"{}", b"[]", b'{"name":""}', b'{"name":null}', b'{"name":7}', b'{"name":"a\\u0000"}']
LONG = b'{"name":"' + b"x" * 191 + b'"}'
JSON = {"content-type": "application/json"}


@pytest.fixture
def elsewhere(house: House) -> OrgId:
    return house.an_org()


class TestTheOrganizationOfTheRequest:
    @pytest.mark.parametrize("role", list(Role))
    def test_is_shown_to_whoever_is_in_it(self, house: House, role: Role) -> None:
        expected = {"id": HOME, "name": "Main Org.", "address": NO_ADDRESS}
        assert house.as_member(role).get("/api/org").json() == expected
        assert house.as_key(role).get("/api/org/").json() == expected

    def test_is_chosen_by_a_person_and_not_by_a_key(self, house: House, elsewhere: OrgId) -> None:
        there = str(elsewhere)
        assert house.as_admin(x_grafana_org_id=there).get("/api/org").json()["id"] == elsewhere
        assert house.as_key(x_grafana_org_id=there).get("/api/org").json()["id"] == HOME

    def test_is_not_found_by_a_server_admin_where_there_is_none(self, house: House) -> None:
        client = house.as_admin(x_grafana_org_id="999")
        assert told(client.get("/api/org")) == (404, "Organization not found")

    def test_is_not_shown_to_others(self, house: House, elsewhere: OrgId) -> None:
        client = house.as_member(Role.ADMIN, x_grafana_org_id=str(elsewhere))
        assert told(client.get("/api/org")) == (403, f"{NEEDS}orgs:read")
        assert told(house.client().get("/api/org")) == (401, "Unauthorized")

    def test_is_renamed_by_its_admin(self, house: House) -> None:
        client = house.as_key()
        for name in ("Main Org.", "Ours", " ours "):
            assert told(client.put("/api/org", json={"name": name})) == (200, "Organization updated")
            assert client.get("/api/org").json()["name"] == name

    def test_is_not_given_the_name_of_another(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        client = house.as_key()
        with unchanged():
            response = client.put("/api/org", json={"name": "Elsewhere", "id": elsewhere})
        assert told(response) == (400, "Organization name taken")

    @pytest.mark.parametrize("body", [*UNREADABLE, LONG], ids=lambda body: body[:20].decode())
    def test_is_not_renamed_by_what_is_no_name(self, house: House, unchanged: Unchanged, body: bytes) -> None:
        client = house.as_key()
        with unchanged():
            assert told(client.put("/api/org", content=body, headers=JSON)) == BAD_DATA

    def test_is_changed_by_nobody_else(self, house: House, unchanged: Unchanged) -> None:
        clients = [house.as_key(Role.VIEWER), house.as_key(Role.EDITOR)]
        for path, body in (("/api/org", {"name": "x"}), ("/api/org/address", {"city": "x"})):
            for client in clients:
                with unchanged():
                    assert told(client.put(path, json=body)) == (403, f"{NEEDS}orgs:write")
            with unchanged():
                assert told(house.client().put(path, json=body)) == (401, "Unauthorized")

    def test_keeps_the_parts_of_its_address_that_are_not_filled_in(self, house: House) -> None:
        client = house.as_key()
        first = {"address1": "1 Main St", "city": "Oslo", "zipCode": "0150", "country": "NO"}
        assert told(client.put("/api/org/address", json=first)) == (200, "Address updated")
        assert told(client.put("/api/org/address", json={"city": "", "COUNTRY": "SE"})) == (
            200,
            "Address updated",
        )
        assert client.get("/api/org").json()["address"] == NO_ADDRESS | first | {"country": "SE"}

    def test_takes_no_address_that_is_none(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            assert told(client.put("/api/org/address", json={"city": 7})) == BAD_DATA
            assert told(client.put("/api/org/address", content=b"{}")) == BAD_DATA


class TestAllOrganizations:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Main Org.", "alpha", "beta 1", "beta 2"]),
            ("?query=BETA", ["beta 1", "beta 2"]),
            ("?query=eta", []),
            ("?query=%25", []),
            ("?name=alpha", ["alpha"]),
            ("?name=Alpha", []),
            ("?query=beta&name=beta 2", ["beta 2"]),
            ("?perpage=3&page=0", ["Main Org.", "alpha", "beta 1"]),
            ("?perpage=3&page=1", ["beta 2"]),
            ("?perpage=3&page=2", []),
            ("?perpage=-1&page=-1&query=beta", ["beta 1", "beta 2"]),
            ("?perpage=9223372036854775807&page=9223372036854775807", []),
        ],
    )
    def test_are_listed_by_name_and_page(self, house: House, query: str, names: list[str]) -> None:
        for name in ("beta 2", "alpha", "beta 1"):
            house.an_org(name)
        found = house.as_admin().get(f"/api/orgs{query}").json()
        assert [org["name"] for org in found] == names
        assert all(org.keys() == {"id", "name"} for org in found)

    def test_are_no_business_of_those_who_have_one(self, house: House, unchanged: Unchanged) -> None:
        for path in ("/api/orgs", "/api/orgs/name/Main%20Org."):
            assert told(house.as_key().get(path)) == (403, f"{NEEDS}orgs:read")
            assert told(house.client().get(path)) == (401, "Unauthorized")
        client = house.as_key()
        with unchanged():
            assert told(client.post("/api/orgs", json={"name": "x"})) == (403, f"{NEEDS}orgs:create")
            assert told(house.client().post("/api/orgs", json={"name": "x"})) == (401, "Unauthorized")


class TestAnOrganization:
    def test_is_created_with_its_maker_as_admin(self, house: House) -> None:
        client = house.as_admin()
        created = client.post("/api/orgs", json={"name": "ørg/ü"}).json()
        assert created == {"message": "Organization created", "orgId": created["orgId"]}
        assert {"orgId": created["orgId"], "name": "ørg/ü", "role": "Admin"} in client.get(
            "/api/user/orgs"
        ).json()

    def test_is_not_created_twice(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_admin()
        client.post("/api/orgs", json={"name": "ours"})
        with unchanged():
            assert told(client.post("/api/orgs", json={"name": "ours"})) == (409, "Organization name taken")

    @pytest.mark.parametrize("body", [*UNREADABLE, LONG], ids=lambda body: body[:20].decode())
    def test_is_not_created_without_a_name(self, house: House, unchanged: Unchanged, body: bytes) -> None:
        client = house.as_admin()
        client.get("/api/org")
        with unchanged():
            assert told(client.post("/api/orgs", content=body, headers=JSON)) == BAD_DATA

    def test_is_found_by_its_exact_name(self, house: House) -> None:
        house.an_org("ørg/ü")
        client = house.as_admin()
        assert client.get("/api/orgs/name/%C3%B8rg%2F%C3%BC").json()["name"] == "ørg/ü"
        assert told(client.get("/api/orgs/name/%C3%98RG%2F%C3%BC")) == (404, "Organization not found")

    def test_is_shown_to_its_own_and_to_server_admins(self, house: House, elsewhere: OrgId) -> None:
        path = f"/api/orgs/{elsewhere}"
        assert house.as_admin().get(path).json()["name"] == "Elsewhere"
        assert house.as_member(Role.VIEWER, org=elsewhere).get(path).json()["name"] == "Elsewhere"
        assert told(house.as_member(Role.ADMIN).get(path)) == (403, f"{NEEDS}orgs:read")

    @pytest.mark.parametrize("text", ["0", "abc", "1.5", "99999999999999999999"])
    def test_is_denied_to_everybody_where_the_path_names_none(
        self, house: House, unchanged: Unchanged, text: str
    ) -> None:
        client, path = house.as_admin(), f"/api/orgs/{text}"
        client.get("/api/org")
        with unchanged():
            assert told(client.get(path)) == (403, NEEDS)
            assert told(client.put(path, json={"name": "x"})) == (403, NEEDS)
            assert told(client.put(f"{path}/address", json={})) == (403, NEEDS)
            assert told(client.delete(path)) == (403, NEEDS)

    def test_is_denied_to_keys_its_own_ones_too(self, house: House, unchanged: Unchanged) -> None:
        client = house.as_key()
        with unchanged():
            assert told(client.get(f"/api/orgs/{HOME}")) == (403, NEEDS)
            assert told(client.delete(f"/api/orgs/{HOME}")) == (403, NEEDS)

    @pytest.mark.parametrize("text", ["999", "-1", "9223372036854775807"])
    def test_is_not_found_when_there_is_none(self, house: House, unchanged: Unchanged, text: str) -> None:
        client, path = house.as_admin(), f"/api/orgs/{text}"
        client.get("/api/org")
        with unchanged():
            assert told(client.get(path)) == (404, "Organization not found")
            assert told(client.put(path, json={"name": "x"})) == (404, "Failed to update organization")
            assert told(client.put(f"{path}/address", json={})) == (404, "Failed to update org address")
            assert told(client.delete(path)) == (404, "Failed to delete organization. ID not found")

    def test_is_renamed_and_moved_from_outside(self, house: House, elsewhere: OrgId) -> None:
        client, path = house.as_admin(), f"/api/orgs/{elsewhere}"
        assert told(client.put(path, json={"name": "New"})) == (200, "Organization updated")
        assert told(client.put(f"{path}/address", json={"city": "Bergen"})) == (200, "Address updated")
        assert client.get(path).json() == {
            "id": elsewhere,
            "name": "New",
            "address": NO_ADDRESS | {"city": "Bergen"},
        }

    def test_is_not_given_the_name_of_another_from_outside(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        client, path = house.as_admin(), f"/api/orgs/{elsewhere}"
        client.get("/api/org")
        with unchanged():
            assert told(client.put(path, json={"name": "Main Org."})) == (400, "Organization name taken")
            assert told(client.put(path, json={})) == BAD_DATA

    def test_is_deleted_with_its_keys(self, house: House, elsewhere: OrgId) -> None:
        key = house.as_key(org=elsewhere)
        assert key.get("/api/org").status_code == 200
        answer = house.as_admin().delete(f"/api/orgs/{elsewhere}")
        assert told(answer) == (200, "Organization deleted")
        assert told(key.get("/api/org")) == (401, "invalid API key")

    def test_is_not_deleted_from_inside(self, house: House, elsewhere: OrgId, unchanged: Unchanged) -> None:
        client = house.as_admin(x_grafana_org_id=str(elsewhere))
        client.get("/api/org")
        with unchanged():
            answer = client.delete(f"/api/orgs/{elsewhere}")
        assert told(answer) == (400, "Can not delete org for current user")

    def test_is_deleted_by_server_admins_alone(
        self, house: House, elsewhere: OrgId, unchanged: Unchanged
    ) -> None:
        client = house.as_member(Role.ADMIN, org=elsewhere)
        client.get("/api/org")
        with unchanged():
            assert told(client.delete(f"/api/orgs/{elsewhere}")) == (403, f"{NEEDS}orgs:delete")
            assert told(house.client().delete(f"/api/orgs/{elsewhere}")) == (401, "Unauthorized")
