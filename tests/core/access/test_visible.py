import pytest

from keystead.core.access.grants import NO_GRANTS, Grants
from keystead.core.access.permission import Permission
from keystead.core.access.visible import visible_ids, visible_uids

READ = "org.users:read"


class TestWhatIsVisible:
    @pytest.mark.parametrize("scope", ["*", "users:*", "users:id:*"])
    def test_is_all_with_a_scope_for_all(self, scope: str) -> None:
        assert visible_ids(Grants.of([Permission(READ, scope)]), READ, "users") is None

    def test_is_what_is_named(self) -> None:
        scopes = ("users:id:1", "users:id:02", "users:id:x", "teams:id:3", "users:login:4", "")
        grants = Grants.of(Permission(READ, scope) for scope in scopes)
        assert visible_ids(grants, READ, "users") == frozenset({1})
        assert not grants.allows(READ, "users:id:2")

    def test_is_nothing_without_the_action(self) -> None:
        assert visible_ids(NO_GRANTS, READ, "users") == frozenset()
        assert visible_ids(Grants.of([Permission("users:read", "*")]), READ, "users") == frozenset()

    def test_may_be_told_by_uids(self) -> None:
        grants = Grants.of(Permission("roles:read", scope) for scope in ("roles:uid:a", "roles:id:1", ""))
        assert visible_uids(grants, "roles:read", "roles") == frozenset({"a"})
        assert visible_uids(Grants.of([Permission("roles:read", "roles:*")]), "roles:read", "roles") is None
