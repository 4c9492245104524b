"""The levels on single objects are exactly those of Grafana 9.3.2, and ours for data sources."""

import json
from pathlib import Path
from typing import Any

import pytest

from keystead.core.access.errors import LevelUnknown
from keystead.core.access.levels import OBJECT_KINDS, level_named, permissions_of
from keystead.core.access.permission import Permission, parse_permission

FACTS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "basic_role_permissions.json").read_text())
EXPECTED: dict[str, Any] = FACTS["managed_levels"] | FACTS["keystead_managed_levels"]


class TestTheKindsOfObjectsWithLevels:
    def test_are_all_there_and_no_others(self) -> None:
        assert OBJECT_KINDS.keys() == EXPECTED.keys()

    @pytest.mark.parametrize("name", EXPECTED)
    def test_say_what_they_said_in_grafana(self, name: str) -> None:
        kind, expected = OBJECT_KINDS[name], EXPECTED[name]
        assert kind.scope_of(f"<{kind.attribute}>") == expected["scope"]
        assert expected["assignments"] == {
            "users": True,
            "teams": kind.for_teams,
            "builtInRoles": kind.for_basic_roles,
        }
        levels = [{"name": level.name, "actions": list(level.actions)} for level in kind.levels]
        assert levels == expected["levels"]

    @pytest.mark.parametrize("name", EXPECTED)
    def test_keep_to_the_grammar_and_rise(self, name: str) -> None:
        lower: set[Permission] = set()
        for level in OBJECT_KINDS[name].levels:
            permissions = permissions_of(name, "7", level.name)
            assert tuple(parse_permission(*held) for held in permissions) == permissions
            assert lower < set(permissions)
            lower = set(permissions)


class TestALevel:
    def test_permits_its_actions_on_the_object_alone(self) -> None:
        assert permissions_of("serviceaccounts", "7", "Edit") == (
            Permission("serviceaccounts:read", "serviceaccounts:id:7"),
            Permission("serviceaccounts:write", "serviceaccounts:id:7"),
        )

    def test_is_found_by_its_kind_and_its_exact_name(self) -> None:
        assert level_named("teams", "Member").actions == ("teams:read",)

    @pytest.mark.parametrize(
        ("kind", "name"),
        [("teams", "member"), ("teams", ""), ("teams", " "), ("serviceaccounts", "View"), ("keys", "Edit")],
    )
    def test_that_nobody_knows_is_refused_and_permits_nothing(self, kind: str, name: str) -> None:
        with pytest.raises(LevelUnknown):
            level_named(kind, name)
        assert permissions_of(kind, "7", name) == ()
