"""One installation and its model side by side: the same calls go to both, and both must come out alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from keystead.core.access.roles import Role
from keystead.core.orgs.model import OrgId
from tests.doors import ADMIN, ADMIN_PASSWORD, House
from tests.properties.rbac_model import Person, Who, World
from tests.reliability.asgi import Caller
from tests.reliability.calls import CHOICES, HERE, PASSWORD, ROLES, THERE, About, asked_for
from tests.reliability.client import basic, bearer

MEMBERS = (
    *((ADMIN, HERE, "Admin"), ("ann", HERE, "Admin"), ("ed", HERE, "Editor"), ("vi", HERE, "Viewer")),
    *(("otto", THERE, "Editor"), ("olga", THERE, "Viewer"), ("vi", THERE, "Admin")),
)
FRESH = ("paul", "rita")  # people that are not there yet
UNKNOWN = 2_000_000
Rows: TypeAlias = dict[str, list[tuple[object, ...]]]
Told: TypeAlias = tuple[int, set[str]]  # status, and the names that a list shows
Step: TypeAlias = tuple[str, str, About]  # caller, verb, what it is about

_MAKES = {  # verb: the kind of what it makes, and where its number stands
    "make_key": ("key", 0),
    "make_account": ("account", 0),
    "make_token": ("token", 1),
    "rotate_token": ("token", 2),
}
_ROWS = {
    "keys": "SELECT org_id, name, role, expires_at FROM credential WHERE account_id IS NULL",
    "accounts": "SELECT m.org_id, a.name, m.role, a.is_disabled FROM account a"
    " JOIN membership m ON m.account_id = a.id WHERE a.kind = 'serviceaccount'",
    "tokens": "SELECT c.org_id, a.name, c.name, c.revoked_at IS NOT NULL, coalesce(c.expires_at, 0)"
    " FROM credential c JOIN account a ON a.id = c.account_id",
    "members": "SELECT m.org_id, a.login, m.role FROM membership m"
    " JOIN account a ON a.id = m.account_id WHERE a.kind = 'user'",
    "people": "SELECT login, is_server_admin, is_disabled FROM account WHERE kind = 'user'",
}


class Disagreement(Exception):
    """The application did something else than the model, or something became too strong."""


@dataclass(slots=True)
class Stage:
    """The rows that every play begins with."""

    house: House
    caller: Caller = field(init=False)
    image: bytes = b""
    epoch: int = 1_000_000

    def __post_init__(self) -> None:
        self.caller = Caller(self.house.app)
        self.house.an_org()
        for login, org, role in MEMBERS[1:-1]:
            self.house.a_member(Role(role), org=OrgId(org), login=login)
        body = {"loginOrEmail": "vi", "role": "Admin"}
        self.ask("POST", f"/api/orgs/{THERE}/users", body, basic(ADMIN, ADMIN_PASSWORD))
        self.image = self.house.raw.serialize()

    def begin(self) -> "Play":
        self.house.raw.deserialize(self.image)
        self.epoch += 1
        assert self.house.database.epoch is not None
        self.house.database.epoch.publish(self.epoch)
        ids = self.house.raw.execute("SELECT login, id FROM account WHERE kind = 'user'").fetchall()
        return Play(self, dict(ids))

    def ask(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> tuple[int, object]:
        raw = None if body is None else json.dumps(body).encode()
        told = self.caller.ask(method, path.encode(), raw, headers)
        return told.status, json.loads(told.body)


@dataclass(slots=True)
class Play:
    """Things have numbers that both sides know; `ids` and `secrets` are what the application calls them."""

    stage: Stage
    people: dict[str, int]
    world: World = field(init=False)
    ids: dict[int, int] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)  # key, account, token
    accounts: dict[int, int] = field(default_factory=dict)  # by the number of a token
    number: int = 0
    makers: set[tuple[int, int, str]] = field(default_factory=set)  # account, organization, who made it there
    at: int = HERE  # where the caller of the next step is

    def __post_init__(self) -> None:
        people = {login: Person(login == ADMIN) for login, _, _ in MEMBERS}
        members = {(org, login): role for login, org, role in MEMBERS}
        self.world = World(self.stage.house.clock(), people, members)

    def choose(self, random: Random) -> Step:
        """Return anything, and now and then what is rare and tells much."""
        luck = random.random()
        if luck < 0.15 and self.makers:
            return self.about_a_maker(random)
        return self.across(random) if luck > 0.95 else self.anything(random)

    def about_a_maker(self, random: Random) -> Step:
        """Return what takes the role from somebody who made an account, or what they try then."""
        account, org, name = random.choice(sorted(self.makers))
        role = self.world.members.get((org, name))
        if role is None:
            return f"{ADMIN}@{org}", "add_member", (org, name, "Viewer")
        if role == "Admin":
            verb = random.choice(("set_role", "remove_member"))
            return f"{ADMIN}@{org}", verb, (org, name, "Viewer")[: 3 if verb == "set_role" else 2]
        verb = random.choice(("get_account", "make_token"))
        about = (account, self.new(), self.name(random, "token"), 0)
        return f"{name}@{org}", verb, about if verb == "make_token" else about[:1]

    def across(self, random: Random) -> Step:
        """Return what somebody does to the people of one organization while they act in the other."""
        org, name = random.choice(list(self.world.members))
        whom = random.choice([one for at, one in self.world.members if at == org])
        return f"{name}@{HERE + THERE - org}", "set_role", (org, whom, random.choice(ROLES))

    def anything(self, random: Random) -> Step:
        weights = [weight for weight, _ in CHOICES.values()]
        (verb,) = random.choices(list(CHOICES), weights)
        caller = self.any_caller(random)
        who = self.known(caller)
        self.at = who.org if who is not None else HERE
        return caller, verb, CHOICES[verb][1](self, random)

    def any_caller(self, random: Random) -> str:
        """Return mostly an Admin at home or a new credential, and now and then one that must not work."""
        known = [f"{self.kinds[number]}:{number}" for number in self.secrets]
        dead = [caller for caller in known if self.known(caller) is None]
        admins = [f"{name}@{org}" for (org, name), role in self.world.members.items() if role == "Admin"]
        luck = random.random()
        if luck < 0.45 and admins:
            return random.choice(admins)
        if luck < 0.65 and known:
            return random.choice(known[-8:])
        if luck < 0.75 and dead:
            return random.choice(dead)
        return f"{random.choice(list(self.world.people))}@{random.choice((HERE, THERE))}"

    def any_of(self, random: Random, kind: str) -> int:
        """Return a thing of this kind, mostly where the caller is; now and then one that never was."""
        known = [number for number, one in self.kinds.items() if one == kind]
        near = [number for number in known if self.org_of(number) == self.at]
        luck = random.random()
        if luck < 0.8 and near:
            return random.choice(near[-4:])
        return random.choice(known[-5:]) if luck < 0.97 and known else 0

    def org_of(self, number: int) -> int:
        """Return where a thing lies; 0: it is gone."""
        world = self.world
        token = world.tokens.get(number)
        thing = world.keys.get(number) or world.accounts.get(token.account if token else number)
        return thing.org if thing else 0

    def somebody(self, random: Random) -> str:
        return random.choice((*dict.fromkeys(login for login, _, _ in MEMBERS), *FRESH))

    def new(self) -> int:
        self.number += 1
        return self.number

    def name(self, random: Random, kind: str) -> str:
        """Return a new name, or now and then one that may be taken."""
        return f"{kind} {random.randrange(self.number) if random.random() < 0.1 else self.number}"

    def do(self, step: Step) -> None:
        """Raises Disagreement."""
        who, before = self.known(step[0]), self.rows()
        headers = self.headers(step[0])
        expected, told = self.expected(who, step), self.told(headers, step)
        if told != expected:
            raise Disagreement(f"{step} gives {told}, the model says {expected}")
        after = self.rows()
        check_no_escalation(who, step, before, after)
        if after != rows_of(self.world):
            raise Disagreement(f"{step} leaves {after}, the model has {rows_of(self.world)}")
        accounts = self.world.accounts.items()
        self.makers |= {(number, one.org, name) for number, one in accounts for name in one.admins}

    def known(self, caller: str) -> Who | None:
        if "@" in caller:
            name, _, org = caller.partition("@")
            return self.world.person(name, int(org))
        kind, _, number = caller.partition(":")
        return self.world.key(int(number)) if kind == "key" else self.world.token(int(number))

    def headers(self, caller: str) -> Mapping[str, str]:
        if "@" not in caller:
            return bearer(self.secrets[int(caller.partition(":")[2])])
        name, _, org = caller.partition("@")
        password = ADMIN_PASSWORD if name == ADMIN else PASSWORD.format(name)
        return {**basic(name, password), "X-Grafana-Org-Id": org}

    def expected(self, who: Who | None, step: Step) -> Told:
        _, verb, about = step
        if verb == "wait":
            self.world.now += int(about[0])
            return 200, set()
        if who is None:
            return 401, set()
        told = getattr(self.world, verb)(who, *about)
        return told if isinstance(told, tuple) else (told, set())

    def told(self, headers: Mapping[str, str], step: Step) -> Told:
        _, verb, about = step
        if verb == "wait":
            self.stage.house.clock.advance(int(about[0]))
            return 200, set()
        status, answer = self.stage.ask(*asked_for(self, verb, about), headers)
        if status in {200, 201} and isinstance(answer, dict):
            self.note(verb, about, answer)
        return status, names_in(verb, answer) if status == 200 else set()

    def note(self, verb: str, about: About, answer: dict[str, object]) -> None:
        """Keep what the application calls a new thing, and its secret."""
        id_ = int(str(answer.get("id", UNKNOWN)))
        if verb == "make_person":
            self.people[str(about[0])] = id_
        if verb not in _MAKES:
            return
        kind, place = _MAKES[verb]
        number = int(about[place])
        self.ids[number], self.kinds[number] = id_, kind
        if kind == "token":
            self.accounts[number] = int(about[0])
        if "key" in answer:
            self.secrets[number] = str(answer["key"])

    def rows(self) -> Rows:
        execute = self.stage.house.raw.execute
        return {name: sorted(execute(query).fetchall()) for name, query in _ROWS.items()}

    def id_of(self, number: object) -> int:
        return self.ids.get(int(str(number)), UNKNOWN)

    def person(self, name: object) -> int:
        return self.people.get(str(name), UNKNOWN)


def check_no_escalation(who: Who | None, step: Step, before: Rows, after: Rows) -> None:
    """Raises Disagreement when a thing is now stronger than whoever did it, whatever the model says."""
    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    is_server_admin = who is not None and who.is_server_admin
    if any(new.values()) and who is None and step[1] != "wait":
        raise Disagreement(f"{step} of nobody changes {new}")
    if new["people"] and not is_server_admin:
        raise Disagreement(f"{step} as {who} changes people {new['people']}")
    for name in ("keys", "accounts", "members"):
        for row in new[name]:
            same = [old[2] for old in before[name] if old[:2] == row[:2]]
            is_free = row[2] in same or (name == "members" and is_server_admin)
            if not is_free and (who is None or not who.reaches(str(row[2]))):
                raise Disagreement(f"{step} as {who} makes {name} {row}")
    touched = {row[0] for name in ("keys", "accounts", "tokens", "members") for row in new[name]}
    if who is not None and who.kind != "person" and touched - {who.org}:
        raise Disagreement(f"{step} as {who} reaches into {touched}")


def names_in(verb: str, answer: object) -> set[str]:
    match verb, answer:
        case "list_keys", list():
            return {key["name"] for key in answer}
        case "list_members", list():
            return {member["login"] for member in answer}
        case "list_accounts", {"serviceAccounts": list(found)}:
            return {account["name"] for account in found}
        case _:
            return set()


def rows_of(world: World) -> Rows:
    """Return what the tables must hold."""
    of = world.accounts
    return {
        "keys": sorted((one.org, one.name, one.role, one.ends) for one in world.keys.values()),
        "accounts": sorted((one.org, one.name, one.role, one.is_disabled) for one in of.values()),
        "tokens": sorted(
            (of[one.account].org, of[one.account].name, one.name, one.is_revoked, one.ends or 0)
            for one in world.tokens.values()
        ),
        "members": sorted((org, name, role) for (org, name), role in world.members.items()),
        "people": sorted((name, one.is_server_admin, one.is_disabled) for name, one in world.people.items()),
    }
