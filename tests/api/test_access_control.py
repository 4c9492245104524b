import pytest

from keystead.core.access.roles import Role, basic_permissions
from tests.doors import House, told

PERMISSIONS = "/api/access-control/user/permissions"
ALIAS = "/api/access-control/users/permissions"
ACTIONS = "/api/access-control/user/actions"
STATUS = "/api/access-control/status"


class TestOnesOwnPermissions:
    @pytest.mark.parametrize("role", list(Role))
    @pytest.mark.parametrize("path", [PERMISSIONS, ALIAS, f"{PERMISSIONS}?reloadcache=true"])
    def test_are_those_of_the_role(self, house: House, role: Role, path: str) -> None:
        expected = basic_permissions(role, is_server_admin=False)
        for client in (house.as_key(role), house.as_member(role), house.as_token(role)):
            shown = client.get(path).json()
            assert {(action, scope) for action, scopes in shown.items() for scope in scopes} == expected

    def test_name_each_scope_once(self, house: House) -> None:
        shown = house.as_admin().get(PERMISSIONS).json()
        assert shown["users:create"] == [""]
        assert all(len(scopes) == len(set(scopes)) for scopes in shown.values())

    def test_are_those_of_a_server_admin_where_there_is_no_role(self, house: House) -> None:
        elsewhere = house.an_org()
        shown = house.as_admin(x_grafana_org_id=str(elsewhere)).get(PERMISSIONS).json()
        expected = basic_permissions(None, is_server_admin=True)
        assert {(action, scope) for action, scopes in shown.items() for scope in scopes} == expected

    def test_are_both_for_a_server_admin_with_a_role(self, house: House) -> None:
        shown = house.as_admin().get(PERMISSIONS).json()
        expected = basic_permissions(Role.ADMIN, is_server_admin=True)
        assert {(action, scope) for action, scopes in shown.items() for scope in scopes} == expected

    def test_are_none_where_there_is_no_role(self, house: House) -> None:
        house.a_member(None, login="dave")
        client = house.as_person("dave", "canary-dave-password")
        assert client.get(PERMISSIONS).json() == {}
        assert client.get(ACTIONS).json() == {}

    def test_are_told_without_scopes_as_actions(self, house: House) -> None:
        client = house.as_key(Role.EDITOR)
        assert client.get(ACTIONS).json() == dict.fromkeys(client.get(PERMISSIONS).json(), True)

    def test_are_what_counts(self, house: House) -> None:
        assert house.as_key(Role.VIEWER).get(STATUS).json() == {"enabled": True}

    @pytest.mark.parametrize("path", [PERMISSIONS, ALIAS, ACTIONS, STATUS])
    def test_are_told_to_nobody_unknown(self, house: House, path: str) -> None:
        assert told(house.client().get(path)) == (401, "Unauthorized")
        answer = house.client(authorization="Bearer nonsense").get(path)
        assert told(answer) == (401, "invalid API key")
