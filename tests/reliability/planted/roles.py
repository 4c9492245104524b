"""Holes in who may make, give and have roles, levels and teams."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection, select

from keystead.core.access.delegation import check_may_delegate
from keystead.core.access.given import Subject
from keystead.core.access.named_roles import OF_SERVER, NamedRole
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.kept import Kept
from keystead.core.orgs.model import OrgId
from keystead.storage import grants as grant_rows
from keystead.storage import role_assignments as assignment_rows
from keystead.storage import roles as role_rows
from keystead.storage import team_levels
from keystead.storage import team_members as member_rows
from keystead.storage.schema import org as org_table
from keystead.usecases import (
    credentials,
    grants,
    holder_roles,
    memberships,
    object_grants,
    role_assignments,
    roles,
    serviceaccount_creation,
    serviceaccounts,
    team_members,
    teams,
)

Set: TypeAlias = Callable[[object, str, object], None]
_DELEGATING = (roles, role_assignments, holder_roles, serviceaccount_creation)


def role_version_ignored(set_: Set) -> None:
    """Let an older version of a role replace a newer one."""
    set_(roles, "next_version", lambda stored, wanted: wanted or stored + 1)


def delegation_unchecked(set_: Set) -> None:
    """Let whoever may give roles give any."""
    for place in _DELEGATING:
        set_(place, "check_may_delegate", lambda *_given, **_named: None)


def global_role_by_org_admin(set_: Set) -> None:
    """Take every caller for a server admin where roles of the whole server are made and given."""

    def check(by: Principal, role: NamedRole, action: Action, *, everywhere: bool = False) -> None:
        check_may_delegate(replace(by, is_server_admin=True), role, action, everywhere=everywhere)

    for place in _DELEGATING:
        set_(place, "check_may_delegate", check)


def role_before_ignored(set_: Set) -> None:
    """Ask only what a role is to permit, and not what it did."""
    asked: list[NamedRole] = []

    def check(by: Principal, role: NamedRole, action: Action, *, everywhere: bool = False) -> None:
        is_change = (
            action is Action.ROLES_WRITE and role.id != OF_SERVER
        )  # asked as it was, then as it is to be
        if is_change:
            asked.append(role)
        if not is_change or len(asked) % 2 == 0:
            check_may_delegate(by, role, action, everywhere=everywhere)

    set_(roles, "check_may_delegate", check)


def deleted_role_acts(set_: Set) -> None:
    """Forget to delete what is said to be deleted."""
    set_(role_rows, "delete_role", lambda *_given: None)


def assignment_elsewhere(set_: Set) -> None:
    """Count what somebody was given in any organization as given in this one."""
    honest = grant_rows.get_given

    def get_given(db: Connection, subject: Subject) -> str:
        orgs = db.execute(select(org_table.c.id)).scalars().all() if subject.role else [subject.org]
        told = [json.loads(honest(db, subject._replace(org=OrgId(org) if org else None))) for org in orgs]
        return json.dumps([thing for things in told for thing in things])

    set_(grant_rows, "get_given", get_given)
    set_(grants, "_compiled", Kept(1_000_000))


def assignment_outlives_member(set_: Set) -> None:
    """Keep the roles of somebody who leaves the organization."""
    set_(assignment_rows, "delete_assignments_of", lambda *_given: None)


def level_above_own(set_: Set) -> None:
    """Let whoever may give levels give any."""
    set_(object_grants, "check_may_give", lambda *_given: None)


def team_above_own(set_: Set) -> None:
    """Look only at the level on a team, and not at what the team gives."""
    set_(team_levels, "list_given_to_team", lambda *_given: [])


def team_kept_after_leaving(set_: Set) -> None:
    """Keep somebody in the team, or in the organization's teams, that they left."""
    set_(member_rows, "delete_member", lambda *_given: None)
    set_(member_rows, "delete_member_of_all", lambda *_given: None)


def list_wider_than_check(set_: Set) -> None:
    """Show all things of a kind to whoever may read one of them."""

    def visible(*_given: object) -> None:
        return None

    for place in (credentials, serviceaccounts, memberships, teams, team_members):
        set_(place, "visible_ids", visible)
    set_(roles, "visible_uids", visible)
