"""What no call may bring about, whatever the model says of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from tests.properties.rbac_model import BASIC, KNOWN, LEVELS, Permissions, Who, resource
from tests.properties.rbac_people import World
from tests.properties.scope_model import allowed
from tests.reliability.relations import NOWHERE, Relations, Row, difference

Strength: TypeAlias = Mapping[tuple[int, int], Permissions]  # by organization and account
_APPLICATIONS = ("applications:any", "*")  # what an organization's Admin holds without its being listed
_ABROAD = {  # what a person does to an organization that they name, or to people wherever they are
    *("add_member", "set_role", "remove_member", "remove_here", "make_org", "delete_org"),
    *("make_person", "delete_person", "switch_person", "set_server_admin"),
}


class Disagreement(Exception):
    """The application did something else than the model, or something became too strong."""


def held_by(world: World, who: Who) -> Permissions:
    return world.held(who) | ({_APPLICATIONS} if who.role == "Admin" else set())


def strength_of(world: World) -> Strength:
    """Return what every member and machine holds."""
    admins = {id_ for id_, one in world.people.items() if one.is_server_admin}
    return {
        (org, id_): held_by(world, Who("person", id_, org, role, id_ in admins))
        for (org, id_), role in world.members.items()
    }


def covers(own: Permissions, wanted: Iterable[tuple[str, str]]) -> bool:
    is_admin = _APPLICATIONS in own
    return all(allowed(own, *one) or (is_admin and resource(one[0]) not in KNOWN) for one in wanted)


def of_role(role: str) -> Permissions:
    return BASIC[role] | ({_APPLICATIONS} if role == "Admin" else set())


def of_team(world: World, org: int, team: int) -> Permissions:
    """Return what being in a team gives, beyond the team itself."""
    roles = [world.inside(key) for _, key, holder in world.given if holder == ("team", team)]
    return world.by_levels({("team", team)}, org).union(*roles)


def on(kind: str, id_: int, level: str) -> Permissions:
    return frozenset((action, f"{kind}:id:{id_}") for action in LEVELS[kind, level])


_GIVES: Mapping[str, Callable[[World, Row], Permissions]] = {  # what whoever adds a row must hold
    "members": lambda _world, row: of_role(row[2]),
    "keys": lambda _world, row: of_role(row[3]),
    "tokens": lambda world, row: held_by(world, Who("token", row[2], row[0], world.members[row[0], row[2]])),
    "levels": lambda _world, row: on("serviceaccounts", row[1], row[4]),
    "in_team": lambda world, row: of_team(world, row[0], row[1]) | on("teams", row[1], row[3]),
    "permits": lambda _world, row: frozenset([row[2:4]]),
    "given": lambda world, row: world.inside(row[1:3]),
}


@dataclass(slots=True)
class Before:
    """What there was when a call began."""

    verb: str
    who: Who | None
    relations: Relations
    own: list[Permissions]  # what the caller holds in each organization, that of the request first
    strength: Strength | None  # of all, where the call only takes away


def before_call(world: World, relations: Relations, who: Who | None, verb: str, *, takes: bool) -> Before:
    orgs = (
        []
        if who is None
        else [who.org, *sorted(world.orgs - {who.org})]
        if who.kind == "person"
        else [who.org]
    )
    there = [replace(who, org=org, role=world.members.get((org, who.id))) for org in orgs[1:]] if who else []
    own = [held_by(world, one) for one in ([who, *there] if who else [])]
    return Before(verb, who, relations, own, strength_of(world) if takes else None)


@dataclass
class Check:
    """One call that changed something."""

    before: Before
    world: World
    after: Relations

    @cached_property
    def new(self) -> dict[str, set[Row]]:
        return difference(self.after, self.before.relations)

    @cached_property
    def gone(self) -> dict[str, set[Row]]:
        return difference(self.before.relations, self.after)

    def ids(self, name: str) -> set[int]:
        """Return which of these are new."""
        place = 0 if name == "orgs" else 1
        return {row[place] for row in self.after[name]} - {row[place] for row in self.before.relations[name]}

    def all(self) -> None:
        """Raises Disagreement."""
        who, verb = self.before.who, self.before.verb
        if who is None:
            raise Disagreement(f"{verb} of nobody changes {self.new or self.gone}")
        for found in (
            *self.beyond_walls(who),
            *self.above_own(who),
            *self.without_admins(),
            *self.grown(who),
        ):
            raise Disagreement(f"{verb} as {who}: {found}")

    def beyond_walls(self, who: Who) -> Iterable[str]:
        """Nothing in an organization changes by what somebody does in another."""
        touched = {row[0] for rows in (*self.new.values(), *self.gone.values()) for row in rows}
        beyond = touched - {who.org} - ({NOWHERE} if who.is_server_admin else set())
        if beyond and self.before.verb not in _ABROAD:
            yield f"reaches into {beyond}"

    def above_own(self, who: Who) -> Iterable[str]:
        """Nobody gives what they do not hold: here or, to members of another organization, there."""
        for name, rows in self.new.items():
            for row in rows:
                if name in _GIVES and not self.is_free(who, name, row):
                    gift = _GIVES[name](self.world, row)
                    own = self.before.own if name == "members" else self.before.own[:1]
                    if not any(covers(held, gift) for held in own):
                        yield f"{name} {row} is above their own"

    def is_free(self, who: Who, name: str, row: Row) -> bool:
        """Say whether it is what makers get on what they made, or membership that a server admin gives."""
        match name:
            case "members":
                is_new = row[0] in self.ids("orgs") or row[1] in self.ids("people")
                return is_new or (who.is_server_admin and row[1] in self.world.people)
            case "levels":
                return row[1] in self.ids("accounts")
            case "in_team":
                return row[1] in self.ids("teams")
            case _:
                return name == "tokens" and row[1] not in self.ids("tokens")

    def without_admins(self) -> Iterable[str]:
        """The last admins stay; of an organization, unless a server admin deletes the person."""
        if not any(is_admin and not is_disabled for *_, is_admin, is_disabled in self.after["people"]):
            yield "no server admin is left"
        people = {row[1] for row in self.after["people"]}
        ruled = {org for org, id_, role in self.after["members"] if role == "Admin" and id_ in people}
        if self.before.verb in {"set_role", "remove_member", "remove_here"} and self.gone.get("members"):
            yield from (f"no Admin of {org} is left" for org, *_ in self.gone["members"] if org not in ruled)

    def grown(self, who: Who) -> Iterable[str]:
        """Nobody raises themselves; and where something is only taken away, nobody else."""
        now = self.world.person(who.id, who.org) if who.kind == "person" else who
        made = {f"{kind}:id:{id_}" for kind in ("teams",) for id_ in self.ids("teams")}
        made |= {f"serviceaccounts:id:{id_}" for id_ in self.ids("accounts")}
        if now is not None and not who.is_server_admin:
            more = {one for one in held_by(self.world, now) if one[1] not in made}
            if not covers(self.before.own[0], more):
                yield "they raised themselves"
        if self.before.strength is not None:
            for key, held in strength_of(self.world).items():
                if not covers(self.before.strength.get(key, frozenset()), held):
                    yield f"{key} may do more than before"
