"""Why somebody of the organization may do something, or may not, and what would change that."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from keystead.core.access.denial import permission_missing
from keystead.core.access.errors import SubjectNotFound
from keystead.core.access.explanation import (
    Comparison,
    Explanation,
    Named,
    Way,
    compare,
    explain,
    named_of,
    parse_named,
)
from keystead.core.access.given import NO_ACCOUNT, Grant, Subject
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action, Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNotFound
from keystead.core.credentials.listing import BY_NAME
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.storage import credentials, memberships, serviceaccounts
from keystead.storage.credentials import KeyFilter
from keystead.storage.people_filter import PeopleFilter
from keystead.storage.serviceaccounts import AccountFilter
from keystead.usecases import grants
from keystead.usecases.verify import Verifier
from keystead.usecases.ways import ways_to_allow

MOST_FOUND = 20  # of those that a search shows
_MOST_WAYS = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody whose permissions are looked at, and what else decides whether they get in."""

    named: Named
    subject: Subject
    login: str  # of an API key, its name
    is_disabled: bool = False
    expires_at: UnixSeconds | None = None  # of an API key; None: never
    revoked_at: UnixSeconds | None = None


@dataclass(frozen=True, slots=True)
class Pasted:
    """A key or token that somebody has in their hands, good or not."""

    named: Named  # a token's account
    name: str
    expires_at: UnixSeconds | None  # None: never
    revoked_at: UnixSeconds | None


@dataclass(frozen=True, slots=True)
class Answer:
    of: Standing
    explanation: Explanation
    ways: tuple[Way, ...]  # that the caller could go, least power first; none where it is allowed


@dataclass(frozen=True, slots=True)
class Held:
    """All that somebody may do, and where it comes from."""

    of: Standing
    grants: Grants
    listed: tuple[Grant, ...]


def explain_permission(db: Connection, by: Principal, named: Named | None, wanted: Permission) -> Answer:
    """Say why; of nobody in particular: about the caller. Raises PermissionMissing, SubjectNotFound."""
    return answer_about(db, by, find_held(db, by, named), wanted)


async def find_pasted(verifier: Verifier, by: Principal, secret: Secret) -> Pasted:
    """Return what this is, in the caller's organization; it is not kept, and a wrong one counts as a failure.

    Raises PermissionMissing, CredentialUnknown, CredentialBudgetSpent, DatabaseUnavailable.
    """
    found = await verifier.find_any(secret, by.org_here, by.origin.address)
    named = Named(PrincipalKind.API_KEY, found.id)
    if found.owner is not None:
        named = Named(PrincipalKind.SERVICE_ACCOUNT, found.owner)
    return Pasted(named, found.name, found.expires_at, found.revoked_at)


def explain_pasted(db: Connection, by: Principal, named: Named, wanted: Permission) -> Answer:
    """Say the same to whoever has the credential itself, and so needs no right on its owner.

    Raises PermissionMissing, SubjectNotFound.
    """
    return answer_about(db, by, held_by(db, find_standing(db, by.org_here, named)), wanted)


def answer_about(db: Connection, by: Principal, held: Held, wanted: Permission) -> Answer:
    told = explain(held.listed, held.grants, wanted, held.of.subject.role)
    ways: Iterator[Way] = iter(())
    if not told.is_allowed and by.org is not None:
        ways = ways_to_allow(db, by, held.of.named, held.of.subject, wanted)
    return Answer(held.of, told, tuple(islice(ways, _MOST_WAYS)))


def find_held(db: Connection, by: Principal, named: Named | None) -> Held:
    """Return all that somebody may do. Raises PermissionMissing, SubjectNotFound."""
    if named is None or named == named_of(by):
        subject = Subject(by.account_id, by.org, by.role, by.is_server_admin)
        own = Standing(named_of(by), subject, by.login or by.name)
        return Held(own, by.grants, tuple(grants.list_grants(db, subject)))
    check_may_ask(by, named)
    return held_by(db, find_standing(db, by.org_here, named))


def held_by(db: Connection, of: Standing) -> Held:
    return Held(of, grants.grants_of(db, of.subject), tuple(grants.list_grants(db, of.subject)))


def compare_two(
    db: Connection, by: Principal, first: Named | None, second: Named | None
) -> tuple[Standing, Standing, Comparison]:
    """Tell what one of two may do and the other may not. Raises PermissionMissing, SubjectNotFound."""
    one, other = (find_held(db, by, named) for named in (first, second))
    return one.of, other.of, compare(one.grants, other.grants)


def check_may_ask(by: Principal, named: Named) -> None:
    """Raises PermissionMissing."""
    needed = Permission(Action.USERS_PERMISSIONS_READ, f"users:id:{named.id}")
    if named.kind is PrincipalKind.API_KEY:
        needed = Permission(Action.API_KEYS_READ, f"apikeys:id:{named.id}")
    if not by.grants.allows(*needed):
        raise permission_missing(needed.action, [needed], by.grants)


def find_standing(db: Connection, org: OrgId, named: Named) -> Standing:
    """Raises SubjectNotFound, also for those of other organizations."""
    try:
        match named.kind:
            case PrincipalKind.USER:
                return _person(db, org, named)
            case PrincipalKind.SERVICE_ACCOUNT:
                found = serviceaccounts.find_service_account(db, org, AccountId(named.id))
                return Standing(named, Subject(found.id, org, found.role), found.login, found.is_disabled)
            case _:
                key = credentials.find_key(db, org, CredentialId(named.id))
                subject = Subject(NO_ACCOUNT, org, key.role)
                return Standing(
                    named, subject, key.name, expires_at=key.expires_at, revoked_at=key.revoked_at
                )
    except (ServiceAccountNotFound, ApiKeyNotFound) as error:
        raise SubjectNotFound(error.detail) from None


def _person(db: Connection, org: OrgId, named: Named) -> Standing:
    member = memberships.get_member_or_none(db, org, AccountId(named.id))
    if member is None:
        raise SubjectNotFound(f"account={named.id}")
    subject = Subject(member.id, org, member.role, member.is_server_admin)
    return Standing(named, subject, member.login, member.is_disabled)


def search(db: Connection, by: Principal, query: str) -> list[tuple[Named, str]]:
    """Return the best matches with login or name: of those that the caller may ask about, here.

    Raises PermissionMissing.
    """
    org, most = by.org_here, MOST_FOUND
    ids = visible_ids(by.grants, Action.USERS_PERMISSIONS_READ, "users")
    only = None if ids is None else frozenset(map(AccountId, ids))
    people = memberships.list_members(db, org, PeopleFilter(query, only), offset=0, limit=most)
    machines = serviceaccounts.list_service_accounts_from(
        db, org, AccountFilter(UnixSeconds(0), ids, query), place=None, is_backward=False, limit=most
    )
    readable = KeyFilter(visible_ids(by.grants, Action.API_KEYS_READ, "apikeys"), query)
    keys = credentials.list_keys_from(db, org, readable, order=BY_NAME, place=None, limit=most)
    found = [
        *((Named(PrincipalKind.USER, one.id), one.login) for one in people),
        *((Named(PrincipalKind.SERVICE_ACCOUNT, one.account.id), one.account.login) for one in machines),
        *((Named(PrincipalKind.API_KEY, one.id), one.name) for one in keys),
    ]
    return sorted(found, key=lambda one: (one[1] != query, len(one[1])))[:most]


def find_named(
    db: Connection, by: Principal, text: str
) -> tuple[Named | None, tuple[tuple[Named, str], ...] | None]:
    """Return whom a text names, None for whoever asks; else whom it may mean, with logins, best first."""
    if not text:
        return None, None
    try:
        return parse_named(text), None
    except SubjectNotFound:
        found = tuple(search(db, by, text))
    if found and (len(found) == 1 or found[0][1] == text != found[1][1]):
        return found[0][0], None
    return None, found
