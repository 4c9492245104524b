"""Holes in who may do what, each of which some sequence of calls must find."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from typing import TypeAlias

from msgspec import structs
from sqlalchemy import ClauseElement, Connection
from starlette.requests import Request

from keystead.core.access.grants import Grants
from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.member import Member
from keystead.core.orgs.model import OrgId
from keystead.http import body, endpoint
from keystead.storage import accounts as account_rows
from keystead.storage import object_grants
from keystead.storage import tokens as token_rows
from keystead.storage.verify import Presented
from keystead.usecases import credentials, grants, memberships, serviceaccounts, tokens, verify
from keystead.usecases.verify import Verifier
from tests.reliability.statements import caller_name, without_org

Set: TypeAlias = Callable[[object, str, object], None]
_KEYS = {"list_keys", "find_key", "delete_key"}
_ACCOUNTS = {
    *("find_service_account", "find_listed", "lock_service_account", "set_service_account"),
    *("delete_service_account", "list_service_accounts", "set_role"),
}


def mint_above_role(set_: Set) -> None:
    """F19: whoever may change an account gets a token of it."""
    set_(tokens, "may_mint", lambda *_given, **_named: True)


def role_ceiling_swapped(set_: Set) -> None:
    """Compare the wrong way round: the weak may give what is above them."""

    def reaches(own: Role | None, wanted: Role) -> bool:
        order = list(Role)
        return own is not None and order.index(own) <= order.index(wanted)

    for place in (credentials, serviceaccounts, memberships):
        set_(place, "reaches", reaches)


def current_role_ignored(set_: Set) -> None:
    """K28: lower somebody who stands above oneself, if that is not the last one."""
    honest, check_not_last = memberships._find_member, memberships._check_not_last

    def find_member(db: Connection, org: OrgId, account: AccountId) -> Member:
        return replace(honest(db, org, account), role=Role.VIEWER)

    def check(db: Connection, member: Member) -> None:
        check_not_last(db, honest(db, member.org, AccountId(member.id)))

    set_(memberships, "_find_member", find_member)
    set_(memberships, "_check_not_last", check)


def last_admin_unguarded(set_: Set) -> None:
    set_(memberships, "_check_not_last", lambda _db, _member: None)


def disabled_account_acts(set_: Set) -> None:
    """Let the tokens of a disabled account in."""
    check_leniently(set_, lambda found: structs.replace(found, is_owner_disabled=False))


def expired_key_acts(set_: Set) -> None:
    """Look for the end of a credential only where it is a token."""
    check_leniently(
        set_, lambda found: found if found.owner is not None else structs.replace(found, expires_at=None)
    )


def check_leniently(set_: Set, seen_as: Callable[[Presented], Presented]) -> None:
    honest = Verifier._check

    def check(verifier: Verifier, found: Presented, now: UnixSeconds, origin: Origin) -> None:
        honest(verifier, seen_as(found), now, origin)

    set_(Verifier, "_check", check)


def rotated_token_acts(set_: Set) -> None:
    """Forget to revoke what was rotated without a grace, or revoked."""
    set_(token_rows, "mark_revoked", lambda *_given, **_named: None)


def server_admin_from_body(set_: Set) -> None:
    """Take the flag from whatever stands in the body of a new person."""
    add_user = account_rows.add_user
    wanted = [False]

    def decode(request: Request, raw: bytes, kind: type) -> object:
        wanted[0] = bool(json.loads(raw).get("isGrafanaAdmin"))
        return body.decode(request, raw, kind)

    def add(db: Connection, *given: object, **named: object) -> AccountId:
        return add_user(db, *given, **{**named, "is_server_admin": named["is_server_admin"] or wanted[0]})  # type: ignore[arg-type] # as it came

    set_(endpoint, "decode", decode)
    set_(account_rows, "add_user", add)


def level_outlives_member(set_: Set) -> None:
    """Keep what somebody had on single accounts when they leave the organization."""
    set_(object_grants, "delete_of_account", lambda *_given: None)


def grants_of_another(set_: Set) -> None:
    """Keep compiled rights under what was given beside the role, and forget the role."""
    kept: dict[str, Grants] = {}

    def compiled(role: Role | None, given: str, *, is_server_admin: bool) -> Grants:
        return kept.setdefault(given, grants.compiled(role, given, is_server_admin=is_server_admin))

    set_(verify, "compiled", compiled)


def org_filter_of_keys(set_: Set) -> None:
    """Leave the organization out of the statements about API keys."""
    forget_org(set_, _KEYS)


def org_filter_of_accounts(set_: Set) -> None:
    """Leave the organization out of the statements about service accounts."""
    forget_org(set_, _ACCOUNTS)


def forget_org(set_: Set, names: set[str]) -> None:
    honest = Connection.execute

    def execute(db: Connection, statement: object, *given: object) -> object:
        if caller_name(sys._getframe()) in names and isinstance(statement, ClauseElement):
            statement = without_org(statement)
        return honest(db, statement, *given)  # type: ignore[call-overload] # handed on as they came

    set_(Connection, "execute", execute)


def star_in_the_middle(set_: Set) -> None:
    """F21: let a star stand for anything, wherever it is."""

    def allows(held_by: Grants, action: str, scope: str) -> bool:
        held = held_by.scopes(action)
        return bool(held) and (not scope or any(one and fnmatch(scope, one) for one in held))

    set_(Grants, "allows", allows)
