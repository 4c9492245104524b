"""Whose failed sign-ins are counted together."""

from keystead.core.accounts.model import AccountId
from keystead.core.accounts.names import login_key
from keystead.core.pepper import Pepper


def subject_of_user(account_id: AccountId) -> str:
    """Return one subject for login and e-mail of a person."""
    return f"user:{account_id}"


def subject_of_name(pepper: Pepper, name: str) -> str:
    """Return the subject of a name that nobody has; the name itself is kept nowhere."""
    return f"name:{pepper.digest(b'keystead.sign-in-name' + login_key(name).encode()).hex()}"
