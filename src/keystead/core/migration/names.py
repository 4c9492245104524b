"""What the service account of a migrated key is called. Source: Grafana v9.3.2, but for the numbers."""

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from keystead.core.credentials.model import ApiKey
from keystead.core.migration.model import KeyResult, KeyStatus
from keystead.core.orgs.model import OrgId

_NUMBERED = re.compile(r"(.+)-([1-9][0-9]*)", re.DOTALL)


class AccountNames(NamedTuple):
    name: str
    login: str


def account_names(org: OrgId, key_name: str) -> Iterator[AccountNames]:
    """Yield what the account may be called, best first: from the second on with a number, `-2`, `-3`..."""
    name, login = f"sa-autogen-{key_name}", f"sa-autogen-{org}-{key_name}"
    yield AccountNames(name, login)
    yield from (AccountNames(f"{name}-{number}", f"{login}-{number}") for number in count(2))


def names_in_the_way(key_name: str) -> Iterator[str]:
    """Yield the keys whose account, given a number, would have the name that this key's account gets.

    For `ci-2-3` these are `ci-2` and `ci`. All of them stand before it in the order of names.
    """
    while numbered := _NUMBERED.fullmatch(key_name):
        key_name = numbered[1]
        yield key_name


def plan_of(key: ApiKey, names: AccountNames) -> KeyResult:
    """Return what is to become of a key whose account is called so."""
    return KeyResult(
        key.id,
        key.name,
        key.role,
        KeyStatus.PLANNED,
        account_name=names.name,
        login=names.login,
        expires_at=key.expires_at,
        last_used_at=None if key.last_use is None else key.last_use.at,
        is_revoked=key.revoked_at is not None,
        was_name_taken=names.name != f"sa-autogen-{key.name}",
    )
