import pytest

from keystead.core.access.errors import SubjectNotFound
from keystead.core.access.explanation import (
    Named,
    explain,
    levels_that_allow,
    named_of,
    parse_named,
    roles_that_allow,
)
from keystead.core.access.given import Grant, Source
from keystead.core.access.grants import Grants
from keystead.core.access.named_roles import SERVER_ROLES
from keystead.core.access.permission import Permission
from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.orgs.model import OrgId
from tests.makers import a_principal

DELETE = Permission("serviceaccounts:delete", "serviceaccounts:id:7")


def grant(action: str, scope: str, name: str = "some") -> Grant:
    return Grant(Permission(action, scope), Source.CUSTOM, name, name, "self")


class TestWhoIsMeant:
    @pytest.mark.parametrize("text", ["user:1", "serviceaccount:14", "apikey:3"])
    def test_is_told_by_kind_and_id(self, text: str) -> None:
        assert parse_named(text).text == text

    @pytest.mark.parametrize("text", ["", "user", "user:", "team:1", "user:x", "user:1:2"])
    def test_is_nobody_when_it_is_neither(self, text: str) -> None:
        with pytest.raises(SubjectNotFound):
            parse_named(text)

    def test_is_the_caller_by_their_key(self) -> None:
        assert named_of(a_principal(OrgId(1))) == Named(PrincipalKind.API_KEY, 1)


class TestWhatIsNear:
    @pytest.mark.parametrize(
        ("held", "nearest"),
        [
            ([("serviceaccounts:read", "serviceaccounts:*"), ("serviceaccounts:delete", "folders:id:7")], 1),
            ([("serviceaccounts:delete", "*:x"), ("serviceaccounts:delete", "serviceaccounts:id:9")], 1),
            ([("serviceaccounts.permissions:read", "serviceaccounts:id:7"), ("serviceaccounts:read", "")], 1),
            ([("serviceaccounts:read", "serviceaccounts:id:9"), ("serviceaccounts:write", "*")], 1),
            ([("teams:read", "*")], None),
        ],
    )
    def test_is_what_differs_least(self, held: list[tuple[str, str]], nearest: int | None) -> None:
        listed = [grant(*one) for one in held]
        told = explain(listed, Grants.of(one.permission for one in listed), DELETE, Role.VIEWER)
        assert told.nearest == (None if nearest is None else listed[nearest])


def test_an_admin_has_the_actions_of_applications_by_their_role() -> None:
    told = explain([], Grants.of((), is_org_admin=True), Permission("shop:sell", "orders:id:1"), Role.ADMIN)
    assert told.decided_by is not None
    assert (told.decided_by.role_uid, told.decided_by.permission.scope) == ("basic_admin", "*")


class TestWhatWouldAllowIt:
    @pytest.mark.parametrize(
        ("wanted", "levels"),
        [
            (DELETE, ["Admin"]),
            (Permission("serviceaccounts:read", "serviceaccounts:id:7"), ["Edit", "Admin"]),
            (Permission("serviceaccounts:read", "serviceaccounts:*"), []),
            (Permission("serviceaccounts:read", "serviceaccounts:id:*"), []),
            (Permission("serviceaccounts:read", "serviceaccounts:uid:x"), []),
            (Permission("shop:sell", "orders:id:1"), []),
            (Permission("serviceaccounts:create", ""), []),
        ],
    )
    def test_is_a_level_on_the_one_object(self, wanted: Permission, levels: list[str]) -> None:
        assert [level.name for _kind, _id, level in levels_that_allow(wanted)] == levels

    def test_is_a_role_the_smallest_first(self) -> None:
        names = [role.name for role in roles_that_allow(SERVER_ROLES.values(), DELETE)]
        assert names[0] == "fixed:serviceaccounts:writer"
        assert "basic:admin" in names
        assert "fixed:serviceaccounts:reader" not in names
