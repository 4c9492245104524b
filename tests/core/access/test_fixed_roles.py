"""The roles that come with the server are exactly those of Grafana 9.3.2, and our few additions."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from keystead.core.access.fixed_roles.catalog import FIXED_ROLES
from keystead.core.access.permission import Permission, parse_permission
from keystead.core.access.roles import Role, basic_permissions

FACTS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "basic_role_permissions.json").read_text())
EXPECTED: dict[str, Any] = FACTS["fixed_roles"] | FACTS["keystead_fixed_roles"]
LADDER = {"Viewer": {"Viewer"}, "Editor": {"Viewer", "Editor"}, "Admin": {"Viewer", "Editor", "Admin"}}


def permissions_of(rows: list[dict[str, str]]) -> set[Permission]:
    return {Permission(row["action"], row["scope"]) for row in rows}


def additions_for(basic_roles: set[str]) -> set[Permission]:
    roles = FACTS["keystead_fixed_roles"].values()
    return set(
        chain.from_iterable(
            permissions_of(role["permissions"]) for role in roles if basic_roles & {*role["grants"]}
        )
    )


class TestTheFixedRoles:
    def test_are_all_there_and_no_others(self) -> None:
        assert FIXED_ROLES.keys() == EXPECTED.keys()

    @pytest.mark.parametrize("name", EXPECTED)
    def test_say_what_they_said_in_grafana(self, name: str) -> None:
        role, expected = FIXED_ROLES[name], EXPECTED[name]
        assert role.uid == expected["uid"]
        assert (role.display_name, role.group) == (expected["displayName"], expected["group"])
        assert role.is_hidden == expected["hidden"]
        assert list(role.granted_to) == expected["grants"]

    @pytest.mark.parametrize("name", EXPECTED)
    def test_permit_what_they_permitted_in_grafana(self, name: str) -> None:
        permissions = FIXED_ROLES[name].permissions
        assert set(permissions) == permissions_of(EXPECTED[name]["permissions"])
        assert len(set(permissions)) == len(permissions)

    def test_keep_to_the_grammar(self) -> None:
        permissions = [held for role in FIXED_ROLES.values() for held in role.permissions]
        assert [parse_permission(*held) for held in permissions] == permissions


class TestABasicRole:
    @pytest.mark.parametrize("name", LADDER)
    def test_permits_what_it_permitted_in_grafana(self, name: str) -> None:
        expected = permissions_of(FACTS["basic_roles"][name]) | additions_for(LADDER[name])
        assert basic_permissions(Role(name), is_server_admin=False) == expected

    def test_may_be_missing(self) -> None:
        assert basic_permissions(None, is_server_admin=False) == frozenset()


class TestAServerAdmin:
    SERVER = permissions_of(FACTS["basic_roles"]["Grafana Admin"]) | additions_for({"Grafana Admin"})

    def test_holds_the_servers_own_permissions_without_any_organization(self) -> None:
        assert basic_permissions(None, is_server_admin=True) == self.SERVER

    def test_holds_them_beside_those_of_the_role(self) -> None:
        both = basic_permissions(Role.VIEWER, is_server_admin=True)
        assert both == self.SERVER | basic_permissions(Role.VIEWER, is_server_admin=False)
