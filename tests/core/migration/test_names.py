from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keystead.core.migration.names import account_names, names_in_the_way
from keystead.core.orgs.model import OrgId

ORG = OrgId(7)


def test_an_account_is_called_as_its_key_and_has_a_number_only_if_it_must() -> None:
    assert list(islice(account_names(ORG, "My CI"), 3)) == [
        ("sa-autogen-My CI", "sa-autogen-7-My CI"),
        ("sa-autogen-My CI-2", "sa-autogen-7-My CI-2"),
        ("sa-autogen-My CI-3", "sa-autogen-7-My CI-3"),
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ci", []),
        ("ci-2", ["ci"]),
        ("ci-2-3", ["ci-2", "ci"]),
        ("ci-02", []),
        ("-2", []),
        ("a\n-2", ["a\n"]),
        ("ci-x-2", ["ci-x"]),
    ],
)
def test_what_is_in_the_way_is_the_name_without_its_number(name: str, found: list[str]) -> None:
    assert list(names_in_the_way(name)) == found


@given(st.text("ab-23", min_size=1, max_size=6), st.integers(2, 30))
def test_whatever_gets_the_login_of_another_is_in_its_way(name: str, number: int) -> None:
    login = list(islice(account_names(ORG, name), number))[-1].login
    other = login.removeprefix("sa-autogen-7-")
    assert next(account_names(ORG, other)).login == login
    assert name in names_in_the_way(other)
    assert max([other, *names_in_the_way(other)]) == other
