import pytest

from keystead.core.access.grants import NO_GRANTS, Grants
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.core.makers import HOME

READ, WRITE = Action.SERVICE_ACCOUNTS_READ, Action.SERVICE_ACCOUNTS_WRITE
GRANTS = Grants.of(
    [
        Permission(WRITE, "serviceaccounts:id:7"),
        Permission(READ, "serviceaccounts:*"),
        Permission(READ, "serviceaccounts:id:7"),
        Permission(READ, "serviceaccounts:*"),
        Permission(Action.ORGS_READ, ""),
    ]
)


class TestGrants:
    def test_allow_an_action_where_it_is_held(self) -> None:
        assert GRANTS.allows(READ, "serviceaccounts:id:1")
        assert GRANTS.allows(WRITE, "serviceaccounts:id:7")

    def test_refuse_it_elsewhere(self) -> None:
        assert not GRANTS.allows(WRITE, "serviceaccounts:id:1")
        assert not GRANTS.allows(Action.ORGS_READ, "orgs:id:1")
        assert not GRANTS.allows(Action.SERVICE_ACCOUNTS_DELETE, "")

    def test_allow_an_action_on_no_object_with_any_scope(self) -> None:
        assert GRANTS.allows(WRITE, "")
        assert GRANTS.allows(Action.ORGS_READ, "")

    def test_are_listed_in_order_and_once(self) -> None:
        assert GRANTS.as_mapping() == {
            "orgs:read": [""],
            "serviceaccounts:read": ["serviceaccounts:*", "serviceaccounts:id:7"],
            "serviceaccounts:write": ["serviceaccounts:id:7"],
        }
        assert list(GRANTS)[:2] == [("orgs:read", ""), ("serviceaccounts:read", "serviceaccounts:*")]

    def test_cannot_be_changed_through_a_listing(self) -> None:
        GRANTS.as_mapping()["orgs:read"].append("*")
        assert GRANTS.scopes("orgs:read") == {""}

    def test_name_the_first_permission_that_is_missing(self) -> None:
        assert GRANTS.first_missing(GRANTS) is None
        missing = Permission(WRITE, "serviceaccounts:id:8")
        assert GRANTS.first_missing([Permission(READ, "serviceaccounts:id:8"), missing]) == missing

    def test_may_be_more_than_what_others_share(self) -> None:
        more = GRANTS.plus([Permission(WRITE, "serviceaccounts:id:8"), Permission("shop:sell", "")])
        assert more.scopes(WRITE) == {"serviceaccounts:id:7", "serviceaccounts:id:8"}
        assert set(more) == {*GRANTS, Permission(WRITE, "serviceaccounts:id:8"), Permission("shop:sell", "")}
        assert more.actions() == [*more.as_mapping()] == sorted([*GRANTS.actions(), "shop:sell"])
        assert GRANTS.scopes(WRITE) == {"serviceaccounts:id:7"}
        again = more.plus([Permission("shop:sell", "orders:*")])
        assert again.scopes("shop:sell") == {"", "orders:*"}

    @pytest.mark.parametrize(
        ("held", "wanted", "is_held"),
        [
            ("teams:*", "teams:*", True),
            ("teams:*", "teams:id:*", True),
            ("*", "teams:*", True),
            ("*", "*", True),
            ("teams:*", "*", False),
            ("teams:id:*", "teams:*", False),
            ("teams:id:1", "teams:id:*", False),
            ("", "*", False),
            ("teams:id:1", "", True),
        ],
    )
    def test_hold_a_wildcard_only_by_an_equal_or_wider_one(
        self, held: str, wanted: str, *, is_held: bool
    ) -> None:
        assert Grants.of([Permission(READ, held)]).allows(READ, wanted) == is_held

    def test_may_be_none(self) -> None:
        assert list(NO_GRANTS) == []
        assert not NO_GRANTS.holds(READ)


class TestAnAdminOfAnOrganization:
    ADMIN = Grants.of([Permission(READ, "serviceaccounts:*")], is_org_admin=True)

    @pytest.mark.parametrize("action", ["shop:sell", "shop.orders:refund"])
    def test_holds_the_actions_of_applications(self, action: str) -> None:
        assert self.ADMIN.holds(action)
        assert self.ADMIN.allows(action, "orders:id:1")
        assert not GRANTS.holds(action)

    @pytest.mark.parametrize("action", ["settings:write", "org.secrets:read", "roles:steal"])
    def test_does_not_hold_what_a_resource_of_ours_might_mean(self, action: str) -> None:
        assert not self.ADMIN.holds(action)

    def test_loses_nothing_by_being_given_something(self) -> None:
        given = self.ADMIN.plus([Permission("shop:sell", "orders:id:1")])
        assert given.allows("shop:sell", "orders:id:2")
        assert given.as_mapping()["shop:sell"] == ["orders:id:1"]

    def test_has_no_such_action_listed(self) -> None:
        assert [*self.ADMIN.as_mapping()] == ["serviceaccounts:read"]


class TestAPrincipal:
    def test_says_who_it_is_and_what_it_may(self) -> None:
        caller = Principal(
            kind=PrincipalKind.API_KEY,
            account_id=AccountId(0),
            credential_id=None,
            session_id=None,
            org=HOME,
            role=Role.VIEWER,
            login="",
            name="",
            is_server_admin=False,
            grants=GRANTS,
            origin=Origin("127.0.0.1", "r1"),
        )
        assert READ.anywhere().is_met_by(caller.grants)
