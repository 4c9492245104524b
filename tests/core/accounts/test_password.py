import hmac
import re

import pytest

from keystead.core.accounts.common_passwords import COMMON_PASSWORDS
from keystead.core.accounts.errors import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from keystead.core.accounts.password import PasswordRules, check_new_password, is_common, password_input
from keystead.core.secret import Secret
from tests.core.makers import PEPPER

STRICT = PasswordRules(minimum_length=15, refuse_common=True)
OF_GRAFANA = PasswordRules(minimum_length=4, refuse_common=False, own_change_minimum=5)


def check(text: str, rules: PasswordRules = STRICT) -> None:
    check_new_password(Secret(text), rules, login="ann.miller", org_names=["Main Org.", "Bremer Werft"])


class TestANewPassword:
    @pytest.mark.parametrize(
        "text",
        [
            "violet otter hums",
            "eighty3tinpans&x",
            "äöüß東京 and a bit",
            "8402719365028417",
            "grafana 37 otters",
            "admin583920485729384",
        ],
    )
    def test_may_hold_any_characters(self, text: str) -> None:
        check(text)

    @pytest.mark.parametrize("text", ["", "short", "14 characters!", "e\u0301" * 14])
    def test_has_at_least_as_many_characters_as_the_setting_says(self, text: str) -> None:
        with pytest.raises(PasswordTooShort):
            check(text)

    def test_has_at_most_1024_bytes(self) -> None:
        fine = "violet otter" + "é" * 506
        check(fine)
        with pytest.raises(PasswordTooLong):
            check(fine + "x")

    @pytest.mark.parametrize(
        "text",
        [
            "passwordpassword",
            "Password Password Password",
            "correct-horse-battery-staple",
            "c0rrecth0rsebatteryst4ple2024",
            "p@$$word p@$$word",
            "123456789012345678",
            "098765432109876",
            "qwertyuiopasdfgh",
            "abcdefghijklmnop",
            "aaaaaaaaaaaaaaa",
            "---------------",
            "1234123412341234",
            "Administrator 2024",
            "ann.miller ann.miller",
            "AnnMiller ANNMILLER",
            "bremer werft 2024",
            "keystead-keystead",
            "Grafana Grafana 1",
        ],
    )
    def test_is_nothing_that_everybody_tries(self, text: str) -> None:
        with pytest.raises(PasswordTooCommon):
            check(text)

    def test_may_be_common_where_the_settings_allow_it(self) -> None:
        check("admin", OF_GRAFANA)
        check("abcd", OF_GRAFANA)

    def test_may_have_to_be_longer_in_an_own_change(self) -> None:
        check("admin", OF_GRAFANA.for_own_change())
        with pytest.raises(PasswordTooShort):
            check("abcd", OF_GRAFANA.for_own_change())
        assert STRICT.for_own_change() == STRICT


class TestTheListOfCommonPasswords:
    def test_holds_texts_as_they_are_compared(self) -> None:
        assert len(COMMON_PASSWORDS) > 400
        assert [word for word in COMMON_PASSWORDS if not re.fullmatch("[a-z0-9]+", word)] == []

    def test_finds_each_of_its_entries(self) -> None:
        assert [word for word in COMMON_PASSWORDS if not is_common(word.upper(), names=())] == []


class TestWhatIsHashed:
    def test_is_keyed_and_the_same_however_the_text_was_composed(self) -> None:
        expected = hmac.digest(bytes(range(32)), "é".encode(), "sha256")
        assert password_input(PEPPER, Secret("é")) == password_input(PEPPER, Secret("e\u0301")) == expected
