import pytest

from keystead.core.access.errors import ActionInvalid, ScopeInvalid
from keystead.core.access.grants import Grants
from keystead.core.access.permission import (
    Action,
    AllOf,
    AnyOf,
    Need,
    Permission,
    Place,
    covers,
    parse_permission,
    parse_scope,
)

READ = Action.API_KEYS_READ
ONE_KEY = READ.on("apikeys:id:{id}")


class TestAScope:
    @pytest.mark.parametrize(
        ("held", "wanted"),
        [
            ("apikeys:id:1", "apikeys:id:1"),
            ("apikeys:id:*", "apikeys:id:1"),
            ("apikeys:*", "apikeys:id:1"),
            ("apikeys:*", "apikeys:*"),
            ("*", "apikeys:id:1"),
            ("*", "*"),
            ("", ""),
            ("apikeys:id:1", ""),
        ],
    )
    def test_covers(self, held: str, wanted: str) -> None:
        assert covers(held, wanted)

    @pytest.mark.parametrize(
        ("held", "wanted"),
        [
            ("apikeys:id:1", "apikeys:id:12"),
            ("apikeys:id:12", "apikeys:id:1"),
            ("apikeys:id:1", "apikeys:*"),
            ("apikeys:*", "*"),
            ("apikeys:*", "apikeysets:id:1"),
            ("apikeys*", "apikeys:id:1"),
            ("apikeys:*:1", "apikeys:id:1"),
            ("", "apikeys:id:1"),
            ("", "*"),
        ],
    )
    def test_does_not_cover(self, held: str, wanted: str) -> None:
        assert not covers(held, wanted)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "*",
            "apikeys:*",
            "apikeys:id:*",
            "apikeys:id:7",
            "datasources:name:a b%3A",
            "permissions:type:delegate",
        ],
    )
    def test_is_read_when_it_keeps_to_the_grammar(self, text: str) -> None:
        assert parse_scope(text) == text

    @pytest.mark.parametrize(
        "text",
        [
            "apikeys", "apikeys:id", "apikeys:", ":*", "**", "apikeys:**", "apikeys:1*", "*:*", "*:id:1",
            "apikeys:*:1", "apikeys::1", "apikeys:id:", "apikeys:id:1:2", "apikeys:id:1:*",
            "a:id:" + "1" * 1024,
        ],
        ids=lambda text: text[:20],
    )  # fmt: skip
    def test_is_refused_when_it_does_not(self, text: str) -> None:
        with pytest.raises(ScopeInvalid):
            parse_scope(text)


class TestWritingDownAPermission:
    def test_takes_actions_of_applications_too(self) -> None:
        assert parse_permission("shop.orders:refund", "orders:*") == Permission(
            "shop.orders:refund", "orders:*"
        )

    @pytest.mark.parametrize(
        "action", ["", "read", "apikeys:", ":read", "API:read", "a:b:c", "a:b c", "a:" + "b" * 189]
    )
    def test_refuses_what_is_no_action(self, action: str) -> None:
        with pytest.raises(ActionInvalid):
            parse_permission(action, "")


class TestANeed:
    @pytest.mark.parametrize("text", ["7", "007", "+7"])
    def test_reads_an_id_as_the_number_it_spells(self, text: str) -> None:
        assert ONE_KEY.bound_to({"id": text}).scope == "apikeys:id:7"

    @pytest.mark.parametrize("text", ["1:*", "a:b", "%2A"])
    def test_is_met_only_by_a_wildcard_when_the_id_reads_as_grammar(self, text: str) -> None:
        need = ONE_KEY.bound_to({"id": text})
        assert need.is_met_by(Grants.of([Permission(READ, "apikeys:*")]))
        assert not need.is_met_by(Grants.of([Permission(READ, f"apikeys:id:{text}")]))

    def test_asks_for_no_wildcard_when_the_path_spells_one(self) -> None:
        assert ONE_KEY.bound_to({"id": "*"}).scope == "apikeys:id:%2A"

    def test_takes_a_uid_as_text(self) -> None:
        need = Action.FOLDERS_READ.on("folders:uid:{uid}")
        assert need.bound_to({"uid": "007"}).scope == "folders:uid:007"
        assert need.bound_to({"uid": "a:*%"}).scope == "folders:uid:a%3A%2A%25"

    def test_may_name_the_kind_of_the_object(self) -> None:
        assert READ.on("{kind}:id:{id}").bound_to({"kind": "teams", "id": "07"}).scope == "teams:id:7"

    def test_without_a_scope_is_met_by_any(self) -> None:
        need = READ.anywhere()
        assert need.is_met_by(Grants.of([Permission(READ, "apikeys:id:1")]))
        assert need.is_met_by(Grants.of([Permission(READ, "")]))
        assert not need.is_met_by(Grants.of([Permission(Action.API_KEYS_DELETE, "*")]))

    def test_is_here_unless_it_says_otherwise(self) -> None:
        assert ONE_KEY.place is Place.HERE
        assert Action.ORGS_READ.anywhere().globally().place is Place.EVERYWHERE
        there = Action.ORGS_READ.anywhere().there("orgId")
        assert (there.place, there.org_member) == (Place.THERE, "orgId")
        assert there.bound_to({"orgId": "2"}).place is Place.THERE

    def test_is_told_without_its_scope(self) -> None:
        assert ONE_KEY.told == "apikeys:read"


class TestAlternatives:
    ANY = AnyOf((ONE_KEY, Action.SERVICE_ACCOUNTS_READ.anywhere()))

    @pytest.mark.parametrize(
        "held", [Permission(READ, "apikeys:id:7"), Permission("serviceaccounts:read", "serviceaccounts:id:1")]
    )
    def test_are_met_by_either(self, held: Permission) -> None:
        assert self.ANY.bound_to({"id": "7"}).is_met_by(Grants.of([held]))

    def test_are_not_met_by_something_else(self) -> None:
        assert not self.ANY.bound_to({"id": "7"}).is_met_by(Grants.of([Permission(READ, "apikeys:id:8")]))

    def test_are_told_together(self) -> None:
        assert self.ANY.told == "any of apikeys:read, serviceaccounts:read"

    def test_are_all_in_one_place(self) -> None:
        there = AnyOf(
            (Action.ORGS_READ.anywhere().there("orgId"), Action.ORGS_WRITE.anywhere().there("orgId"))
        )
        assert (there.place, there.org_member) == (Place.THERE, "orgId")
        with pytest.raises(TypeError):
            AnyOf((READ.anywhere(), READ.anywhere().globally()))

    def test_may_all_have_to_be_met(self) -> None:
        both = AllOf(self.ANY.needs).bound_to({"id": "7"})
        one, other = Permission(READ, "apikeys:id:7"), Permission("serviceaccounts:read", "")
        assert both.is_met_by(Grants.of([one, other]))
        assert not both.is_met_by(Grants.of([one]))
        assert both.told == "all of apikeys:read, serviceaccounts:read"

    @pytest.mark.parametrize("needs", [()])
    def test_are_at_least_one(self, needs: tuple[Need, ...]) -> None:
        with pytest.raises(TypeError):
            AnyOf(needs)
