"""Form bytes to typed bodies, or to a message for each field. Pure: use cases refuse the rest later."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl

from keystead.core.access.errors import RoleAboveOwn
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import (
    LoginTaken,
    OldPasswordWrong,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)
from keystead.core.credentials.errors import ApiKeyNameTaken, TimeToLiveAboveLimit
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.time_to_live import parse_time_to_live, worded_maximum
from keystead.core.errors import Invalid, KeysteadError
from keystead.core.secret import Secret

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_TEXT = 190  # characters
_MAX_FIELDS = 1_000  # a role may permit a lot
Body = TypeVar("Body")


class FormUnreadable(Invalid):
    message = "bad request data"
    message_id = "web.form-unreadable"


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent, as texts; a field that is absent is empty."""

    values: Mapping[str, str]

    def typed(self, name: str) -> str:
        """Return a text exactly as it was typed: a password, or what a refused form shows again."""
        return self.values.get(name, "")

    def text(self, name: str) -> str:
        return self.typed(name).strip()

    def secret(self, name: str) -> Secret:
        return Secret(self.typed(name))


@dataclass(frozen=True, slots=True)
class Refused:
    """Messages by field name; never what was typed."""

    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignIn:
    user: str
    password: Secret
    redirect_to: str


@dataclass(frozen=True, slots=True)
class NewKey:
    name: str
    role: Role
    lifetime_s: int  # 0: never expires, where settings allow that


@dataclass(frozen=True, slots=True)
class NewPassword:
    old: Secret
    new: Secret


@dataclass(frozen=True, slots=True)
class Details:
    name: str
    email: str
    login: str


def read_form(content_type: str, raw: bytes) -> Form:
    """Return the fields; the first of equal names counts. Raises FormUnreadable."""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise FormUnreadable("media type")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:  # UnicodeDecodeError is one too
        raise FormUnreadable(type(error).__name__) from None
    return Form(dict(reversed(pairs)))


def read_sign_in(form: Form) -> SignIn | Refused:
    messages = {
        "user": "" if form.text("user") else "Email or username is required",
        "password": "" if form.typed("password") else "Password is required",
    }
    return _unless_refused(
        messages, lambda: SignIn(form.text("user"), form.secret("password"), form.text("redirectTo"))
    )


def read_new_key(form: Form, limit: LifetimeLimit) -> NewKey | Refused:
    """The name's uniqueness and the ceiling of the role are the use case's to tell."""
    lifetime_s, ttl_message = _lifetime(form.typed("ttl"), limit)
    messages = {
        "name": text_message("Key name", form.typed("name")),
        "role": "" if form.typed("role") in set(Role) else "Invalid role specified",
        "ttl": ttl_message,
    }
    return _unless_refused(messages, lambda: NewKey(form.text("name"), Role(form.typed("role")), lifetime_s))


def read_new_password(form: Form, *, asks_old: bool) -> NewPassword | Refused:
    """Whether the new one is good enough is the use case's to tell."""
    new, again = form.typed("newPassword"), form.typed("confirmNew")
    messages = {
        "oldPassword": "Old password is required" if asks_old and not form.typed("oldPassword") else "",
        "newPassword": "" if new else "New password is required",
        "confirmNew": "Passwords must match" if new != again else "",
    }
    return _unless_refused(
        messages, lambda: NewPassword(form.secret("oldPassword"), form.secret("newPassword"))
    )


def read_details(form: Form) -> Details | Refused:
    labels = {"name": "Name", "email": "Email", "login": "Username"}
    messages = {name: plain_text_message(label, form.typed(name)) for name, label in labels.items()}
    if not form.text("email") and not form.text("login"):
        messages["login"] = "Email or username is required"
    return _unless_refused(
        messages, lambda: Details(form.text("name"), form.text("email"), form.text("login"))
    )


def text_message(label: str, typed: str) -> str:
    """Return what is wrong with a text that must be there; "" if nothing is."""
    return plain_text_message(label, typed) if typed.strip() else f"{label} is required"


def refused_by(error: KeysteadError, *, minimum_length: int = 0) -> Refused | None:
    """Return the message at its field for what a use case refused; None if it belongs to no field."""
    fields = {
        ApiKeyNameTaken: ("name", error.message),
        RoleAboveOwn: ("role", error.message),
        OldPasswordWrong: ("oldPassword", error.message),
        PasswordTooShort: ("newPassword", f"Use at least {minimum_length} characters"),
        PasswordTooCommon: ("newPassword", "This password is too common"),
        PasswordTooLong: ("newPassword", error.message),
        LoginTaken: ("login", "Somebody else has this username or email"),
    }
    found = fields.get(type(error))
    return None if found is None else Refused({found[0]: found[1]})


def _lifetime(typed: str, limit: LifetimeLimit) -> tuple[int, str]:
    try:
        return parse_time_to_live(typed, limit), ""
    except TimeToLiveAboveLimit:
        return 0, above_maximum(limit)
    except Invalid as error:
        return 0, error.message


def above_maximum(limit: LifetimeLimit) -> str:
    """Return the message for a longer time to live; "" where there is no maximum."""
    return "" if limit.is_unlimited else f"Time to live can be at most {worded_maximum(limit.maximum_s)}"


def plain_text_message(label: str, typed: str) -> str:
    """Return what is wrong with a text that may be empty; "" if nothing is."""
    text = typed.strip()
    if len(text) > MAX_TEXT:
        return f"{label} can be at most {MAX_TEXT} characters"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        return f"{label} contains characters that cannot be used"
    return ""


def _unless_refused(messages: Mapping[str, str], body: Callable[[], Body]) -> Body | Refused:
    told = {name: message for name, message in messages.items() if message}
    return Refused(told) if told else body()
