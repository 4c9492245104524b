"""The calls that change or show who may do what: about what each is, and by which route it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tests.properties.rbac_model import Holder, Permissions
from tests.reliability.picks import PASSWORD, Picks

About: TypeAlias = tuple[object, ...]  # as the model's method of the same name takes it
Asked: TypeAlias = tuple[str, str, object]  # method, path, body
_KEYS, _ACCOUNTS, _TEAMS = "/api/auth/keys", "/api/serviceaccounts", "/api/teams"
_ACCESS = "/api/access-control"
_ROLES, _LEVELS = f"{_ACCESS}/roles", f"{_ACCESS}/serviceaccounts"
_TEAM_LEVELS = {"Member": 0, "Admin": 4}


@dataclass(frozen=True, slots=True)
class Call:
    about: Callable[[Picks], About]
    asked: Callable[..., Asked]
    weight: int = 1
    takes: bool = False  # it only takes away: nobody may do more afterwards
    shows: str = ""  # where the ids or uids of a list stand in an answer
    status: int = 200


def wire(permissions: Permissions) -> list[dict[str, str]]:
    return [{"action": action, "scope": scope} for action, scope in sorted(permissions)]


def ids_of(holders: tuple[Holder, ...], kind: str) -> list[int | str]:
    return [id_ for one, id_ in holders if one == kind]


def roles_of(holder: Holder) -> str:
    return f"{_ACCESS}/{'users' if holder[0] == 'account' else 'teams'}/{holder[1]}/roles"


def level_of(account: int, holder: Holder, level: str) -> Asked:
    kind = "users" if holder[0] == "account" else "teams"
    return "POST", f"{_LEVELS}/{account}/{kind}/{holder[1]}", {"permission": level}


def new_account(name: str, rank: str, permissions: Permissions, token: str) -> Asked:
    first = {"token": {"name": token, "secondsToLive": 0}} if token else {}
    return "POST", _ACCOUNTS, {"name": name, "role": rank, "permissions": wire(permissions), **first}


def new_person(login: str, org: int) -> Asked:
    more = {"isGrafanaAdmin": True, "isAdmin": True, "role": "Admin", "id": 1}
    return (
        "POST",
        "/api/admin/users",
        {"login": login, "password": PASSWORD.format(login), "orgId": org, **more},
    )


def given_role(holder: Holder, uid: str, everywhere: bool) -> Asked:  # noqa: FBT001 - by place
    return "POST", roles_of(holder), {"roleUid": uid, **({"global": True} if everywhere else {})}


def changed_role(uid: str, version: int, permissions: Permissions) -> Asked:
    wanted = {"version": version} if version else {}
    return "PUT", f"{_ROLES}/{uid}", {"name": uid, "permissions": wire(permissions), **wanted}


def only_holders(uid: str, holders: tuple[Holder, ...]) -> Asked:
    body = {"users": ids_of(holders, "account"), "teams": ids_of(holders, "team")}
    return "PUT", f"{_ROLES}/{uid}/assignments", body


FAMILIES: Mapping[str, Mapping[str, Call]] = {
    "keys": {
        "own": Call(
            lambda _p: (), lambda: ("GET", f"{_ACCESS}/user/permissions", None), weight=4, shows="scopes"
        ),
        "list_keys": Call(lambda _p: (), lambda: ("GET", f"{_KEYS}?includeExpired=true", None), shows="id"),
        "get_key": Call(lambda p: (p.key(),), lambda key: ("GET", f"{_KEYS}/{key}", None)),
        "make_key": Call(
            lambda p: (p.name("credential"), p.rank(), p.lasts()),
            lambda name, rank, s: ("POST", _KEYS, {"name": name, "role": rank, "secondsToLive": s}),
            weight=2,
        ),
        "delete_key": Call(lambda p: (p.key(),), lambda key: ("DELETE", f"{_KEYS}/{key}", None), takes=True),
    },
    "accounts": {
        "list_accounts": Call(
            lambda _p: (), lambda: ("GET", f"{_ACCOUNTS}/search", None), shows="serviceAccounts id"
        ),
        "get_account": Call(lambda p: (p.account(),), lambda one: ("GET", f"{_ACCOUNTS}/{one}", None)),
        "make_account": Call(
            lambda p: (p.name("account"), p.rank(), p.some_permissions(), p.maybe_name("credential")),
            new_account,
            weight=2,
            status=201,
        ),
        "set_account_role": Call(
            lambda p: (p.account(), p.rank()),
            lambda one, rank: ("PATCH", f"{_ACCOUNTS}/{one}", {"role": rank}),
            weight=2,
        ),
        "switch_account": Call(
            lambda p: (p.account(), p.flag()),
            lambda one, is_disabled: ("PATCH", f"{_ACCOUNTS}/{one}", {"isDisabled": is_disabled}),
        ),
        "delete_account": Call(
            lambda p: (p.account(),), lambda one: ("DELETE", f"{_ACCOUNTS}/{one}", None), takes=True
        ),
    },
    "tokens": {
        "make_token": Call(
            lambda p: (p.account(), p.name("credential"), p.lasts_or_not()),
            lambda one, name, s: ("POST", f"{_ACCOUNTS}/{one}/tokens", {"name": name, "secondsToLive": s}),
            weight=4,
        ),
        "revoke_token": Call(
            lambda p: p.token(),
            lambda one, token: ("POST", f"{_ACCOUNTS}/{one}/tokens/{token}/revoke", None),
            takes=True,
        ),
        "delete_token": Call(
            lambda p: p.token(),
            lambda one, token: ("DELETE", f"{_ACCOUNTS}/{one}/tokens/{token}", None),
            takes=True,
        ),
        "rotate_token": Call(
            lambda p: (*p.token(), p.name("credential"), p.grace()),
            lambda one, token, name, s: (
                *("POST", f"{_ACCOUNTS}/{one}/tokens/{token}/rotate"),
                {"name": name, "graceSeconds": s},
            ),
            weight=2,
        ),
        "finish_rotation": Call(
            lambda p: p.token(),
            lambda one, token: ("POST", f"{_ACCOUNTS}/{one}/tokens/{token}/rotate/finish", None),
            takes=True,
        ),
    },
    "teams": {
        "set_level": Call(lambda p: (p.account(), p.holder(), p.level()), level_of, weight=3),
        "list_teams": Call(lambda _p: (), lambda: ("GET", f"{_TEAMS}/search", None), shows="teams id"),
        "get_team": Call(lambda p: (p.team(),), lambda team: ("GET", f"{_TEAMS}/{team}", None)),
        "make_team": Call(lambda p: (p.name("team"),), lambda name: ("POST", _TEAMS, {"name": name})),
        "delete_team": Call(
            lambda p: (p.team(),), lambda team: ("DELETE", f"{_TEAMS}/{team}", None), takes=True
        ),
        "join": Call(
            lambda p: (p.team(), p.anybody()),
            lambda team, one: ("POST", f"{_TEAMS}/{team}/members", {"userId": one}),
            weight=3,
        ),
        "change_in_team": Call(
            lambda p: (*p.team_member(), p.team_level()),
            lambda team, one, level: (
                *("PUT", f"{_TEAMS}/{team}/members/{one}"),
                {"permission": _TEAM_LEVELS[level]},
            ),
        ),
        "leave_team": Call(
            lambda p: p.team_member(),
            lambda team, one: ("DELETE", f"{_TEAMS}/{team}/members/{one}", None),
            takes=True,
        ),
        "set_in_team": Call(
            lambda p: (*p.team_member(), p.team_level_or_none()),
            lambda team, one, level: ("POST", f"{_ACCESS}/teams/{team}/users/{one}", {"permission": level}),
        ),
    },
    "roles": {
        "list_roles": Call(lambda _p: (), lambda: ("GET", _ROLES, None), shows="uid"),
        "get_role": Call(lambda p: (p.role(),), lambda uid: ("GET", f"{_ROLES}/{uid}", None)),
        "make_role": Call(
            lambda p: (p.uid(), p.seldom(), p.permissions()),
            lambda uid, is_global, permissions: (
                *("POST", _ROLES),
                {"uid": uid, "name": uid, "global": is_global, "permissions": wire(permissions)},
            ),
            weight=2,
            status=201,
        ),
        "change_role": Call(lambda p: (p.role(), p.version(), p.permissions()), changed_role, weight=3),
        "delete_role": Call(
            lambda p: (*p.role_and_place(), p.flag()),
            lambda uid, is_global, force: (
                *("DELETE", f"{_ROLES}/{uid}?global={str(is_global).lower()}&force={str(force).lower()}"),
                None,
            ),
            takes=True,
        ),
    },
    "gifts": {
        "give_role": Call(lambda p: p.gift(), given_role, weight=4),
        "take_role": Call(
            lambda p: p.assignment(),
            lambda holder, uid, everywhere: (
                *("DELETE", f"{roles_of(holder)}/{uid}" + ("?global=true" if everywhere else "")),
                None,
            ),
            takes=True,
        ),
        "set_holders": Call(lambda p: (p.role(), (p.holder(), p.holder())), only_holders, weight=2),
    },
    "members": {
        "list_members": Call(lambda _p: (), lambda: ("GET", "/api/org/users", None), shows="userId"),
        "add_member": Call(
            lambda p: (p.org(), p.name_of_person(), p.rank()),
            lambda org, login, rank: (
                "POST",
                f"/api/orgs/{org}/users",
                {"loginOrEmail": login, "role": rank},
            ),
        ),
        "set_role": Call(
            lambda p: (*p.member(), p.rank()),
            lambda org, one, rank: ("PATCH", f"/api/orgs/{org}/users/{one}", {"role": rank}),
            weight=4,
        ),
        "remove_member": Call(
            lambda p: p.member(),
            lambda org, one: ("DELETE", f"/api/orgs/{org}/users/{one}", None),
            takes=True,
        ),
        "remove_here": Call(
            lambda p: p.member()[1:], lambda one: ("DELETE", f"/api/org/users/{one}", None), takes=True
        ),
    },
    "people": {
        "make_person": Call(lambda p: (p.login(), p.org()), new_person),
        "delete_person": Call(
            lambda p: (p.person(),), lambda one: ("DELETE", f"/api/admin/users/{one}", None), takes=True
        ),
        "switch_person": Call(
            lambda p: (p.person(), p.flag()),
            lambda one, is_disabled: (
                *("POST", f"/api/admin/users/{one}/{'disable' if is_disabled else 'enable'}"),
                None,
            ),
            weight=2,
        ),
        "set_server_admin": Call(
            lambda p: (p.person(), p.flag()),
            lambda one, is_one: ("PUT", f"/api/admin/users/{one}/permissions", {"isGrafanaAdmin": is_one}),
        ),
        "make_org": Call(lambda p: (p.name("org"),), lambda name: ("POST", "/api/orgs", {"name": name})),
        "delete_org": Call(
            lambda p: (p.org(),), lambda org: ("DELETE", f"/api/orgs/{org}", None), takes=True
        ),
    },
}
CALLS = {verb: call for calls in FAMILIES.values() for verb, call in calls.items()}
