import pytest

from keystead.core.accounts.errors import LoginMissing
from keystead.core.accounts.names import (
    PersonNames,
    login_key,
    names_of_changed_person,
    names_of_new_person,
    service_account_login,
)

BEFORE = PersonNames("ann", "ann@example.org")


class TestTwoNames:
    @pytest.mark.parametrize(
        ("one", "other"),
        [("Ann", "ann"), ("ann@Example.org", "ANN@example.ORG"), ("é", "e\u0301"), ("É", "e\u0301")],
    )  # fmt: skip
    def test_are_one_when_only_case_or_composition_differ(self, one: str, other: str) -> None:
        assert login_key(one) == login_key(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("ann", "anna"), ("e", "é"), ("ann", " ann"), ("ann\u200b", "ann")]
    )
    def test_are_two_when_anything_else_differs(self, one: str, other: str) -> None:
        assert login_key(one) != login_key(other)


class TestNamingANewPerson:
    @pytest.mark.parametrize(
        ("login", "email", "names"),
        [
            (" ann ", "a@b\n", ("ann", "a@b")),
            ("ann", "  ", ("ann", "ann")),
            ("", "a@b", ("a@b", "a@b")),
        ],
        ids=["both", "a login", "an e-mail"],
    )
    def test_trims_and_fills_in(self, login: str, email: str, names: tuple[str, str]) -> None:
        assert names_of_new_person(login, email) == names

    def test_needs_one_of_them(self) -> None:
        with pytest.raises(LoginMissing):
            names_of_new_person(" ", "")


class TestRenamingAPerson:
    @pytest.mark.parametrize(
        ("login", "email", "names"),
        [
            (" bea ", " b@b ", ("bea", "b@b")),
            ("bea", "", ("bea", "ann@example.org")),
            ("", "b@b", ("b@b", "b@b")),
        ],
        ids=["both", "the login", "the e-mail"],
    )
    def test_keeps_an_e_mail_that_is_not_given(self, login: str, email: str, names: tuple[str, str]) -> None:
        assert names_of_changed_person(login, email, before=BEFORE) == names

    def test_needs_one_of_them(self) -> None:
        with pytest.raises(LoginMissing):
            names_of_changed_person("", "\t", before=BEFORE)


class TestTheLoginOfAServiceAccount:
    @pytest.mark.parametrize(
        ("name", "login"),
        [
            ("CI Deploy", "sa-ci-deploy"),
            ("a  b\tc.d/É", "sa-a--b\tc.d/é"),
            ("\u0130", "sa-i"),
            ("\u1e9e", "sa-ß"),
            ("ΟΔΟΣ", "sa-οδοσ"),
        ],
    )
    def test_is_its_name_as_grafana_lowers_it(self, name: str, login: str) -> None:
        assert service_account_login(name) == login
