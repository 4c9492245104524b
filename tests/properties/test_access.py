from hypothesis import given
from hypothesis import strategies as st

from keystead.core.access.errors import ScopeInvalid
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action, Permission, covers, parse_scope, scope_value
from keystead.core.path_id import parse_path_id

ACTIONS = st.sampled_from(["teams:read", "teams:write", "shop:sell"])
SEGMENTS = st.sampled_from(["teams", "id", "1", "12", "*"])
SCOPES = st.lists(SEGMENTS, max_size=3).map(":".join) | st.text(alphabet="a1:*", max_size=6)
PERMISSIONS = st.builds(Permission, ACTIONS, SCOPES)
MANY = st.lists(PERMISSIONS, max_size=8)


def allows_naively(held: list[Permission], wanted: Permission) -> bool:
    return any(one.action == wanted.action and covers(one.scope, wanted.scope) for one in held)


@given(MANY, PERMISSIONS)
def test_grants_decide_as_a_search_through_all_permissions_would(
    held: list[Permission], wanted: Permission
) -> None:
    assert Grants.of(held).allows(*wanted) == allows_naively(held, wanted)


@given(MANY, PERMISSIONS)
def test_an_admin_of_an_organization_holds_at_least_as_much(
    held: list[Permission], wanted: Permission
) -> None:
    admin = Grants.of(held, is_org_admin=True)
    assert admin.allows(*wanted) == any(covers(scope, wanted.scope) for scope in admin.scopes(wanted.action))
    assert admin.allows(*wanted) or not Grants.of(held).allows(*wanted)


@given(MANY, MANY, PERMISSIONS)
def test_more_permissions_never_allow_less(
    held: list[Permission], more: list[Permission], wanted: Permission
) -> None:
    assert Grants.of([*held, *more]).allows(*wanted) or not Grants.of(held).allows(*wanted)


@given(MANY)
def test_a_listing_compiles_to_the_same_grants(held: list[Permission]) -> None:
    grants = Grants.of(held)
    assert set(grants) == set(held)
    assert Grants.of(grants).as_mapping() == grants.as_mapping()


@given(SCOPES, SCOPES, SCOPES)
def test_covering_is_transitive_between_scopes(widest: str, middle: str, narrowest: str) -> None:
    if middle and covers(widest, middle) and covers(middle, narrowest):
        assert covers(widest, narrowest)


@given(st.text(), st.text())
def test_a_scope_without_a_star_covers_only_itself_and_nothing(held: str, wanted: str) -> None:
    if not held.endswith("*") and wanted:
        assert covers(held, wanted) == (held == wanted)


@given(st.text(min_size=1, max_size=100))
def test_every_name_becomes_a_scope_of_its_own(name: str) -> None:
    scope = f"datasources:name:{scope_value(name)}"
    assert parse_scope(scope) == scope
    assert scope_value(name) == name or scope_value(scope_value(name)) != scope_value(name)


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_names_never_share_a_scope(one: str, other: str) -> None:
    assert (scope_value(one) == scope_value(other)) == (one == other)


@given(SCOPES)
def test_what_is_read_as_a_scope_has_stars_only_at_its_end(text: str) -> None:
    try:
        scope = parse_scope(text)
    except ScopeInvalid:
        return
    assert "*" not in scope[:-1]
    assert scope in ("", "*") or scope.count(":") in (1, 2)


@given(st.text(alphabet="0123456789+-:*%a", min_size=1))
def test_a_path_never_asks_for_a_wildcard_or_for_two_spellings_of_one_id(text: str) -> None:
    scope = Action.TEAMS_READ.on("teams:id:{id}").bound_to({"id": text}).scope
    assert scope.count(":") == 2
    assert "*" not in scope
    number = parse_path_id(text)
    assert number is None or scope == f"teams:id:{number}"


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 9))
def test_an_id_is_read_back_whatever_zeros_stand_before_it(number: int, zeros: int) -> None:
    sign = "-" if number < 0 else ""
    assert parse_path_id(sign + "0" * zeros + str(abs(number))) == number
