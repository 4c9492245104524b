"""What the tables and the model hold, in the same words: sets of tuples, each with its organization first."""

import sqlite3
from collections.abc import Mapping
from typing import Any, TypeAlias

from tests.properties.rbac_people import World

Row: TypeAlias = tuple[Any, ...]
Relations: TypeAlias = Mapping[str, frozenset[Row]]
NOWHERE = 0  # what belongs to no organization, or counts in all
_HOLDER = (
    "CASE WHEN account_id IS NOT NULL THEN 'account' WHEN team_id IS NOT NULL THEN 'team' ELSE 'basic' END"
)
_WHICH = "coalesce(account_id, team_id, basic_role)"
_LEVEL = "CASE WHEN is_admin THEN 'Admin' ELSE 'Member' END"
_UID = "CASE WHEN r.account_id IS NULL THEN r.uid ELSE 'own of ' || r.account_id END"
_QUERIES = {
    "orgs": "SELECT id FROM org",
    "people": "SELECT 0, id, login, is_server_admin, is_disabled FROM account WHERE kind = 'user'",
    "members": "SELECT org_id, account_id, role FROM membership",
    "keys": "SELECT org_id, id, name, role, expires_at FROM credential WHERE account_id IS NULL",
    "accounts": "SELECT home_org_id, id, name, is_disabled FROM account WHERE kind = 'serviceaccount'",
    "tokens": "SELECT org_id, id, account_id, name, revoked_at IS NOT NULL, coalesce(expires_at, 0)"
    " FROM credential WHERE account_id IS NOT NULL",
    "levels": f"SELECT org_id, CAST(object_id AS INTEGER), {_HOLDER}, {_WHICH}, level FROM object_grant",
    "teams": "SELECT org_id, id, name FROM team",
    "in_team": f"SELECT org_id, team_id, account_id, {_LEVEL} FROM team_member",
    "roles": f"SELECT r.place, {_UID}, r.version, coalesce(r.account_id, 0) FROM role r",
    "permits": f"SELECT r.place, {_UID}, p.action, p.scope"
    " FROM role r JOIN role_permission p ON p.role_id = r.id",
    "given": "SELECT coalesce(org_id, 0), coalesce(place, -1), coalesce(fixed_role, uid),"
    f" {_HOLDER}, {_WHICH}"
    " FROM (SELECT a.org_id, a.account_id, a.team_id, a.basic_role, a.fixed_role, r.place,"
    f" {_UID} AS uid"
    " FROM role_assignment a LEFT JOIN role r ON r.id = a.role_id)",
}


def relations_in(raw: sqlite3.Connection) -> Relations:
    return {name: frozenset(raw.execute(query)) for name, query in _QUERIES.items()}


def relations_of(world: World) -> Relations:
    """Return what the tables must hold."""
    of = world.accounts
    told: dict[str, list[Row]] = {
        "orgs": [(org,) for org in world.orgs],
        "people": [
            (NOWHERE, id_, one.login, one.is_server_admin, one.is_disabled)
            for id_, one in world.people.items()
        ],
        "members": [(org, id_, role) for (org, id_), role in world.members.items()],
        "keys": [(one.org, id_, one.name, one.role, one.ends) for id_, one in world.keys.items()],
        "accounts": [(one.org, id_, one.name, one.is_disabled) for id_, one in of.items()],
        "tokens": [
            (one.org, id_, one.account, one.name, one.is_revoked, one.ends or 0)
            for id_, one in world.tokens.items()
        ],
        "levels": [(of[id_].org, id_, *holder, level) for (id_, holder), level in world.levels.items()],
        "teams": [(one.org, id_, one.name) for id_, one in world.teams.items()],
        "in_team": [
            (world.teams[team].org, team, id_, level) for (team, id_), level in world.in_team.items()
        ],
        "roles": [(*key, role.version, role.owner) for key, role in world.roles.items()],
        "permits": [(*key, *one) for key, role in world.roles.items() for one in role.permissions],
        "given": [(place, *key, *holder) for place, key, holder in world.given],
    }
    return {name: frozenset(rows) for name, rows in told.items()}


def difference(one: Relations, other: Relations) -> dict[str, set[Row]]:
    """Return what stands in the first and not in the second; without relations that have nothing."""
    found = {name: set(rows - other[name]) for name, rows in one.items()}
    return {name: rows for name, rows in found.items() if rows}
