"""What a call is about: chosen by luck, mostly near its caller, now and then gone, taken or foreign."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias, TypeVar

from tests.properties.rbac_model import FIXED, RANKS, Holder, Permissions, Who
from tests.properties.rbac_people import World
from tests.properties.scope_model import allowed

HERE, THERE = 1, 2
PASSWORD = "canary-{}-password"
UNKNOWN = 2_000_000
PERMISSIONS = (
    *(("serviceaccounts:read", "serviceaccounts:*"), ("serviceaccounts:write", "serviceaccounts:*")),
    *(("serviceaccounts:create", ""), ("apikeys:read", "apikeys:*"), ("apikeys:create", "")),
    *(("teams:read", "teams:*"), ("teams.permissions:write", "teams:*"), ("teams:create", "")),
    *(("org.users:read", "users:*"), ("org.users:write", "users:*"), ("org.users:add", "users:*")),
    *(("roles:read", "roles:*"), ("roles:write", "permissions:type:delegate")),
    *(("users.roles:add", "permissions:type:delegate"), ("teams.roles:add", "permissions:type:delegate")),
    *(("shop:sell", "orders:*"), ("shop:sell", "orders:id:7"), ("shop:buy", ""), ("users:create", "")),
)
_FIXED = ("fixed:serviceaccounts:reader", "fixed:roles:writer", "fixed:teams:creator", "fixed:users:reader")
assert set(_FIXED) <= set(FIXED)
T = TypeVar("T")
By: TypeAlias = tuple[str, int, int]  # person, key or token; its id; where a person acts


@dataclass(slots=True)
class Known:
    """What was ever made, by kind, and the names that were used."""

    things: dict[str, list[int]] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)  # account, by token
    logins: dict[int, str] = field(default_factory=dict)  # by person
    uids: list[str] = field(default_factory=list)
    number: int = 0

    def all(self, kind: str) -> list[int]:
        return self.things.setdefault(kind, [])


def any_caller(luck: Random, world: World, credentials: Collection[tuple[str, int]]) -> By:
    """Return mostly somebody who may do something, and now and then one who must not."""
    members = [("person", id_, org) for org, id_ in sorted(world.members) if id_ in world.people]
    given = {id_ for _, _, (_, id_) in world.given} | {id_ for _, (_, id_) in world.levels}
    given |= {id_ for _, id_ in world.in_team}
    ruling = [one for one in members if world.members[one[2], one[1]] == "Admin"]
    gifted = [one for one in members if one not in ruling and one[1] in given]
    of_credentials = [(kind, id_, 0) for kind, id_ in credentials]
    dead = [one for one in of_credentials if not is_alive(world, one)]
    dead += [one for one in members if world.people[one[1]].is_disabled]
    anybody = [("person", id_, org) for id_ in world.people for org in sorted(world.orgs)]
    chances = (ruling, 6), (gifted, 7), (of_credentials, 3), (dead, 2), (anybody, 1)
    options = luck.choices([one for one, _ in chances], [chance for _, chance in chances])[0]
    return luck.choice(options or anybody)


def is_alive(world: World, by: By) -> bool:
    return (world.key(by[1]) if by[0] == "key" else world.token(by[1])) is not None


@dataclass(slots=True)
class Picks:
    """One step's choices."""

    luck: Random
    world: World
    known: Known
    who: Who | None  # the caller; None: one who is not let in
    at: int  # where

    def one(self, options: Iterable[T], otherwise: T) -> T:
        found: Sequence[T] = list(options)
        return self.luck.choice(found) if found else otherwise

    def near(self, kind: str, here: Iterable[int], own: Iterable[int] = ()) -> int:
        """Return something of the caller's own, of their organization, or anything that ever was."""
        chance = self.luck.random()
        mine = list(own) if chance < 0.5 else []
        if mine:
            return self.luck.choice(mine)
        if chance < 0.9:
            return self.one(here, UNKNOWN)
        return self.one(self.known.all(kind), UNKNOWN)

    def own_id(self) -> tuple[int, ...]:
        return (self.who.account,) if self.who and self.who.account else ()

    def key(self) -> int:
        return self.near("key", (id_ for id_, one in self.world.keys.items() if one.org == self.at))

    def account(self) -> int:
        here = (id_ for id_, one in self.world.accounts.items() if one.org == self.at)
        return self.near("account", here, self.own_accounts())

    def own_accounts(self) -> list[int]:
        """Return those that somebody has a level on who is no Admin."""
        if self.who is None or self.who.role is None or self.who.role == "Admin":
            return []
        mine = self.world.holders(self.who.account, self.at, self.who.role)
        return [account for account, holder in self.world.levels if holder in mine]

    def token(self) -> tuple[int, int]:
        """Return its account, or now and then another, and the token."""
        here = (id_ for id_, one in self.world.tokens.items() if one.org == self.at)
        token = self.near("token", here)
        owner = self.known.owners.get(token, UNKNOWN)
        return owner if self.luck.random() < 0.9 else self.account(), token

    def team(self) -> int:
        mine = (team for team, one in self.world.in_team if one in self.own_id())
        return self.near("team", (id_ for id_, one in self.world.teams.items() if one.org == self.at), mine)

    def team_member(self) -> tuple[int, int]:
        team = self.team()
        inside = [one for at, one in self.world.in_team if at == team]
        return team, self.luck.choice(inside) if inside and self.luck.random() < 0.8 else self.anybody()

    def person(self) -> int:
        admins = (id_ for id_, one in self.world.people.items() if one.is_server_admin)
        return self.near("person", self.world.people, admins if self.luck.random() < 0.4 else ())

    def name_of_person(self) -> str:
        person = self.world.people.get(self.person())
        return person.login if person else "nobody"

    def anybody(self) -> int:
        """Return a person or a service account."""
        here = (one for org, one in self.world.members if org == self.at)
        return self.near(self.luck.choice(("person", "account")), here, self.own_id())

    def member(self) -> tuple[int, int]:
        org = self.at if self.luck.random() < 0.8 else self.org()
        inside = [(one, role) for (at, one), role in self.world.members.items() if at == org]
        return org, self.near(
            "person", (one for one, _ in inside), (one for one, role in inside if role == "Admin")
        )

    def holder(self) -> Holder:
        return ("team", self.team()) if self.luck.random() < 0.3 else ("account", self.anybody())

    def org(self) -> int:
        return self.luck.choice((self.at, *sorted(self.world.orgs)))

    def role(self) -> str:
        luck = self.luck.random()
        if luck < 0.2:
            return self.luck.choice(_FIXED)
        seen = [
            uid for place, uid in self.world.roles if place in {0, self.at} and not uid.startswith("own ")
        ]
        return self.luck.choice(seen) if seen and luck < 0.9 else self.one(self.known.uids, "none")

    def role_and_place(self) -> tuple[str, bool]:
        uid = self.role()
        return uid, ((0, uid) in self.world.roles) != (self.luck.random() < 0.1)

    def assignment(self) -> tuple[Holder, str, bool]:
        """Return mostly one that there is."""
        there = [
            (holder, key[1], place == 0)
            for place, key, holder in sorted(self.world.given)
            if holder[0] != "basic" and not key[1].startswith("own ")
        ]
        return self.luck.choice(there) if there and self.luck.random() < 0.8 else self.gift()

    def gift(self) -> tuple[Holder, str, bool]:
        """Return a holder, a role, and for accounts alone whether it is to count everywhere."""
        holder = self.holder()
        return holder, self.role(), holder[0] == "account" and self.seldom()

    def version(self) -> int:
        return self.luck.choice((0, 0, 1, 2, 3, 9))

    def permissions(self) -> Permissions:
        """Return up to three, mostly such as the caller holds."""
        held = self.world.held(self.who) if self.who else frozenset()
        own = [one for one in PERMISSIONS if allowed(held, *one)]
        options = own if len(own) >= 3 and self.luck.random() < 0.6 else PERMISSIONS
        return frozenset(self.luck.sample(options, self.luck.randrange(1, 4)))

    def some_permissions(self) -> Permissions:
        return self.permissions() if self.luck.random() < 0.3 else frozenset()

    def name(self, kind: str) -> str:
        """Return a new name, or now and then one that may be taken."""
        self.known.number += 1
        taken = self.luck.random() < 0.1
        return f"{kind} {self.luck.randrange(self.known.number) if taken else self.known.number}"

    def maybe_name(self, kind: str) -> str:
        return self.name(kind) if self.luck.random() < 0.3 else ""

    def uid(self) -> str:
        uid = self.name("role").replace(" ", "-")
        self.known.uids.append(uid)
        return uid

    def login(self) -> str:
        return self.luck.choice(("paul", "rita", "vi"))

    def rank(self) -> str:
        return self.luck.choice(RANKS)

    def lasts(self) -> int:
        return self.luck.choice((60, 600, 86_400))

    def lasts_or_not(self) -> int:
        return self.luck.choice((0, 60, 600))

    def grace(self) -> int:
        return self.luck.choice((0, 60))

    def flag(self) -> bool:
        return self.luck.random() < 0.5

    def seldom(self) -> bool:
        return self.luck.random() < 0.15

    def level(self) -> str:
        return self.luck.choice(("Edit", "Admin", "Admin", ""))

    def team_level(self) -> str:
        return self.luck.choice(("Member", "Admin"))

    def team_level_or_none(self) -> str:
        return self.luck.choice(("Member", "Admin", ""))
