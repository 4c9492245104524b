from hypothesis import given
from hypothesis import strategies as st

from keystead.core.accounts.names import login_key, service_account_login

NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(NAMES)
def test_a_key_is_its_own_key(name: str) -> None:
    assert login_key(login_key(name)) == login_key(name)


@given(NAMES)
def test_the_login_of_a_service_account_is_as_long_as_its_name(name: str) -> None:
    login = service_account_login(name)
    assert len(login) == len(name) + len("sa-")
    assert " " not in login
