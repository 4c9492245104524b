"""What every play begins with: two organizations, whose people and machines were given something already."""

import sqlite3
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from tests.doors import ADMIN, House
from tests.properties.rbac_model import Person
from tests.properties.rbac_people import World
from tests.reliability.asgi import Caller
from tests.reliability.calls import About
from tests.reliability.invariants import Disagreement
from tests.reliability.picks import HERE, THERE, By, Known
from tests.reliability.play import Play
from tests.reliability.relations import relations_in
from tests.rights import an_assignment

MEMBERS = (
    *(("ann", HERE, "Admin"), ("ed", HERE, "Editor"), ("vi", HERE, "Viewer"), ("vera", HERE, "Viewer")),
    *(("otto", THERE, "Editor"), ("olga", THERE, "Viewer")),
)
_DELEGATE = "permissions:type:delegate"
_HELPING = frozenset(  # what Vera has, who is a Viewer
    {
        *(("org.users:write", "users:*"), ("org.users:add", "users:*"), ("org.users:remove", "users:*")),
        *(("roles:read", "roles:*"), ("roles:write", _DELEGATE), ("roles:delete", _DELEGATE)),
        *(("users.roles:add", _DELEGATE), ("users.roles:remove", _DELEGATE), ("teams.roles:add", _DELEGATE)),
        *(("teams.permissions:write", "teams:*"), ("serviceaccounts:create", ""), ("apikeys:create", "")),
        *(("org.users:read", "users:*"), ("teams:read", "teams:*")),
    }
)
_SELLING = frozenset({("shop:sell", "orders:*"), ("serviceaccounts:read", "serviceaccounts:*")})
_TRADING = frozenset({("shop:buy", "orders:*"), ("teams:read", "teams:*")})
_MACHINES = (("ann", "Viewer"), ("ann", "Editor"), ("ann", "Admin"), ("ann", "Admin"), ("vi", "Editor"))
_ROLES = (  # by whom, what, whether of the whole server
    *(("ann", "helping", False, _HELPING), ("ann", "selling", False, _SELLING)),
    *(("ann", "trading", False, _TRADING), ("vi", "helping", False, _SELLING)),
    (ADMIN, "auditing", True, frozenset({("audit:read", "")})),
)


@dataclass(slots=True)
class Stage:
    house: House
    caller: Caller = field(init=False)
    play: Play = field(init=False)
    image: sqlite3.Connection = field(init=False)
    now: UnixSeconds = field(init=False)
    epoch: int = 1_000_000
    last: Play = field(init=False)  # the one that was begun last
    found: str = ""  # what disagreed
    runs: int = 0
    calls: int = 0

    def __post_init__(self) -> None:
        self.caller = Caller(self.house.app.app)  # type: ignore[attr-defined] # the checks of answers have tests
        self.house.an_org()
        for login, org, role in MEMBERS:
            self.house.a_member(Role(role), org=OrgId(org), login=login)
        execute = self.house.raw.execute
        people = execute("SELECT id, login, is_server_admin FROM account WHERE kind = 'user'").fetchall()
        members = execute("SELECT org_id, account_id, role FROM membership").fetchall()
        logins = {id_: login for id_, login, _ in people}
        world = World(
            self.house.clock(),
            orgs={HERE, THERE},
            people={id_: Person(login, bool(is_admin)) for id_, login, is_admin in people},
            members={(org, id_): role for org, id_, role in members},
        )
        known = Known({"person": list(logins), "org": [HERE, THERE]}, logins=logins)
        self.play = Play(self.house, self.caller, world, known)
        try:
            self.furnish({login: id_ for id_, login in logins.items()})
        except Disagreement as found:
            self.found = str(found)
        self.image, self.now = sqlite3.connect(":memory:"), self.house.clock.now
        self.house.raw.backup(self.image)

    def furnish(self, people: dict[str, int]) -> None:
        """Give everybody something: each step is one of the play, and judged as all are."""
        by: dict[str, By] = {name: ("person", id_, HERE) for name, id_ in people.items()}
        by["vi"] = "person", people["vi"], THERE
        world = self.play.world
        self.do(by[ADMIN], "add_member", (THERE, "vi", "Admin"))
        self.do(by[ADMIN], "make_person", ("dora", HERE))
        self.do(by[ADMIN], "switch_person", (max(world.people), True))
        for number, (maker, rank) in enumerate(_MACHINES):
            name = f"machine {number}"
            self.do(by[maker], "make_account", (name, rank, frozenset(), f"of {name}"))
            self.do(by[maker], "make_key", (f"key {number}", rank, 86_400 if number else 60))
        for maker, name in (("ann", "ops"), ("ann", "dev"), ("vi", "ops")):
            self.do(by[maker], "make_team", (name,))
        for maker, uid, is_global, permissions in _ROLES:
            self.do(by[maker], "make_role", (uid, is_global, permissions))
            self.play.known.uids.append(uid)
        self.give(by, sorted(world.accounts), sorted(world.teams))
        self.give_to_basic_role("trading", "Editor")
        self.play.wait(61)
        self.look_round(world, people["vera"])

    def do(self, *step: *tuple[By, str, About]) -> None:
        self.play.do(*step)

    def give(self, by: Mapping[str, By], accounts: list[int], teams: list[int]) -> None:
        ann, (weak, middle, strong, off, _), (ops, dev, _) = by["ann"], accounts, teams
        vi, vera, ed, otto = (by[name][1] for name in ("vi", "vera", "ed", "otto"))
        self.do(ann, "make_token", (weak, "revoked", 0))
        self.do(ann, "revoke_token", (weak, max(self.play.world.tokens)))
        self.do(ann, "switch_account", (off, True))
        for account, holder, level in (
            (strong, ("account", vera), "Admin"),
            (middle, ("account", ed), "Edit"),
            (weak, ("team", ops), "Edit"),
        ):
            self.do(ann, "set_level", (account, holder, level))
        for team, one, level in (
            (ops, vi, "Member"),
            (ops, weak, "Member"),
            (dev, vera, "Admin"),
            (dev, ed, "Member"),
        ):
            self.do(ann, "set_in_team", (team, one, level))
        for giver, given_to, uid, everywhere in (
            ("ann", ("account", vera), "helping", False),
            ("ann", ("account", middle), "selling", False),
            ("ann", ("team", ops), "selling", False),
            ("vi", ("account", otto), "helping", False),
            (ADMIN, ("account", otto), "auditing", True),
        ):
            self.do(by[giver], "give_role", (given_to, uid, everywhere))

    def look_round(self, world: World, vera: int) -> None:
        """Let everybody see what they hold, and Vera what lists show her."""
        members = [("person", id_, org) for org, id_ in sorted(world.members) if id_ in world.people]
        for by in (*members, *((kind, id_, 0) for kind, id_ in sorted(self.play.secrets))):
            self.play.do(by, "own", ())
        for verb in ("list_keys", "list_accounts", "list_teams", "list_members", "list_roles"):
            self.play.do(("person", vera, HERE), verb, ())

    def give_to_basic_role(self, uid: str, rank: str) -> None:
        """No route does so; an import will."""
        (role,) = self.house.raw.execute("SELECT id FROM role WHERE uid = ?", (uid,)).fetchone()
        with self.house.database.write() as db:
            an_assignment(db, OrgId(HERE), role, basic_role=Role(rank))
        self.play.world.given.add((HERE, (HERE, uid), ("basic", rank)))
        self.play.relations = relations_in(self.house.raw)

    def close(self) -> None:
        self.caller.close()
        self.image.close()

    def begin(self) -> Play:
        """Return a new play on a copy of the rows."""
        self.image.backup(self.house.raw)  # and no deserialize(): statements made ready before would crash
        self.house.clock.now = self.now
        self.epoch += 1_000  # no two plays share one: what was cached in another is old
        self.house.raw.execute("UPDATE installation SET access_epoch = ?", (self.epoch,))
        self.house.raw.commit()
        assert self.house.database.epoch is not None
        self.house.database.epoch.publish(self.epoch)
        play = self.play
        return Play(self.house, self.caller, deepcopy(play.world), deepcopy(play.known), dict(play.secrets))
