import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import OldPasswordWrong, PasswordTooCommon, PasswordTooShort
from keystead.core.credentials.errors import ApiKeyNameTaken
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.errors import Conflict
from keystead.core.secret import Secret
from keystead.web.forms import (
    MEDIA_TYPE,
    Details,
    Form,
    FormUnreadable,
    NewKey,
    NewPassword,
    Refused,
    SignIn,
    read_details,
    read_form,
    read_new_key,
    read_new_password,
    read_sign_in,
    refused_by,
)
from keystead.web.preference_forms import read_theme

MONTH = LifetimeLimit(maximum_s=2_592_000)
UNLIMITED = LifetimeLimit(maximum_s=-1)


def a_form(**values: str) -> Form:
    return Form({"name": "ci-deploy", "role": "Editor", "ttl": "12h", **values})


def messages(read: object) -> dict[str, str]:
    assert isinstance(read, Refused)
    return dict(read.messages)


class TestReadingAForm:
    def test_gives_the_fields(self) -> None:
        form = read_form(f"{MEDIA_TYPE}; charset=utf-8", b"name=a+b%C3%A9&role=Viewer&empty=")
        assert (form.text("name"), form.text("role"), form.text("empty"), form.text("absent")) == (
            "a bé",
            "Viewer",
            "",
            "",
        )

    def test_lets_the_first_of_equal_names_count(self) -> None:
        assert read_form(MEDIA_TYPE, b"role=Viewer&role=Admin").text("role") == "Viewer"

    @pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data", "text/plain", ""])
    def test_is_refused_for_another_media_type(self, media_type: str) -> None:
        with pytest.raises(FormUnreadable):
            read_form(media_type, b"name=a")

    @pytest.mark.parametrize("raw", [b"name=%ff", "name=é".encode(), b"&".join([b"a=1"] * 1001)])
    def test_is_refused_for_what_is_no_form(self, raw: bytes) -> None:
        with pytest.raises(FormUnreadable):
            read_form(MEDIA_TYPE, raw)

    @given(st.dictionaries(st.text(min_size=1), st.text(), max_size=20))
    def test_gives_back_what_a_browser_encoded(self, values: dict[str, str]) -> None:
        encodable = {n: v for n, v in values.items() if (n + v).isprintable()}
        assert read_form(MEDIA_TYPE, urlencode(encodable).encode()).values == encodable

    @given(st.binary(max_size=300))
    def test_ends_in_a_form_or_a_refusal(self, raw: bytes) -> None:
        with contextlib.suppress(FormUnreadable):
            read_form(MEDIA_TYPE, raw)


class TestANewKey:
    def test_is_read(self) -> None:
        assert read_new_key(a_form(name="  ci-deploy "), MONTH) == NewKey("ci-deploy", Role.EDITOR, 43_200)

    def test_may_live_for_ever_where_nothing_limits_it(self) -> None:
        assert read_new_key(a_form(ttl=" "), UNLIMITED) == NewKey("ci-deploy", Role.EDITOR, 0)

    def test_gets_a_message_for_each_field(self) -> None:
        read = read_new_key(Form({"name": " ", "role": "Owner", "ttl": ""}), MONTH)
        assert messages(read) == {
            "name": "Key name is required",
            "role": "Invalid role specified",
            "ttl": "Time to live is required",
        }

    @pytest.mark.parametrize(
        ("ttl", "message"),
        [
            ("31d", "Time to live can be at most 30 days (one month)"),
            ("1y", "Not a valid duration"),
            ("1D", "Not a valid duration"),
            ("-5d", "Not a valid duration"),
            ("\uff11\uff12h", "Not a valid duration"),
            ("0s", "Time to live must be more than zero"),
        ],
    )
    def test_is_refused_for_a_bad_time_to_live(self, ttl: str, message: str) -> None:
        assert messages(read_new_key(a_form(ttl=ttl), MONTH)) == {"ttl": message}

    def test_says_another_maximum_in_words(self) -> None:
        read = read_new_key(a_form(ttl="1M"), LifetimeLimit(maximum_s=43_200))
        assert messages(read) == {"ttl": "Time to live can be at most 12 hours"}

    @pytest.mark.parametrize("name", ["a\x00b", "a\nb", "\x7fx", "a\u0085b"])
    def test_is_refused_for_a_name_with_control_characters(self, name: str) -> None:
        message = "Key name contains characters that cannot be used"
        assert messages(read_new_key(a_form(name=name), MONTH)) == {"name": message}

    def test_has_a_name_of_190_characters_at_most(self) -> None:
        assert isinstance(read_new_key(a_form(name="é" * 190), MONTH), NewKey)
        assert "name" in messages(read_new_key(a_form(name="é" * 191), MONTH))


class TestSigningIn:
    def test_is_read_with_the_password_as_typed(self) -> None:
        form = Form({"user": " ada ", "password": " secret ", "redirectTo": "/org/apikeys"})
        assert read_sign_in(form) == SignIn("ada", Secret(" secret "), "/org/apikeys")

    def test_needs_a_name_and_a_password(self) -> None:
        assert messages(read_sign_in(Form({}))) == {
            "user": "Email or username is required",
            "password": "Password is required",
        }


class TestANewPassword:
    def test_is_read(self) -> None:
        form = Form({"oldPassword": "old", "newPassword": "new one", "confirmNew": "new one"})
        assert read_new_password(form, asks_old=True) == NewPassword(Secret("old"), Secret("new one"))

    def test_must_be_typed_twice(self) -> None:
        form = Form({"oldPassword": "old", "newPassword": "new", "confirmNew": "New"})
        assert messages(read_new_password(form, asks_old=True)) == {"confirmNew": "Passwords must match"}

    def test_needs_the_old_one_except_at_the_first_sign_in(self) -> None:
        assert messages(read_new_password(Form({}), asks_old=True)) == {
            "oldPassword": "Old password is required",
            "newPassword": "New password is required",
        }
        assert "oldPassword" not in messages(read_new_password(Form({}), asks_old=False))


def test_details_need_a_login_or_an_email() -> None:
    assert read_details(Form({"email": " a@b "})) == Details("", "a@b", "")
    assert messages(read_details(Form({"name": "Ada"}))) == {"login": "Email or username is required"}


def test_a_theme_is_one_of_three() -> None:
    assert [read_theme(Form({"theme": theme})) for theme in ("system", "dark", "light")] == [
        "",
        "dark",
        "light",
    ]
    assert messages(read_theme(Form({"theme": "blue"}))) == {"theme": "Invalid theme"}


class TestWhatAUseCaseRefused:
    @pytest.mark.parametrize(
        ("error", "field", "message"),
        [
            (ApiKeyNameTaken(), "name", "API key, organization ID and name must be unique"),
            (RoleAboveOwn(), "role", "Cannot assign a role higher than user's role"),
            (OldPasswordWrong(), "oldPassword", "Invalid old password"),
            (PasswordTooShort(), "newPassword", "Use at least 15 characters"),
            (PasswordTooCommon(), "newPassword", "This password is too common"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_is_told_at_its_field(self, error: Conflict, field: str, message: str) -> None:
        assert refused_by(error, minimum_length=15) == Refused({field: message})

    def test_belongs_to_no_field_when_nothing_says_so(self) -> None:
        assert refused_by(Conflict()) is None
