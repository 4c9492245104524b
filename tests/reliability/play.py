"""One installation and its model side by side: the same calls go to both, and both must come out alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from tests.doors import ADMIN, ADMIN_PASSWORD, House
from tests.properties.rbac_model import No, Who
from tests.properties.rbac_people import World
from tests.reliability.asgi import Caller
from tests.reliability.calls import CALLS, About
from tests.reliability.client import basic, bearer
from tests.reliability.invariants import Check, Disagreement, before_call
from tests.reliability.picks import PASSWORD, By, Known, Picks, any_caller
from tests.reliability.relations import Relations, difference, relations_in, relations_of

Told: TypeAlias = tuple[int, set[Any] | None]  # status, and what is shown
_MAKES = {  # the kind of what is made, and what its id is called
    "make_key": ("key", "id"),
    "make_account": ("account", "id"),
    "make_token": ("token", "id"),
    "rotate_token": ("token", "id"),
    "make_team": ("team", "teamId"),
    "make_person": ("person", "id"),
    "make_org": ("org", "orgId"),
}
_ONE_OF = {
    "list_keys": "get_key",
    "list_accounts": "get_account",
    "list_teams": "get_team",
    "list_roles": "get_role",
}


@dataclass(slots=True)
class Play:
    house: House
    caller: Caller
    world: World
    known: Known
    secrets: dict[tuple[str, int], str] = field(default_factory=dict)  # by kind and id of the credential
    relations: Relations = field(init=False)
    calls: int = 0
    steps: list[tuple[By, str, About]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.relations = relations_in(self.house.raw)

    def choose_and_do(self, verb: str, luck: Random) -> None:
        """Raises Disagreement."""
        by = any_caller(luck, self.world, self.secrets)
        who = self.who(by)
        picks = Picks(luck, self.world, self.known, who, by[2] if who is None else who.org)
        self.do(by, verb, CALLS[verb].about(picks))

    def do(self, by: By, verb: str, about: About) -> None:
        """Raises Disagreement."""
        self.steps.append((by, verb, about))
        who, writes = self.who(by), self.house.raw.total_changes
        before = before_call(self.world, self.relations, who, verb, takes=CALLS[verb].takes)
        told = self.told(by, verb, about)
        expected = self.expected(who, verb, about)
        if told != expected:
            raise Disagreement(f"{verb}{about} by {by} gives {told}, the model says {expected}")
        if verb in _ONE_OF:
            self.check_filter(by, verb, told[1] or set())
        if told[0] >= 400 and writes == self.house.raw.total_changes:
            return
        after, model = relations_in(self.house.raw), relations_of(self.world)
        if after != model:
            more, less = difference(after, model), difference(model, after)
            raise Disagreement(f"{verb}{about} by {by} leaves {more} that should not be, and not {less}")
        if after != self.relations:
            Check(before, self.world, after).all()
        self.relations = after

    def check_filter(self, by: By, verb: str, shown: set[Any]) -> None:
        """Hold a list against the check of every thing that ever was, wherever. Raises Disagreement."""
        one = _ONE_OF[verb]
        ids = self.known.uids if one == "get_role" else self.known.all(one.removeprefix("get_"))
        for id_ in ids:
            status, _ = self.told(by, one, (id_,))
            if (status == 200) != (id_ in shown):
                raise Disagreement(f"{verb} by {by} shows {shown}, and {one} of {id_} gives {status}")

    def who(self, by: By) -> Who | None:
        kind, id_, org = by
        if kind == "person":
            return self.world.person(id_, org)
        return self.world.key(id_) if kind == "key" else self.world.token(id_)

    def headers(self, by: By) -> Mapping[str, str]:
        kind, id_, org = by
        if kind != "person":
            return bearer(self.secrets[kind, id_])
        name = self.known.logins[id_]
        password = ADMIN_PASSWORD if name == ADMIN else PASSWORD.format(name)
        return {**basic(name, password), "X-Grafana-Org-Id": str(org)}

    def expected(self, who: Who | None, verb: str, about: About) -> Told:
        if who is None:
            return 401, None
        try:
            return CALLS[verb].status, getattr(self.world, verb)(who, *about)
        except No as refused:
            return refused.status, None

    def told(self, by: By, verb: str, about: About) -> Told:
        self.calls += 1
        self.world.new = []
        method, path, body = CALLS[verb].asked(*about)
        raw = None if body is None else json.dumps(body).encode()
        told = self.caller.ask(method, path.replace(" ", "%20").encode(), raw, self.headers(by))
        answer = json.loads(told.body)
        if told.status >= 300:
            return told.status, None
        if verb in _MAKES:
            self.note(verb, about, answer)
        return told.status, self.shown(CALLS[verb].shows, answer)

    def shown(self, where: str, answer: Any) -> set[Any] | None:  # noqa: ANN401 - JSON of any shape
        """Return what a list names, or what an answer maps to scopes."""
        match where.split():
            case []:
                return None
            case ["scopes"]:
                return {(action, scope) for action, scopes in answer.items() for scope in scopes}
            case ["uid"]:
                return {one["uid"] for one in answer} & set(self.known.uids)
            case [name]:
                return {one[name] for one in answer}
            case [within, name]:
                return {one[name] for one in answer[within]}
            case _:
                raise LookupError(where)

    def note(self, verb: str, about: About, answer: dict[str, Any]) -> None:
        """Keep what the application calls a new thing, and its secret."""
        kind, name = _MAKES[verb]
        made = [(kind, answer[name], answer)]
        if "token" in answer:
            made.append(("token", answer["token"]["id"], answer["token"]))
        self.world.new = [id_ for _, id_, _ in made]
        for one, id_, told in made:
            self.known.all(one).append(id_)
            if "key" in told:
                self.secrets[one, id_] = told["key"]
            if one == "token":
                self.known.owners[id_] = int(str(answer["id"] if verb == "make_account" else about[0]))
            if one == "person":
                self.known.logins[id_] = str(about[0])

    def wait(self, seconds: int) -> None:
        self.steps.append((("time", 0, 0), "wait", (seconds,)))
        self.house.clock.advance(seconds)
        self.world.now += seconds
