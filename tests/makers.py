"""`a_<noun>(...)`: rows with sensible defaults; name only what the test is about."""

import itertools
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, insert, update

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role, basic_permissions
from keystead.core.accounts.model import AccountId
from keystead.core.accounts.names import PersonNames, service_account_login
from keystead.core.changes.chain import hash_of
from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.core.teams.model import TeamId, TeamLevel
from keystead.storage import (
    accounts,
    credentials,
    installation,
    memberships,
    orgs,
    serviceaccounts,
    team_members,
    teams,
    tokens,
)
from keystead.storage import changes as log
from keystead.storage.passwords import StoredPassword
from keystead.storage.schema import account, change
from keystead.storage.schema import installation as installation_table
from keystead.storage.tokens import NewToken
from keystead.usecases.changes import Target
from keystead.usecases.doorkeeper import principal_of

NOON = UnixSeconds(1_700_000_000)
PEPPER = Pepper.of(1, bytes(range(32)))
_numbers = itertools.count(1)
MINT = Mint(lambda length: f"canary{next(_numbers):0{length - 6}}", (PEPPER,), "glsa")


def an_installation(db: Connection, *, secrets_check: bytes = bytes(32)) -> None:
    installation.add_installation(db, secrets_check=secrets_check, at=NOON)


def an_org(db: Connection, *, name: str = "Main Org.") -> OrgId:
    return orgs.add_org(db, name=name, at=NOON)


def a_person(
    db: Connection,
    org: OrgId | None = None,
    *,
    login: str = "alice",
    email: str = "",
    name: str = "",
    role: Role = Role.VIEWER,
    is_server_admin: bool = False,
    password: StoredPassword | None = None,
) -> AccountId:
    """Return someone who acts in the organization, if there is one."""
    names = PersonNames(login, email or f"{login}@example.com")
    person = accounts.add_user(
        db, names, name=name, password=password, is_server_admin=is_server_admin, active_org=org, at=NOON
    )
    accounts.add_login_names(db, person, names)
    if org is not None:
        memberships.add_membership(db, org, person, role=role, at=NOON)
    return person


def a_machine(db: Connection, *, login: str = "sa-ci") -> AccountId:
    """Return a service account that is in no organization yet."""
    values = {
        "kind": "serviceaccount",
        "login": login,
        "email": "",
        "name": login,
        "search_key": login,
        "is_server_admin": False,
        "is_disabled": False,
        "theme": "",
        "help_flags": 0,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return AccountId(db.execute(account.insert().values(values).returning(account.c.id)).scalar_one())


def a_service_account(
    db: Connection,
    org: OrgId,
    *,
    name: str = "ci",
    role: Role = Role.VIEWER,
    is_disabled: bool = False,
    description: str = "",
) -> AccountId:
    """Return a machine of the organization, with its membership."""
    login = service_account_login(name)
    machine = serviceaccounts.add_service_account(
        db, org, name=name, login=login, description=description, is_disabled=is_disabled, at=NOON
    )
    memberships.add_membership(db, org, machine, role=role, at=NOON)
    return machine


def a_team(db: Connection, org: OrgId, *, name: str = "builders", email: str = "") -> TeamId:
    return teams.add_team(db, org, uid=f"u{name}", name=name, email=email, at=NOON)


def a_member(
    db: Connection, org: OrgId, team: TeamId, account_id: AccountId, level: TeamLevel = TeamLevel.MEMBER
) -> None:
    """Put an account into a team."""
    team_members.add_member(db, org, team, account_id, level=level, at=NOON)


def a_token(
    db: Connection,
    org: OrgId,
    owner: AccountId,
    *,
    name: str = "t",
    lifetime_s: int = 0,
    by: Principal | None = None,
    at: UnixSeconds = NOON,
) -> CredentialId:
    token, _secret = a_token_with_secret(db, org, owner, name=name, lifetime_s=lifetime_s, by=by, at=at)
    return token


def a_token_with_secret(
    db: Connection,
    org: OrgId,
    owner: AccountId,
    *,
    name: str = "t",
    lifetime_s: int = 0,
    by: Principal | None = None,
    at: UnixSeconds = NOON,
) -> tuple[CredentialId, Secret]:
    minted = MINT.new_token()
    expires_at = UnixSeconds(at + lifetime_s) if lifetime_s else None
    new = NewToken(name, minted.digest, lifetime_s, expires_at)
    return tokens.add_token(db, org, owner, new, by=by or a_principal(org), at=at), minted.secret


def as_person(db: Connection, person: AccountId, org: OrgId | None = None) -> Principal:
    """Return the person calling with a password, in the organization where they are active or in this one."""
    return principal_of(db, accounts.find_user(db, person), org, Origin("192.0.2.1", "r1"))


def a_principal(
    org: OrgId | None, *, role: Role | None = Role.ADMIN, permissions: Iterable[Permission] | None = None
) -> Principal:
    """Return an API key's principal, with what comes with the role, or with exactly these permissions."""
    if permissions is None:
        permissions = basic_permissions(role, is_server_admin=False)
    return Principal(
        kind=PrincipalKind.API_KEY,
        account_id=AccountId(0),
        credential_id=CredentialId(1),
        session_id=None,
        org=org,
        role=role,
        login="",
        name="caller",
        is_server_admin=False,
        grants=Grants.of(permissions, is_org_admin=role is Role.ADMIN),
        origin=Origin("192.0.2.1", "r1"),
    )


def somebody(
    org: OrgId | None, *, role: Role | None = Role.ADMIN, permissions: Iterable[Permission] | None = None
) -> Principal:
    """Return the same for a person, who may make what outlives every credential."""
    caller = a_principal(org, role=role, permissions=permissions)
    return replace(caller, kind=PrincipalKind.USER, credential_id=None)


def through(org: OrgId, credential: CredentialId) -> Principal:
    """Return the principal of a credential that is there."""
    return replace(a_principal(org), credential_id=credential)


def an_api_key(
    db: Connection,
    org: OrgId,
    *,
    name: str = "ci",
    role: Role = Role.VIEWER,
    by: Principal | None = None,
    at: UnixSeconds = NOON,
    expires_at: int | None = None,
) -> CredentialId:
    return credentials.add_key(
        db,
        org,
        name=name,
        role=role,
        digest=MINT.new_key(name, org).digest,
        by=by or a_principal(org),
        at=at,
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
    )


def an_api_key_with_secret(
    db: Connection,
    org: OrgId,
    *,
    name: str = "ci",
    role: Role = Role.VIEWER,
    at: UnixSeconds = NOON,
    expires_at: int | None = None,
) -> tuple[CredentialId, Secret]:
    minted = MINT.new_key(name, org)
    id_ = credentials.add_key(
        db,
        org,
        name=name,
        role=role,
        digest=minted.digest,
        by=a_principal(org),
        at=at,
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
    )
    return id_, minted.secret


CI_KEY = Target("apikey", 7, "ci")
BUILDER = Actor(ActorKind.SERVICE_ACCOUNT, 12, "sa-builder", CredentialId(3))


def some_changes(
    db: Connection,
    org: OrgId | None,
    count: int = 1,
    *,
    action: str = "apikey.create",
    target: Target = CI_KEY,
    by: Actor = BUILDER,
    at: UnixSeconds = NOON,
) -> None:
    """Append to the log of an installation, each a second after the one before, with one statement."""
    head = log.find_head(db)
    last, rows = head.hash, []
    for number in range(count):
        entry = Change(
            id=ChangeId(head.id + 1 + number),
            at=UnixSeconds(at + number),
            org=org,
            actor=by,
            address="192.0.2.1",
            request_id="r1",
            action=action,
            target_kind=target.kind,
            target_id=str(target.id),
            target_name=target.name,
            detail={"n": number},
        )
        last = hash_of(last, entry)
        rows.append(log.get_values(entry, last))
    db.execute(insert(change), rows)
    db.execute(update(installation_table).values(access_epoch=head.id + count))
