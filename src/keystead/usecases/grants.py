"""What somebody may do: the permissions of their basic role, and what they were given beside it."""

from functools import cache

import msgspec
from sqlalchemy import Connection

from keystead.core.access.given import (
    Grant,
    Subject,
    Thing,
    grants_given,
    grants_of_basic_role,
    permissions_in,
)
from keystead.core.access.grants import NO_GRANTS, Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role, basic_permissions
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.kept import Kept
from keystead.storage import accounts, memberships
from keystead.storage import grants as rows
from keystead.storage.grants import NOTHING

_MOST_CHARACTERS = 64 * 1024 * 1024
_things = msgspec.json.Decoder(list[Thing])
_compiled: Kept[tuple[Role | None, bool, str], Grants] = Kept(_MOST_CHARACTERS)  # follows from its key alone


def grants_of(db: Connection, subject: Subject) -> Grants:
    """Return all that somebody may do, from one statement; what is equal is compiled once for everybody."""
    return compiled(subject.role, rows.get_given(db, subject), is_server_admin=subject.is_server_admin)


def grants_of_account(db: Connection, by: Principal, account_id: AccountId) -> Grants:
    """Return what a member or a machine of the caller's organization may do in it; of other people, nothing.

    Raises PermissionMissing, UserNotFound for nobody and for another organization's machine.
    """
    org = by.org_here
    role = memberships.get_role_or_none(db, org, account_id)
    if role is not None:
        person = accounts.get_user_or_none(db, account_id)
        is_server_admin = person is not None and person.is_server_admin
        return grants_of(db, Subject(account_id, org, role, is_server_admin))
    if accounts.get_user_or_none(db, account_id) is None:
        raise UserNotFound(f"account={account_id}")
    return NO_GRANTS


def list_given(db: Connection, subject: Subject) -> list[Permission]:
    """Return what somebody was given beside their basic role. A permission may stand in it twice."""
    return permissions_told(rows.get_given(db, subject))


def list_grants(db: Connection, subject: Subject) -> list[Grant]:
    """Return each permission with the role and the way that it comes by: once for each of these."""
    given = [grant for one in rows.list_given(db, subject) for grant in grants_given(one, subject.account)]
    return [*grants_of_basic_role(subject), *given]


def compiled(role: Role | None, given: str, *, is_server_admin: bool) -> Grants:
    """Return what a basic role gives, with what stands in the text that `storage.grants` tells."""
    basic = basic_grants(role, is_server_admin=is_server_admin)
    if given == NOTHING:
        return basic
    key = role, is_server_admin, given
    known = _compiled.get_or_none(key)
    if known is None:
        known = basic.plus(permissions_told(given))
        _compiled.keep(key, known, len(given))
    return known


def permissions_told(given: str) -> list[Permission]:
    return [permission for thing in _things.decode(given) for permission in permissions_in(thing)]


@cache
def basic_grants(role: Role | None, *, is_server_admin: bool) -> Grants:
    """Return what a basic role gives, compiled once: there are eight of them."""
    permissions = basic_permissions(role, is_server_admin=is_server_admin)
    return Grants.of(permissions, is_org_admin=role is Role.ADMIN)
