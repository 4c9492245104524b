"""Rights that were given beside a basic role, each to a machine of its own, and what takes them away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.reliability.client import Client

NewOne = Callable[[Client, str, object], Any]
READS_MEMBERS = {"action": "org.users:read", "scope": "users:*"}
ROLES, TEAMS, LEVELS = "/api/access-control/roles", "/api/teams", "/api/access-control/serviceaccounts"


@dataclass(frozen=True, slots=True)
class GivenRight:
    """What it opens, and the request that ends it."""

    path: str
    method: str
    end: str
    body: Mapping[str, object] | None = None


def take_role_from_account(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    uid = new_one(by, ROLES, {"name": name, "permissions": [READS_MEMBERS]})["uid"]
    held = f"/api/access-control/users/{machine}/roles"
    new_one(by, held, {"roleUid": uid})
    return GivenRight("/api/org/users", "DELETE", f"{held}/{uid}")


def take_permission_from_role(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    uid = new_one(by, ROLES, {"name": name, "permissions": [READS_MEMBERS]})["uid"]
    new_one(by, f"/api/access-control/users/{machine}/roles", {"roleUid": uid})
    return GivenRight("/api/org/users", "PUT", f"{ROLES}/{uid}", {"name": name, "permissions": []})


def delete_role(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    given = take_role_from_account(by, new_one, machine, name)
    return GivenRight(given.path, "DELETE", f"{ROLES}/{given.end.rpartition('/')[2]}?force=true")


def take_level(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    other = new_one(by, "/api/serviceaccounts", {"name": f"{name}-other"})["id"]
    level = f"{LEVELS}/{other}/users/{machine}"
    new_one(by, level, {"permission": "Edit"})
    return GivenRight(f"/api/serviceaccounts/{other}", "POST", level, {"permission": ""})


def leave_team(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    team = new_one(by, TEAMS, {"name": name})["teamId"]
    new_one(by, f"{TEAMS}/{team}/members", {"userId": machine})
    other = new_one(by, "/api/serviceaccounts", {"name": f"{name}-other"})["id"]
    new_one(by, f"{LEVELS}/{other}/teams/{team}", {"permission": "Edit"})
    return GivenRight(f"/api/serviceaccounts/{other}", "DELETE", f"{TEAMS}/{team}/members/{machine}")


def delete_team(by: Client, new_one: NewOne, machine: int, name: str) -> GivenRight:
    team = new_one(by, TEAMS, {"name": name})["teamId"]
    new_one(by, f"{TEAMS}/{team}/members", {"userId": machine})
    return GivenRight(f"{TEAMS}/{team}", "DELETE", f"{TEAMS}/{team}")


GIVEN_RIGHTS = {
    "take role": take_role_from_account,
    "take permission from role": take_permission_from_role,
    "delete role": delete_role,
    "take level": take_level,
    "leave team": leave_team,
    "delete team": delete_team,
}
