"""API keys become service accounts: one key, and what the organization's keys are."""

from collections.abc import Collection
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.access.roles import reaches
from keystead.core.changes.change import Detail
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.credentials.model import ApiKey, CredentialId
from keystead.core.migration.errors import KeyAboveOwn, KeyNotMigratable
from keystead.core.migration.model import KeyFlags, KeyResult, KeyStatus, Migration, MigrationStatus
from keystead.core.migration.names import AccountNames, account_names, plan_of
from keystead.core.orgs.model import OrgId
from keystead.storage import credentials, memberships, migrations, serviceaccounts
from keystead.storage import migration as rows
from keystead.storage.orgs import find_org, find_org_by_name, lock_org
from keystead.usecases import changes
from keystead.usecases.changes import THE_HOST, Target

_NAMES_AT_ONCE = 100


def get_flags(db: Connection, by: Principal) -> KeyFlags:
    """Return what a menu must know, with one statement. Raises PermissionMissing."""
    return rows.get_flags(db, by.org_here)


def get_standing(db: Connection, by: Principal) -> tuple[KeyFlags, Migration | None]:
    """Return the same with the last job, the running one if any is. Raises PermissionMissing."""
    return migrations.get_standing(db, by.org_here)


def status(db: Connection, by: Principal) -> MigrationStatus:
    """Raises PermissionMissing."""
    org = by.org_here
    flags, job = migrations.get_standing(db, org)
    remaining = rows.count_remaining(db, org) if flags.has_keys else 0
    return MigrationStatus(flags.is_migrated, flags.is_hidden, remaining, job)


def migrate_key(
    db: Connection, by: Principal, key_id: CredentialId, *, dry_run: bool = False, clock: Clock
) -> KeyResult:
    """Make one API key the token of an account of its own; all other keys are as before.

    What is migrated already stays so. A dry run tells what would become of it and changes nothing.
    Raises PermissionMissing, KeyNotMigratable, KeyAboveOwn.
    """
    org = by.org_here
    lock_org(db, org)
    if not rows.lock_key(db, org, key_id):
        already = rows.get_migrated_or_none(db, org, key_id)
        if already is None:
            raise KeyNotMigratable(f"credential={key_id}")
        return already
    plan = planned(db, by, credentials.find_key(db, org, key_id))
    return plan if dry_run else convert(db, by, plan, at=clock())


def planned(db: Connection, by: Principal, key: ApiKey) -> KeyResult:
    """Return what would become of a key now. Raises PermissionMissing, KeyAboveOwn."""
    if not reaches(by.role, key.role):
        raise KeyAboveOwn(f"credential={key.id}")
    return plan_of(key, free_names(db, by.org_here, key.name))


def convert(db: Connection, by: Principal, plan: KeyResult, *, at: UnixSeconds) -> KeyResult:
    """Do with a key, which is locked, as planned. At no moment does it open less or more than before.

    Raises PermissionMissing, ServiceAccountLoginTaken.
    """
    org, login = by.org_here, plan.login or ""
    account = serviceaccounts.add_service_account(
        db,
        org,
        name=plan.account_name or "",
        login=login,
        description="",
        is_disabled=False,
        at=at,
        from_key=plan.name,
    )
    memberships.add_membership(db, org, account, role=plan.role, at=at)
    rows.set_owner(db, org, plan.key, name=plan.name, owner=account, at=at)
    told: Detail = {"account_id": account, "account": login, "role": plan.role.value}
    changes.record(db, by, "apikey.migrate", Target("apikey", plan.key, plan.name), at=at, detail=told)
    return replace(plan, status=KeyStatus.MIGRATED, account=account)


def free_names(db: Connection, org: OrgId, key_name: str, but: Collection[str] = frozenset()) -> AccountNames:
    """Return the first names that no account of the organization has; a login in `but` is not free either."""
    names = account_names(org, key_name)
    at_once = 1  # most are free
    while True:
        candidates = list(islice(names, at_once))
        taken = serviceaccounts.list_taken_logins(db, org, [names.login for names in candidates])
        free = next(
            (names for names in candidates if names.login not in taken and names.login not in but), None
        )
        if free is not None:
            return free
        at_once = _NAMES_AT_ONCE


def hide_keys(db: Connection, by: Principal, *, clock: Clock) -> None:
    """Let no page lead to the API keys any more, if one does. Raises PermissionMissing."""
    org, now = by.org_here, clock()
    if rows.set_hidden(db, org, at=now):
        changes.record(db, by, "apikeys.hide", Target("org", org, find_org(db, org).name), at=now)


def unhide_keys(db: Connection, name: str, *, clock: Clock) -> bool:
    """Undo that, for whoever sits at the host; False: they were not hidden. Raises OrgNotFound."""
    org = find_org_by_name(db, name)
    if not rows.set_hidden(db, org.id, at=None):
        return False
    target = Target("org", org.id, org.name)
    changes.record(db, THE_HOST, "apikeys.unhide", target, at=clock(), org=org.id)
    return True
