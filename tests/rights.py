"""`a_<noun>(...)`: rows of teams, roles, assignments and levels, written without any rule."""

import itertools
from collections.abc import Iterable

from sqlalchemy import Connection, insert

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.storage.schema_access import (
    object_grant,
    role,
    role_assignment,
    role_permission,
    team,
    team_member,
)
from tests.makers import NOON

_numbers = itertools.count(1)


def a_team(db: Connection, org: OrgId, *members: AccountId, admins: Iterable[AccountId] = ()) -> int:
    """Return a team with these members, and with these of them as its admins."""
    name = f"team {next(_numbers)}"
    values = {"org_id": org, "uid": name, "name": name, "search_key": name, "email": ""}
    statement = insert(team).values(**values, created_at=NOON, updated_at=NOON).returning(team.c.id)
    made = db.execute(statement).scalar_one()
    for member in dict.fromkeys((*members, *admins)):
        row = {"team_id": made, "account_id": member, "org_id": org, "is_admin": member in [*admins]}
        db.execute(insert(team_member).values(**row, created_at=NOON))
    return made


def a_role(db: Connection, org: OrgId | None, *permissions: tuple[str, str], name: str = "") -> int:
    """Return a custom role of the organization, or of the whole server."""
    name = name or f"role {next(_numbers)}"
    values = {"org_id": org, "place": org or 0, "uid": name.replace(" ", "-"), "name": name, "version": 1}
    values |= {"display_name": "", "description": "", "group_name": "", "is_hidden": False}
    statement = insert(role).values(**values, created_at=NOON, updated_at=NOON).returning(role.c.id)
    made = db.execute(statement).scalar_one()
    rows = [
        {"role_id": made, "action": action, "scope": scope, "created_at": NOON, "updated_at": NOON}
        for action, scope in permissions
    ]
    if rows:
        db.execute(insert(role_permission), rows)
    return made


def an_assignment(
    db: Connection,
    org: OrgId | None,
    assigned: int | str,
    *,
    account: AccountId | None = None,
    team: int | None = None,
    basic_role: Role | None = None,
) -> None:
    """Give a custom role, by id, or a fixed one, by name, to one holder; in no organization: everywhere."""
    is_fixed = isinstance(assigned, str)
    values = {"role_id": None if is_fixed else assigned, "fixed_role": assigned if is_fixed else None}
    db.execute(insert(role_assignment).values(org_id=org, **values, **_to(account, team, basic_role)))


def a_level(
    db: Connection,
    org: OrgId,
    level: str,
    on: tuple[str, str],
    *,
    account: AccountId | None = None,
    team: int | None = None,
    basic_role: Role | None = None,
) -> None:
    """Give a level on one object, told by kind and id."""
    kind, object_id = on
    values = {"kind": kind, "object_id": object_id, "level": level}
    db.execute(insert(object_grant).values(org_id=org, **values, **_to(account, team, basic_role)))


def _to(account: AccountId | None, team_id: int | None, basic_role: Role | None) -> dict[str, object]:
    return {
        "account_id": account,
        "team_id": team_id,
        "basic_role": basic_role,
        "once": f"{next(_numbers)}",
        "created_at": NOON,
        "created_by_kind": "user",
        "created_by_id": 1,
    }
