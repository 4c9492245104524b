from dataclasses import replace

import pytest

from keystead.core.access.delegation import (
    check_may_delegate,
    check_role_name,
    is_delegatable,
    next_version,
)
from keystead.core.access.denial import permission_missing
from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.named_roles import SERVER_ROLES, NamedRole, RoleId, RolePermission, uid_of
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.role_errors import RoleNameReserved, RoleVersionNotGreater
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.core.makers import HOME

READ = Permission("teams:read", "teams:*")
CREATE = Permission("teams:create", "")
ROLE = NamedRole("r", "custom", id=RoleId(1), org=HOME, permissions=(RolePermission(READ, None),))
ADD = Action.USERS_ROLES_ADD


def a_person(*held: Permission, is_server_admin: bool = False) -> Principal:
    return Principal(
        kind=PrincipalKind.USER,
        account_id=AccountId(7),
        credential_id=None,
        session_id=None,
        org=HOME,
        role=Role.VIEWER,
        login="alice",
        name="",
        is_server_admin=is_server_admin,
        grants=Grants.of(held),
        origin=Origin(),
    )


class TestDelegating:
    def test_is_for_whoever_holds_all_of_it(self) -> None:
        check_may_delegate(a_person(READ), ROLE, ADD)
        both = replace(ROLE, permissions=(*ROLE.permissions, RolePermission(CREATE, None)))
        with pytest.raises(PermissionMissing) as denied:
            check_may_delegate(a_person(READ), both, ADD)
        assert denied.value.needed == "teams:create"
        assert denied.value.detail == "needed teams:create on no scope; held teams:create nowhere"

    @pytest.mark.parametrize(
        ("role", "everywhere"),
        [(replace(ROLE, org=None), False), (ROLE, True), (SERVER_ROLES[uid_of("fixed:teams:creator")], True)],
    )
    def test_of_what_counts_everywhere_is_for_server_admins(
        self, role: NamedRole, *, everywhere: bool
    ) -> None:
        held = (READ, CREATE, Permission("org.users:read", "users:*"))
        with pytest.raises(PermissionMissing) as denied:
            check_may_delegate(a_person(*held), role, ADD, everywhere=everywhere)
        assert denied.value.needed == "users.roles:add"
        check_may_delegate(a_person(*held, is_server_admin=True), role, ADD, everywhere=everywhere)
        with pytest.raises(PermissionMissing):
            check_may_delegate(a_person(is_server_admin=True), role, ADD, everywhere=everywhere)

    def test_is_offered_for_what_can_be_given_to_anybody(self) -> None:
        by = a_person(READ)
        assert is_delegatable(by, ROLE)
        assert not is_delegatable(by, replace(ROLE, account=AccountId(8)))
        assert not is_delegatable(by, replace(ROLE, org=None))
        assert not is_delegatable(by, replace(SERVER_ROLES["basic_viewer"], permissions=()))
        assert is_delegatable(
            a_person(CREATE, Permission("org.users:read", "users:*")),
            SERVER_ROLES[uid_of("fixed:teams:creator")],
        )


class TestARole:
    @pytest.mark.parametrize("start", ["fixed:", "basic:", "managed:", "plugins:", "serviceaccounts:"])
    def test_is_not_named_like_those_that_nobody_makes(self, start: str) -> None:
        with pytest.raises(RoleNameReserved):
            check_role_name(f"{start}x")
        check_role_name(f"custom:{start}")

    def test_has_ever_greater_versions(self) -> None:
        assert next_version(3, None) == 4
        assert next_version(3, 9) == 9
        with pytest.raises(RoleVersionNotGreater):
            next_version(3, 3)

    def test_that_comes_with_the_server_is_known_by_uid_and_name(self) -> None:
        assert uid_of("basic:grafana_admin") == "basic_grafana_admin"
        assert uid_of("custom") == "custom"
        assert {role.is_basic for role in SERVER_ROLES.values() if role.uid.startswith("basic_")} == {True}
        assert not any(role.is_basic for role in SERVER_ROLES.values() if role.uid.startswith("fixed_"))
        assert all(role.is_global and role.is_of_server for role in SERVER_ROLES.values())


def test_a_denial_tells_the_log_how_much_was_held() -> None:
    held = Grants.of(Permission("teams:read", f"teams:id:{number}") for number in range(12))
    denied = permission_missing("any of it", [Permission("teams:read", "teams:id:99"), CREATE], held)
    assert denied.needed == "any of it"
    assert denied.detail.startswith(
        "needed teams:read on teams:id:99, teams:create on no scope; held teams:read on "
    )
    assert denied.detail.endswith(" and 2 more, teams:create nowhere")
