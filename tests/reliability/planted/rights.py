"""Holes in who may do what, each of which some sequence of calls must find."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatch
from functools import cache
from typing import TypeAlias

from msgspec import structs
from sqlalchemy import Connection, select
from starlette.requests import Request

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role, basic_permissions
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials import ceiling
from keystead.core.credentials.model import CredentialId
from keystead.core.kept import Kept
from keystead.core.orgs.member import Member
from keystead.core.orgs.model import OrgId
from keystead.http import body, endpoint
from keystead.storage import accounts as account_rows
from keystead.storage import makers as maker_rows
from keystead.storage import object_grants
from keystead.storage import tokens as token_rows
from keystead.storage.schema import credential
from keystead.storage.verify import Presented
from keystead.usecases import accounts, credentials, grants, memberships, serviceaccounts, tokens, verify
from keystead.usecases.sign_in import Candidate
from keystead.usecases.verify import Verifier

Set: TypeAlias = Callable[[object, str, object], None]


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


def role_order_strict(set_: Set) -> None:
    """Take > for >=: nobody reaches what they are themselves."""

    def reaches(own: Role | None, wanted: Role) -> bool:
        order = list(Role)
        return own is not None and order.index(own) > order.index(wanted)

    for place in (credentials, serviceaccounts, memberships, ceiling):
        set_(place, "reaches", reaches)


def mint_above_given(set_: Set) -> None:
    """Make tokens for whoever has the role of the account, whatever it was given beside that."""
    set_(tokens, "list_given", lambda *_given: [])


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


def last_server_admin_unguarded(set_: Set) -> None:
    set_(accounts, "_check_not_last", lambda _admins, _user: None)


def disabled_person_acts(set_: Set) -> None:
    """Let people in who are disabled, as long as they know their password."""
    set_(Candidate, "may_enter", property(lambda candidate: candidate.user is not None))


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


def shared_role_list(set_: Set) -> None:
    """Add what somebody was given to the one list that all who have the basic role share."""

    def plus(held: Grants, permissions: Iterable[Permission]) -> Grants:
        for action, scope in permissions:
            held._own[action] = held.scopes(action) | {scope}  # type: ignore[index] # nobody else writes there
        return held

    @cache
    def basic_grants(role: Role | None, *, is_server_admin: bool) -> Grants:
        listed = basic_permissions(role, is_server_admin=is_server_admin)
        return Grants.of(listed, is_org_admin=role is Role.ADMIN)

    set_(grants, "basic_grants", basic_grants)  # or it would be shared with what runs later in this process
    set_(grants, "_compiled", Kept(1_000_000))
    set_(Grants, "plus", plus)


def star_in_the_middle(set_: Set) -> None:
    """F21: let a star stand for anything, wherever it is."""

    def allows(held_by: Grants, action: str, scope: str) -> bool:
        held = held_by.scopes(action)
        return bool(held) and (not scope or any(one and fnmatch(scope, one) for one in held))

    set_(Grants, "allows", allows)


def made_outlives_maker(set_: Set) -> None:
    """F20: what ends makes what does not."""
    for place in (credentials, tokens):
        set_(place, "check_maker", lambda *_given: None)


def cascade_stops_at_children(set_: Set) -> None:
    """Revoke what a credential made, and not what that made."""
    whole = maker_rows.list_made

    def children(db: Connection, org: OrgId, maker: CredentialId) -> list[maker_rows.Made]:
        c = credential.c
        own = select(c.id).where(c.org_id == org, c.created_by_credential_id == maker)
        known = frozenset(db.execute(own).scalars())
        return [one for one in whole(db, org, maker) if one.id in known]

    set_(maker_rows, "list_made", children)
