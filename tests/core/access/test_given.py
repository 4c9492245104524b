import pytest

from keystead.core.access.fixed_roles.catalog import FIXED_ROLES
from keystead.core.access.given import (
    NO_ACCOUNT,
    Given,
    Grant,
    Source,
    Subject,
    Thing,
    grants_given,
    grants_of_basic_role,
    permissions_in,
)
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role, basic_permissions
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId

ALICE = AccountId(7)
CREATOR = "fixed:serviceaccounts:creator"
CREATE = Permission("serviceaccounts:create", "")
READ = Permission("teams:read", "teams:id:3")


class TestWhatIsGiven:
    @pytest.mark.parametrize(
        ("thing", "permissions"),
        [
            (("shop:sell", "orders:*", None), (Permission("shop:sell", "orders:*"),)),
            (("shop:sell", "", None), (Permission("shop:sell", ""),)),
            (("teams", "3", "Member"), (READ,)),
            (("teams", "3", "Emperor"), ()),
            ((CREATOR, None, None), (CREATE,)),
            (("fixed:gone", None, None), ()),
            ((None, None, None), ()),
        ],
    )
    def test_permits_what_its_form_says(self, thing: Thing, permissions: tuple[Permission, ...]) -> None:
        assert permissions_in(thing) == permissions


class TestAGrant:
    @pytest.mark.parametrize(
        ("given", "grant"),
        [
            (
                Given(("shop:sell", "", None), "uid", "seller", None, None),
                Grant(Permission("shop:sell", ""), Source.CUSTOM, "uid", "seller", "self"),
            ),
            (
                Given((CREATOR, None, None), None, None, 3, None),
                Grant(CREATE, Source.FIXED, FIXED_ROLES[CREATOR].uid, CREATOR, "team:3"),
            ),
            (
                Given(("teams", "3", "Member"), None, None, None, None),
                Grant(READ, Source.MANAGED, "", "managed:users:7:permissions", "self"),
            ),
            (
                Given(("teams", "3", "Member"), None, None, 4, None),
                Grant(READ, Source.MANAGED, "", "managed:teams:4:permissions", "team:4"),
            ),
            (
                Given(("teams", "3", "Member"), None, None, None, "Viewer"),
                Grant(READ, Source.MANAGED, "", "managed:builtins:viewer:permissions", "basic:Viewer"),
            ),
        ],
    )
    def test_tells_the_role_and_the_way(self, given: Given, grant: Grant) -> None:
        assert list(grants_given(given, ALICE)) == [grant]

    def test_of_a_basic_role_comes_from_the_lowest_that_has_it(self) -> None:
        told = list(grants_of_basic_role(Subject(NO_ACCOUNT, OrgId(1), Role.ADMIN)))
        assert {grant.permission for grant in told} == basic_permissions(Role.ADMIN, is_server_admin=False)
        assert len(told) == len({grant.permission for grant in told})
        by = {grant.permission: grant for grant in told}
        assert by[Permission("orgs:read", "")].role_uid == "basic_viewer"
        keys = Permission("apikeys:read", "apikeys:*")
        assert by[keys] == Grant(keys, Source.BASIC, "basic_admin", "basic:admin", "basic:Admin")

    def test_of_a_server_admin_comes_from_the_server(self) -> None:
        told = list(grants_of_basic_role(Subject(ALICE, None, None, is_server_admin=True)))
        assert {grant.permission for grant in told} == basic_permissions(None, is_server_admin=True)
        assert {(grant.source, grant.role_name) for grant in told} == {(Source.SERVER, "basic:grafana_admin")}
