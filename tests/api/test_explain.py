import pytest

from keystead.core.access.roles import Role
from tests.doors import HOME, House, told
from tests.makers import a_service_account, an_api_key
from tests.rights import a_level

URL = "/api/access-control/explain"


class TestExplaining:
    def test_tells_a_caller_what_decides_and_what_would_change_it(self, house: House) -> None:
        with house.database.write() as db:
            ci = a_service_account(db, HOME, name="ci")
            other = a_service_account(db, HOME, name="other")
            a_level(db, HOME, "Edit", ("serviceaccounts", str(other)), account=ci)
        admin, scope = house.as_admin(), f"serviceaccounts:id:{other}"
        asked = {"subject": f"serviceaccount:{ci}", "action": "serviceaccounts:write", "scope": scope}
        held = {"action": "serviceaccounts:write", "scope": scope, "source": "managed", "roleUid": ""}
        held |= {"roleName": f"managed:users:{ci}:permissions", "via": "self"}
        assert admin.get(URL, params=asked).json() == {
            "allowed": True,
            **asked,
            "decidedBy": held,
            "grants": [held],
            "nearest": None,
            "suggestion": None,
        }
        mine = f"serviceaccounts:id:{ci}"
        answer = admin.get(URL, params={**asked, "scope": mine}).json()
        assert (answer["allowed"], answer["decidedBy"], answer["nearest"]) == (False, None, held)
        assert answer["suggestion"] == {
            "kind": "level",
            "text": f"Give the level Edit on {mine}.",
            "level": "Edit",
            "resource": mine,
        }

    @pytest.mark.parametrize("role", list(Role))
    def test_agrees_with_what_is_decided(self, house: House, role: Role) -> None:
        for client in (house.as_key(role), house.as_token(role), house.as_member(role)):
            answer = client.get(URL, params={"action": "serviceaccounts:read"}).json()
            assert answer["allowed"] == (client.get("/api/serviceaccounts/search").status_code == 200)
            assert answer["allowed"] == (answer["decidedBy"] is not None)
            assert answer["suggestion"] is None

    def test_refuses_what_is_no_question(self, house: House) -> None:
        with house.database.write() as db:
            foreign = an_api_key(db, HOME, name="some") + 1000
        admin, action = house.as_admin(), {"action": "teams:read"}
        assert told(admin.get(URL)) == (400, "invalid permission")
        assert told(admin.get(URL, params={**action, "scope": "a:b:c:d"})) == (400, "invalid scope")
        for subject in ("team:1", "user:x", "user:77", f"apikey:{foreign}"):
            assert told(admin.get(URL, params={**action, "subject": subject})) == (404, "subject not found")
        viewer = house.as_key(Role.VIEWER)
        status, message = told(viewer.get(URL, params={**action, "subject": "user:1"}))
        assert (status, "users.permissions:read" in message) == (403, True)
        assert house.client().get(URL, params=action).status_code == 401
