from hypothesis import given
from hypothesis import strategies as st

from keystead.core.access.explanation import compare, explain, meets
from keystead.core.access.fixed_roles.catalog import resource_of
from keystead.core.access.given import Grant, Source
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from tests.properties.test_access import MANY, PERMISSIONS

LISTED = st.lists(
    st.builds(Grant, PERMISSIONS, st.sampled_from(Source), st.just(""), st.just("role"), st.just("self")),
    max_size=8,
)
ROLES = st.none() | st.sampled_from(Role)


@given(LISTED, PERMISSIONS, ROLES)
def test_an_explanation_says_what_is_decided(
    listed: list[Grant], wanted: Permission, role: Role | None
) -> None:
    held = Grants.of((grant.permission for grant in listed), is_org_admin=role is Role.ADMIN)
    told = explain(listed, held, wanted, role)
    assert told.is_allowed == held.allows(*wanted) == (told.decided_by is not None)
    assert all(meets(grant, wanted) for grant in told.covering)
    assert not any(meets(grant, wanted) for grant in told.others)
    same = [grant for grant in listed if grant.permission.action == wanted.action]
    assert all(grant in told.covering or grant in told.others for grant in same)


@given(LISTED, PERMISSIONS)
def test_what_is_near_is_of_the_action_else_of_the_resource(listed: list[Grant], wanted: Permission) -> None:
    held = Grants.of(grant.permission for grant in listed)
    told = explain(listed, held, wanted, None)
    actions = {grant.permission.action for grant in listed}
    if told.is_allowed:
        assert told.nearest is None
    elif wanted.action in actions:
        assert told.nearest is not None
        assert told.nearest.permission.action == wanted.action
    else:
        is_near = resource_of(wanted.action) in map(resource_of, actions)
        assert (told.nearest is not None) == is_near


@given(MANY, MANY)
def test_a_comparison_leaves_nothing_out_and_swaps_with_its_sides(
    first: list[Permission], second: list[Permission]
) -> None:
    one, other = Grants.of(first), Grants.of(second)
    told, turned = compare(one, other), compare(other, one)
    assert {*told.only_first, *told.only_second, *told.both} == {*first, *second}
    assert (told.only_first, told.both) == (turned.only_second, turned.both)
    assert not any(other.allows(*permission) for permission in told.only_first)
