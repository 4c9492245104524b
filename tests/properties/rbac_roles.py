"""The reference model's teams, custom roles, and who has them."""

from dataclasses import replace

from tests.properties.rbac_machines import Machines
from tests.properties.rbac_model import (
    DELEGATE,
    FIXED,
    LEVELS,
    Holder,
    No,
    Permissions,
    Role,
    RoleKey,
    Team,
    Who,
)


class Roles(Machines):
    # teams

    def make_team(self, who: Who, name: str) -> None:
        self.need(who, "teams:create")
        if Team(who.org, name) in self.teams.values():
            raise No(409)
        team = self.made()
        self.teams[team] = Team(who.org, name)
        if who.kind == "person" and who.role:
            self.in_team[team, who.id] = "Admin"

    def list_teams(self, who: Who) -> set[int]:
        ids = (id_ for id_, one in self.teams.items() if one.org == who.org)
        return self.shown(who, "teams:read", "teams", ids)

    def get_team(self, who: Who, team: int) -> None:
        self.need(who, "teams:read", f"teams:id:{team}")
        self.here(who, self.teams, team)

    def delete_team(self, who: Who, team: int) -> None:
        self.need(who, "teams:delete", f"teams:id:{team}")
        self.here(who, self.teams, team)
        self.forget_team(team)

    def join(self, who: Who, team: int, account: int) -> None:
        self.need(who, "teams.permissions:write", f"teams:id:{team}")
        self.here(who, self.teams, team)
        if (who.org, account) not in self.members:
            raise No(404)
        self.admit(who, team, "Member")
        if (team, account) in self.in_team:
            raise No(400)
        self.in_team[team, account] = "Member"

    def change_in_team(self, who: Who, team: int, account: int, level: str) -> None:
        self.need(who, "teams.permissions:write", f"teams:id:{team}")
        if team not in self.teams or self.teams[team].org != who.org or (team, account) not in self.in_team:
            raise No(404)
        if self.in_team[team, account] != level:
            self.admit(who, team, level)
        self.in_team[team, account] = level

    def leave_team(self, who: Who, team: int, account: int) -> None:
        self.need(who, "teams.permissions:write", f"teams:id:{team}")
        self.here(who, self.teams, team)
        if (team, account) not in self.in_team:
            raise No(404)
        del self.in_team[team, account]

    def set_in_team(self, who: Who, team: int, account: int, level: str) -> None:
        """Say what somebody is in a team, or with "" that they are not in it."""
        self.need(who, "teams.permissions:write", f"teams:id:{team}")
        self.here(who, self.teams, team, 400)
        if (who.org, account) not in self.members:
            raise No(400)
        if level:
            self.admit(who, team, level)
            self.in_team[team, account] = level
        else:
            self.in_team.pop((team, account), None)

    def admit(self, who: Who, team: int, level: str) -> None:
        """Whoever lets somebody in gives all that the team gives."""
        self.need_all(who, [(action, f"teams:id:{team}") for action in LEVELS["teams", level]])
        mine: set[Holder] = {("team", team)}
        roles = {one for _, key, holder in self.given if holder in mine for one in self.inside(key)}
        self.need_all(who, roles | self.by_levels(mine, who.org))

    # custom roles, and who has them

    def role_named(self, who: Who, uid: str) -> RoleKey:
        """Return a role that is seen in the organization."""
        for key in ((who.org, uid), (0, uid)):
            if key in self.roles:
                return key
        if uid in FIXED:
            return -1, uid
        raise No(404)

    def delegate(self, who: Who, permissions: Permissions, *, for_all: bool) -> None:
        """Nobody passes on what they do not hold, and what counts everywhere is for server admins."""
        if for_all and not who.is_server_admin:
            raise No(403)
        self.need_all(who, permissions)

    def list_roles(self, who: Who) -> set[str]:
        self.need(who, "roles:read")
        uids = {uid for org, uid in self.roles if org in {0, who.org} and not self.roles[org, uid].owner}
        return {uid for uid in uids if self.may(who, "roles:read", f"roles:uid:{uid}")}

    def get_role(self, who: Who, uid: str) -> None:
        self.need(who, "roles:read", f"roles:uid:{uid}")
        self.role_named(who, uid)

    def make_role(self, who: Who, uid: str, is_global: bool, permissions: Permissions) -> None:  # noqa: FBT001 - by place
        self.need(who, "roles:write", DELEGATE)
        self.delegate(who, permissions, for_all=is_global)
        if any(taken == uid and (is_global or org in {0, who.org}) for org, taken in self.roles):
            raise No(409)
        self.roles[0 if is_global else who.org, uid] = Role(0, permissions)

    def change_role(self, who: Who, uid: str, version: int, permissions: Permissions) -> None:
        """Replace what a role permits; version 0 asks for the next."""
        self.need(who, "roles:write", DELEGATE)
        key = self.role_named(who, uid)
        if key[0] == -1:
            raise No(403)
        before = self.roles[key]
        if version and version <= before.version:
            raise No(400)
        self.delegate(who, before.permissions | permissions, for_all=key[0] == 0)
        self.roles[key] = replace(before, version=version or before.version + 1, permissions=permissions)

    def delete_role(self, who: Who, uid: str, is_global: bool, force: bool) -> None:  # noqa: FBT001 - by place
        self.need(who, "roles:delete", DELEGATE)
        key = self.role_named(who, uid)
        if key[0] == -1:
            raise No(403)
        if is_global != (key[0] == 0):
            raise No(404)
        self.delegate(who, self.roles[key].permissions, for_all=is_global)
        if any(role == key for _, role, _ in self.given) and not force:
            raise No(409)
        del self.roles[key]
        self.given = {one for one in self.given if one[1] != key}

    def give_role(self, who: Who, holder: Holder, uid: str, everywhere: bool) -> None:  # noqa: FBT001 - by place
        place, key = self.assign(who, "add", holder, uid, everywhere=everywhere)
        if (place, key, holder) not in self.given and self.owner(key) not in {0, holder[1]}:
            raise No(400)
        self.given.add((place, key, holder))

    def take_role(self, who: Who, holder: Holder, uid: str, everywhere: bool) -> None:  # noqa: FBT001 - by place
        place, key = self.assign(who, "remove", holder, uid, everywhere=everywhere)
        if (place, key, holder) not in self.given:
            raise No(404)
        self.given.remove((place, key, holder))

    def assign(
        self, who: Who, verb: str, holder: Holder, uid: str, *, everywhere: bool
    ) -> tuple[int, RoleKey]:
        kind = "users" if holder[0] == "account" else "teams"
        self.need(who, f"{kind}.roles:{verb}", DELEGATE)
        self.check_holder(who, holder, 404)
        key = self.role_named(who, uid)
        if everywhere and key[0] > 0:
            raise No(404)
        self.delegate(who, self.inside(key), for_all=everywhere or key[0] == 0)
        return 0 if everywhere else who.org, key

    def check_holder(self, who: Who, holder: Holder, status: int) -> None:
        """People may have roles wherever they are members; machines and teams are the organization's own."""
        kind, id_ = holder
        things = self.teams if kind == "team" else self.accounts
        if kind == "team" or id_ not in self.people:
            self.here(who, things, int(id_), status)

    def owner(self, key: RoleKey) -> int:
        return self.roles[key].owner if key in self.roles else 0

    def set_holders(self, who: Who, uid: str, holders: tuple[Holder, ...]) -> None:
        """Let exactly these have a role in the organization."""
        actions = [f"{kind}.roles:{verb}" for kind in ("users", "teams") for verb in ("add", "remove")]
        if not any(self.may(who, action, DELEGATE) for action in actions):
            raise No(403)
        key = self.role_named(who, uid)
        for holder in holders:
            self.check_holder(who, holder, 400)
        before = {
            one for place, role, one in self.given if (place, role) == (who.org, key) and one[0] != "basic"
        }
        for verb, changed in (("add", {*holders} - before), ("remove", before - {*holders})):
            for kind in {kind for kind, _ in changed}:
                self.need(who, f"{'users' if kind == 'account' else 'teams'}.roles:{verb}", DELEGATE)
                self.delegate(who, self.inside(key), for_all=key[0] == 0)
        if self.owner(key) and {*holders} - before - {("account", self.owner(key))}:
            raise No(400)
        self.given -= {(who.org, key, one) for one in before}
        self.given |= {(who.org, key, one) for one in holders}
