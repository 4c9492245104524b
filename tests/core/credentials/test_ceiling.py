import pytest

from keystead.core.access.grants import NO_GRANTS, Grants
from keystead.core.access.permission import Permission
from keystead.core.access.roles import ROLES_ASCENDING, Role
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.credentials.ceiling import AboveRole, may_mint
from tests.core.makers import HOME, NOON

LEVEL_ADMIN = (
    "serviceaccounts:read",
    "serviceaccounts:write",
    "serviceaccounts:delete",
    "serviceaccounts.permissions:read",
    "serviceaccounts.permissions:write",
)
ADMINISTERS = Grants.of(Permission(action, "serviceaccounts:id:7") for action in LEVEL_ADMIN)


def an_account(role: Role | None) -> ServiceAccount:
    return ServiceAccount(
        AccountId(7), HOME, "ci", "sa-ci", role, is_disabled=False, created_at=NOON, updated_at=NOON
    )


@pytest.mark.goal("F19")
class TestMintingForAnAccount:
    @pytest.mark.parametrize("own", [None, *Role])
    @pytest.mark.parametrize("wanted", Role)
    def test_is_allowed_up_to_ones_own_role(self, own: Role | None, wanted: Role) -> None:
        reached = own is not None and ROLES_ASCENDING.index(own) >= ROLES_ASCENDING.index(wanted)
        assert may_mint(own, NO_GRANTS, an_account(wanted), AboveRole.DENY) is reached
        assert may_mint(own, NO_GRANTS, an_account(wanted), AboveRole.MANAGED_ADMIN) is reached
        assert may_mint(own, NO_GRANTS, an_account(wanted), AboveRole.ALLOW)

    def test_is_allowed_to_whoever_administers_it_where_that_is_the_rule(self) -> None:
        account = an_account(Role.ADMIN)
        assert may_mint(Role.EDITOR, ADMINISTERS, account, AboveRole.MANAGED_ADMIN)
        assert not may_mint(Role.EDITOR, ADMINISTERS, account, AboveRole.DENY)
        for left_out in LEVEL_ADMIN:
            less = Grants.of(held for held in ADMINISTERS if held.action != left_out)
            assert not may_mint(Role.EDITOR, less, account, AboveRole.MANAGED_ADMIN)

    def test_is_no_question_for_an_account_that_has_nothing(self) -> None:
        assert may_mint(None, NO_GRANTS, an_account(None), AboveRole.DENY)

    @pytest.mark.parametrize("role", [None, Role.VIEWER])
    def test_is_allowed_only_up_to_what_one_holds_oneself(self, role: Role | None) -> None:
        account, sell = an_account(role), Permission("shop:sell", "orders:id:1")
        seller = Grants.of([Permission("shop:sell", "orders:*"), *ADMINISTERS])
        for grants, is_covered in ((ADMINISTERS, False), (seller, True)):
            assert may_mint(Role.EDITOR, grants, account, AboveRole.DENY, given=[sell]) is is_covered
            assert may_mint(Role.EDITOR, grants, account, AboveRole.MANAGED_ADMIN, given=[sell])
            assert may_mint(Role.EDITOR, grants, account, AboveRole.ALLOW, given=[sell])
