"""The reference model's members, people and organizations."""

from dataclasses import replace

from tests.properties.rbac_model import No, Person, Who
from tests.properties.rbac_roles import Roles


class World(Roles):
    """All of it. A call returns what a list shows, or raises No with the status that is due."""

    def list_members(self, who: Who) -> set[int]:
        ids = (id_ for org, id_ in self.members if org == who.org and id_ in self.people)
        return self.shown(who, "org.users:read", "users", ids)

    def add_member(self, who: Who, org: int, login: str, role: str) -> None:
        self.need_there(who, org, "org.users:add", "users:*")
        self.may_rank(who, who.org, role)
        known = [person for person, one in self.people.items() if one.login == login]
        if not known or org not in self.orgs:
            raise No(404)
        self.may_rank(who, org, role)
        if (org, known[0]) in self.members:
            raise No(409)
        self.members[org, known[0]] = role

    def set_role(self, who: Who, org: int, person: int, role: str) -> None:
        self.need_there(who, org, "org.users:write", f"users:id:{person}")
        self.may_rank(who, who.org, role)
        self.check_member(org, person)
        self.may_rank(who, org, role, self.members[org, person])
        if role != "Admin":
            self.keep_admin(org, person)
        self.members[org, person] = role

    def remove_member(self, who: Who, org: int, person: int) -> None:
        self.need_there(who, org, "org.users:remove", f"users:id:{person}")
        self.check_member(org, person)
        self.keep_admin(org, person)
        self.forget(("account", person), org)
        del self.members[org, person]

    def remove_here(self, who: Who, person: int) -> None:
        """Delete too whom this was the only organization of, but no server admin."""
        self.need(who, "org.users:remove", f"users:id:{person}")
        self.check_member(who.org, person)
        self.keep_admin(who.org, person)
        is_only = [org for org, one in self.members if one == person] == [who.org]
        if is_only and not self.people[person].is_server_admin:
            self.forget_account(person)
        else:
            self.forget(("account", person), who.org)
            del self.members[who.org, person]

    def may_rank(self, who: Who, org: int, *roles: str) -> None:
        if not who.is_server_admin:
            self.reach(who, *roles, org=org)

    def check_member(self, org: int, person: int) -> None:
        if (org, person) not in self.members or person not in self.people:
            raise No(404)

    def keep_admin(self, org: int, person: int) -> None:
        admins = {one for (at, one), role in self.members.items() if (at, role) == (org, "Admin")}
        if admins & self.people.keys() == {person}:
            raise No(400)

    # people and organizations

    def make_person(self, who: Who, login: str, org: int) -> None:
        """Whatever else stands in the body, nobody is made a server admin by being made."""
        self.need(who, "users:create")
        if any(one.login == login for one in self.people.values()):
            raise No(412)
        person = self.made()
        self.people[person] = Person(login)
        self.members[org, person] = "Viewer"

    def one_person(self, who: Who, action: str, person: int) -> Person:
        """Server admins are changed by their like alone."""
        self.need(who, action, f"global.users:id:{person}")
        if person not in self.people:
            raise No(404)
        if self.people[person].is_server_admin and not who.is_server_admin:
            raise No(403)
        return self.people[person]

    def delete_person(self, who: Who, person: int) -> None:
        self.one_person(who, "users:delete", person)
        self.keep_server_admin(person)
        self.forget_account(person)

    def switch_person(self, who: Who, person: int, is_disabled: bool) -> None:  # noqa: FBT001 - by place
        found = self.one_person(who, "users:disable" if is_disabled else "users:enable", person)
        if is_disabled and not found.is_disabled:
            self.keep_server_admin(person)
        found.is_disabled = is_disabled

    def set_server_admin(self, who: Who, person: int, is_server_admin: bool) -> None:  # noqa: FBT001 - by place
        self.need(who, "users.permissions:write", f"global.users:id:{person}")
        if not who.is_server_admin:
            raise No(403)
        found = self.one_person(who, "users.permissions:write", person)
        if found.is_server_admin and not is_server_admin:
            self.keep_server_admin(person)
        found.is_server_admin = is_server_admin

    def keep_server_admin(self, person: int) -> None:
        admins = {id_ for id_, one in self.people.items() if one.is_server_admin and not one.is_disabled}
        if admins == {person}:
            raise No(400)

    def make_org(self, who: Who, _name: str) -> None:
        everywhere = replace(who, org=0, role=None)
        if who.kind == "key":
            raise No(403)
        self.need(everywhere, "orgs:create")
        org = self.made()
        self.orgs.add(org)
        self.members[org, who.id] = "Admin"

    def delete_org(self, who: Who, org: int) -> None:
        self.need_there(who, org, "orgs:delete")
        if org == who.org or org not in self.orgs:
            raise No(400 if org == who.org else 404)
        for account in [id_ for id_, one in self.accounts.items() if one.org == org]:
            self.forget_account(account)
        for team in [id_ for id_, one in self.teams.items() if one.org == org]:
            self.forget_team(team)
        self.given = {one for one in self.given if one[0] != org}
        self.roles = {key: one for key, one in self.roles.items() if key[0] != org}
        self.keys = {id_: one for id_, one in self.keys.items() if one.org != org}
        self.members = {key: role for key, role in self.members.items() if key[0] != org}
        self.orgs.remove(org)
