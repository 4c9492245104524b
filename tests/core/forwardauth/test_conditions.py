import pytest

from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.forwardauth.conditions import Conditions, parse_conditions
from keystead.core.forwardauth.errors import ConditionUnknown, OrgOther, PermissionNotHeld, RoleTooLow
from keystead.core.orgs.model import OrgId
from tests.makers import a_principal

READ = Permission("apikeys:read", "apikeys:id:7")
ANY = Permission("apikeys:delete", "apikeys:*")
CREATE = Permission("apikeys:create", "")


class TestReadingConditions:
    def test_finds_none_in_nothing(self) -> None:
        assert parse_conditions(()) == Conditions()

    def test_takes_a_scope_to_belong_to_the_action_before_it(self) -> None:
        pairs = [("action", READ.action), ("scope", READ.scope), ("action", ANY.action), ("scope", ANY.scope)]
        assert parse_conditions(pairs) == Conditions(permissions=(READ, ANY))

    def test_takes_actions_without_scopes_to_be_needed_on_any(self) -> None:
        pairs = [("action", READ.action), ("action", CREATE.action)]
        assert parse_conditions(pairs) == Conditions(permissions=(Permission(READ.action, ""), CREATE))

    @pytest.mark.parametrize("role", ["Editor", "editor"])
    def test_knows_role_and_organization(self, role: str) -> None:
        told = parse_conditions([("role", role), ("org", "2")])
        assert told == Conditions(role=Role.EDITOR, org=OrgId(2))

    @pytest.mark.parametrize(
        "pairs",
        [
            [("x", "1")],
            [("orgId", "1")],
            [("Role", "Viewer")],
            [("role", "")],
            [("role", "Owner")],
            [("role", "Viewer"), ("role", "Admin")],
            [("org", "")],
            [("org", "0")],
            [("org", "1"), ("org", "2")],
            [("org", "1 or 2")],
            [("action", "")],
            [("action", "Read")],
            [("action", "apikeys:*")],
            [("scope", "apikeys:*")],
            [("scope", "apikeys:*"), ("action", "apikeys:read")],
            [("action", "apikeys:read"), ("scope", "")],
            [("action", "apikeys:read"), ("scope", "a:b:c:d")],
            [("action", "apikeys:read"), ("scope", "apikeys:*"), ("scope", "apikeys:*")],
            [("action", "apikeys:read"), ("role", "Viewer"), ("scope", "apikeys:*")],
            [("action", "apikeys:read"), ("scope", "apikeys:*"), ("action", "apikeys:create")],
            [("action", "apikeys:read"), ("action", "apikeys:create"), ("scope", "apikeys:*")],
            [("action", "a:b"), ("action", "c:d"), ("scope", "a:*"), ("scope", "c:*")],
        ],
        ids=str,
    )
    def test_is_refused_where_anything_is_not_understood(self, pairs: list[tuple[str, str]]) -> None:
        with pytest.raises(ConditionUnknown):
            parse_conditions(pairs)


class TestChecking:
    def test_passes_who_has_all_that_is_asked(self) -> None:
        asked = Conditions(Role.EDITOR, OrgId(1), (READ, CREATE))
        asked.check(a_principal(OrgId(1), role=Role.ADMIN))

    def test_asks_for_the_organization(self) -> None:
        with pytest.raises(OrgOther):
            Conditions(org=OrgId(2)).check(a_principal(OrgId(1), role=Role.ADMIN))

    def test_asks_for_an_organization_that_nobody_without_one_is_in(self) -> None:
        with pytest.raises(OrgOther):
            Conditions(org=OrgId(2)).check(a_principal(None))

    def test_asks_for_the_role(self) -> None:
        with pytest.raises(RoleTooLow):
            Conditions(role=Role.EDITOR).check(a_principal(OrgId(1), role=Role.VIEWER))

    def test_asks_for_each_permission(self) -> None:
        with pytest.raises(PermissionNotHeld):
            Conditions(permissions=(READ,)).check(a_principal(OrgId(1), role=Role.VIEWER))
