"""Which new passwords are good enough, and what of a password is hashed."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from keystead.core.accounts.common_passwords import COMMON_PASSWORDS, KEYBOARD_RUNS
from keystead.core.accounts.errors import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret

MAX_PASSWORD_BYTES = 1024
_PRODUCT_NAMES = frozenset({"keystead", "grafana"})
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_SHORT_ENDING = re.compile(r"[0-9]{1,4}$")  # a year, a counter; more digits may well be random
_REPEATED = re.compile(r"(.+?)\1+")
_LOOKALIKE_SIGNS = str.maketrans("@$!", "asi")
_LOOKALIKE_DIGITS = str.maketrans("013457", "oieast")


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """The slice of the settings that these rules need."""

    minimum_length: int  # characters
    refuse_common: bool
    own_change_minimum: int | None = None  # where someone changes their own; None: the same

    def for_own_change(self) -> "PasswordRules":
        return replace(self, minimum_length=self.own_change_minimum or self.minimum_length)


def check_new_password(
    password: Secret, rules: PasswordRules, *, login: str, org_names: Iterable[str]
) -> None:
    """Say nothing if the password may be used; any characters may, and none are asked for.

    Raises PasswordTooLong, PasswordTooShort, PasswordTooCommon.
    """
    text = unicodedata.normalize("NFC", password.reveal())
    if len(text.encode()) > MAX_PASSWORD_BYTES:
        raise PasswordTooLong
    if len(text) < rules.minimum_length:
        raise PasswordTooShort
    if rules.refuse_common and is_common(text, names=(login, *org_names)):
        raise PasswordTooCommon


def password_input(pepper: Pepper, password: Secret) -> bytes:
    """Return what the slow hash is made of: HMAC-SHA256 of the composed text, 32 bytes."""
    return pepper.digest(unicodedata.normalize("NFC", password.reveal()).encode())


def is_common(text: str, *, names: Iterable[str]) -> bool:
    """Say whether a guesser would try this early: well-known, a name at hand, or either in thin disguise."""
    guesses = COMMON_PASSWORDS | _PRODUCT_NAMES | {_bare(name) for name in names}
    plain = _undisguised({_bare(text), _bare(text.translate(_LOOKALIKE_SIGNS))})
    return not guesses.isdisjoint(plain) or any(part in run for part in plain for run in KEYBOARD_RUNS)


def _undisguised(texts: set[str]) -> set[str]:
    """Return the texts, also without what people add to a word: repetition, a few digits, look-alikes."""
    plain = texts | {_SHORT_ENDING.sub("", text) for text in texts}
    plain |= {repeated[1] for text in plain if (repeated := _REPEATED.fullmatch(text))}
    return plain | {text.translate(_LOOKALIKE_DIGITS) for text in plain}


def _bare(text: str) -> str:
    """Return the letters and digits, without regard to case."""
    return _NO_LETTER_OR_DIGIT.sub("", unicodedata.normalize("NFKC", text).casefold())
