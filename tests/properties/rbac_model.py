"""A second opinion on who holds what, and so may do what: written from the rules as they are told.

Things have the numbers that the application gives them; what holds between them is sets of tuples.
What each call does stands in `rbac_machines`, `rbac_roles` and `rbac_people`, whose World has it all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from tests.properties.scope_model import allowed

Permissions: TypeAlias = frozenset[tuple[str, str]]
Holder: TypeAlias = tuple[str, int | str]  # account, team or basic, and which
RoleKey: TypeAlias = tuple[
    int, str
]  # organization, 0: the whole server, -1: fixed; and uid, or name of a fixed one

FACTS = json.loads((Path(__file__).parents[1] / "core/basic_role_permissions.json").read_text())
RANKS = ("Viewer", "Editor", "Admin")
DELEGATE = "permissions:type:delegate"


def listed(rows: Iterable[dict[str, str]]) -> Permissions:
    return frozenset((row["action"], row["scope"]) for row in rows)


def resource(action: str) -> str:
    return action.partition(":")[0].partition(".")[0]


def coming_with(role: str) -> Permissions:
    """Return what Grafana gives to a basic role, and what Keystead adds to it and those below."""
    below = RANKS[: RANKS.index(role) + 1] if role in RANKS else (role,)
    added = [one for one in FACTS["keystead_fixed_roles"].values() if {*below} & {*one["grants"]}]
    return listed(FACTS["basic_roles"][role]).union(*(listed(one["permissions"]) for one in added))


_FIXED = FACTS["fixed_roles"] | FACTS["keystead_fixed_roles"]
FIXED = {name: listed(role["permissions"]) for name, role in _FIXED.items()}
BASIC = {role: coming_with(role) for role in RANKS}
SERVER = coming_with("Grafana Admin")
KNOWN = {resource(action) for held in FIXED.values() for action, _scope in held}
LEVELS = {
    (kind, level["name"]): tuple(level["actions"])
    for kind in ("serviceaccounts", "teams")
    for level in FACTS["managed_levels"][kind]["levels"]
}


class No(Exception):
    """Refused."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Person:
    login: str
    is_server_admin: bool = False
    is_disabled: bool = False


@dataclass
class Key:
    org: int
    name: str
    role: str
    ends: int


@dataclass
class Account:
    org: int
    name: str
    is_disabled: bool = False


@dataclass
class Team:
    org: int
    name: str


@dataclass
class Token:
    account: int
    org: int
    name: str
    lasts: int  # 0: for ever
    ends: int | None
    is_revoked: bool = False
    successor: int | None = None


@dataclass(frozen=True)
class Role:
    version: int
    permissions: Permissions
    owner: int = 0  # the only account that may have it


@dataclass(frozen=True)
class Who:
    """Somebody who was let in, and where they act."""

    kind: str  # person, key, token
    id: int  # of the account; of a key its own
    org: int
    role: str | None
    is_server_admin: bool = False

    @property
    def account(self) -> int:
        return 0 if self.kind == "key" else self.id


@dataclass
class Rights:
    now: int
    orgs: set[int] = field(default_factory=set)
    people: dict[int, Person] = field(default_factory=dict)
    members: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # organization and account: people's too
    keys: dict[int, Key] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    levels: dict[tuple[int, Holder], str] = field(default_factory=dict)  # on single accounts
    teams: dict[int, Team] = field(default_factory=dict)
    in_team: dict[tuple[int, int], str] = field(default_factory=dict)  # team and account
    roles: dict[RoleKey, Role] = field(default_factory=dict)
    given: set[tuple[int, RoleKey, Holder]] = field(default_factory=set)  # where; 0: everywhere
    new: list[int] = field(default_factory=list)  # what the application called what the next call makes

    # who is let in, and what they hold

    def person(self, account: int, org: int) -> Who | None:
        found = self.people.get(account)
        if found is None or found.is_disabled:
            return None
        return Who("person", account, org, self.members.get((org, account)), found.is_server_admin)

    def key(self, key: int) -> Who | None:
        found = self.keys.get(key)
        return Who("key", key, found.org, found.role) if found and found.ends > self.now else None

    def token(self, token: int) -> Who | None:
        found = self.tokens.get(token)
        if found is None or not self.lives(found) or self.accounts[found.account].is_disabled:
            return None
        return Who("token", found.account, found.org, self.members[found.org, found.account])

    def lives(self, token: Token) -> bool:
        return not token.is_revoked and (token.ends is None or token.ends > self.now)

    def inside(self, role: RoleKey) -> Permissions:
        return FIXED[role[1]] if role[0] == -1 else self.roles[role].permissions

    def holders(self, account: int, org: int, role: str) -> set[Holder]:
        """Return as whom somebody is given things in an organization where they are a member."""
        teams = {team for team, one in self.in_team if one == account and self.teams[team].org == org}
        ranks = RANKS[: RANKS.index(role) + 1]
        return {
            ("account", account),
            *(("team", team) for team in teams),
            *(("basic", rank) for rank in ranks),
        }

    def given_to(self, account: int, org: int, role: str | None) -> Permissions:
        """Return what somebody holds beside the basic role. Who is no member has what counts everywhere."""
        mine: set[Holder] = self.holders(account, org, role) if role else {("account", account)}
        places = {0, org} if role else {0}
        held = {
            one
            for place, key, who in self.given
            if who in mine and place in places
            for one in self.inside(key)
        }
        if role is not None:
            held |= self.by_levels(mine, org)
            held |= {
                (action, f"teams:id:{team}")
                for (team, one), level in self.in_team.items()
                if one == account and ("team", team) in mine
                for action in LEVELS["teams", level]
            }
        return frozenset(held)

    def by_levels(self, mine: set[Holder], org: int) -> Permissions:
        return frozenset(
            (action, f"serviceaccounts:id:{account}")
            for (account, holder), level in self.levels.items()
            if holder in mine and self.accounts[account].org == org
            for action in LEVELS["serviceaccounts", level]
        )

    def held(self, who: Who) -> Permissions:
        basic = BASIC[who.role] if who.role else frozenset()
        server = SERVER if who.is_server_admin else frozenset()
        return basic | server | self.given_to(who.account, who.org, who.role)

    def own(self, who: Who) -> set[tuple[str, str]]:
        return set(self.held(who))

    def may(self, who: Who, action: str, scope: str = "") -> bool:
        return not self.lacks(who, [(action, scope)])

    def lacks(self, who: Who, wanted: Iterable[tuple[str, str]]) -> bool:
        """Say whether one of these is not held. What applications bring, an Admin holds unlisted."""
        held, is_admin = self.held(who), who.role == "Admin"
        return any(
            not allowed(held, *one) and not (is_admin and resource(one[0]) not in KNOWN) for one in wanted
        )

    def need(self, who: Who, action: str, scope: str = "") -> None:
        if not self.may(who, action, scope):
            raise No(403)

    def need_all(self, who: Who, wanted: Iterable[tuple[str, str]]) -> None:
        if self.lacks(who, wanted):
            raise No(403)

    def need_there(self, who: Who, org: int, action: str, scope: str = "") -> None:
        """Need it in the organization that is named: a key is nowhere else, a token only at home."""
        if who.kind == "key" or (who.kind == "token" and org != who.org):
            raise No(403)
        self.need(
            who if org == who.org else replace(who, org=org, role=self.members.get((org, who.id))),
            action,
            scope,
        )

    def reach(self, who: Who, *roles: str | None, org: int = 0) -> None:
        """Nobody gives or takes a role above their own: here and, if it is about another place, there."""
        own = [who.role, self.members.get((org, who.id)) if org and org != who.org else who.role]
        if any(
            role and (one is None or RANKS.index(one) < RANKS.index(role)) for one in own for role in roles
        ):
            raise No(403)

    def made(self) -> int:
        """Return what the application called the next new thing; 0: it made none."""
        return self.new.pop() if self.new else 0

    def here(self, who: Who, things: Mapping[int, Key | Account | Team], id_: int, status: int = 404) -> None:
        if id_ not in things or things[id_].org != who.org:
            raise No(status)

    def shown(self, who: Who, action: str, kind: str, ids: Iterable[int]) -> set[int]:
        self.need(who, action)
        return {id_ for id_ in ids if self.may(who, action, f"{kind}:id:{id_}")}

    def forget(self, holder: Holder, org: int = 0) -> None:
        """Take away what somebody was given, in one organization or, without it, everywhere."""
        mine = {
            (one, who) for one, who in self.levels if who == holder and org in {0, self.accounts[one].org}
        }
        self.levels = {key: level for key, level in self.levels.items() if key not in mine}
        self.given = {one for one in self.given if one[2] != holder or org not in {0, one[0]}}
        kept = {
            (t, a) for t, a in self.in_team if holder != ("account", a) or org not in {0, self.teams[t].org}
        }
        self.in_team = {key: level for key, level in self.in_team.items() if key in kept}

    def forget_account(self, account: int) -> None:
        self.forget(("account", account))
        self.levels = {key: level for key, level in self.levels.items() if key[0] != account}
        self.roles = {key: role for key, role in self.roles.items() if role.owner != account}
        self.tokens = {id_: one for id_, one in self.tokens.items() if one.account != account}
        self.members = {key: role for key, role in self.members.items() if key[1] != account}
        self.accounts.pop(account, None)
        self.people.pop(account, None)

    def forget_team(self, team: int) -> None:
        self.forget(("team", team))
        self.in_team = {key: level for key, level in self.in_team.items() if key[0] != team}
        del self.teams[team]

    def check_name(self, org: int, name: str) -> None:
        """Keys and tokens of an organization share their names."""
        taken = [(one.org, one.name) for one in self.keys.values()]
        taken += [(one.org, one.name) for one in self.tokens.values()]
        if (org, name) in taken:
            raise No(409)
