"""What accounts are called: logins and e-mails of people, logins of service accounts."""

from typing import NamedTuple

from keystead.core.accounts.errors import LoginMissing
from keystead.core.text import folded


class PersonNames(NamedTuple):
    login: str
    email: str


def login_key(text: str) -> str:
    """Return what is compared when names of people must be unique: without regard to case, composed.

    Logins and e-mails share this one name space, so nobody can take another's e-mail as login.
    """
    return folded(text)


def names_of_new_person(login: str, email: str) -> PersonNames:
    """Return both, trimmed; each stands in for the other where that is empty. Raises LoginMissing."""
    login, email = login.strip(), email.strip()
    if not login and not email:
        raise LoginMissing
    return PersonNames(login or email, email or login)


def names_of_changed_person(login: str, email: str, *, before: PersonNames) -> PersonNames:
    """Return both, trimmed; an empty e-mail keeps the old one, an empty login becomes the e-mail.

    Raises LoginMissing when both are empty.
    """
    login, email = login.strip(), email.strip()
    if not login and not email:
        raise LoginMissing
    return PersonNames(login or email, email or before.email)


def service_account_login(name: str) -> str:
    """Return the login that a service account keeps for ever.

    Lower-casing goes character by character, as in Grafana 9.3.2 (Go): `str.lower` knows final sigmas and
    makes two characters of U+0130.
    """
    return "sa-" + "".join(character.lower()[0] for character in name).replace(" ", "-")
